"""The fold: the state of a case is a pure function of the set of its events and of now (domain §3, §5).

``fold`` builds the state from a ledger, in any order of arrival. ``extend`` adds one event to a state in hand
when that gives the same result (it is the newest, and nothing it does reaches back); else it refuses and the
caller folds anew. Both go through the same handlers, one per event type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from schemas.columns import FLOW
from schemas.events import ATTRIBUTES, EVENT_TYPES, RANK
from streams.case import ENDED, NEVER, OPEN, WAITING, Case
from streams.clock import enter_column, move_promise, plan, promised, reception_plan, tick
from streams.ledger import Record
from streams.rules import Rules
from streams.worktime import BeyondCalendar, WorkingTime

_REGISTERED, _RECEIVED = RANK["registered"], RANK["received"]
_AMENDED, _VOIDED = RANK["amended"], RANK["voided"]
_AMENDED_OR_VOIDED: Final = (_AMENDED, _VOIDED)
Fields = Mapping[str, Any]
TRANSFERRED_OUT, TRANSFERRED_IN = FLOW["transferred_out"], FLOW["transferred_in"]
TRANSFERRED_OUT_TREE, TRANSFERRED_IN_TREE = FLOW["transferred_out_tree"], FLOW["transferred_in_tree"]
RECEIVED, OVERDUE = FLOW["received"], FLOW["overdue"]
_FITS_BEFORE_RECEIPT: Final = frozenset(
    RANK[name]
    for name in ("registered", "received", "assigned", "transferred", "declined", "withdrawn", "amended")
)


def fold(records: Iterable[Record], rules: Rules, now: int) -> Case:
    """The state at ``now`` (µs UTC) of the case whose distinct records these are, in any order."""
    case = Case(rules)
    records = list(records)
    counted, case.waiting_at, conflicting = _distinct(records, now)
    case.waiting_count = sum(record.at > now for record in records) if case.waiting_at != NEVER else 0
    case.ids = {record.event_id for record in counted}
    events, voided, case.void_unknown = _without_voided(counted)
    case.anomalies = ["conflicting_id"] * len(conflicting - voided)
    _dimensions(case, events)
    for record in events:
        apply(case, record.at, record.rank, record.event_id, record.fields)
    tick(case, now)
    return case


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
    apply(case, at, rank, event_id, event)
    return True


def _keeps_reception(case: Case, fields: Mapping[str, Any], calendar: WorkingTime) -> bool:
    """Whether the reception clock runs as it has run so far when these become the case's dimensions."""
    return (
        calendar is case.calendar
        and fields["kind"] == case.kind
        and fields.get("priority", case.attributes.get("priority")) == case.attributes.get("priority")
    )


def _distinct(records: Iterable[Record], now: int) -> tuple[list[Record], int, set[str]]:
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
    _HANDLERS[rank](case, at, fields)


def _backdated(case: Case, at: int, e: Fields, due: int) -> None:
    """An entry made after a due moment that it cures (domain §3)."""
    recorded_at = e.get("recorded_at")
    if recorded_at is not None and at <= due < recorded_at:
        case.anomalies.append("backdated")


def _cures(case: Case, at: int, e: Fields) -> None:
    if case.promise is not None and not case.suspended_at and not case.promise.held_late:
        _backdated(case, at, e, case.promise.effective)


def _see_unit(case: Case, unit: str) -> None:
    if not case.rules.knows_unit(unit):
        case.unknown_unit = True


def _registered(case: Case, at: int, e: Fields) -> None:
    if case.phase != WAITING:
        case.anomalies.append("after_end" if case.phase == ENDED else "registered_after_received")
        return
    if case.registered_at:
        case.anomalies.append("registered_twice")
        return
    case.registered_at = at
    case.registering_unit = e["unit_id"]
    _see_unit(case, case.registering_unit)
    reception_plan(case)
    enter_column(case, at)


