"""A case explains itself: what each event did, the ledger of its clock, each due date and why it landed there.

The events go through the very fold, one at a time; what a step did is the difference between the case before and
after it (streams/explain_facts.py). So an explanation cannot say something else than the numbers. All of it is
data; streams/explain_words.py tells it in Vietnamese and English.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.columns import FLOWS
from schemas.events import EVENT_TYPES, RANK
from streams.case import ENDED, OPEN, WAITING, Case
from streams.clock import tick
from streams.explain_facts import (
    Before,
    Fact,
    by_time,
    changes,
    fact,
    in_time_until,
    judged,
    look,
    new_anomalies,
    reception_judged,
)
from streams.fold import apply, begin, distinct
from streams.ledger import Record
from streams.rows import LAST_MOMENT
from streams.rules import Rules
from streams.worktime import WorkingTime

TIME = "time"
"""The type of a step in which no event but time alone did something."""

_VOIDED, _AMENDED, _DELIVERED = RANK["voided"], RANK["amended"], RANK["delivered"]
_WAY_BACK = (RANK["assigned"], RANK["transferred"])


class Step(NamedTuple):
    """One moment in the life of the case.

    ``type`` is an event's type, or ``TIME`` (then ``event_id`` is empty). ``fate`` of an event: ``applied``;
    ``no_effect``: it counts, but did nothing; ``voided``; ``voids``: another one; ``conflicting``: another content
    under its id was chosen; ``repeated``: the same, told twice; ``waiting``: for its time. Of time: ``applied``.
    """

    at: int
    type: str
    event_id: str
    fate: str
    facts: list[Fact]


class Span(NamedTuple):
    """A line of the ledger of the clock: ``runs``, ``suspended`` or ``gap`` (from an end to a reopening).

    ``began``, ``until``: µs UTC; ``working_us``: the working time between them.
    """

    kind: str
    began: int
    until: int
    working_us: int


class Explanation(NamedTuple):
    """Everything there is to say about a case as of ``now`` (µs UTC); times are meant in ``calendar.zone``.

    ``case``: the state that the numbers are made of; None: no event is left. ``steps`` in the order in which they
    count, ``result``: how the case stands.
    """

    case: Case | None
    calendar: WorkingTime
    now: int
    steps: list[Step]
    spans: list[Span]
    result: list[Fact]


def explain(records: Iterable[Record], rules: Rules, now: int) -> Explanation:
    """Explain the case of these distinct records, in any order, as of ``now`` (µs UTC)."""
    records = list(records)
    case, events, voided = begin(records, rules, now)
    told = [(_key(record), step) for record, step in _left_out(records, events, voided, now)]
    spans: list[Span] = []
    since = 0
    for record in events:
        told += [((step.at, -1, ""), step) for step in _pass_time(case, record.at)]
        before = look(case)
        apply(case, record.at, record.rank, record.event_id, record.fields)
        told.append((_key(record), _step(case, before, record)))
        since = _span(spans, case, before.case, since, record.at)
    told += [((step.at, -1, ""), step) for step in _pass_time(case, now)]
    if case.phase == OPEN:
        spans.append(_stretch(case, "suspended" if case.suspended_at else "runs", since, now))
    told.sort(key=lambda each: each[0])
    steps = [step for _, step in told]
    if case.is_empty:
        return Explanation(None, case.calendar, now, steps, [], [fact("no_event_left")])
    return Explanation(case, case.calendar, now, steps, spans, list(_result(case, now)))


def _key(record: Record) -> tuple[int, int, str]:
    return record.at, record.rank, record.event_id


def _left_out(
    records: Sequence[Record], events: Sequence[Record], voided: set[str], now: int
) -> Iterator[tuple[Record, Step]]:
    """The records that are not applied, and why."""
    applied = {id(record) for record in events}
    counted = {record.event_id: record for record in distinct(records, now)[0]}
    voids = [r for r in counted.values() if r.rank == _VOIDED and r.event_id not in voided]
    for record in records:
        if id(record) in applied:
            continue
        if record.at > now:
            fate, facts = "waiting", [fact("waits")]
        elif record is not counted[record.event_id]:
            same = record.content()[0] == counted[record.event_id].content()[0]
            fate, facts = ("repeated", [fact("repeated")]) if same else ("conflicting", _conflict(record))
        elif record.event_id in voided:
            by = [void.event_id for void in voids if void.fields["voids"] == record.event_id]
            fate, facts = "voided", [fact("was_voided", by=", ".join(by) or record.event_id)]
        else:
            target = record.fields["voids"]
            fate = "voids" if target in voided else "no_effect"
            facts = [fact("voids", target=target)] if target in voided else [_anomaly("void_unknown")]
        yield record, Step(record.at, EVENT_TYPES[record.rank], record.event_id, fate, facts)


def _conflict(record: Record) -> list[Fact]:
    return [fact("not_chosen", id=record.event_id), _anomaly("conflicting_id")]


def _anomaly(kind: str) -> Fact:
    return fact("anomaly", anomaly=kind)


def _pass_time(case: Case, until: int) -> Iterator[Step]:
    """What time alone does up to a moment, one moment at a time."""
    while case.next_at <= until:
        moment, before = case.next_at, look(case)
        tick(case, moment)
        facts = [*by_time(case, before), *new_anomalies(case, before)]
        if facts:
            yield Step(moment, TIME, "", "applied", facts)


def _step(case: Case, before: Before, record: Record) -> Step:
    """An event that was applied: what it did, or why it did nothing."""
    facts = list(changes(case, before, record.at, record.fields))
    if record.rank == _AMENDED:
        facts.append(fact("amended"))
    fate = "applied" if facts else "no_effect"
    facts += new_anomalies(case, before)
    if not facts:
        facts = [fact(_why_nothing(record.rank, before.case))]
    return Step(record.at, EVENT_TYPES[record.rank], record.event_id, fate, facts)


def _why_nothing(rank: int, was: Case) -> str:
    if was.phase == ENDED and rank in _WAY_BACK:
        return "way_back"
    if rank == _DELIVERED and (was.phase == ENDED or was.pending_end is not None):
        return "nothing_to_deliver"
    return "nothing_changed"


def _span(spans: list[Span], case: Case, was: Case, since: int, at: int) -> int:
    """Close the stretch that an event ended; returns where the present one began."""
    if (was.phase, bool(was.suspended_at)) == (case.phase, bool(case.suspended_at)):
        return since
    if was.phase != WAITING:
        kind = "gap" if was.phase == ENDED else "suspended" if was.suspended_at else "runs"
        spans.append(_stretch(case, kind, since, at))
    return at


def _stretch(case: Case, kind: str, began: int, until: int) -> Span:
    marks = case.calendar.mark_within(began), case.calendar.mark_within(until)
    return Span(kind, began, until, marks[1] - marks[0])


def _result(case: Case, now: int) -> Iterator[Fact]:
    """How the case stands at ``now``, in the numbers of cases.csv."""
    yield fact("status", status=case.status)
    if case.column >= 0:
        yield fact("column", column=FLOWS[case.column])
    if unit := case.unit or case.registering_unit:
        yield fact("unit", unit=unit)
    if case.phase == ENDED:
        yield fact("ended_at", ended_at=case.ended_at)
        yield from judged(case)
    elif case.overdue_whatever_dates:
        yield fact("late_by_supplements")
    if case.received_at:
        yield from _times(case, now)
        yield from _promises(case)
    if case.reception_due_at:
        waits = fact("reception_open", due_at=case.reception_due_at)
        yield reception_judged(case) if case.reception_ended_at else waits
    if case.wake_at < LAST_MOMENT:
        ends = case.wake_at > case.calendar.horizon_us  # nothing else is known to come
        yield fact("calendar_ends" if ends else "next_change", at=case.wake_at)
    for kind, n in sorted(Counter(case.all_anomalies()).items()):
        yield fact("anomaly_count", anomaly=kind, n=n)
    calendar, rules = case.calendar.spec, case.rules
    yield fact("rules", calendar=calendar.name, zone=calendar.zone, profile=rules.profile.name)


def _times(case: Case, now: int) -> Iterator[Fact]:
    mark = case.calendar.mark_within(now)
    elapsed, suspended, late = case.elapsed_us, case.suspended_us, case.late_us
    if case.suspended_at:
        suspended += mark - case.suspended_mark
    elif case.phase == OPEN:
        elapsed = mark - case.base_mark
        late = max(0, mark - case.due_mark) if case.judged_overdue(now) else 0
    yield fact("elapsed", elapsed_us=elapsed)
    yield fact("suspended", suspended_us=suspended)
    yield fact("reopened_gap", reopened_gap_us=case.gap_us)
    yield fact("late", late_us=late)


def _promises(case: Case) -> Iterator[Fact]:
    if case.promise is None:
        yield fact("no_deadline")
    else:
        yield fact("due", due_at=case.promise.due)
        yield in_time_until(case, case.promise)
    first = case.first_promise
    if first is not None:
        yield fact("first_promise", first_due_at=case.first_due_at)
        if first.due != case.first_due_at:
            yield fact("first_promise_now", at=first.due)
        if case.late_first_promise:
            yield fact("late_first_promise")
    if case.legal_due_at:
        yield fact("legal_due", legal_due_at=case.legal_due_at)
