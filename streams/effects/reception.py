"""Handed in, accepted, refused: what happens before the clock runs, and how it begins to."""

from __future__ import annotations

from schemas.columns import FLOW
from streams.case import ENDED, OPEN, WAITING, Case
from streams.clock import enter_column, plan, promised, reception_plan
from streams.effects.common import Fields, Handler, backdated, see_unit
from streams.effects.ends import any_end, end
from streams.worktime import BeyondCalendar

RECEIVED = FLOW["received"]


def registered(case: Case, at: int, e: Fields) -> None:
    """Handed in: the reception clock runs (domain §5.8)."""
    if case.phase != WAITING:
        case.anomalies.append("after_end" if case.phase == ENDED else "registered_after_received")
        return
    if case.registered_at:
        case.anomalies.append("registered_twice")
        return
    case.registered_at = at
    case.registering_unit = e["unit_id"]
    see_unit(case, case.registering_unit)
    reception_plan(case)
    enter_column(case, at)


def received(case: Case, at: int, e: Fields) -> None:
    """Accepted: the clock starts and the promise is made (domain §5.1)."""
    if case.phase != WAITING:
        case.anomalies.append("after_end" if case.phase == ENDED else "received_twice")
        return
    rules = case.rules
    end_reception(case, at, e)
    unit = e["unit_id"]
    see_unit(case, unit)
    case.phase = OPEN
    case.status = "processing"
    case.received_at = at
    case.receiving_unit = case.unit = unit
    case.held_units = (unit,)
    case.step = case.officer = ""
    case.base_mark = case.mark(at)
    case.stay_since, case.stay_held_from = at, 0
    case.flows.append((unit, case.calendar.local_day(at), RECEIVED, 1))
    legal: int | None = None
    try:
        legal = rules.statutory_due(case.procedure_code, case.calendar, at)
    except BeyondCalendar:
        case.beyond = True
    case.legal_due_at = legal or 0
    due = e.get("due_at")
    if due is None and rules.statutory:
        due = legal
    if due is not None:
        promised(case, due, at)
    if case.pending_end is not None:
        case.anomalies.append("ended_before_received")
        ended_at, status, outcome, cause = case.pending_end
        end(case, ended_at, status, outcome, cause, counted_at=at)
        if case.pending_delivered_at:
            case.status, case.delivered_at = "delivered", case.pending_delivered_at
        return
    plan(case, at)
    enter_column(case, at)


def end_reception(case: Case, at: int, e: Fields) -> None:
    """The reception clock stops at the first of received, declined, withdrawn, or never runs after one."""
    if not case.reception_ended_at:
        case.reception_ended_at = at
        if case.reception_due_at:
            backdated(case, at, e, case.reception_due_at)


def refusal(status: str) -> Handler:
    """``declined`` and ``withdrawn``: before the receipt a status without a clock, after it an end."""

    def handler(case: Case, at: int, e: Fields) -> None:
        if case.phase == WAITING and case.pending_end is None:
            if status == "declined":
                end_reception(case, at, e)
            elif not case.reception_ended_at:
                case.reception_ended_at = at
            case.status = status
            reception_plan(case)
            enter_column(case, at)
        else:
            any_end(case, at, status, e)

    return handler