def _received(case: Case, at: int, e: Fields) -> None:
    if case.phase != WAITING:
        case.anomalies.append("after_end" if case.phase == ENDED else "received_twice")
        return
    rules = case.rules
    _end_reception(case, at, e)
    unit = e["unit_id"]
    _see_unit(case, unit)
    case.phase = OPEN
    case.status = "processing"
    case.received_at = at
    case.receiving_unit = case.unit = unit
    case.held_units = (unit,)
    case.step = case.officer = ""
    case.base_mark = case.mark(at)
    case.stay_since, case.stay_held_from = at, 0
    case.flows.append((unit, case.calendar.local_day(at), RECEIVED, 1))
    legal: int | None = None
    try:
        legal = rules.statutory_due(case.procedure_code, case.calendar, at)
    except BeyondCalendar:
        case.beyond = True
    case.legal_due_at = legal or 0
    due = e.get("due_at")
    if due is None and rules.statutory:
        due = legal
    if due is not None:
        promised(case, due, at)
    if case.pending_end is not None:
        case.anomalies.append("ended_before_received")
        ended_at, status, outcome, cause = case.pending_end
        _end(case, ended_at, status, outcome, cause, counted_at=at)
        if case.pending_delivered_at:
            case.status, case.delivered_at = "delivered", case.pending_delivered_at
        return
    plan(case, at)
    enter_column(case, at)


def _end_reception(case: Case, at: int, e: Fields) -> None:
    if case.registered_at and not case.reception_ended_at:
        case.reception_ended_at = at
        if case.reception_due_at:
            _backdated(case, at, e, case.reception_due_at)


def _assigned(case: Case, at: int, e: Fields) -> None:
    if case.phase == ENDED:
        return
    case.officer = e["officer"]
    step = e.get("step")
    if step is not None and step != case.step:
        if case.phase == OPEN:
            _close_stay(case, at)
        case.step = step


def _transferred(case: Case, at: int, e: Fields) -> None:
    if case.phase == ENDED:
        return
    unit, step = e["unit_id"], e.get("step", "")
    _see_unit(case, unit)
    if case.phase == WAITING:
        case.unit, case.step = unit, step
        return
    if unit != case.unit or step != case.step:
        _close_stay(case, at)
    case.step = step
    if unit == case.unit:
        return
    origin, day = case.unit, case.calendar.local_day(at)
    above_origin, above_unit = case.rules.path(origin), case.rules.path(unit)
    flows = case.flows
    flows.append((origin, day, TRANSFERRED_OUT, 1))
    flows.append((unit, day, TRANSFERRED_IN, 1))
    for left in above_origin:
        if left not in above_unit:
            flows.append((left, day, TRANSFERRED_OUT_TREE, 1))
    for entered in above_unit:
        if entered not in above_origin:
            flows.append((entered, day, TRANSFERRED_IN_TREE, 1))
    case.handovers += 1
    if unit in case.held_units:
        case.handovers_back += 1
    else:
        case.held_units += (unit,)
    case.inherited_overdue = case.column == OVERDUE
    case.unit, case.officer = unit, ""
    enter_column(case, at)


def _close_stay(case: Case, at: int) -> None:
    """A stay runs to a change of unit or step or to the end, in working time less suspensions (domain §6)."""
    held = _held(case, at)
    case.stays.append((case.unit, case.step, case.stay_since, at, held - case.stay_held_from))
    case.stay_since, case.stay_held_from = at, held


def _held(case: Case, at: int) -> int:
    """Elapsed working time of the case at a moment, suspensions and gaps left out."""
    return case.elapsed_us if case.suspended_at else case.mark(at) - case.base_mark


def _suspended(case: Case, at: int, e: Fields) -> None:
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
        return
    reason = e.get("reason", "other")
    if case.suspended_at:
        case.anomalies.append("suspended_twice")
    else:
        _cures(case, at, e)
        case.suspended_mark = case.mark(at)
        case.elapsed_us = case.suspended_mark - case.base_mark
        case.suspended_at = at
        case.supplement_asked = False
        case.status = "suspended"
        case.suspended_reason = reason
        case.waiting_on = e.get("waiting_on", "")
        if case.waiting_on:
            _see_unit(case, case.waiting_on)
        case.cause = e.get("cause", case.cause)
    if reason == "supplement" and not case.supplement_asked:
        case.supplement_asked = True
        case.supplements += 1
    plan(case, at)
    enter_column(case, at)


