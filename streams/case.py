"""The state of one case: what its events say, as of the last moment at which something changed.

A ``Case`` lives only while it is hot; a cold case is its ledger (streams/ledger.py). All times are µs UTC,
all durations µs. Nothing in it runs with the clock: what does is kept as a mark of working time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from schemas.columns import FLOW
from streams.rules import Rules
from streams.worktime import BeyondCalendar, WorkingTime

NEVER: Final = 1 << 62
"""A moment that does not come."""

WAITING, OPEN, ENDED = 0, 1, 2
"""Phases: before the receipt, between receipt and end, after the end."""


class Standing(NamedTuple):
    """What a case adds to the present totals: its anomalies at its holder, the rest at ``column_unit``.

    ``column``: place in FLOWS of the stock or end it counts in, -1 for none. ``age``: elapsed working time, of
    a running case as the mark to take from ``mark(now)``. ``late``: working time past the effective due, of a
    running overdue case likewise; None when not overdue.
    """

    unit: str
    anomalies: int
    column_unit: str
    column: int
    late_first_promise: bool
    calendar: WorkingTime
    running: bool
    age: int
    late: int | None


class Promise:
    """A promised moment that suspensions move.

    Attributes:
        due: the promised moment.
        effective: the last moment that is in time (domain §5.3).
        given_at: when it was promised; only suspended time after it moves it.
        held_late: it had passed when its clock last stood still; it goes on exactly as late as it was.
    """

    __slots__ = ("due", "effective", "given_at", "held_late")

    def __init__(self, due: int, effective: int, given_at: int) -> None:
        self.due = due
        self.effective = effective
        self.given_at = given_at
        self.held_late = False

    def passed(self, moment: int) -> bool:
        """Whether a moment is late against it; equality is in time."""
        return self.held_late or moment > self.effective


class Case:
    """One case. Only streams/fold.py changes it."""

    # Most cases never leave most of these defaults: they cost nothing until they are set.
    phase = WAITING
    status = "registered"
    kind = channel = procedure_code = ""
    unit = receiving_unit = registering_unit = ""
    step = officer = ""
    registered_at = reception_due_at = reception_ended_at = 0
    received_at = ended_at = delivered_at = 0
    first_due_at = legal_due_at = first_ended_at = 0
    promise: Promise | None = None
    first_promise: Promise | None = None
    planned_for = -1
    pending_end: tuple[int, str, str, str] | None = None
    pending_delivered_at = 0
    suspended_at = suspended_mark = suspended_us = 0
    suspended_reason = waiting_on = ""
    supplement_asked = False
    supplements = 0
    overdue_whatever_dates = False
    gap_us = base_mark = due_mark = 0
    soon_at = NEVER
    elapsed_us = late_us = 0
    timeliness = first_timeliness = ""
    late_first_promise = inherited_overdue = False
    outcome = cause = ""
    reopened = handovers = handovers_back = 0
    held_units: tuple[str, ...] = ()
    stay_since = stay_held_from = 0
    unknown_unit = unknown_procedure = beyond = False
    odd_before_receipt = False
    void_unknown = 0
    column = -1
    column_unit = ""
    clock = last_event_at = 0
    next_at = waiting_at = NEVER
    records = waiting_count = 0
    last_key: tuple[int, int, str] = (0, -1, "")
    counted: Standing | None = None
    counted_flows = 0
    counted_wake_at = NEVER

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.calendar: WorkingTime = rules.default_calendar
        self.attributes: dict[str, Any] = {}
        self.stays: list[tuple[str, str, int, int, int]] = []
        self.consultations: dict[str, list[Any]] = {}
        self.ratings: list[tuple[int, bool | None, str]] = []
        self.anomalies: list[str] = []
        self.flows: list[tuple[str, int, int, int]] = []
        self.ids: set[str] = set()

    @property
    def is_empty(self) -> bool:
        """No event is left after the voids: the case has no row."""
        return self.last_key[1] < 0 and not self.void_unknown

    @property
    def suspended(self) -> bool:
        """Whether the clock stands still between receipt and end."""
        return self.phase == OPEN and self.suspended_at != 0

    @property
    def wake_at(self) -> int:
        """The soonest moment at which the state changes by itself; NEVER without one."""
        return min(self.next_at, self.waiting_at)

    @property
    def is_live(self) -> bool:
        """Whether a worker must keep it in memory: something may still happen to it by itself or soon."""
        return self.phase == OPEN or (self.phase == WAITING and not self.is_empty) or self.waiting_at != NEVER

    def mark(self, moment: int) -> int:
        """Working time up to a moment by the case's calendar, at the horizon when it lies beyond."""
        try:
            return self.calendar.mark(moment)
        except BeyondCalendar:
            self.beyond = True
            return self.calendar.last_mark

    def judged_overdue(self, at: int) -> bool:
        """Open: past the effective due, judged at the moment of the suspension while suspended (§5.4)."""
        return self.promise is not None and self.promise.passed(self.suspended_at or at)

    def all_anomalies(self) -> list[str]:
        """Every anomaly, sorted: one per event that does not fit, one per case for the last kinds."""
        found = [*self.anomalies] + ["void_unknown"] * self.void_unknown
        if self.phase == WAITING and self.odd_before_receipt:
            found.append("never_received")
        if self.unknown_unit:
            found.append("unknown_unit")
        if self.unknown_procedure:
            found.append("unknown_procedure")
        if self.beyond:
            found.append("beyond_calendar")
        return sorted(found)

    def standing(self) -> Standing | None:
        """What the case adds to the totals of its unit now; None for a case without events."""
        if self.is_empty:
            return None
        anomalies = len(self.anomalies)
        if self.unknown_unit or self.beyond or self.phase == WAITING or self.void_unknown:
            anomalies = len(self.all_anomalies())
        elif self.unknown_procedure:
            anomalies += 1
        running = self.phase == OPEN and not self.suspended_at
        late: int | None = None
        if self.column == _OVERDUE:
            # overdue by a second supplement alone has no working time past its due
            late = (self.due_mark if self.promise else NEVER) if running else self.late_us
        return Standing(
            self.unit or self.registering_unit,
            anomalies,
            self.column_unit,
            self.column,
            self.late_first_promise,
            self.calendar,
            running,
            self.base_mark if running else self.elapsed_us,
            late,
        )


_OVERDUE: Final = FLOW["overdue"]
