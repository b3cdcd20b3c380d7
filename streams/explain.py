"""A case explains itself: what each event did, the ledger of its clock, each due date and why it landed there.

The events go through the very fold, one at a time; what a step did is the difference between the case before and
after it. So an explanation cannot say something else than the numbers. Sentences come in Vietnamese and English.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from schemas.anomalies import SENTENCES, Anomaly
from schemas.events import EVENT_TYPES
from schemas.vocabulary import TITLES
from streams.allotted import explain_allotted
from streams.case import ENDED, OPEN, WAITING, Case
from streams.clock import tick
from streams.fold import apply, begin
from streams.ledger import Record
from streams.rows import LAST_MOMENT
from streams.rules import Rules
from streams.words import Words
from streams.worktime import BeyondCalendar


class Sentence(NamedTuple):
    """One sentence in both languages."""

    vi: str
    en: str


class Step(NamedTuple):
    """One moment in the life of the case.

    ``event_id`` is None where time alone did something; ``sentences`` say what happened, none: nothing changed.
    """

    at: int
    what: Sentence
    event_id: str | None
    sentences: list[Sentence]


class Span(NamedTuple):
    """A stretch of the case's life: ``runs``, ``suspended`` or ``ended`` (a gap before a reopening), in µs."""

    kind: str
    began: int
    until: int
    working_us: int


class Explanation(NamedTuple):
    """Everything there is to say. ``case`` is the state the numbers are made of; None: no event is left."""

    case: Case | None
    now: int
    steps: list[Step]
    spans: list[Span]
    result: list[Sentence]


class _Seen(NamedTuple):
    """What of a case is compared before and after a step."""

    status: str
    unit: str
    step: str
    officer: str
    due: int
    effective: int
    promise: int
    held_late: bool
    first_due: int
    legal: int
    reception_due: int
    reception_ended: int
    suspended_at: int
    phase: int
    column: int
    consultations: int
    answered: int
    ratings: int
    anomalies: tuple[str, ...]


def explain(records: Iterable[Record], rules: Rules, now: int) -> Explanation:
    """Explain the case of these distinct records as of ``now`` (µs UTC)."""
    records = sorted(records, key=lambda r: (r.at, r.rank, r.event_id))
    case, events, voided = begin(records, rules, now)
    words = Words(case.calendar)
    steps = [step for record in records if (step := _left_out(record, events, voided, now))]
    spans: list[Span] = []
    spanned = 0
    for record in events:
        _pass_time(case, record.at, steps, words)
        before = _see(case)
        apply(case, record.at, record.rank, record.event_id, record.fields)
        spanned = _span(spans, case, before, spanned, record.at)
        steps.append(Step(record.at, _title(record.rank), record.event_id, _differences(case, before, words)))
    _pass_time(case, now, steps, words)
    if case.phase == OPEN:
        kind = "suspended" if case.suspended_at else "runs"
        spans.append(
            Span(kind, spanned, now, case.calendar.mark_within(now) - case.calendar.mark_within(spanned))
        )
    steps.sort(key=lambda step: step.at)
    if case.is_empty:
        nothing = Sentence(
            "Không còn sự kiện nào: hồ sơ không có dòng nào.", "No event is left: the case has no row."
        )
        return Explanation(None, now, steps, [], [nothing])
    return Explanation(case, now, steps, spans, _result(case, now, words))


def _title(rank: int) -> Sentence:
    name = EVENT_TYPES[rank]
    vi, en = TITLES[name]
    return Sentence(f"{vi} ({name})", f"{en} ({name})")


def _left_out(record: Record, events: list[Record], voided: set[str], now: int) -> Step | None:
    """A record that takes no effect, and why; None for one that does."""
    if any(record is event for event in events):
        return None
    if record.at > now:
        why = Sentence("chờ đến lúc có hiệu lực", "waits until its time has come")
    elif record.event_id in voided:
        why = Sentence("đã bị hủy bởi một sự kiện khác", "was voided by another event")
    elif EVENT_TYPES[record.rank] == "voided":
        target = record.fields["voids"]
        why = Sentence(f"hủy sự kiện {target}", f"voids the event {target}")
    else:
        why = Sentence(
            "cùng mã với một nội dung khác được chọn", "another content under the same id was chosen"
        )
    return Step(record.at, _title(record.rank), record.event_id, [why])


def _pass_time(case: Case, until: int, steps: list[Step], words: Words) -> None:
    """What time alone did before a moment."""
    while case.next_at <= until:
        moment, before = case.next_at, _see(case)
        tick(case, moment)
        if case.column != before.column:
            told = words.column(case.column)
            steps.append(Step(moment, Sentence("Đến thời điểm", "The moment came"), None, [Sentence(*told)]))


