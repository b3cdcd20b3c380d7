"""What one step did to a case, as facts: the difference between the case before it and after it.

A fact is a code and its parameters, data for whoever tells it (streams/explain_words.py has a sentence for each
code in both languages). What a parameter is shows in its name: ``at`` and ``..._at`` are moments (µs UTC),
``..._us`` durations in working time, ``day`` a local day (from 1970-01-01); the rest are codes and counts.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schemas.columns import FLOWS
from streams.allotted import allotted_steps
from streams.case import ENDED, OPEN, WAITING, Case, Promise
from streams.worktime import BeyondCalendar

Param = int | str
WAY = "way."
"""Begins the codes of streams/worktime_words.py; names of days stand in both languages, ``why`` and ``why_en``."""
MOST_DAYS = 20
"""Of the days off on a due date's way so many are named, the others counted."""


class Fact(NamedTuple):
    """A code of ``explain_words.SENTENCES``, and what its sentence says."""

    code: str
    params: Mapping[str, Param]


def fact(code: str, **params: Param) -> Fact:
    """Put a fact together."""
    return Fact(code, params)


class Before(NamedTuple):
    """A case before a step: a copy of its plain values, and those of what changes in place."""

    case: Case
    due: int
    first_due: int
    given_at: int
    anomalies: Counter[str]
    consultations: int
    answered: int
    ratings: int


def look(case: Case) -> Before:
    """Take down how a case stands now."""
    promise, first = case.promise, case.first_promise
    return Before(
        copy.copy(case),
        promise.due if promise else 0,
        first.due if first else 0,
        promise.given_at if promise else 0,
        Counter(case.all_anomalies()),
        len(case.consultations),
        sum(bool(entry[3]) for entry in case.consultations.values()),
        len(case.ratings),
    )


def changes(case: Case, before: Before, at: int, fields: Mapping[str, object]) -> Iterator[Fact]:
    """What an event at ``at`` with these fields did; nothing when it did nothing."""
    was = before.case
    if case.registered_at != was.registered_at:
        yield fact("registered", unit=case.registering_unit)
    if case.status != was.status:
        yield fact("status", status=case.status)
    yield from _reception(case, was)
    yield from _holder(case, was)
    yield from _clock(case, was)
    yield from _dues(case, before, at, explicit="due_at" in fields)
    yield from _end(case, was, at)
    if len(case.consultations) > before.consultations:
        yield fact("consulted", unit=str(fields.get("unit_id", "")))
    if sum(bool(entry[3]) for entry in case.consultations.values()) > before.answered:
        yield fact("answered")
    if len(case.ratings) > before.ratings:
        yield fact("rated")
    if case.column != was.column and case.column >= 0:
        yield fact("column", column=FLOWS[case.column])


def new_anomalies(case: Case, before: Before) -> list[Fact]:
    """What did not fit in a step."""
    found = Counter(case.all_anomalies()) - before.anomalies
    return [fact("anomaly", anomaly=kind) for kind in sorted(found.elements())]


def _reception(case: Case, was: Case) -> Iterator[Fact]:
    if case.reception_due_at and not was.reception_due_at:
        limit = case.rules.reception_limit_us(case.kind, case.attributes.get("priority"))
        yield fact("reception_limit", limit_us=limit, due_at=case.reception_due_at)
    if case.reception_ended_at and not was.reception_ended_at and case.reception_due_at:
        yield reception_judged(case)


def reception_judged(case: Case) -> Fact:
    """Whether the reception clock of a case, once it has stopped, stopped in time."""
    late = case.reception_ended_at > case.reception_due_at
    return fact("reception_late" if late else "reception_in_time", due_at=case.reception_due_at)


def _holder(case: Case, was: Case) -> Iterator[Fact]:
    if case.handovers > was.handovers:
        yield fact("handed_over", origin=was.unit, unit=case.unit)
        if case.inherited_overdue:
            yield fact("inherited_overdue")
    elif case.unit != was.unit:
        yield fact("unit", unit=case.unit)
    if case.step != was.step:
        yield fact("step", step=case.step) if case.step else fact("step_cleared")
    if case.officer != was.officer and case.officer:
        yield fact("officer", officer=case.officer)


def _clock(case: Case, was: Case) -> Iterator[Fact]:
    if case.suspended_at and not was.suspended_at:
        yield fact("stands", reason=case.suspended_reason)
        if case.waiting_on:
            yield fact("waiting_on", unit=case.waiting_on)
    if case.supplements > was.supplements:
        yield fact("supplement", n=case.supplements)
    if case.overdue_whatever_dates and not was.overdue_whatever_dates:
        yield fact("late_by_supplements")
    if was.suspended_at and not case.suspended_at:
        yield fact("stood", stood_us=case.suspended_us - was.suspended_us)
    if case.reopened > was.reopened:
        yield fact("gap", gap_us=case.gap_us - was.gap_us)


