"""The clock of one case: promises, suspensions, and how due moments move (domain.md §4, §5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.oracle.model import Case, Rules
from tests.oracle.worktime import HOUR, BeyondCalendarError, Calendar


@dataclass
class Promise:
    """A due moment that moves with the clock, and the effective due that lateness is judged by."""

    due: int
    effective: int
    given_at: int
    held_late: bool = False  # was late when the clock was last stopped: stays so, whatever the sums say

    def passed(self, moment: int) -> bool:
        return self.held_late or moment > self.effective


class Clock:
    """Runs by one calendar for the whole life of a case."""

    def __init__(self, case: Case, calendar: Calendar, rules: Rules) -> None:
        self.case, self.calendar, self.rules, self.profile = case, calendar, rules, rules.profile
        self.now, self.anomalies = case.now, case.anomalies
        self.promise: Promise | None = None  # the current one
        self.first: Promise | None = None  # the first one, moved by suspensions and gaps only
        self.suspended_at: int | None = None
        self.suspensions: list[tuple[int, int]] = []  # those that are over
        self.beyond = False  # working time was needed where the calendar knows none

    # Working time that ends where the calendar does.

    def working(self, a: int, b: int) -> int:
        try:
            return self.calendar.working(a, b)
        except BeyondCalendarError:
            self.beyond = True
            end = self.horizon_end()
            return self.calendar.working(min(a, end), end)

    def horizon_end(self) -> int:
        assert self.calendar.horizon is not None
        return self.calendar.day_start(self.calendar.horizon + timedelta(days=1))

    def is_past_horizon(self, moment: int) -> bool:
        return self.calendar.horizon is not None and moment > self.horizon_end()

    def reached(self, find: Callable[[], int]) -> int | None:
        """A moment that working time leads to, None beyond the calendar."""
        try:
            return find()
        except BeyondCalendarError:
            self.beyond = True
            return None

    # Promises.

    def effective(self, due: int) -> int:
        return due if self.profile.precision == "instant" else self.calendar.day_end(due)

    def promise_made(self, due: int, at: int) -> None:
        case = self.case
        self.promise = Promise(due, self.effective(due), at)
        if self.first is None:
            self.first = Promise(due, self.effective(due), at)
            case.first_due_at = due
            if case.legal_due_at is not None and self.effective(due) > self.effective(case.legal_due_at):
                self.anomalies.append("promise_beyond_legal")

    def move(self, promise: Promise, stopped_at: int, runs_again_at: int, *, late: bool) -> None:
        """The clock stood still: the due moves by the working time since then, or since it was given."""
        promise.held_late = late
        try:
            moved_by = self.calendar.working(max(stopped_at, promise.given_at), runs_again_at)
            due = self.calendar.advance(promise.due, moved_by)
            effective = self.calendar.advance(promise.effective, moved_by) if late else self.effective(due)
        except BeyondCalendarError:
            self.beyond = True  # keeps its last due
            return
        promise.due, promise.effective = due, effective

    def overdue_by_dates(self, moment: int) -> bool:
        """Judged at the moment of the suspension while suspended."""
        judged_at = moment if self.suspended_at is None else self.suspended_at
        return self.promise is not None and self.promise.passed(judged_at)

    def second_supplement(self) -> bool:
        return self.profile.second_supplement == "late" and self.case.supplements >= 2

    def overdue(self, moment: int) -> bool:
        return self.overdue_by_dates(moment) or self.second_supplement()

    def suspension_ends(self, at: int, new_due: int | None) -> None:
        case = self.case
        assert self.suspended_at is not None
        began = self.suspended_at
        case.suspended_us += self.working(began, at)
        self.suspensions.append((began, at))
        if case.waits and case.waits[-1].end is None:
            case.waits[-1].end = at
        if self.first is not None:
            self.move(self.first, began, at, late=self.first.passed(began))
        if new_due is None and self.promise is not None:
            self.move(self.promise, began, at, late=self.promise.passed(began))
        self.suspended_at = None
        case.status = "processing"

    def judged(self, ended_at: int) -> str:
        if self.overdue(ended_at):
            return "late"
        if self.promise is None or self.profile.precision == "instant":
            return "on_time"
        early = self.calendar.local_date(ended_at) < self.calendar.local_date(self.promise.due)
        return "early" if early else "on_time"

    def stock_column(self) -> str:
        if self.overdue(self.now):
            return "overdue"
        if self.suspended_at is not None:
            return "suspended"
        if self.promise is None:
            return "no_deadline"
        return "due_soon" if self.due_soon(self.promise.effective) else "in_time"

    def due_soon(self, due: int) -> bool:
        if self.is_past_horizon(due):
            return False
        try:
            return self.calendar.working(self.now, due) <= self.rules.due_soon_hours * HOUR
        except BeyondCalendarError:
            return False  # too far away to be seen from here