def _see(case: Case) -> _Seen:
    promise = case.promise
    return _Seen(
        case.status,
        case.unit,
        case.step,
        case.officer,
        promise.due if promise else 0,
        promise.effective if promise else 0,
        id(promise),
        promise.held_late if promise else False,
        case.first_due_at,
        case.legal_due_at,
        case.reception_due_at,
        case.reception_ended_at,
        case.suspended_at,
        case.phase,
        case.column,
        len(case.consultations),
        sum(bool(entry[3]) for entry in case.consultations.values()),
        len(case.ratings),
        tuple(case.all_anomalies()),
    )


def _span(spans: list[Span], case: Case, before: _Seen, began: int, at: int) -> int:
    """Close the stretch that an event ended; returns where the present one began."""
    if (before.phase, bool(before.suspended_at)) == (case.phase, bool(case.suspended_at)):
        return began
    if before.phase != WAITING:
        kind = "ended" if before.phase == ENDED else "suspended" if before.suspended_at else "runs"
        spans.append(Span(kind, began, at, case.calendar.mark_within(at) - case.calendar.mark_within(began)))
    return at


def _differences(case: Case, before: _Seen, words: Words) -> list[Sentence]:
    after = _see(case)
    told: list[tuple[str, str]] = []
    if after.status != before.status:
        told.append(words.status(after.status))
    if after.reception_due and not before.reception_due:
        told.append(words.reception_due(after.reception_due))
    if after.reception_ended and not before.reception_ended and after.reception_due:
        told.append(words.reception_ended(after.reception_ended, after.reception_due))
    if after.unit != before.unit:
        told.append(words.unit(after.unit))
    if after.step != before.step and after.step:
        told.append(words.step(after.step))
    if after.officer != before.officer and after.officer:
        told.append(words.officer(after.officer))
    if after.legal and not before.legal:
        told += _legal(case, words)
    if after.due and (after.due, after.promise) != (before.due, before.promise):
        told += _due(case, before, after, words)
    if case.phase == ENDED and before.phase != ENDED:
        told.append(words.ended(case))
    told += words.beside(
        after.consultations - before.consultations,
        after.answered - before.answered,
        after.ratings - before.ratings,
    )
    for kind in (Counter(after.anomalies) - Counter(before.anomalies)).elements():
        vi, en = SENTENCES[Anomaly(kind)]
        told.append((f"Bất thường {kind}: {vi}", f"Anomaly {kind}: {en}"))
    return [Sentence(vi, en) for vi, en in told]


def _legal(case: Case, words: Words) -> list[tuple[str, str]]:
    """The allotted time from the receipt, step by step."""
    procedure = case.rules.procedure_in_force(case.procedure_code, case.calendar, case.received_at)
    if procedure is None or procedure.allotted is None:
        return []
    rule, cutoff = procedure.allotted, procedure.cutoff
    try:
        vi = explain_allotted(case.calendar, case.received_at, rule, cutoff, "vi")
        en = explain_allotted(case.calendar, case.received_at, rule, cutoff, "en")
    except BeyondCalendar:  # then there is no legal due either
        return []
    return [words.legal_due(case.legal_due_at), *zip(vi, en, strict=True)]


def _due(case: Case, before: _Seen, after: _Seen, words: Words) -> list[tuple[str, str]]:
    """A due date changed: promised anew, or moved by time that stood still."""
    if after.promise != before.promise:
        told = [words.promised(after.due, first=not before.first_due)]
    else:
        told = [words.moved(before.due, after.due)]
    told.append(
        words.effective(after.due, after.effective, dates_only=case.rules.dates_only, late=after.held_late)
    )
    return told


def _result(case: Case, now: int, words: Words) -> list[Sentence]:
    """How the case stands now, in the numbers of cases.csv."""
    mark = case.calendar.mark_within(now)
    running = case.phase == OPEN and not case.suspended_at
    elapsed = mark - case.base_mark if running else case.elapsed_us
    suspended = case.suspended_us + (mark - case.suspended_mark if case.suspended_at else 0)
    late = case.late_us
    if running:
        late = max(0, mark - case.due_mark) if case.judged_overdue(now) else 0
    told = [words.status(case.status), words.column(case.column)]
    if case.received_at:
        told += words.times(elapsed, suspended, case.gap_us, late)
    if case.promise is not None:
        told.append(words.due_now(case.promise.due, case.promise.effective))
    if case.first_due_at:
        told.append(words.first_promise(case.first_due_at, late=case.late_first_promise))
    if case.wake_at < LAST_MOMENT:
        told.append(words.next_change(case.wake_at))
    for kind, n in sorted(Counter(case.all_anomalies()).items()):
        vi, en = SENTENCES[Anomaly(kind)]
        told.append((f"Bất thường {kind} ×{n}: {vi}", f"Anomaly {kind} ×{n}: {en}"))
    return [Sentence(vi, en) for vi, en in told if vi]
