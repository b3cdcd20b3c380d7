"""What several dashboards show in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Unpack

from dashboards.grafana import panels
from dashboards.grafana.boards.fresh import live, newest
from dashboards.grafana.columns import Column, Options, cell, in_days, number, state, state_sql
from dashboards.grafana.names import UNIT, uid
from dashboards.grafana.text import Text

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
