"""What several effects share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streams.case import Case

Fields = Mapping[str, Any]
"""The fields of an event, ``recorded_at`` among them."""
Handler = Callable[[Case, int, Fields], None]
"""Lets an event of one type take effect on a case at its moment, µs UTC."""


def backdated(case: Case, at: int, e: Fields, due: int) -> None:
    """An entry made after a due moment that it cures (domain §3)."""
    recorded_at = e.get("recorded_at")
    if recorded_at is not None and at <= due < recorded_at:
        case.anomalies.append("backdated")


def cures(case: Case, at: int, e: Fields) -> None:
    """A running case's due moment that this event cures (backdated, domain §3)."""
    if case.promise is not None and not case.suspended_at and not case.promise.held_late:
        backdated(case, at, e, case.promise.effective)


def see_unit(case: Case, unit: str) -> None:
    """Note a unit that the city does not know (one anomaly per case)."""
    if not case.rules.knows_unit(unit):
        case.unknown_unit = True


def close_stay(case: Case, at: int) -> None:
    """A stay runs to a change of unit or step or to the end, in working time less suspensions (domain §6)."""
    held = elapsed_at(case, at)
    case.stays.append((case.unit, case.step, case.stay_since, at, held - case.stay_held_from))
    case.stay_since, case.stay_held_from = at, held


def elapsed_at(case: Case, at: int) -> int:
    """Elapsed working time of the case at a moment, suspensions and gaps left out."""
    return case.elapsed_us if case.suspended_at else case.mark(at) - case.base_mark


def judge(case: Case, at: int) -> None:
    """Early, on time or late (domain §5.5), and late against the first promise (§5.7)."""
    promise = case.promise
    late = promise is not None and promise.passed(at)
    if late and promise is not None:
        case.late_us = max(0, case.mark(at) - case.mark(promise.effective))
    first = case.first_promise
    case.late_first_promise = first is not None and first.passed(at)
    if late or case.overdue_whatever_dates:
        case.timeliness = "late"
    elif (
        promise is not None
        and case.rules.dates_only
        and case.calendar.local_day(at) < case.calendar.local_day(promise.due)
    ):
        case.timeliness = "early"
    else:
        case.timeliness = "on_time"
