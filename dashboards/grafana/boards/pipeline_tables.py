"""Tables of the pipeline's health: sources, what could not be read, workers, anomalies."""

from __future__ import annotations

from typing import Final

from dashboards.grafana import panels
from dashboards.grafana.boards.pipeline_shared import FRESH, MOST, reasons, seconds, told
from dashboards.grafana.columns import COLOURS, WORKING_DAY_S, Column, in_days
from dashboards.grafana.sql import named
from dashboards.grafana.text import Text
from dashboards.limits import SILENCE
from schemas import anomalies as kinds_of_anomalies
from schemas.worker_metrics import Gauge

_LEFT: Final = {"custom.align": "left"}
_WRAPPED: Final = {"custom.wrapText": True}


def sources(text: Text) -> panels.Panel:
    """Who sends, and who has fallen silent."""
    limit = SILENCE.source_days
    silent = (
        f"{in_days('silent_working_s')} > {limit}",
        text("■ im lặng", "■ silent"),
        text("✓ vẫn gửi", "✓ reporting"),
    )
    words = {"1": (silent[1], COLOURS["far_behind"]), "0": (silent[2], COLOURS["good"])}
    return panels.table(
        text("Nguồn dữ liệu: nguồn nào im lặng?", "Sources: which is silent?"),
        text(
            f"Im lặng: quá {limit:g} ngày làm việc ({WORKING_DAY_S // 3600} giờ) của lịch mặc định không có gì đến. "
            "Ngoài giờ làm việc không tính.",
            f"Silent: nothing for more than {limit:g} working day ({WORKING_DAY_S // 3600} hours) of the default "
            "calendar. Time outside office hours does not count.",
        ),
        f"SELECT source, toUInt8({silent[0]}) AS state, toUnixTimestamp64Milli(last_ingested_at) AS last, silent_s, "
        f"{in_days('silent_working_s')} AS silent_days, events FROM v_source_silence "
        f"ORDER BY silent_working_s DESC, silent_s DESC, source LIMIT {MOST}",
        [
            Column(name="source", title=text("Nguồn", "Source"), unit="string"),
            Column(
                name="state",
                title=text("Tình trạng", "State"),
                unit="none",
                words=words,
                cell="color-background",
                more=_LEFT,
                width=120,
            ),
            Column(
                name="last", title=text("Gửi lần cuối", "Last sent"), unit="time:DD/MM HH:mm:ss", width=150
            ),
            seconds("silent_s", text("Cách đây", "Ago"), width=95),
            Column(
                name="silent_days",
                title=text("Ngày làm việc", "Working days"),
                unit="none",
                decimals=2,
                width=120,
            ),
            Column(name="events", title=text("Sự kiện", "Events"), width=90),
        ],
        empty=text("chưa có nguồn nào", "no source yet"),
    )


def dead_by_reason(text: Text) -> panels.Panel:
    """Records that could not be read: from where, why, how many."""
    return panels.table(
        text("Bản ghi không đọc được, theo lý do", "Unreadable records, by reason"),
        text(
            "Toàn bộ thời gian. Chỉ lý do được giữ, không giữ nội dung; bản gốc nằm 7 ngày ở chủ đề dead-letters.",
            "All time. Only the reason is kept, never the content; the originals stay in dead-letters for 7 days.",
        ),
        f"SELECT source, {reasons(text)} AS why, count() AS n, toUnixTimestamp64Milli(max(seen_at)) AS last "
        f"FROM v_dead_letters GROUP BY source, why ORDER BY n DESC, source, why LIMIT {MOST}",
        [
            Column(name="source", title=text("Nguồn", "Source"), unit="string", width=150),
            Column(name="why", title=text("Lý do", "Reason"), unit="string", more=_WRAPPED),
            Column(name="n", title=text("Số", "Number"), width=70),
            Column(name="last", title=text("Lần cuối", "Last"), unit="time:DD/MM HH:mm", width=120),
        ],
        empty=text("✓ mọi bản ghi đều đọc được", "✓ every record could be read"),
    )


def workers(text: Text) -> panels.Panel:
    """The newest sample of each worker."""
    words = {
        "1": (text("✓ sẵn sàng", "✓ ready"), COLOURS["good"]),
        "0": (text("■ chưa", "■ not"), COLOURS["far_behind"]),
    }
    latest = (
        "ready",
        "partitions",
        "lag_records",
        "oldest_waiting_record_seconds",
        "cases_in_memory",
        "rules",
    )
    return panels.table(
        text("Tiến trình và phân vùng", "Workers and partitions"),
        text(
            "Mẫu mới nhất của mỗi tiến trình trong 24 giờ qua. Các tiến trình phải cùng một phiên bản quy tắc.",
            "The newest sample of each worker of the last 24 hours. All should have one version of the rules.",
        )
        + "\n\n"
        + told(text, Gauge.READY, Gauge.CASES),
        f"SELECT worker, age, {', '.join(latest[:1])}, arrayStringConcat(partitions, ' ') AS mine, "
        f"{', '.join(latest[2:])} FROM (SELECT worker, dateDiff('second', max(at), now64(6)) AS age, "
        f"{', '.join(f'argMax(s.{name}, s.at) AS {name}' for name in latest)} FROM pipeline_samples AS s "
        f"WHERE at > now64(6) - INTERVAL 1 DAY GROUP BY worker) ORDER BY age, worker LIMIT {MOST}",
        [
            Column(name="worker", title=text("Tiến trình", "Worker"), unit="string"),
            seconds("age", text("Mẫu cách đây", "Sample ago"), limits=FRESH),
            Column(
                name="ready",
                title=text("Tình trạng", "State"),
                unit="none",
                words=words,
                cell="color-background",
                more=_LEFT,
            ),
            Column(name="mine", title=text("Phân vùng", "Partitions"), unit="string"),
            Column(name="lag_records", title=text("Chờ", "Waiting")),
            seconds("oldest_waiting_record_seconds", text("Lâu nhất", "Longest"), decimals=1),
            Column(name="cases_in_memory", title=text("Hồ sơ trong bộ nhớ", "Cases in memory")),
            Column(name="rules", title=text("Quy tắc", "Rules"), unit="string"),
        ],
        empty=text("không có tiến trình nào", "no worker"),
    )


def anomalies(text: Text) -> panels.Panel:
    """Events that do not fit, by kind."""
    place = 0 if text.language == "vi" else 1
    kinds = named("kind", {kind.value: said[place] for kind, said in kinds_of_anomalies.SENTENCES.items()})
    return panels.table(
        text("Bất thường trong hồ sơ", "Anomalies in cases"),
        text.word("quality.anomalies_note"),
        f"SELECT {kinds} AS what, n FROM v_anomalies WHERE about = 'unit' AND id = '*' "
        f"ORDER BY n DESC, what LIMIT {MOST}",
        [
            Column(name="what", title=text("Loại", "Kind"), unit="string"),
            Column(name="n", title=text("Số", "Number"), width=90),
        ],
        empty=text.word("quality.anomalies_none"),
    )