def _stopped(case: Case, at: int, e: Fields) -> None:
    if case.rules.stopped_pauses:
        _suspended(case, at, {"recorded_at": e.get("recorded_at")})
    else:
        _any_end(case, at, "stopped", e)


def _resume(case: Case, at: int, e: Fields) -> None:
    """The clock runs again; the promise moves by the suspension unless a new one is made."""
    due = e.get("due_at")
    _end_suspension(case, at, moves_promise=due is None)
    case.status = "processing"
    if due is not None:
        promised(case, due, at)
    plan(case, at)
    enter_column(case, at)


def _end_suspension(case: Case, at: int, *, moves_promise: bool) -> None:
    began = case.suspended_at
    if moves_promise and case.promise is not None:
        move_promise(case, case.promise, began, at)
    if case.first_promise is not None and not (moves_promise and case.first_promise is case.promise):
        move_promise(case, case.first_promise, began, at)
    held = case.mark(at) - case.suspended_mark
    case.suspended_us += held
    case.base_mark += held
    case.suspended_at = case.suspended_mark = 0
    case.suspended_reason = case.waiting_on = ""


def _new_due(case: Case, at: int, due: int, e: Fields) -> None:
    before = case.promise
    promised(case, due, at)
    if before is not None and due > before.due and not case.suspended_at and not before.held_late:
        _backdated(case, at, e, before.effective)
    plan(case, at)
    enter_column(case, at)


def _resumed(case: Case, at: int, e: Fields) -> None:
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
    elif case.suspended_at:
        _resume(case, at, e)
    else:
        case.anomalies.append("resumed_while_running")
        if "due_at" in e:
            _new_due(case, at, e["due_at"], e)


def _rescheduled(case: Case, at: int, e: Fields) -> None:
    if case.phase != OPEN:
        case.anomalies.append("before_received" if case.phase == WAITING else "after_end")
        return
    case.cause = e.get("cause", case.cause)
    _new_due(case, at, e["due_at"], e)


def _any_end(case: Case, at: int, status: str, e: Fields) -> None:
    if case.phase == ENDED or (case.phase == WAITING and case.pending_end is not None):
        case.anomalies.append("after_end")
        return
    outcome, cause = e.get("outcome", ""), e.get("cause", case.cause)
    if case.phase == WAITING:
        case.pending_end = (at, status, outcome, cause)
        return
    _cures(case, at, e)
    _end(case, at, status, outcome, cause, counted_at=at)


def _end(case: Case, at: int, status: str, outcome: str, cause: str, *, counted_at: int) -> None:
    """Processing ended ``at``; the flow counts at ``counted_at`` (later only for an end before the receipt)."""
    if case.suspended_at:
        _end_suspension(case, at, moves_promise=True)
    case.phase, case.status = ENDED, status
    case.ended_at = at
    case.outcome, case.cause = outcome, cause
    case.elapsed_us = max(0, case.mark(counted_at) - case.base_mark)
    case.late_us = 0
    case.timeliness = ""
    _close_stay_at_end(case, counted_at)
    day = case.calendar.local_day(counted_at)
    if status in ("completed", "delivered"):
        _judge(case, at)
        ended_in = "completed_" + case.timeliness
        if case.late_first_promise:
            case.flows.append((case.unit, day, FLOW["late_first_promise"], 1))
    else:
        ended_in = status
    if not case.first_ended_at:
        case.first_ended_at, case.first_timeliness = at, case.timeliness
    if status == "delivered":
        case.delivered_at = at
    case.flows.append((case.unit, day, FLOW[ended_in], 1))
    plan(case, counted_at)
    enter_column(case, counted_at)
    case.column, case.column_unit = FLOW[ended_in], case.unit


def _judge(case: Case, at: int) -> None:
    """Early, on time or late (domain §5.5), and late against the first promise (§5.7)."""
    promise = case.promise
    late = promise is not None and promise.passed(at)
    if late and promise is not None:
        case.late_us = max(0, case.mark(at) - case.mark(promise.effective))
    first = case.first_promise
    case.late_first_promise = first is not None and first.passed(at)
    if late or case.overdue_whatever_dates:
        case.timeliness = "late"
    elif (
        promise is not None
        and case.rules.dates_only
        and case.calendar.local_day(at) < case.calendar.local_day(promise.due)
    ):
        case.timeliness = "early"
    else:
        case.timeliness = "on_time"


