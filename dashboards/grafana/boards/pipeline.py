"""Is everything read, written and balanced: the pipeline's health, from what ClickHouse itself holds of it."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import names, panels
from dashboards.grafana.alerts import queries
from dashboards.grafana.boards import pipeline_series as lines
from dashboards.grafana.boards import pipeline_tables as tables
from dashboards.grafana.boards.pipeline_shared import FRESH, seconds, told
from dashboards.grafana.columns import COLOURS, Column
from dashboards.grafana.dashboard import About, Row, dashboard
from dashboards.grafana.names import Language
from dashboards.grafana.text import Text
from dashboards.limits import DEAD_LETTERS_AN_HOUR, FRESH_SECONDS, SILENCE, Thresholds
from schemas.worker_metrics import Gauge, Metric

_NONE: Final = Thresholds(0, 0, 0, upwards=False)
_LATEST: Final = (
    "SELECT argMax(lag_records, at) AS lag, argMax(oldest_waiting_record_seconds, at) AS waited, "
    "argMax(partitions, at) AS mine, argMax(ready, at) AS ready FROM pipeline_samples "
    f"WHERE at > now64(6) - INTERVAL {FRESH_SECONDS} SECOND GROUP BY worker"
)
"""The newest sample of each worker that still tells of itself."""
_VALUE: Final = 40
"""Pixels of a number."""


def pipeline(language: Language) -> Dashboard:
    """The dashboard in a language."""
    text = Text(language)
    about = About(
        names.PIPELINE,
        language,
        text("Sức khỏe đường dữ liệu", "Pipeline health"),
        text(
            "Mọi thứ gửi đến có được đọc, ghi và cân đối không; nguồn nào im lặng.",
            "Is everything that is sent read, written and balanced; which source is silent.",
        ),
        since="now-1h",
    )
    return dashboard(
        about,
        [
            Row(5, [(12, _broken(text)), (12, _troubles(text))]),
            Row(4, [(12, _fresh(text)), (12, _waiting(text))]),
            Row(8, [(12, lines.read(text)), (12, lines.lag(text))]),
            Row(8, [(12, lines.rows(text)), (12, lines.inserts(text))]),
            Row(9, [(12, tables.sources(text)), (12, tables.dead_by_reason(text))]),
            Row(
                8,
                [
                    (8, lines.dead_over_time(text)),
                    (8, lines.troubles_over_time(text)),
                    (8, tables.anomalies(text)),
                ],
            ),
            Row(6, [(24, tables.workers(text))]),
        ],
    )


def _broken(text: Text) -> panels.Panel:
    """What the alert rules ask, judged by their limits."""
    asked = (
        (
            "stale",
            queries.NO_FRESH_NUMBERS,
            FRESH_SECONDS,
            text("Số liệu", "Numbers"),
            text("✓ mới", "✓ fresh"),
        ),
        (
            "silent",
            queries.SOURCE_SILENT,
            SILENCE.source_days,
            text("Nguồn im lặng", "Silent sources"),
            "✓ 0",
        ),
        (
            "rising",
            queries.DEAD_LETTERS,
            DEAD_LETTERS_AN_HOUR,
            text("Không đọc được ↑", "Unreadable ↑"),
            "✓ 0",
        ),
        ("broken", queries.LEDGER, 0, text("Sổ không cân", "Ledgers off"), "✓ 0"),
    )
    each = ", ".join(
        f"(SELECT countIf(Value > {limit}) FROM ({sql})) AS {name}" for name, sql, limit, *_ in asked
    )
    return panels.stat(
        text("Có gì hỏng không?", "Is anything broken?"),
        text(
            "Bốn câu hỏi của cảnh báo, với đúng ngưỡng của cảnh báo: số liệu cũ hoặc tiến trình không còn báo; "
            "nguồn im lặng; bản ghi không đọc được tăng trong giờ qua; đơn vị có nhận + đến − đi − kết thúc khác "
            "đang giải quyết.",
            "The four questions of the alerts, with the alerts' limits: numbers that are old or workers that tell "
            "nothing; silent sources; unreadable records rising in the last hour; units where received + in − out − "
            "ended is not what is open.",
        ),
        f"SELECT {each}",
        [
            Column(name=name, title=title, limits=_NONE, words={"0": (well, COLOURS["good"])})
            for name, _sql, _limit, title, well in asked
        ],
        empty=text("chưa có gì", "nothing yet"),
        coloured="background",
        value_size=_VALUE,
    )


def _troubles(text: Text) -> panels.Panel:
    counted = (
        "sum(misrouted) AS misrouted",
        "sum(waits_for_a_dependency) AS waits",
        "sum(samples_skipped) AS skipped",
    )
    return panels.stat(
        text("Sự cố trong 24 giờ qua", "Troubles of the last 24 hours"),
        told(text, Metric.DEAD_LETTERS, Metric.MISROUTED, Metric.HELD, Metric.SAMPLES_SKIPPED),
        "SELECT (SELECT count() FROM v_dead_letters WHERE seen_at > now64(6) - INTERVAL 1 DAY) AS dead, "
        f"{', '.join(counted)} FROM v_pipeline WHERE at > now64(6) - INTERVAL 1 DAY",
        [
            Column(name="dead", title=text("Không đọc được", "Unreadable"), limits=_NONE),
            Column(name="misrouted", title=text("Sai phân vùng", "Misrouted")),
            Column(name="waits", title=text("Lần phải chờ", "Waits")),
            Column(name="skipped", title=text("Mẫu bỏ qua", "Samples skipped")),
        ],
        empty="0",
        value_size=_VALUE,
    )


def _fresh(text: Text) -> panels.Panel:
    limit = text(
        f"Quá {FRESH_SECONDS} giây khi còn có thể có việc chờ: cảnh báo. Sự kiện mới nhất chỉ để biết: ban đêm không "
        "ai gửi gì. Bảng tổng hợp có chu kỳ riêng.",
        f"Over {FRESH_SECONDS} seconds while anything may be waiting: an alert. The newest event is to be known only: "
        "nobody sends anything at night. Breakdowns have a pace of their own.",
    )
    return panels.stat(
        text("Số liệu mới đến đâu?", "How fresh are the numbers?"),
        limit,
        "SELECT (SELECT dateDiff('second', max(computed_at), now64(6)) FROM v_units_now) AS numbers, "
        "(SELECT dateDiff('second', max(at), now64(6)) FROM pipeline_samples) AS sample, "
        "(SELECT dateDiff('second', max(last_ingested_at), now64(6)) FROM v_sources) AS newest, "
        "(SELECT dateDiff('second', max(computed_at), now64(6)) FROM v_summaries) AS summaries",
        [
            seconds("numbers", text("Số của đơn vị", "Units' numbers"), limits=FRESH),
            seconds("sample", text("Mẫu của tiến trình", "Workers' samples"), limits=FRESH),
            seconds("newest", text("Sự kiện mới nhất", "Newest event")),
            seconds("summaries", text("Bảng tổng hợp", "Breakdowns")),
        ],
        empty=text("chưa có gì", "nothing yet"),
        value_size=_VALUE,
    )


def _waiting(text: Text) -> panels.Panel:
    return panels.stat(
        text("Có gì đang chờ không?", "Is anything waiting?"),
        told(text, Gauge.LAG, Gauge.WAITED, Gauge.READY),
        f"SELECT sum(lag) AS lag, round(max(waited), 1) AS waited, countIf(ready = 1) AS workers, "
        f"sum(length(mine)) AS partitions FROM ({_LATEST})",
        [
            Column(name="lag", title=text("Bản ghi chờ", "Records waiting")),
            seconds("waited", text("Chờ lâu nhất", "Longest wait"), limits=FRESH, decimals=1),
            Column(name="workers", title=text("Tiến trình", "Workers")),
            Column(name="partitions", title=text("Phân vùng", "Partitions")),
        ],
        empty=text("không có tiến trình nào", "no worker"),
        value_size=_VALUE,
    )
