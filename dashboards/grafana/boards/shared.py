"""What several dashboards show in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Unpack

from dashboards.grafana import panels
from dashboards.grafana.boards.fresh import corrected, live, newest
from dashboards.grafana.columns import Column, Options, cell, in_days, number, state, state_sql
from dashboards.grafana.names import UNIT, uid
from dashboards.grafana.sql import FROM, TIME, UNTIL
from dashboards.grafana.text import Text

STOCK: Final = ("in_time", "due_soon", "overdue", "suspended", "no_deadline")
"""Disjoint; together: open."""
STOCK_COLOURS: Final = {
    "in_time": "semi-dark-blue",
    "due_soon": "dark-yellow",
    "overdue": "semi-dark-red",
    "suspended": "purple",
    "no_deadline": "text",
}
MARKS: Final = {"in_time": "✓", "due_soon": "●", "overdue": "■", "suspended": "◇", "no_deadline": "○"}
"""A shape for each part of the stock, so that none is told by colour alone."""
IN: Final = ("received", "reopened", "transferred_in")
OUT: Final = ("completed", "withdrawn", "declined", "stopped", "transferred_out")
BANDS: Final = (
    "overdue_to_1_day",
    "overdue_to_3_days",
    "overdue_to_10_days",
    "overdue_to_30_days",
    "overdue_over_30_days",
)
SPEED: Final = ("processing_p50_s", "processing_p90_s", "open_age_p50_s", "open_age_p90_s")


def days(name: str) -> str:
    """The column of a time in working days: ``processing_p50_s`` gives ``processing_p50_days``."""
    return name.removesuffix("_s") + "_days"


def times_sql(names: Sequence[str]) -> str:
    """SQL: times as working days."""
    return ", ".join(f"{in_days(name)} AS {days(name)}" for name in names)


_LIVE_TIMES: Final = ("open_age_p50_s", "open_age_p90_s", "worst_overdue_s")
"""Counted with the units now; other times with the summaries."""


def speed_sql(names: Sequence[str], cells: str, now: str, *counts: str) -> str:
    """SQL: times in working days, how many cases the processing times are built on, and counts of the unit now.

    Args:
        names: of the times.
        cells: the summary of the period, one row or none.
        now: the row of the unit now, or none.
        counts: further columns of it.
    """
    computed, alive = (
        ", ".join(f"any({name}) AS {name}_found" for name in names if (name in _LIVE_TIMES) is live_one)
        for live_one in (False, True)
    )
    shown = ", ".join(f"{in_days(f'{name}_found')} AS {days(name)}" for name in names)
    counted = "".join(f", any({name}) AS {name}_found" for name in counts)
    more = "".join(f", {name}_found AS {name}" for name in counts)
    return (
        f"SELECT {shown}, n_found AS processing_n{more} FROM (SELECT any(processing_n) AS n_found, {computed} "
        f"FROM {cells}) AS computed CROSS JOIN (SELECT {alive}{counted} FROM {now}) AS alive"
    )


def times(text: Text, names: Sequence[str]) -> list[Column]:
    """Columns of ``times_sql``."""
    return [number(text, name, days(name)) for name in names]


def time_cells(text: Text, names: Sequence[str], **other: Unpack[Options]) -> list[Column]:
    """The same in a table."""
    return [cell(text, name, days(name), **other) for name in names]


def stock(text: Text) -> list[Column]:
    """Columns of the parts of the stock, each with its shape and colour."""
    return [
        number(
            text,
            name,
            title=f"{MARKS[name]} {text('Quá hạn', 'Overdue') if name == 'overdue' else text.title(name)}",
            colour=STOCK_COLOURS[name],
        )
        for name in STOCK
    ]


def promise_sql(trend: str, now: str) -> str:
    """SQL: the on-time rate of a period, its state, its n and, beside it, what is overdue now.

    Args:
        trend: rows of the period's days (``unit_trend``).
        now: the row of the unit now.
    """
    judged = state_sql("on_time_rate", "on_time_rate", "completed")
    return (
        f"SELECT kept / nullIf(done, 0) AS on_time_rate, {judged} AS state, done AS completed, overdue "
        f"FROM (SELECT sum(completed_in_time) AS kept, sum(completed) AS done FROM {trend}) AS days "
        f"CROSS JOIN (SELECT overdue FROM {now}) AS now"
    )


def strict_sql(trend: str, now: str) -> str:
    """SQL: the strict rate likewise: what is overdue now counts as late."""
    judged = state_sql("on_time_rate_strict", "on_time_rate_strict", "judged")
    return (
        f"SELECT kept / nullIf(done + overdue, 0) AS on_time_rate_strict, {judged} AS state_strict, "
        "done + overdue AS judged "
        f"FROM (SELECT sum(completed_in_time) AS kept, sum(completed) AS done FROM {trend}) AS days "
        f"CROSS JOIN (SELECT overdue FROM {now}) AS now"
    )


def promise(text: Text, trend: str, now: str, when: str, views: str = "v_") -> list[tuple[int, panels.Panel]]:
    """A row of big numbers, one a panel: the rate never stands without its n and the overdue beside it.

    Args:
        text: the language.
        trend: rows of the period's days.
        now: the row of the unit now.
        when: the period, in words.
        views: which views say how fresh the numbers are.
    """
    all_of, strictly = promise_sql(trend, now), strict_sql(trend, now)

    def one(width: int, title: str, column: Column, sql: str, *numbers: str) -> tuple[int, panels.Panel]:
        said = text.describe(*numbers, note=live(text))
        coloured: Literal["background_solid", "none"] = (
            "background_solid" if column.limits or column.words else "none"
        )
        chosen = f"SELECT {column.name} FROM ({sql})"
        return width, panels.stat(title, said, chosen, [column], empty=text.nothing, coloured=coloured)

    rate, strict = text.title("on_time_rate"), text("Đúng hạn, chặt", "On time, strict")
    return [
        one(5, f"{rate}, {when}", number(text, "on_time_rate"), all_of, "on_time_rate", "completed"),
        one(5, f"{rate}: {text('xếp loại', 'state')}", state(text, "state", rate), all_of, "on_time_rate"),
        one(3, f"n = {text.title('completed').lower()}", number(text, "completed"), all_of, "completed"),
        one(4, f"■ {text('Đang quá hạn', 'Overdue now')}", number(text, "overdue"), all_of, "overdue"),
        one(
            4,
            f"{strict}, {when}",
            number(text, "on_time_rate_strict"),
            strictly,
            "on_time_rate_strict",
            "judged",
        ),
        (3, newest(text, views)),
    ]


def flow_sql(trend: str) -> str:
    """SQL: what came in and went out, day by day."""
    return (
        f"SELECT {TIME}, {' + '.join(IN)} AS came, {' + '.join(OUT)} AS went FROM {trend} "
        f"WHERE day >= {FROM} AND day <= {UNTIL} ORDER BY time"
    )


def flow(text: Text) -> list[Column]:
    """Columns of ``flow_sql``."""
    return [
        Column(name="came", title=text("Vào", "In"), colour="dark-orange"),
        Column(name="went", title=text("Ra", "Out"), colour="semi-dark-blue"),
    ]


def stock_sql(trend: str) -> str:
    """SQL: what was open, and overdue, at the end of each day."""
    return f"SELECT {TIME}, open, overdue FROM {trend} WHERE day >= {FROM} AND day <= {UNTIL} ORDER BY time"


def open_and_overdue(text: Text) -> list[Column]:
    """Columns of ``stock_sql``; the overdue as a dashed line, so that they differ in print."""
    dashed = {"custom.lineStyle": {"fill": "dash", "dash": [10, 6]}, "custom.lineWidth": 3}
    return [
        number(text, "open", colour="semi-dark-blue", limits=None),
        number(text, "overdue", colour=STOCK_COLOURS["overdue"], more=dashed),
    ]


def rates_sql(trend: str) -> str:
    """SQL: the on-time rate of each day and of the seven days up to it; ``trend`` begins six days earlier."""
    return (
        f"SELECT {TIME}, completed_in_time / nullIf(completed, 0) AS of_day, "
        "sum(completed_in_time) OVER week / nullIf(sum(completed) OVER week, 0) AS of_week "
        f"FROM {trend} WINDOW week AS (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) "
        f"QUALIFY day >= {FROM} AND day <= {UNTIL} ORDER BY time"
    )


def rates(text: Text) -> list[Column]:
    """Columns of ``rates_sql``."""
    points = {"custom.drawStyle": "points", "custom.pointSize": 6, "custom.showPoints": "always"}
    title = text.title("on_time_rate")
    return [
        number(
            text,
            "on_time_rate",
            "of_day",
            title=text("Từng ngày", "Each day"),
            colour="text",
            limits=None,
            more=points,
        ),
        number(
            text,
            "on_time_rate",
            "of_week",
            title=text(f"{title}, 7 ngày", f"{title}, 7 days"),
            colour="semi-dark-blue",
            limits=None,
            more={"custom.lineWidth": 3},
        ),
    ]


def unit_link(text: Text, width: int) -> Column:
    """A column ``unit`` with a unit's name that leads to its dashboard; ``unit_id`` must be in the row."""
    url = f"/d/{uid(UNIT, text.language)}?var-unit=${{__data.fields.unit_id:percentencode}}&${{__url_time_range}}"
    return Column(
        name="unit",
        title=text("Đơn vị", "Unit"),
        unit="string",
        width=width,
        links=[(text("Xem đơn vị", "The unit"), url)],
    )


def code(name: str = "unit_id") -> Column:
    """A unit's code that only links need: there, and not shown."""
    return Column(name=name, title=name, unit="string", more={"custom.hideFrom.viz": True})


def n_of_times(text: Text) -> Column:
    """How many cases a time is built on."""
    return Column(name="processing_n", title="n = " + text.title("completed").lower())


def in_and_out(text: Text) -> str:
    """For a description: what in and out are."""
    came = ", ".join(text.title(name).lower() for name in IN)
    went = ", ".join(text.title(name).lower() for name in OUT)
    return text(f"Vào: {came}. Ra: {went}. ", f"In: {came}. Out: {went}. ") + corrected(text)
