"""A case with what its summaries need and the fold's oracle does not keep: who was named as the cause, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.events import distinct, without_voided
from tests.oracle.fold import Walk
from tests.oracle.model import Case, Event, Rules
from tests.oracle.numbers import by_case
from tests.oracle.worktime import HOUR

WORKING_DAY = 8 * HOUR
LIMITS = {"supplement": 30, "payment": 30, "other_agency": 15, "other": 15}  # working days


@dataclass
class Told:
    """A case with what the fold's oracle does not keep."""

    case: Case
    rules: Rules
    last_event_at: int
    cause: str
    outcome: str
    suspended_reason: str
    suspended_at: int | None
    broken: list[tuple[str | None, int]]  # completions after the first promise: unit, when

    def value(self, dimension: str) -> str:
        case = self.case
        values = {"procedure": case.procedure_code, "channel": case.channel, "kind": case.kind}
        return (values | {"": "", "cause": self.cause, "step": case.step})[dimension] or ""

    def happened_in(self, period: str, moment: int) -> bool:
        """By the local days of the case's calendar."""
        calendar = self.rules.calendar_of(self.case.receiving_unit or self.case.registering_unit)
        first = first_day(period, calendar.local_date(self.case.now))
        return first is None or calendar.local_date(moment) >= first

    @property
    def end_counts_at(self) -> int:
        """An end before the receipt counts at the receipt."""
        assert self.case.ended_at is not None
        assert self.case.received_at is not None
        return max(self.case.ended_at, self.case.received_at)

    @property
    def too_long(self) -> bool:
        if self.case.status != "suspended" or self.suspended_at is None:
            return False
        calendar = self.rules.calendar_of(self.case.receiving_unit)
        return self.standing_still(calendar.horizon) > LIMITS[self.suspended_reason] * WORKING_DAY

    def standing_still(self, horizon: date | None) -> int:
        """Working time since the suspension that holds, as far as the calendar knows it."""
        calendar = self.rules.calendar_of(self.case.receiving_unit)
        assert self.suspended_at is not None
        end = self.case.now
        if horizon is not None:
            end = min(end, calendar.day_start(horizon + timedelta(days=1)))
        return calendar.working(min(self.suspended_at, end), end)

    @property
    def waits_for(self) -> str | None:
        """The other unit for which an open case stands still."""
        waits = self.case.waits
        if self.case.status != "suspended" or self.suspended_reason != "other_agency" or not waits:
            return None
        return waits[-1].waiting_on if waits[-1].end is None else None

    @property
    def inherited_from(self) -> str | None:
        """Who handed over what was overdue then and is overdue now."""
        case = self.case
        if not case.overdue or not case.handovers:
            return None
        old, new, at = case.handovers[-1]
        return old if (new, at) in case.inherited_overdue else None

    def moves(self) -> Iterator[tuple[str, str, int, bool]]:
        """Hand-overs: from, to, when, whether to a unit that had held the case before."""
        held = {self.case.receiving_unit}
        for old, new, at in self.case.handovers:
            yield old, new, at, new in held
            held.add(new)


def first_day(period: str, today: date) -> date | None:
    return {
        "today": today,
        "7d": today - timedelta(days=6),
        "30d": today - timedelta(days=29),
        "month": date(today.year, today.month, 1),
        "quarter": date(today.year, {1: 1, 2: 4, 3: 7, 4: 10}[(today.month + 2) // 3], 1),
        "year": date(today.year, 1, 1),
        "all": None,
    }[period]


class Remembering(Walk):
    """Keeps who was named as the cause, and how it ended, beside the clock."""

    cause = outcome = reason = ""
    broken: Sequence[tuple[str | None, int]] = ()

    def apply(self, event: Event) -> None:
        case = self.case
        was_ended, was_still, was_pending = case.ended_at, self.suspended_at, self.pending
        was_open = case.received_at is not None and case.ended_at is None
        super().apply(event)
        if case.ended_at is not None and was_ended is None:
            end = was_pending or event
            self.cause, self.outcome = end.get("cause", self.cause), end.get("outcome", "")
            if case.late_first_promise:
                self.broken = [*self.broken, (case.unit_id, event["occurred_at"])]
        elif case.ended_at is None and was_ended is not None:
            self.outcome = ""
        if self.suspended_at is not None and was_still is None:
            self.reason = event.get("reason", "other")
            self.cause = event.get("cause", self.cause)
        elif event["type"] == "rescheduled" and was_open:
            self.cause = event.get("cause", self.cause)


def tell(history: Iterable[Event], now: int, rules: Rules) -> Told | None:
    known, conflicting = distinct(event for event in history if event["occurred_at"] <= now)
    rest, voided, unknown = without_voided(known)
    if not rest and not unknown:
        return None
    walk = Remembering(known[0]["case_id"], rest, now, rules)
    walk.anomalies += ["conflicting_id"] * len(conflicting - voided) + ["void_unknown"] * unknown
    for event in rest:
        walk.apply(event)
    latest = max((event["occurred_at"] for event in rest), default=0)
    case = walk.close(rest)
    still = walk.suspended_at if case.status == "suspended" else None
    return Told(case, rules, latest, walk.cause, walk.outcome, walk.reason, still, [*walk.broken])


def tell_all(events: Iterable[Event], now: int, rules: Rules) -> list[Told]:
    told = (tell(history, now, rules) for _, history in sorted(by_case(events).items()))
    return [each for each in told if each is not None]