def _close_stay_at_end(case: Case, at: int) -> None:
    case.stays.append((case.unit, case.step, case.stay_since, at, case.elapsed_us - case.stay_held_from))


def _completed(case: Case, at: int, e: Fields) -> None:
    _any_end(case, at, "completed", e)


def _delivered(case: Case, at: int, e: Fields) -> None:
    if case.phase == ENDED:
        if case.status == "completed":
            case.status, case.delivered_at = "delivered", at
    elif case.phase == WAITING and case.pending_end is not None:
        if case.pending_end[1] == "completed" and not case.pending_delivered_at:
            case.pending_delivered_at = at
    else:
        _any_end(case, at, "delivered", e)


def _refusal(status: str) -> Handler:
    """``declined`` and ``withdrawn``: before the receipt a status without a clock, after it an end."""

    def handler(case: Case, at: int, e: Fields) -> None:
        if case.phase == WAITING and case.pending_end is None:
            if status == "declined":
                _end_reception(case, at, e)
            elif case.registered_at and not case.reception_ended_at:
                case.reception_ended_at = at
            case.status = status
            reception_plan(case)
            enter_column(case, at)
        else:
            _any_end(case, at, status, e)

    return handler


def _reopened(case: Case, at: int, e: Fields) -> None:
    if case.phase == WAITING:
        case.anomalies.append("before_received")
        return
    if case.phase == OPEN:
        _resumed(case, at, e)
        return
    began = max(case.ended_at, case.received_at)
    due = e.get("due_at")
    if due is None and case.promise is not None:
        move_promise(case, case.promise, began, at, late_at=case.ended_at)
    if case.first_promise is not None and (due is not None or case.first_promise is not case.promise):
        move_promise(case, case.first_promise, began, at, late_at=case.ended_at)
    gap = max(0, case.mark(at) - case.mark(began))
    case.gap_us += gap
    case.base_mark += gap
    case.phase, case.status = OPEN, "processing"
    case.ended_at = case.delivered_at = case.late_us = 0
    case.timeliness = case.outcome = ""
    case.late_first_promise = False
    case.reopened += 1
    case.stay_since, case.stay_held_from = at, case.elapsed_us
    case.flows.append((case.unit, case.calendar.local_day(at), FLOW["reopened"], 1))
    case.column = -1
    if due is not None:
        promised(case, due, at)
    plan(case, at)
    enter_column(case, at)


def _amended(_case: Case, _at: int, _e: Fields) -> None:
    """Its values count for the whole case and were taken before the first event was applied."""


def _consulted(case: Case, at: int, e: Fields) -> None:
    if case.phase == ENDED:
        case.anomalies.append("after_end")
    elif e["request_id"] in case.consultations:
        case.anomalies.append("consulted_twice")
    else:
        _see_unit(case, e["unit_id"])
        case.consultations[e["request_id"]] = [e["unit_id"], at, e.get("due_at", 0), 0]


def _answered(case: Case, at: int, e: Fields) -> None:
    consultation = case.consultations.get(e["request_id"])
    if consultation is None or consultation[3]:
        case.anomalies.append("answered_without_consultation")
        return
    consultation[3] = at
    if consultation[2]:
        _backdated(case, at, e, consultation[2])


def _rated(case: Case, _at: int, e: Fields) -> None:
    case.ratings.append((e["score"], e.get("solved"), e.get("aspect", "")))


Handler = Callable[[Case, int, Fields], None]
_BY_TYPE: Final[dict[str, Handler]] = {
    "registered": _registered,
    "received": _received,
    "declined": _refusal("declined"),
    "transferred": _transferred,
    "assigned": _assigned,
    "consulted": _consulted,
    "answered": _answered,
    "suspended": _suspended,
    "resumed": _resumed,
    "rescheduled": _rescheduled,
    "completed": _completed,
    "withdrawn": _refusal("withdrawn"),
    "stopped": _stopped,
    "delivered": _delivered,
    "reopened": _reopened,
    "amended": _amended,
    "rated": _rated,
}
_HANDLERS: Final = tuple(_BY_TYPE.get(name, _amended) for name in EVENT_TYPES)
