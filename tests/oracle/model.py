"""What goes into the fold and what comes out: events, rules, cases (domain.md §1, §2, §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from tests.oracle.worktime import HOUR, Calendar

Event = dict[str, Any]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RANK = words(
    "registered received declined assigned transferred consulted answered suspended resumed rescheduled "
    "completed withdrawn stopped delivered reopened amended rated voided"
)
TIMES = ("occurred_at", "recorded_at", "due_at", "step_due_at")
ATTRIBUTES = words(
    "priority applicant_kind fee_due digitised vneid reused_data paid_online bundle_id duplicate_of "
    "lookup_hash"
)
ENDS = ("completed", "withdrawn", "stopped", "declined", "delivered")
QUIET_WITHOUT_RECEIPT = ("registered", "assigned", "transferred", "declined", "withdrawn", "amended")


@dataclass(frozen=True)
class Profile:
    precision: str = "date"  # instant | date
    stopped: str = "pauses"  # ends | pauses
    second_supplement: str = "ignored"  # ignored | late
    no_due: str = "statutory"  # no_deadline | statutory


PROFILES = {
    "one_stop": Profile("date", "pauses", "ignored", "statutory"),
    "national_766": Profile("date", "ends", "late", "statutory"),
    "instant": Profile("instant", "ends", "ignored", "no_deadline"),
}


@dataclass(frozen=True)
class Allotted:
    """One version of a procedure's allotted time."""

    amount: int
    unit: str  # working_hour | working_day | calendar_day | month
    cutoff: time | None = None
    valid_from: date | None = None


@dataclass(frozen=True)
class Rules:
    calendar_of: Callable[[str | None], Calendar]
    profile: Profile = PROFILES["one_stop"]
    procedures: Mapping[str, Sequence[Allotted]] = field(
        default_factory=dict
    )  # code -> versions, none = no time
    known_units: frozenset[str] = frozenset()  # empty: no unit is unknown
    reception_hours: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (kind, priority) -> hours
    due_soon_hours: int = 8

    def reception_limit(self, kind: str | None, priority: str) -> int:
        usual = 4 if priority == "urgent" else 8
        return self.reception_hours.get((kind or "", priority), usual) * HOUR


@dataclass
class Consultation:
    request_id: str
    unit: str
    asked_by: str | None
    asked_at: int
    due_at: int | None
    answered_at: int | None = None
    overdue: bool = False  # unanswered, or answered too late


@dataclass
class Stay:
    unit: str
    step: str | None
    begin: int
    end: int
    working_us: int  # less suspensions


@dataclass
class Wait:
    """A suspension for another agency that is named."""

    holder: str | None
    waiting_on: str
    begin: int
    end: int | None
    working_us: int


@dataclass
class Flow:
    unit: str
    at: int
    column: str
    n: int = 1


@dataclass
class Case:
    case_id: str
    now: int
    kind: str | None = None
    channel: str | None = None
    procedure_code: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    status: str = "registered"
    column: str | None = None  # in_time | due_soon | overdue | suspended | no_deadline while open
    registering_unit: str | None = None
    receiving_unit: str | None = None
    unit_id: str | None = None  # the holder
    step: str | None = None
    registered_at: int | None = None
    reception_due_at: int | None = None
    reception_late: bool = False
    awaiting: bool = False
    awaiting_overdue: bool = False
    received_at: int | None = None
    first_due_at: int | None = None
    legal_due_at: int | None = None
    due_at: int | None = None
    effective_due_at: int | None = None
    ended_at: int | None = None
    timeliness: str | None = None
    first_ended_at: int | None = None
    first_timeliness: str | None = None
    overdue: bool = False
    late_first_promise: bool = False
    elapsed_us: int = 0
    suspended_us: int = 0
    reopened_gap_us: int = 0
    late_us: int = 0
    reopened: int = 0
    supplements: int = 0  # suspensions in which a supplement was asked
    anomalies: list[str] = field(default_factory=list)  # sorted, one entry per finding
    flows: list[Flow] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)  # those that are over
    handovers: list[tuple[str, str, int]] = field(default_factory=list)  # from, to, when
    returned: int = 0  # hand-overs to a unit that had held the case before
    inherited_overdue: list[tuple[str, int]] = field(default_factory=list)  # units that got it overdue, when
    consultations: list[Consultation] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    ratings: list[tuple[int, bool | None, str | None]] = field(default_factory=list)  # score, solved, aspect
