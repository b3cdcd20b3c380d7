"""The fold: the state of a case is a pure function of the set of its events and of now (domain §3, §5).

``fold`` builds the state from a ledger, in any order of arrival. ``extend`` adds one event to a state in hand
when that gives the same result (it is the newest, and nothing it does reaches back); else it refuses and the
caller folds anew. Both go through the same handlers, one per event type (streams/effects).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schemas.events import ATTRIBUTES, RANK
from streams.case import NEVER, WAITING, Case
from streams.clock import tick
from streams.effects import HANDLERS, Fields
from streams.ledger import Record
from streams.rules import Rules
from streams.worktime import WorkingTime

_REGISTERED, _RECEIVED = RANK["registered"], RANK["received"]
_AMENDED, _VOIDED = RANK["amended"], RANK["voided"]
_AMENDED_OR_VOIDED: Final = (_AMENDED, _VOIDED)
_FITS_BEFORE_RECEIPT: Final = frozenset(
    RANK[name]
    for name in ("registered", "received", "assigned", "transferred", "declined", "withdrawn", "amended")
)


def fold(records: Iterable[Record], rules: Rules, now: int) -> Case:
    """The state at ``now`` (µs UTC) of the case whose distinct records these are, in any order."""
    case, events, _ = begin(records, rules, now)
    for record in events:
        apply(case, record.at, record.rank, record.event_id, record.fields)
    tick(case, now)
    return case


def begin(records: Iterable[Record], rules: Rules, now: int) -> tuple[Case, list[Record], set[str]]:
    """The case before its first event, the events that take effect by ``now`` in order, the ids voided."""
    case = Case(rules)
    records = list(records)
    case.records = len(records)
    counted, case.waiting_at, conflicting = distinct(records, now)
    case.waiting_count = sum(record.at > now for record in records) if case.waiting_at != NEVER else 0
    case.ids = {record.event_id for record in counted}
    events, voided, case.void_unknown = _without_voided(counted)
    case.anomalies = ["conflicting_id"] * len(conflicting - voided)
    _dimensions(case, events)
    return case, events, voided


def extend(case: Case, event: Mapping[str, Any]) -> bool:
    """Apply one more event to a state in hand; False (and nothing done) where only a fold is right."""
    at, event_id = event["occurred_at"], event["event_id"]
    rank = RANK[event["type"]]
    last_at = case.last_key[0]
    if (
        at < case.clock
        or (at == last_at and (at, rank, event_id) <= case.last_key)
        or rank in _AMENDED_OR_VOIDED
        or event_id in case.ids
        or case.void_unknown  # it may be the one that was voided before it happened
    ):
        return False
    if rank <= _RECEIVED and case.phase == WAITING and (rank == _RECEIVED or not case.registered_at):
        calendar = case.rules.calendar_of(event["unit_id"])
        if case.last_key[1] >= 0 and not _keeps_reception(case, event, calendar):
            return False
        case.calendar = calendar
        _take_dimensions(case, event)
    case.ids.add(event_id)
    case.records += 1
    apply(case, at, rank, event_id, event)
    return True


def _keeps_reception(case: Case, fields: Mapping[str, Any], calendar: WorkingTime) -> bool:
    """Whether the reception clock runs as it has run so far when these become the case's dimensions."""
    return (
        calendar is case.calendar
        and fields["kind"] == case.kind
        and fields.get("priority", case.attributes.get("priority")) == case.attributes.get("priority")
    )


def distinct(records: Iterable[Record], now: int) -> tuple[list[Record], int, set[str]]:
    """Those that count at ``now``, sorted; the next moment at which one more does; conflicting ids."""
    chosen: dict[str, Record] = {}
    rivals: dict[str, list[Record]] = {}
    waiting_at = NEVER
    for record in records:
        if record.at > now:
            waiting_at = min(waiting_at, record.at)
        elif record.event_id in chosen:
            rivals.setdefault(record.event_id, [chosen[record.event_id]]).append(record)
        else:
            chosen[record.event_id] = record
    conflicting = set()
    for event_id, contents in rivals.items():
        chosen[event_id] = min(contents, key=Record.content)
        if len({content.content()[0] for content in contents}) > 1:
            conflicting.add(event_id)
    return sorted(chosen.values(), key=lambda r: (r.at, r.rank, r.event_id)), waiting_at, conflicting


def _without_voided(events: list[Record]) -> tuple[list[Record], set[str], int]:
    """The events less those voided and less the voids; ids voided; voids without a target (domain §3)."""
    if all(event.rank != _VOIDED for event in events):
        return events, set(), 0
    ids = {event.event_id for event in events}
    voided: set[str] = set()
    unknown = 0
    for event in reversed(events):
        if event.rank == _VOIDED and event.event_id not in voided:
            target = event.fields["voids"]
            if target in ids:
                voided.add(target)
            else:
                unknown += 1
    return [e for e in events if e.rank != _VOIDED and e.event_id not in voided], voided, unknown


def _dimensions(case: Case, events: list[Record]) -> None:
    """What holds for the whole case from its beginning: last values, and the home unit's calendar (§4)."""
    registered = received = False
    for event in events:
        if event.rank == _AMENDED:
            _take_dimensions(case, event.fields)
        elif event.rank == _RECEIVED and not received:
            received = True
            _take_dimensions(case, event.fields)
            case.calendar = case.rules.calendar_of(event.fields["unit_id"])
        elif event.rank == _REGISTERED and not registered and not received:
            registered = True
            _take_dimensions(case, event.fields)
            case.calendar = case.rules.calendar_of(event.fields["unit_id"])


def _take_dimensions(case: Case, fields: Fields) -> None:
    case.kind = fields.get("kind", case.kind)
    case.channel = fields.get("channel", case.channel)
    case.procedure_code = fields.get("procedure_code", case.procedure_code)
    case.unknown_procedure = case.procedure_code != "" and not case.rules.knows_procedure(case.procedure_code)
    for name in ATTRIBUTES:
        if name in fields:
            case.attributes[name] = fields[name]


def apply(case: Case, at: int, rank: int, event_id: str, fields: Mapping[str, Any]) -> None:
    """One event takes effect, after everything that time alone has done before it."""
    if case.next_at <= at:
        tick(case, at)
    case.last_key = (at, rank, event_id)
    case.last_event_at = case.clock = at
    if case.phase == WAITING and rank not in _FITS_BEFORE_RECEIPT:
        case.odd_before_receipt = True
    HANDLERS[rank](case, at, fields)
