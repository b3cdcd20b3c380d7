"""The clock stands still and runs again; promises are made anew (domain §5.2)."""

from __future__ import annotations

from streams.case import OPEN, WAITING, Case
from streams.clock import enter_column, move_promise, plan, promised
from streams.effects.common import Fields, backdated, cures, see_unit


def suspended(case: Case, at: int, e: Fields) -> None:
    """The clock stops; while it stands already nothing new begins, but a supplement asked is noted."""
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
        return
    reason = e.get("reason", "other")
    if case.suspended_at:
        case.anomalies.append("suspended_twice")
    else:
        cures(case, at, e)
        case.suspended_mark = case.mark(at)
        case.elapsed_us = case.suspended_mark - case.base_mark
        case.suspended_at = at
        case.supplement_asked = False
        case.status = "suspended"
        case.suspended_reason = reason
        case.waiting_on = e.get("waiting_on", "")
        if case.waiting_on:
            see_unit(case, case.waiting_on)
        case.cause = e.get("cause", case.cause)
    if reason == "supplement" and not case.supplement_asked:
        case.supplement_asked = True
        case.supplements += 1
        case.overdue_whatever_dates = case.supplements > 1 and case.rules.second_supplement_late
    plan(case, at)
    enter_column(case, at)


def resume(case: Case, at: int, e: Fields) -> None:
    """The clock runs again; the promise moves by the suspension unless a new one is made."""
    due = e.get("due_at")
    end_suspension(case, at, moves_promise=due is None)
    case.status = "processing"
    if due is not None:
        promised(case, due, at)
    plan(case, at)
    enter_column(case, at)


def end_suspension(case: Case, at: int, *, moves_promise: bool) -> None:
    """The clock runs from ``at``: suspended time is set apart, promises move by it (domain §5.2)."""
    began = case.suspended_at
    if moves_promise and case.promise is not None:
        move_promise(case, case.promise, began, at)
    if case.first_promise is not None and not (moves_promise and case.first_promise is case.promise):
        move_promise(case, case.first_promise, began, at)
    held = case.mark(at) - case.suspended_mark
    case.suspended_us += held
    case.base_mark += held
    case.suspended_at = case.suspended_mark = 0
    case.suspended_reason = case.waiting_on = ""


def new_due(case: Case, at: int, due: int, e: Fields) -> None:
    """A new promise for an open case, running or suspended."""
    before = case.promise
    promised(case, due, at)
    if before is not None and due > before.due and not case.suspended_at and not before.held_late:
        backdated(case, at, e, before.effective)
    plan(case, at)
    enter_column(case, at)


def resumed(case: Case, at: int, e: Fields) -> None:
    """The clock runs again; of a running case only the new due counts."""
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
    elif case.suspended_at:
        resume(case, at, e)
    else:
        case.anomalies.append("resumed_while_running")
        if "due_at" in e:
            new_due(case, at, e["due_at"], e)


def rescheduled(case: Case, at: int, e: Fields) -> None:
    """A new promise."""
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
        return
    case.cause = e.get("cause", case.cause)
    new_due(case, at, e["due_at"], e)