def _dues(case: Case, before: Before, at: int, *, explicit: bool) -> Iterator[Fact]:
    was, promise = before.case, case.promise
    received = case.received_at != was.received_at
    if received:
        yield from _legal(case)
    if promise is None:
        if received:
            yield fact("no_due_yet" if case.rules.statutory else "no_due_by_profile")
        return
    if promise is not was.promise:
        order = "first" if was.first_promise is None else "new"
        yield fact(f"{order}_{'explicit' if explicit else 'allotted'}", due_at=promise.due)
        yield in_time_until(case, promise)
    elif promise.due != before.due:
        yield from _moved(case, promise, before, at)
        yield in_time_until(case, promise)
    elif (was.suspended_at and not case.suspended_at) or case.reopened > was.reopened:
        yield fact("kept_beyond" if case.beyond else "not_moved", due_at=promise.due)
    first = case.first_promise
    if first is not None and first is not promise and before.first_due not in (0, first.due):
        yield fact("first_moved", from_at=before.first_due, to_at=first.due)


def _moved(case: Case, promise: Promise, before: Before, at: int) -> Iterator[Fact]:
    was, calendar = before.case, case.calendar
    by = calendar.mark_within(promise.due) - calendar.mark_within(before.due)
    yield fact("moved", from_at=before.due, to_at=promise.due, by_us=by)
    began = was.suspended_at or max(was.ended_at, was.received_at)
    if before.given_at > began:
        yield fact("moved_since", at=before.given_at)
    stood = range(calendar.local_day(began), calendar.local_day(at) + 1)
    way = range(calendar.local_day(before.due), calendar.local_day(promise.due) + 1)
    yield from _days_off(case, sorted({*stood, *way}))


def _days_off(case: Case, days: list[int]) -> Iterator[Fact]:
    """The holidays among these days: they moved nothing, and were passed over on the way."""
    calendar = case.calendar
    named = [
        fact(f"{WAY}day_off", day=day, why=why, why_en=calendar.why(day, "en") or why)
        for day in days
        if (why := calendar.why(day, "vi")) is not None and not calendar.is_working_day(day)
    ]
    yield from named[:MOST_DAYS]
    if len(named) > MOST_DAYS:
        yield fact("more_days_off", n=len(named) - MOST_DAYS)


def in_time_until(case: Case, promise: Promise) -> Fact:
    """The effective due of a promise of the case, and the rule that sets it (domain §5.3)."""
    calendar = case.calendar
    if promise.held_late:
        return fact("kept_late", effective_at=promise.effective)
    if case.rules.dates_only:
        day = calendar.local_day(promise.effective)
        return fact("until_day_end", day=day, effective_at=promise.effective)
    return fact("until_moment", effective_at=promise.effective)


def _legal(case: Case) -> Iterator[Fact]:
    """The way from the receipt to the legal due, and why there is none."""
    procedure = case.rules.procedure_in_force(case.procedure_code, case.calendar, case.received_at)
    if procedure is None:
        yield fact("no_procedure", procedure=case.procedure_code)
    elif procedure.allotted is None:
        yield fact("no_allotted", procedure=case.procedure_code)
    elif not case.legal_due_at:
        yield fact("legal_beyond", procedure=case.procedure_code)
    else:
        yield fact("legal", procedure=case.procedure_code, due_at=case.legal_due_at)
        asked = case.calendar, case.received_at, procedure.allotted, procedure.cutoff
        try:
            steps = zip(allotted_steps(*asked, "vi"), allotted_steps(*asked, "en"), strict=True)
        except BeyondCalendar:  # a day on the way to a due within the horizon does not lie beyond it
            return
        for (code, params), (_, english) in steps:
            both = {**params, "why_en": english["why"]} if "why" in params else params
            yield Fact(WAY + code, both)


def _end(case: Case, was: Case, at: int) -> Iterator[Fact]:
    if case.phase == WAITING:
        if case.pending_end is not None and was.pending_end is None:
            yield fact("end_waits")
        if case.pending_delivered_at != was.pending_delivered_at:
            yield fact("delivery_waits")
    if case.phase != ENDED or was.phase == ENDED:
        return
    if case.ended_at != at:
        yield fact("had_ended", ended_at=case.ended_at)
    yield fact("ended", elapsed_us=case.elapsed_us)
    yield from judged(case)


def judged(case: Case) -> Iterator[Fact]:
    """How an ended case is judged, and by what (domain §5.5)."""
    if not case.timeliness:
        yield fact("not_judged")
        return
    yield fact("judged", timeliness=case.timeliness)
    promise = case.promise
    if case.timeliness == "late" and not (promise is not None and promise.passed(case.ended_at)):
        yield fact("late_by_supplements")
    if promise is None:
        yield fact("no_deadline")


def by_time(case: Case, before: Before) -> Iterator[Fact]:
    """What time alone did in a step."""
    if case.column != before.case.column and case.column >= 0:
        name = FLOWS[case.column]
        promise = case.promise
        if name == "due_soon":
            yield fact("soon", soon_us=case.rules.due_soon_us)
        elif name == "overdue" and promise is not None and case.phase == OPEN:
            yield fact("passed", effective_at=promise.effective)
        elif name == "awaiting_overdue":
            yield fact("reception_passed", due_at=case.reception_due_at)
        yield fact("column", column=name)
