"""The state of a case at a moment, the slow way: sort its events and go through them (domain.md §3, §5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.oracle.clock import Clock
from tests.oracle.events import distinct, sort_key, without_voided
from tests.oracle.model import (
    ATTRIBUTES,
    ENDS,
    QUIET_WITHOUT_RECEIPT,
    Allotted,
    Case,
    Consultation,
    Event,
    Flow,
    Rules,
    Stay,
    Wait,
)
from tests.oracle.worktime import allotted_due


def fold(events: Iterable[Event], now: int, rules: Rules, at: int | None = None) -> Case | None:
    """The case as it stands at `now`.

    With `at` < now: how it stood at that moment, as we know it now (with late events and voids).
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


class Walk(Clock):
    """Goes through the events of one case in sort order. A case is in one of three phases:

    before the receipt (received_at is None), open (received, ended_at is None), ended.
    """

    def __init__(self, case_id: str, events: list[Event], now: int, rules: Rules) -> None:
        received = next((e for e in events if e["type"] == "received"), None)
        registered = next((e for e in events if e["type"] == "registered"), None)
        if registered and received and sort_key(registered) > sort_key(received):
            registered = None
        home = received or registered
        super().__init__(Case(case_id, now), rules.calendar_of(home["unit_id"] if home else None), rules)
        self.pending: Event | None = None  # an end before the receipt
        self.pending_delivered = False
        self.reception_answered_at: int | None = None
        self.supplement_in_this_suspension = False
        self.stay_from = 0
        self.units_seen: set[str] = set()
        for event in events:
            if event is registered or event is received or event["type"] == "amended":
                self.takes_fields_of(event)

    def takes_fields_of(self, event: Event) -> None:
        """What counts for the whole case from its beginning: the last value of each field."""
        case = self.case
        case.kind = event.get("kind", case.kind)
        case.channel = event.get("channel", case.channel)
        case.procedure_code = event.get("procedure_code", case.procedure_code)
        case.attributes |= {key: event[key] for key in ATTRIBUTES if key in event}

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
        else:
            self.end_before_receipt(kind, event)

    def end_before_receipt(self, kind: str, event: Event) -> None:
        if self.pending is not None:
            if kind != "delivered":
                self.anomalies.append("after_end")
            elif self.pending["type"] == "completed":
                self.pending_delivered = True
        elif kind in ("declined", "withdrawn"):
            self.case.status = kind
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
        self.beyond |= self.is_past_horizon(at)  # its clock would run where no working time is known
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
        """Ended by an event of this kind; counted at `at`, which is later for an end before the receipt."""
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
            self.move(self.first, began, at, late=self.first.passed(ended_at))
        if due is not None:
            self.promise_made(due, at)
        elif self.promise is not None:
            self.move(self.promise, began, at, late=self.promise.passed(ended_at))
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

    def close_anomalies(self, applied: list[Event]) -> None:
        case, rules = self.case, self.rules
        if case.received_at is None and any(e["type"] not in QUIET_WITHOUT_RECEIPT for e in applied):
            self.anomalies.append("never_received")
        if rules.known_units and not self.units_seen <= rules.known_units:
            self.anomalies.append("unknown_unit")
        if (
            rules.procedures
            and case.procedure_code is not None
            and case.procedure_code not in rules.procedures
        ):
            self.anomalies.append("unknown_procedure")
        if self.beyond:
            self.anomalies.append("beyond_calendar")
        self.anomalies.sort()
