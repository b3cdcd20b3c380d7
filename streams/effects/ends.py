"""Processing ends, is judged, and may begin again (domain §3, §5.5)."""

from __future__ import annotations

from schemas.columns import FLOW
from streams.case import ENDED, OPEN, WAITING, Case
from streams.clock import enter_column, move_promise, plan, promised
from streams.effects.common import Fields, cures, judge
from streams.effects.pauses import end_suspension, resumed, suspended


def any_end(case: Case, at: int, status: str, e: Fields) -> None:
    """An end of any kind: kept until the receipt when it comes before it; only the first counts."""
    if case.phase == ENDED or (case.phase == WAITING and case.pending_end is not None):
        case.anomalies.append("after_end")
        return
    outcome, cause = e.get("outcome", ""), e.get("cause", case.cause)
    if case.phase == WAITING:
        case.pending_end = (at, status, outcome, cause)
        return
    cures(case, at, e)
    end(case, at, status, outcome, cause, counted_at=at)


def end(case: Case, at: int, status: str, outcome: str, cause: str, *, counted_at: int) -> None:
    """Processing ended ``at``; the flow counts at ``counted_at`` (later only for an end before the receipt)."""
    if case.suspended_at:
        end_suspension(case, at, moves_promise=True)
    case.phase, case.status = ENDED, status
    case.ended_at = at
    case.outcome, case.cause = outcome, cause
    case.elapsed_us = max(0, case.mark(counted_at) - case.base_mark)
    case.late_us = 0
    case.timeliness = ""
    close_stay_at_end(case, counted_at)
    day = case.calendar.local_day(counted_at)
    if status in ("completed", "delivered"):
        judge(case, at)
        ended_in = "completed_" + case.timeliness
        if case.late_first_promise:
            case.flows.append((case.unit, day, FLOW["late_first_promise"], 1))
    else:
        ended_in = status
    if not case.first_ended_at:
        case.first_ended_at, case.first_timeliness = at, case.timeliness
    if status == "delivered":
        case.delivered_at = at
    case.flows.append((case.unit, day, FLOW[ended_in], 1))
    plan(case, counted_at)
    enter_column(case, counted_at)
    case.column, case.column_unit = FLOW[ended_in], case.unit


def close_stay_at_end(case: Case, at: int) -> None:
    """The last stay ends with the case."""
    case.stays.append((case.unit, case.step, case.stay_since, at, case.elapsed_us - case.stay_held_from))


def completed(case: Case, at: int, e: Fields) -> None:
    """Processing ended."""
    any_end(case, at, "completed", e)


def delivered(case: Case, at: int, e: Fields) -> None:
    """Handed over; without a ``completed`` before it this is the end itself."""
    if case.phase == ENDED:
        if case.status == "completed":
            case.status, case.delivered_at = "delivered", at
    elif case.phase == WAITING and case.pending_end is not None:
        if case.pending_end[1] == "completed" and not case.pending_delivered_at:
            case.pending_delivered_at = at
    else:
        any_end(case, at, "delivered", e)


def stopped(case: Case, at: int, e: Fields) -> None:
    """An end or a pause, as the profile says."""
    if case.rules.stopped_pauses:
        suspended(case, at, {"recorded_at": e.get("recorded_at")})
    else:
        any_end(case, at, "stopped", e)


def reopened(case: Case, at: int, e: Fields) -> None:
    """In process again; the gap moves the promises and is kept apart (domain §5.2)."""
    if case.phase == WAITING:
        case.anomalies.append("before_received")
        return
    if case.phase == OPEN:
        resumed(case, at, e)
        return
    began = max(case.ended_at, case.received_at)
    due = e.get("due_at")
    if due is None and case.promise is not None:
        move_promise(case, case.promise, began, at, late_at=case.ended_at)
    if case.first_promise is not None and (due is not None or case.first_promise is not case.promise):
        move_promise(case, case.first_promise, began, at, late_at=case.ended_at)
    gap = max(0, case.mark(at) - case.mark(began))
    case.gap_us += gap
    case.base_mark += gap
    case.phase, case.status = OPEN, "processing"
    case.ended_at = case.delivered_at = case.late_us = 0
    case.timeliness = case.outcome = ""
    case.late_first_promise = False
    case.reopened += 1
    case.stay_since, case.stay_held_from = at, case.elapsed_us
    case.flows.append((case.unit, case.calendar.local_day(at), FLOW["reopened"], 1))
    case.column = -1
    if due is not None:
        promised(case, due, at)
    plan(case, at)
    enter_column(case, at)
