"""Lines of the pipeline's health: what is read, waits, is written and goes wrong, over time."""

from __future__ import annotations

from dashboards.grafana import panels
from dashboards.grafana.boards.pipeline_shared import DASHED, GRAIN, seconds, told
from dashboards.grafana.columns import Column
from dashboards.grafana.text import Text
from schemas.worker_metrics import Gauge, Metric, column


def read(text: Text) -> panels.Panel:
    """Events, and duplicates among them, per second."""
    return panels.series(
        text("Sự kiện mỗi giây", "Events per second"),
        told(text, Metric.EVENTS, Metric.DUPLICATES),
        _rate(Metric.EVENTS, Metric.DUPLICATES),
        [
            Column(
                name="events",
                title=text("Sự kiện", "Events"),
                unit="none",
                decimals=1,
                colour="semi-dark-blue",
            ),
            Column(
                name="duplicate_events",
                title=text("Trùng lặp", "Duplicates"),
                unit="none",
                decimals=1,
                colour="purple",
                more=DASHED,
            ),
        ],
        empty=text("không có mẫu nào", "no samples"),
        interval=GRAIN,
    )


def lag(text: Text) -> panels.Panel:
    """Records that wait, and how long the oldest has."""
    return panels.series(
        text(
            "Đang chờ: số bản ghi, và bản ghi lâu nhất (giây)", "Waiting: records, and the oldest (seconds)"
        ),
        told(text, Gauge.LAG, Gauge.WAITED),
        "SELECT time, sum(lag) AS lag_records, round(max(waited), 1) AS waited_s "
        "FROM (SELECT $__timeInterval(at) AS time, worker, "
        "max(lag_records) AS lag, max(oldest_waiting_record_seconds) AS waited FROM v_pipeline "
        "WHERE $__timeFilter(at) GROUP BY time, worker) GROUP BY time ORDER BY time",
        [
            Column(name="lag_records", title=text("Bản ghi", "Records"), colour="semi-dark-blue"),
            seconds(
                "waited_s",
                text("Chờ lâu nhất", "Longest wait"),
                decimals=1,
                colour="dark-orange",
                more={"custom.axisPlacement": "right", **DASHED},
            ),
        ],
        empty=text("không có mẫu nào", "no samples"),
        interval=GRAIN,
    )


def rows(text: Text) -> panels.Panel:
    """Rows confirmed per second, by table."""
    rows = (Metric.EVENT_ROWS, Metric.CASE_ROWS, Metric.UNIT_ROWS)
    titles = (text("Sự kiện", "Events"), text("Hồ sơ", "Cases"), text("Đơn vị", "Units"))
    colours = ("semi-dark-blue", "purple", "dark-yellow")
    return panels.series(
        text("Dòng ghi vào ClickHouse mỗi giây", "Rows into ClickHouse per second"),
        told(text, *rows),
        _rate(*rows),
        [
            Column(name=column(metric), title=title, unit="none", decimals=1, colour=colour)
            for metric, title, colour in zip(rows, titles, colours, strict=True)
        ],
        empty=text("không có mẫu nào", "no samples"),
        interval=GRAIN,
        look="stacked",
    )


def inserts(text: Text) -> panels.Panel:
    """Seconds that a block takes until it is confirmed."""
    return panels.series(
        text("Một lần ghi khối mất bao lâu?", "How long does a block take?"),
        told(text, Metric.INSERTS, Metric.INSERT_SECONDS),
        "SELECT $__timeInterval(at) AS time, sum(insert_seconds) / nullIf(sum(inserts), 0) AS insert_s "
        "FROM v_pipeline WHERE $__timeFilter(at) GROUP BY time ORDER BY time",
        [seconds("insert_s", text("Mỗi khối", "A block"), decimals=None, colour="semi-dark-blue")],
        empty=text("không có mẫu nào", "no samples"),
        interval=GRAIN,
    )


def dead_over_time(text: Text) -> panels.Panel:
    """Records that could not be read, by the code of the reason."""
    return panels.series(
        text("Bản ghi không đọc được theo thời gian", "Unreadable records over time"),
        told(text, Metric.DEAD_LETTERS),
        "SELECT $__timeInterval(seen_at) AS time, reason, count() AS Value FROM v_dead_letters "
        "WHERE $__timeFilter(seen_at) GROUP BY time, reason ORDER BY time, reason",
        [],
        empty=text("✓ không có bản ghi nào", "✓ none"),
        look="stacked",
        interval="1m",
    )


def troubles_over_time(text: Text) -> panels.Panel:
    """What went wrong without anything being lost."""
    found = (
        ("misrouted", text("Sai phân vùng", "Misrouted"), "purple"),
        ("waits_for_a_dependency", text("Lần phải chờ", "Waits"), "dark-orange"),
        ("samples_skipped", text("Mẫu bỏ qua", "Samples skipped"), "dark-yellow"),
    )
    return panels.series(
        text("Sự cố theo thời gian", "Troubles over time"),
        told(text, Metric.MISROUTED, Metric.HELD, Metric.SAMPLES_SKIPPED),
        f"SELECT $__timeInterval(at) AS time, {', '.join(f'sum({name}) AS {name}_n' for name, _, _ in found)} "
        "FROM v_pipeline WHERE $__timeFilter(at) GROUP BY time ORDER BY time",
        [Column(name=f"{name}_n", title=title, colour=colour) for name, title, colour in found],
        empty=text("không có mẫu nào", "no samples"),
        look="bars",
        interval=GRAIN,
    )


def _rate(*metrics: Metric) -> str:
    """SQL: growth per second over time, all workers together; a column for each metric."""
    each = ", ".join(f"sum({column(metric)}) / sum(seconds) AS rate{n}" for n, metric in enumerate(metrics))
    added = ", ".join(f"sum(rate{n}) AS {column(metric)}" for n, metric in enumerate(metrics))
    return (
        f"SELECT time, {added} FROM (SELECT $__timeInterval(at) AS time, worker, {each} FROM v_pipeline "
        "WHERE $__timeFilter(at) GROUP BY time, worker) GROUP BY time ORDER BY time"
    )
