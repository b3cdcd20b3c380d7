"""What time does to a case: promises that move, moments at which it changes column by itself.

A case stands in one column of stock at a time. ``plan`` finds the next moment at which time alone moves it on;
``tick`` lets those moments happen up to a given one; ``enter_column`` writes each change into the case's flows
at the local day of its moment, so that history is the sum of flows (schemas/columns.py).
"""

from __future__ import annotations

from typing import Final

from schemas.columns import FIRST_STOCK, FLOW
from streams.case import NEVER, OPEN, WAITING, Case, Promise
from streams.worktime import BeyondCalendar

IN_TIME, DUE_SOON, OVERDUE = FLOW["in_time"], FLOW["due_soon"], FLOW["overdue"]
SUSPENDED, NO_DEADLINE = FLOW["suspended"], FLOW["no_deadline"]
AWAITING, AWAITING_OVERDUE = FLOW["awaiting"], FLOW["awaiting_overdue"]
NO_COLUMN: Final = -1


def effective_due(case: Case, due: int) -> int:
    """The last moment in time: the due itself, or under date precision the end of its local day (§5.3)."""
    return case.calendar.day_end(case.calendar.local_day(due)) if case.rules.dates_only else due


def promised(case: Case, due: int, at: int) -> None:
    """A due moment is given at ``at``: the current promise from now on, the first one if none was before."""
    effective = effective_due(case, due)
    case.promise = Promise(due, effective, at)
    if case.first_promise is None:
        case.first_promise = case.promise  # they move as one until another promise is made
        case.first_due_at = due
        if case.legal_due_at and effective > effective_due(case, case.legal_due_at):
            case.anomalies.append("promise_beyond_legal")


def move_promise(case: Case, promise: Promise, began: int, until: int, late_at: int | None = None) -> None:
    """A suspension or gap moves a promise by its working time (§5.2), a late one as an instant (§5.3)."""
    calendar = case.calendar
    late = promise.held_late = promise.passed(began if late_at is None else late_at)
    try:
        held = calendar.working(max(began, promise.given_at), until)
        due = calendar.advance(promise.due, held)
        effective = calendar.advance(promise.effective, held) if late else effective_due(case, due)
    except BeyondCalendar:
        case.beyond = True  # and the last due is kept
        return
    promise.due, promise.effective = due, effective


def reception_plan(case: Case) -> None:
    """The reception clock of a registered case (§5.8): its due moment, and whether it still runs."""
    if case.registered_at and not case.reception_due_at:
        limit = case.rules.reception_limit_us(case.kind, case.attributes.get("priority"))
        try:
            case.reception_due_at = case.calendar.advance(case.registered_at, limit)
        except BeyondCalendar:
            case.beyond = True
    runs = case.phase == WAITING and case.status == "registered" and case.reception_due_at
    case.next_at = case.reception_due_at + 1 if runs else NEVER


def plan(case: Case, at: int) -> None:
    """Find when time alone changes the state next, seen from ``at``."""
    case.next_at = NEVER
    if case.phase != OPEN:
        return
    promise = case.promise
    if promise is not None and case.planned_for != promise.effective:
        case.planned_for = promise.effective
        try:
            case.due_mark = case.calendar.mark(promise.effective)
            case.soon_at = case.calendar.moment(max(0, case.due_mark - case.rules.due_soon_us))
        except BeyondCalendar:  # an explicit due beyond the horizon is kept: it is not soon
            case.due_mark, case.soon_at = case.calendar.last_mark, NEVER
    if case.suspended_at:
        case.late_us = 0
        if promise is not None and promise.passed(case.suspended_at):
            case.late_us = max(0, case.suspended_mark - case.due_mark)
    elif promise is not None and not case.overdue_whatever_dates and not promise.held_late:
        if at < case.soon_at <= promise.effective:
            case.next_at = case.soon_at
        elif at <= promise.effective:
            case.next_at = promise.effective + 1
    if not case.beyond and at <= case.calendar.horizon_us:
        case.next_at = min(case.next_at, case.calendar.horizon_us + 1)


def tick(case: Case, until: int) -> None:
    """Let everything happen that time alone does up to and with ``until``."""
    while case.next_at <= until:
        moment = case.next_at
        case.clock = moment
        if case.phase == OPEN:
            if moment > case.calendar.horizon_us:
                case.beyond = True
            plan(case, moment)
        else:
            case.next_at = NEVER
        enter_column(case, moment)


def column_at(case: Case, at: int) -> int:
    """The column of stock a case stands in at a moment; NO_COLUMN when in none."""
    if case.phase == OPEN:
        promise = case.promise
        judged_at = case.suspended_at or at
        if case.overdue_whatever_dates or (
            promise is not None and (judged_at > promise.effective or promise.held_late)
        ):
            return OVERDUE
        if case.suspended_at:
            return SUSPENDED
        if promise is None:
            return NO_DEADLINE
        return DUE_SOON if at >= case.soon_at else IN_TIME
    if case.phase == WAITING and case.registered_at and case.status == "registered":
        return AWAITING_OVERDUE if 0 < case.reception_due_at < at else AWAITING
    return NO_COLUMN


def enter_column(case: Case, at: int) -> None:
    """Note a change of column or of unit in the flows, at the local day of ``at``."""
    column = column_at(case, at)
    unit = case.registering_unit if case.phase == WAITING else case.unit
    before, before_unit = case.column, case.column_unit
    if column == before and unit == before_unit:
        return
    day = case.calendar.local_day(at)
    if before >= FIRST_STOCK:
        case.flows.append((before_unit, day, before, -1))
    if column >= FIRST_STOCK:
        case.flows.append((unit, day, column, 1))
    case.column, case.column_unit = column, unit
