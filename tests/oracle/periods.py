"""Periods and days of a board, counted one by one: what came and went from a local day on, and what stood before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.oracle.model import Event, Rules
from tests.oracle.numbers import (
    HISTORY_FLOW,
    HISTORY_STOCK,
    fold_all,
    history,
    rate,
)

Row = dict[str, Any]
PERIODS = ("today", "7d", "30d", "month", "quarter", "year", "all")
INTO = ("received", "reopened", "transferred_in")
OUT = ("completed", "withdrawn", "declined", "stopped", "transferred_out")


def begins(period: str, today: date) -> date | None:
    """The first day of a period; None: it has none."""
    days = {"today": 0, "7d": 6, "30d": 29}
    if period in days:
        return today - timedelta(days=days[period])
    first_of_month = date(today.year, today.month, 1)
    if period == "month":
        return first_of_month
    if period == "quarter":
        return date(
            today.year, {1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4, 7: 7, 8: 7, 9: 7}.get(today.month, 10), 1
        )
    return date(today.year, 1, 1) if period == "year" else None


def days_of(events: Iterable[Event], now: int, rules: Rules) -> list[date]:
    """Every local day from the first flow of any case to the last, and the eve of the first."""
    found = set()
    for case in fold_all(events, now, rules):
        calendar = rules.calendar_of(case.receiving_unit or case.registering_unit)
        named = [flow.at for flow in case.flows] + [at for _, _, at in case.handovers]
        found |= {calendar.local_date(at) for at in named} | {calendar.local_date(now)}
    first, last = min(found), max(found)
    return [first + timedelta(days=n) for n in range(-1, (last - first).days + 1)]


def ledgers(counted: Mapping[tuple[str, date], Row], days: list[date], first: date | None) -> dict[str, Row]:
    """By unit: what was carried over, the flow from a day on, and the stock at the end of the last day.

    Args:
        counted: `history` of all of `days` (`days_of`).
        first: the first day of the period; None: of all time.
    """
    rows: dict[str, Row] = {}
    for unit in {unit for unit, _ in counted}:
        inside = [day for day in days if first is None or day >= first]
        before = [day for day in days if day not in inside]
        row = {name: sum(counted[unit, day][name] for day in inside) for name in HISTORY_FLOW}
        row |= {name: counted[unit, days[-1]][name] for name in HISTORY_STOCK}
        row["carried_over"] = counted[unit, before[-1]]["open"] if before else 0
        in_time = row["completed_early"] + row["completed_on_time"]
        row["completed_in_time"] = in_time
        row["on_time_rate"] = rate(in_time, row["completed"])
        row["on_time_rate_strict"] = rate(in_time, row["completed"] + row["overdue"])
        rows[unit] = row
    return rows


def counted(
    events: Iterable[Event],
    days: list[date],
    parents: Mapping[str, str | None],
    now: int,
    rules: Rules,
    *,
    tree: bool,
) -> dict[tuple[str, date], Row]:
    """Flow of each day and stock at its end, per unit and for everything."""
    return history(events, days, parents, now, rules, tree=tree)
