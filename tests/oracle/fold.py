"""The state of a case at a moment, the slow way: take all events, sort them, go through them (domain.md §3, §5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from tests.oracle.worktime import EPOCH, HOUR, BeyondCalendar, Calendar, allotted_due

Event = dict[str, Any]

RANK = (
    "registered received declined assigned transferred consulted answered suspended resumed rescheduled "
    "completed withdrawn stopped delivered reopened amended rated voided"
).split()
TIMES = ("occurred_at", "recorded_at", "due_at", "step_due_at")
ATTRIBUTES = (
    "priority applicant_kind fee_due digitised vneid reused_data paid_online bundle_id duplicate_of lookup_hash"
).split()
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
    procedures: Mapping[str, Sequence[Allotted]] = field(default_factory=dict)  # code -> versions, none = no time
    known_units: frozenset[str] = frozenset()  # empty: no unit is unknown
    reception_hours: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (kind, priority) -> hours
    due_soon_hours: int = 8

    def reception_limit(self, kind: str | None, priority: str) -> int:
        usual = 4 if priority == "urgent" else 8
        return self.reception_hours.get((kind or "", priority), usual) * HOUR


@dataclass
class Promise:
    """A due moment that moves with the clock, and the effective due that lateness is judged by."""

    due: int
    effective: int
    given_at: int
    held_late: bool = False  # was late when its clock was last stopped: goes on being late, whatever the sums say

    def passed(self, moment: int) -> bool:
        return self.held_late or moment > self.effective


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


def canonical(event: Event) -> bytes:
    """One spelling for one content: sorted keys, no spaces, times as RFC 3339 with six digits and Z."""
    content = {key: value for key, value in event.items() if value is not None}
    for key in TIMES:
        if key in content:
            moment = EPOCH + timedelta(microseconds=content[key])
            content[key] = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def canonical_without_recorded_at(event: Event) -> bytes:
    return canonical({key: value for key, value in event.items() if key != "recorded_at"})


def sort_key(event: Event) -> tuple[int, int, str]:
    return event["occurred_at"], RANK.index(event["type"]), event["event_id"]


def distinct(events: Iterable[Event]) -> tuple[list[Event], set[str]]:
    """One content per event_id, in sort order; and the ids that came with several contents."""
    contents: dict[str, list[Event]] = {}
    for event in events:
        contents.setdefault(event["event_id"], []).append(event)
    chosen = []
    conflicting = set()
    for event_id, versions in contents.items():
        chosen.append(min(versions, key=lambda e: (canonical_without_recorded_at(e), canonical(e))))
        if len({canonical_without_recorded_at(e) for e in versions}) > 1:
            conflicting.add(event_id)
    return sorted(chosen, key=sort_key), conflicting


def without_voided(events: list[Event]) -> tuple[list[Event], set[str], int]:
    """The events that remain, the ids that were voided, and how many voids had no target."""
    ids = {event["event_id"] for event in events}
    voided: set[str] = set()
    unknown = 0
    for event in reversed(events):
        if event["type"] != "voided" or event["event_id"] in voided:
            continue
        if event["voids"] in ids:
            voided.add(event["voids"])
        else:
            unknown += 1
    rest = [event for event in events if event["type"] != "voided" and event["event_id"] not in voided]
    return rest, voided, unknown


def fold(events: Iterable[Event], now: int, rules: Rules, at: int | None = None) -> Case | None:
    """The case as it stands at `now`.

    With `at` < now: how it stood at that moment, as we know it now (late events, voids and amendments included).
    """
    known, conflicting = distinct(event for event in events if event["occurred_at"] <= now)
    rest, voided, voids_unknown = without_voided(known)
    at = now if at is None else at
    applied = [event for event in rest if event["occurred_at"] <= at]
    if not applied and not (at == now and voids_unknown):
        return None
    walk = Walk(known[0]["case_id"], rest, at, rules)
    walk.anomalies += ["conflicting_id"] * len(conflicting - voided)
    walk.anomalies += ["void_unknown"] * voids_unknown
    for event in applied:
        walk.apply(event)
    return walk.close(applied)


class Walk:
    """Goes through the events of one case in sort order. A case is in one of three phases:

    before the receipt (received_at is None), open (received, ended_at is None), ended.
    """

    def __init__(self, case_id: str, events: list[Event], now: int, rules: Rules) -> None:
        self.now, self.rules, self.profile = now, rules, rules.profile
        self.case = Case(case_id, now)
        self.anomalies = self.case.anomalies
        self.promise: Promise | None = None  # the current one
        self.first: Promise | None = None  # the first one, moved by suspensions and gaps only
        self.pending: Event | None = None  # an end before the receipt
        self.pending_delivered = False
        self.reception_answered_at: int | None = None
        self.suspended_at: int | None = None
        self.supplement_in_this_suspension = False
        self.suspensions: list[tuple[int, int]] = []  # those that are over
        self.stay_from = 0
        self.beyond = False
        self.units_seen: set[str] = set()
        self.look_ahead(events)

    # What counts for the whole case from its beginning.

    def look_ahead(self, events: list[Event]) -> None:
        case = self.case
        received = next((e for e in events if e["type"] == "received"), None)
        registered = next((e for e in events if e["type"] == "registered"), None)
        if registered and received and sort_key(registered) > sort_key(received):
            registered = None
        for event in events:
            if event is registered or event is received or event["type"] == "amended":
                case.kind = event.get("kind", case.kind)
                case.channel = event.get("channel", case.channel)
                case.procedure_code = event.get("procedure_code", case.procedure_code)
                case.attributes |= {key: event[key] for key in ATTRIBUTES if event.get(key) is not None}
        home = received or registered
        self.calendar = self.rules.calendar_of(home["unit_id"] if home else None)

    # Working time that ends where the calendar does.

    def working(self, a: int, b: int) -> int:
        try:
            return self.calendar.working(a, b)
        except BeyondCalendar:
            self.beyond = True
            end = self.horizon_end()
            return self.calendar.working(min(a, end), end)

    def horizon_end(self) -> int:
        assert self.calendar.horizon is not None
        return self.calendar.day_start(self.calendar.horizon + timedelta(days=1))

    def reached(self, find: Callable[[], int]) -> int | None:
        """A moment that working time leads to, None beyond the calendar."""
        try:
            return find()
        except BeyondCalendar:
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

    def move(self, promise: Promise | None, stopped_at: int, runs_again_at: int, late: bool) -> None:
        """The clock stood still: the due moment moves by the working time since then, or since it was given."""
        if promise is None:
            return
        promise.held_late = late
        try:
            moved_by = self.calendar.working(max(stopped_at, promise.given_at), runs_again_at)
            due = self.calendar.advance(promise.due, moved_by)
            effective = self.calendar.advance(promise.effective, moved_by) if late else self.effective(due)
        except BeyondCalendar:
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

    # One event.

    def apply(self, event: Event) -> None:
        case = self.case
        kind = event["type"]
        if kind == "stopped" and self.profile.stopped == "pauses":
            kind = "suspended"
        if kind == "amended":
            return
        if kind in ("consulted", "answered", "rated"):
            getattr(self, kind)(event)
        elif case.received_at is None:
            self.before_receipt(kind, event)
        elif case.ended_at is None:
            self.while_open(kind, event)
        else:
            self.after_end(kind, event)

    def before_receipt(self, kind: str, event: Event) -> None:
        case = self.case
        if kind == "registered":
            self.registered(event)
        elif kind == "received":
            self.received(event)
        elif kind == "assigned":
            case.step = event.get("step", case.step)
        elif kind == "transferred":
            case.unit_id, case.step = event["unit_id"], event.get("step")
            self.units_seen.add(event["unit_id"])
        elif kind not in ENDS:
            self.anomalies.append("before_received")
        elif self.pending is not None:
            if kind != "delivered":
                self.anomalies.append("after_end")
            elif self.pending["type"] == "completed":
                self.pending_delivered = True
        elif kind in ("declined", "withdrawn"):
            case.status = kind
            if kind == "declined":
                self.reception_cured_by(event)
            if self.reception_answered_at is None:
                self.reception_answered_at = event["occurred_at"]
        else:
            self.pending = event

    def while_open(self, kind: str, event: Event) -> None:
        if kind == "registered":
            self.anomalies.append("registered_after_received")
        elif kind == "received":
            self.anomalies.append("received_twice")
        elif kind in ENDS:
            self.cured_by(event, new_due=None)
            self.end(kind, event["occurred_at"], event["occurred_at"])
        else:
            getattr(self, kind)(event)

    def after_end(self, kind: str, event: Event) -> None:
        case = self.case
        if kind == "delivered":
            if case.status == "completed":
                case.status = "delivered"
        elif kind == "reopened":
            self.reopened_after_end(event)
        elif kind not in ("assigned", "transferred"):
            self.anomalies.append("after_end")

    # Reception.

    def registered(self, event: Event) -> None:
        case = self.case
        if case.registered_at is not None:
            self.anomalies.append("registered_twice")
            return
        case.registered_at, case.registering_unit = event["occurred_at"], event["unit_id"]
        case.unit_id = case.unit_id or event["unit_id"]
        self.units_seen.add(event["unit_id"])
        limit = self.rules.reception_limit(case.kind, case.attributes.get("priority", "normal"))
        case.reception_due_at = self.reached(lambda: self.calendar.advance(event["occurred_at"], limit))

    def received(self, event: Event) -> None:
        case = self.case
        at = event["occurred_at"]
        self.reception_cured_by(event)
        if self.reception_answered_at is None:
            self.reception_answered_at = at
        case.received_at, case.status = at, "processing"
        case.receiving_unit = case.unit_id = event["unit_id"]
        case.step, self.stay_from = None, at
        self.units_seen.add(event["unit_id"])
        case.flows.append(Flow(event["unit_id"], at, "received"))
        allotted = self.allotted(at)
        if allotted is not None:
            legal = allotted  # for the closure
            case.legal_due_at = self.reached(
                lambda: allotted_due(self.calendar, at, legal.amount, legal.unit, legal.cutoff)
            )
        if event.get("due_at") is not None:
            self.promise_made(event["due_at"], at)
        elif self.profile.no_due == "statutory" and case.legal_due_at is not None:
            self.promise_made(case.legal_due_at, at)
        if self.pending is not None:
            self.anomalies.append("ended_before_received")
            self.end(self.pending["type"], self.pending["occurred_at"], at)
            if self.pending_delivered:
                case.status = "delivered"

    def allotted(self, received_at: int) -> Allotted | None:
        """The version of the procedure in force on the day of the receipt."""
        day = self.calendar.local_date(received_at)
        versions = self.rules.procedures.get(self.case.procedure_code or "", ())
        valid = [v for v in versions if v.valid_from is None or v.valid_from <= day]
        return max(valid, key=lambda v: v.valid_from or date.min, default=None)

    # Who has it.

    def assigned(self, event: Event) -> None:
        self.moves_to(self.case.unit_id, event.get("step", self.case.step), event["occurred_at"])

    def transferred(self, event: Event) -> None:
        case = self.case
        old, new, at = case.unit_id, event["unit_id"], event["occurred_at"]
        assert old is not None
        self.units_seen.add(new)
        if new != old:
            held_before = {case.receiving_unit} | {to for _, to, _ in case.handovers}
            case.returned += new in held_before
            case.handovers.append((old, new, at))
            case.flows += [Flow(old, at, "transferred_out"), Flow(new, at, "transferred_in")]
            if self.overdue(at):
                case.inherited_overdue.append((new, at))
        self.moves_to(new, event.get("step"), at)

    def moves_to(self, unit: str | None, step: str | None, at: int) -> None:
        case = self.case
        if (unit, step) != (case.unit_id, case.step):
            self.stay_ends(at)
            case.unit_id, case.step, self.stay_from = unit, step, at

    def stay_ends(self, at: int) -> None:
        assert self.case.unit_id is not None
        worked = self.working(self.stay_from, at)
        stops = [*self.suspensions, *([(self.suspended_at, at)] if self.suspended_at is not None else [])]
        for begin, end in stops:
            worked -= self.working(max(begin, self.stay_from), min(end, at))
        self.case.stays.append(Stay(self.case.unit_id, self.case.step, self.stay_from, at, worked))

    # The clock stands still, and runs again.

    def suspended(self, event: Event) -> None:
        case = self.case
        if self.suspended_at is not None:
            self.anomalies.append("suspended_twice")
        else:
            self.cured_by(event, new_due=None)
            self.suspended_at, self.supplement_in_this_suspension = event["occurred_at"], False
            case.status = "suspended"
            if event.get("waiting_on") is not None:
                self.units_seen.add(event["waiting_on"])
                if event["reason"] == "other_agency":
                    case.waits.append(Wait(case.unit_id, event["waiting_on"], event["occurred_at"], None, 0))
        if event.get("reason") == "supplement" and event["type"] == "suspended":
            case.supplements += not self.supplement_in_this_suspension
            self.supplement_in_this_suspension = True

    def suspension_ends(self, at: int, new_due: int | None) -> None:
        case = self.case
        assert self.suspended_at is not None
        began = self.suspended_at
        case.suspended_us += self.working(began, at)
        self.suspensions.append((began, at))
        if case.waits and case.waits[-1].end is None:
            case.waits[-1].end = at
        if self.first is not None:
            self.move(self.first, began, at, self.first.passed(began))
        if new_due is None and self.promise is not None:
            self.move(self.promise, began, at, self.promise.passed(began))
        self.suspended_at = None
        case.status = "processing"

    def resumed(self, event: Event) -> None:
        at, due = event["occurred_at"], event.get("due_at")
        if self.suspended_at is None:
            self.anomalies.append("resumed_while_running")
            self.cured_by(event, new_due=due)
        else:
            self.suspension_ends(at, due)
        if due is not None:
            self.promise_made(due, at)

    reopened = resumed  # while the case is open

    def rescheduled(self, event: Event) -> None:
        self.cured_by(event, new_due=event["due_at"])
        self.promise_made(event["due_at"], event["occurred_at"])

    # Ends, and what comes after.

    def end(self, kind: str, ended_at: int, at: int) -> None:
        """Ended by an event of this kind at ended_at; counted at `at` (later when it came before the receipt)."""
        case = self.case
        assert case.unit_id is not None
        self.stay_ends(at)
        if self.suspended_at is not None:
            self.suspension_ends(at, None)
        case.status, case.ended_at, case.timeliness = kind, ended_at, None
        column = kind
        if kind in ("completed", "delivered"):
            case.timeliness = self.judged(ended_at)
            case.late_first_promise = self.first is not None and self.first.passed(ended_at)
            column = f"completed_{case.timeliness}"
        if case.first_ended_at is None:
            case.first_ended_at, case.first_timeliness = ended_at, case.timeliness
        case.flows.append(Flow(case.unit_id, at, column))

    def judged(self, ended_at: int) -> str:
        if self.overdue(ended_at):
            return "late"
        if self.promise is None or self.profile.precision == "instant":
            return "on_time"
        early = self.calendar.local_date(ended_at) < self.calendar.local_date(self.promise.due)
        return "early" if early else "on_time"

    def reopened_after_end(self, event: Event) -> None:
        case = self.case
        at, due = event["occurred_at"], event.get("due_at")
        assert case.ended_at is not None
        assert case.received_at is not None
        assert case.unit_id is not None
        ended_at = case.ended_at
        began = max(ended_at, case.received_at)
        case.reopened_gap_us += self.working(began, at)
        if self.first is not None:
            self.move(self.first, began, at, self.first.passed(ended_at))
        if due is not None:
            self.promise_made(due, at)
        elif self.promise is not None:
            self.move(self.promise, began, at, self.promise.passed(ended_at))
        case.status, case.ended_at, case.timeliness, case.late_first_promise = "processing", None, None, False
        case.reopened += 1
        self.stay_from = at
        case.flows.append(Flow(case.unit_id, at, "reopened"))

    # Beside the clock.

    def consulted(self, event: Event) -> None:
        case = self.case
        if case.ended_at is not None:
            self.anomalies.append("after_end")
        elif any(c.request_id == event["request_id"] for c in case.consultations):
            self.anomalies.append("consulted_twice")
        else:
            self.units_seen.add(event["unit_id"])
            asked = (event["request_id"], event["unit_id"], case.unit_id, event["occurred_at"])
            case.consultations.append(Consultation(*asked, event.get("due_at")))

    def answered(self, event: Event) -> None:
        for asked in self.case.consultations:
            if asked.request_id == event["request_id"] and asked.answered_at is None:
                asked.answered_at = event["occurred_at"]
                self.backdated(event, asked.due_at)
                return
        self.anomalies.append("answered_without_consultation")

    def rated(self, event: Event) -> None:
        self.case.ratings.append((event["score"], event.get("solved"), event.get("aspect")))

    # Entries made after a due moment that they cure.

    def backdated(self, event: Event, due: int | None) -> None:
        recorded_at = event.get("recorded_at")
        if due is not None and recorded_at is not None and event["occurred_at"] <= due < recorded_at:
            self.anomalies.append("backdated")

    def cured_by(self, event: Event, new_due: int | None) -> None:
        """An end, a suspension, or a later promise for a case that runs."""
        if self.promise is None or self.suspended_at is not None or self.promise.passed(event["occurred_at"]):
            return
        if event["type"] in ("resumed", "reopened", "rescheduled") and (
            new_due is None or new_due <= self.promise.due
        ):
            return
        self.backdated(event, self.promise.effective)

    def reception_cured_by(self, event: Event) -> None:
        if self.reception_answered_at is None:
            self.backdated(event, self.case.reception_due_at)

    # The case as it stands.

    def close(self, applied: list[Event]) -> Case:
        case = self.case
        self.close_reception()
        if case.received_at is not None:
            self.close_clock(case.received_at)
        for consultation in case.consultations:
            if consultation.due_at is not None:
                consultation.overdue = (consultation.answered_at or self.now) > consultation.due_at
        for wait in case.waits:
            wait.working_us = self.working(wait.begin, self.now if wait.end is None else wait.end)
        if self.promise is not None:
            case.due_at, case.effective_due_at = self.promise.due, self.promise.effective
        self.close_anomalies(applied)
        return case

    def close_reception(self) -> None:
        case = self.case
        case.awaiting = case.registered_at is not None and case.status == "registered"
        if case.reception_due_at is not None:
            answered_at = self.now if self.reception_answered_at is None else self.reception_answered_at
            case.reception_late = answered_at > case.reception_due_at
        case.awaiting_overdue = case.awaiting and case.reception_late

    def close_clock(self, received_at: int) -> None:
        case = self.case
        until = self.now if case.ended_at is None else case.ended_at
        if self.suspended_at is not None:
            case.suspended_us += self.working(self.suspended_at, self.now)
        case.elapsed_us = self.working(received_at, until) - case.suspended_us - case.reopened_gap_us
        if self.promise is not None and case.status in ("processing", "suspended", "completed", "delivered"):
            judged_at = until if self.suspended_at is None else self.suspended_at
            case.late_us = self.working(self.promise.effective, judged_at)
        if case.ended_at is None:
            case.column = self.stock_column()
            case.overdue = case.column == "overdue"

    def stock_column(self) -> str:
        if self.overdue(self.now):
            return "overdue"
        if self.suspended_at is not None:
            return "suspended"
        if self.promise is None:
            return "no_deadline"
        return "due_soon" if self.due_soon(self.promise.effective) else "in_time"

    def due_soon(self, due: int) -> bool:
        try:
            return self.calendar.working(self.now, due) <= self.rules.due_soon_hours * HOUR
        except BeyondCalendar:
            return False  # too far away to be seen from here

    def close_anomalies(self, applied: list[Event]) -> None:
        case, rules = self.case, self.rules
        if case.received_at is None and any(e["type"] not in QUIET_WITHOUT_RECEIPT for e in applied):
            self.anomalies.append("never_received")
        if rules.known_units and not self.units_seen <= rules.known_units:
            self.anomalies.append("unknown_unit")
        if rules.procedures and case.procedure_code is not None and case.procedure_code not in rules.procedures:
            self.anomalies.append("unknown_procedure")
        if self.beyond:
            self.anomalies.append("beyond_calendar")
        self.anomalies.sort()
