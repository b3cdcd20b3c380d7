"""The numbers of units, counted one by one over all cases (domain.md §6, the columns of units.csv)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.fold import fold
from tests.oracle.model import Case, Event, Rules
from tests.oracle.worktime import SECOND

Inside = Callable[[str | None], bool]
Row = dict[str, Any]

EVERYTHING = "*"
STOCK = ("in_time", "due_soon", "overdue", "suspended", "no_deadline")
COMPLETED = ("completed_early", "completed_on_time", "completed_late")
OTHER_ENDS = ("withdrawn", "declined", "stopped")


def by_case(events: Iterable[Event]) -> dict[str, list[Event]]:
    cases: dict[str, list[Event]] = {}
    for event in events:
        cases.setdefault(event["case_id"], []).append(event)
    return cases


def fold_all(events: Iterable[Event], now: int, rules: Rules, at: int | None = None) -> list[Case]:
    """Every case that has a row, in the order of case_id."""
    folded = (fold(history, now, rules, at) for _, history in sorted(by_case(events).items()))
    return [case for case in folded if case is not None]


def quantile(values: list[int], q: Fraction) -> int | None:
    """The sorted value at index floor(q * (n - 1)), None of nothing."""
    return sorted(values)[int(q * (len(values) - 1))] if values else None


def seconds(us: int | Fraction | None) -> int | None:
    """Whole seconds, half a second up; None where nothing was measured."""
    return None if us is None else int((us + SECOND // 2) // SECOND)


def rate(part: int, whole: int) -> float | None:
    return float(round(Fraction(part, whole), 6)) if whole else None


def mean(values: list[int]) -> Fraction | None:
    return Fraction(sum(values), len(values)) if values else None


def measure(cases: list[Case], inside: Inside) -> Row:
    """The columns of units.csv over the units that are inside: a unit, a unit and all below it, all."""
    held = [case for case in cases if inside(case.unit_id)]
    opened = [case for case in held if case.column is not None]
    done = [case for case in held if case.timeliness is not None]
    stock = {column: sum(case.column == column for case in opened) for column in STOCK}
    ended = {column: sum(f"completed_{case.timeliness}" == column for case in done) for column in COMPLETED}
    others = {
        status: sum(case.status == status and case.received_at is not None for case in held)
        for status in OTHER_ENDS
    }
    moves = [(inside(old), inside(new)) for case in cases for old, new, _ in case.handovers]
    waiting = [case for case in cases if case.awaiting and inside(case.registering_unit)]
    in_time = ended["completed_early"] + ended["completed_on_time"]
    processing = [case.elapsed_us for case in done]
    ages = [case.elapsed_us for case in opened]
    p50, p90 = Fraction(5, 10), Fraction(9, 10)
    return {
        "received": sum(case.received_at is not None and inside(case.receiving_unit) for case in cases),
        "transferred_in": moves.count((False, True)),
        "transferred_out": moves.count((True, False)),
        "open": len(opened),
        **stock,
        "completed": len(done),
        **ended,
        **others,
        "on_time_rate": rate(in_time, len(done)),
        "on_time_rate_strict": rate(in_time, len(done) + stock["overdue"]),
        "processing_mean_s": seconds(mean(processing)),
        "processing_p50_s": seconds(quantile(processing, p50)),
        "processing_p90_s": seconds(quantile(processing, p90)),
        "open_age_p50_s": seconds(quantile(ages, p50)),
        "open_age_p90_s": seconds(quantile(ages, p90)),
        "worst_overdue_s": seconds(max((case.late_us for case in opened if case.overdue), default=None)),
        "anomalies": sum(len(case.anomalies) for case in held),
        "awaiting": len(waiting),
        "awaiting_overdue": sum(case.awaiting_overdue for case in waiting),
        "reopened": sum(
            f.n for case in cases for f in case.flows if f.column == "reopened" and inside(f.unit)
        ),
        "late_first_promise": sum(case.late_first_promise for case in held),
    }


def units_of(case: Case) -> set[str]:
    """The units that register, receive or hold a case, then or now."""
    named = {case.registering_unit, case.receiving_unit, case.unit_id} | {new for _, new, _ in case.handovers}
    return {unit for unit in named if unit is not None}


def all_units(cases: Iterable[Case], parents: Mapping[str, str | None]) -> list[str]:
    return sorted(set(parents).union(*(units_of(case) for case in cases)))


def is_within(unit: str | None, top: str, parents: Mapping[str, str | None]) -> bool:
    """Is the unit the top or somewhere below it?"""
    above = set()
    while unit is not None and unit not in above:
        if unit == top:
            return True
        above.add(unit)
        unit = parents.get(unit)
    return False


def scopes(cases: list[Case], parents: Mapping[str, str | None], *, tree: bool) -> dict[str, Inside]:
    def only(top: str) -> Inside:
        return (lambda unit: is_within(unit, top, parents)) if tree else (lambda unit: unit == top)

    return {EVERYTHING: lambda _: True} | {unit: only(unit) for unit in all_units(cases, parents)}


def units(cases: list[Case], parents: Mapping[str, str | None]) -> dict[str, Row]:
    """units.csv: a row per unit over its own cases, and '*' over all."""
    rows = {}
    for unit, inside in scopes(cases, parents, tree=False).items():
        rows[unit] = {"unit_id": unit, "parent_id": parents.get(unit), **measure(cases, inside)}
    return rows


def tree(cases: list[Case], parents: Mapping[str, str | None]) -> dict[str, Row]:
    """The same with all units below; hand-overs count only across the border."""
    rows = {}
    for unit, inside in scopes(cases, parents, tree=True).items():
        rows[unit] = {"unit_id": unit, "parent_id": parents.get(unit), **measure(cases, inside)}
    return rows


HISTORY_STOCK = ("open", *STOCK, "awaiting", "awaiting_overdue")
HISTORY_FLOW = (
    "received",
    "reopened",
    "transferred_in",
    "transferred_out",
    "completed",
    *COMPLETED,
    *OTHER_ENDS,
)


def history(
    events: Iterable[Event],
    days: Iterable[date],
    parents: Mapping[str, str | None],
    now: int,
    rules: Rules,
    *,
    tree: bool = False,
) -> dict[tuple[str, date], Row]:
    """Stock at the end of each local day and flow of that day, per unit, as we know it now.

    A case lives in the days of its own calendar; the stock of a day that is not over is the stock now.
    """
    histories = by_case(events)
    latest = fold_all(events, now, rules)
    rows: dict[tuple[str, date], Row] = {}
    for day in days:
        then: list[Case] = []
        for case in latest:
            calendar = rules.calendar_of(case.receiving_unit or case.registering_unit)
            end = min(calendar.day_end(calendar.day_start(day)), now)
            as_it_stood = fold(histories[case.case_id], now, rules, end)
            if as_it_stood is not None:
                then.append(as_it_stood)
        for unit, inside in scopes(latest, parents, tree=tree).items():
            stock = {
                column: value for column, value in measure(then, inside).items() if column in HISTORY_STOCK
            }
            rows[unit, day] = stock | flow_of(latest, day, inside, rules)
    return rows


def flow_of(cases: list[Case], day: date, inside: Inside, rules: Rules) -> Row:
    row: Row = dict.fromkeys(HISTORY_FLOW, 0)
    for case in cases:
        calendar = rules.calendar_of(case.receiving_unit or case.registering_unit)
        for flow in case.flows:
            handed_over = flow.column in ("transferred_in", "transferred_out")
            if calendar.local_date(flow.at) == day and inside(flow.unit) and not handed_over:
                row[flow.column] += flow.n
                row["completed"] += flow.n * flow.column.startswith("completed")
        for old, new, at in case.handovers:
            if calendar.local_date(at) == day:
                row["transferred_out"] += inside(old) and not inside(new)
                row["transferred_in"] += inside(new) and not inside(old)
    return row
