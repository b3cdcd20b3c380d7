"""The state of one case: what its events say, as of the last moment at which something changed.

A ``Case`` lives only while it is hot; a cold case is its ledger (streams/ledger.py). All times are µs UTC,
all durations µs. Nothing in it runs with the clock: what does is kept as a mark of working time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(slots=True, eq=False, repr=False)
class Case:
    """One case. Only streams/fold.py changes it."""

    rules: Rules
    calendar: WorkingTime = field(init=False)
    phase: int = WAITING
    status: str = "registered"
    kind: str = ""
    channel: str = ""
    procedure_code: str = ""
    unit: str = ""
    receiving_unit: str = ""
    registering_unit: str = ""
    step: str = ""
    officer: str = ""
    registered_at: int = 0
    reception_due_at: int = 0
    reception_ended_at: int = 0
    received_at: int = 0
    ended_at: int = 0
    delivered_at: int = 0
    first_due_at: int = 0
    legal_due_at: int = 0
    first_ended_at: int = 0
    promise: Promise | None = None
    first_promise: Promise | None = None
    planned_for: int = -1
    pending_end: tuple[int, str, str, str] | None = None
    pending_delivered_at: int = 0
    suspended_at: int = 0
    suspended_mark: int = 0
    suspended_us: int = 0
    suspended_reason: str = ""
    waiting_on: str = ""
    supplement_asked: bool = False
    supplements: int = 0
    overdue_whatever_dates: bool = False
    gap_us: int = 0
    base_mark: int = 0
    due_mark: int = 0
    soon_at: int = NEVER
    elapsed_us: int = 0
    late_us: int = 0
    timeliness: str = ""
    first_timeliness: str = ""
    late_first_promise: bool = False
    inherited_overdue: bool = False
    outcome: str = ""
    cause: str = ""
    reopened: int = 0
    handovers: int = 0
    handovers_back: int = 0
    held_units: tuple[str, ...] = ()
    stay_since: int = 0
    stay_held_from: int = 0
    unknown_unit: bool = False
    unknown_procedure: bool = False
    beyond: bool = False
    odd_before_receipt: bool = False
    void_unknown: int = 0
    column: int = -1
    column_unit: str = ""
    clock: int = 0
    last_event_at: int = 0
    next_at: int = NEVER
    waiting_at: int = NEVER
    records: int = 0
    waiting_count: int = 0
    last_key: tuple[int, int, str] = (0, -1, "")
    counted: Standing | None = None
    counted_flows: int = 0
    counted_wake_at: int = NEVER
    attributes: dict[str, Any] = field(default_factory=dict)
    stays: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    consultations: dict[str, list[Any]] = field(default_factory=dict)
    ratings: list[tuple[int, bool | None, str]] = field(default_factory=list)
    anomalies: list[str] = field(default_factory=list)
    flows: list[tuple[str, int, int, int]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """The calendar is the default one until a unit names another."""
        self.calendar = self.rules.default_calendar

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

    def is_counted(self) -> None:
        """Totals and due index hold the case as it is now."""
        self.counted_flows = len(self.flows)
        self.counted = self.standing()
        self.counted_wake_at = self.wake_at

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
