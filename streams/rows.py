"""Rows of a case and of its events, as tuples in the order of schemas/columns.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from schemas.columns import CASE_COLUMNS, EVENT_COLUMNS, FLOWS, UNIT_DAY_COLUMNS
from schemas.events import RANK
from streams.case import ENDED, NEVER, OPEN, Case
from streams.ledger import FIELDS

__all__ = ["CASE_COLUMNS", "EVENT_COLUMNS", "UNIT_DAY_COLUMNS", "case_row", "event_row"]

LAST_MOMENT: Final = 4_102_444_800_000_000
"""2100-01-01: a moment of entry out of the column's range is shown at its border; the ledger keeps it."""
_CONTENT: Final = {
    name: tuple(field for field in FIELDS[rank] if field not in EVENT_COLUMNS) for name, rank in RANK.items()
}


def event_row(event: Mapping[str, Any], ingested_at: int) -> tuple[Any, ...]:
    """The row of one decoded event."""
    kind = event["type"]
    content = {name: event[name] for name in _CONTENT[kind] if name in event}
    recorded_at = event.get("recorded_at", 0)
    return (
        event["case_id"],
        event["event_id"],
        kind,
        event["occurred_at"],
        min(max(recorded_at, 0), LAST_MOMENT),
        ingested_at,
        event["source"],
        event.get("unit_id", ""),
        _json(content),
    )


def case_row(case_id: str, case: Case, ledger: bytes, version: int, updated_at: int) -> tuple[Any, ...]:
    """The row of a case in its present state; a case without events gets an empty status."""
    promise = case.promise
    wake_at = case.wake_at
    anomalies = case.all_anomalies()
    consultations = [[request, *entry] for request, entry in case.consultations.items()]
    return (
        case_id,
        case.kind,
        case.channel,
        case.procedure_code,
        case.unit or case.registering_unit,
        case.receiving_unit,
        case.registering_unit,
        case.step,
        case.officer,
        "" if case.is_empty else case.status,
        case.suspended_reason,
        case.waiting_on,
        case.outcome,
        case.cause,
        case.timeliness,
        case.first_timeliness,
        FLOWS[case.column] if case.column >= 0 else "",
        case.column_unit if case.column >= 0 else "",
        ";".join(anomalies).encode(),
        _json(case.attributes),
        _json(consultations),
        _json(case.ratings),
        b"%b" % orjson.dumps(case.flows),
        _json(case.stays),
        ledger,
        case.calendar.version,
        case.rules.profile.name,
        case.rules.version,
        case.registered_at,
        case.reception_due_at,
        case.reception_ended_at,
        case.received_at,
        case.first_due_at,
        promise.due if promise else 0,
        promise.effective if promise else 0,
        case.legal_due_at,
        case.suspended_at,
        case.ended_at,
        case.delivered_at,
        case.first_ended_at,
        case.last_event_at,
        0 if wake_at >= NEVER else wake_at,
        case.soon_at if promise and case.soon_at < NEVER else 0,
        case.elapsed_us if case.phase == ENDED or case.suspended_at else 0,
        case.suspended_us,
        case.gap_us,
        case.late_us if case.phase == ENDED or case.suspended_at else 0,
        case.base_mark if case.phase == OPEN else 0,
        case.due_mark if promise else 0,
        case.suspended_mark,
        len(anomalies),
        case.reopened,
        case.handovers,
        case.handovers_back,
        case.supplements,
        case.overdue_whatever_dates,
        case.late_first_promise,
        case.inherited_overdue,
        case.is_live,
        version,
        updated_at,
    )


def _json(value: object) -> bytes:
    """A value as JSON, nothing for an empty one; copied, for the encoder leaves a kilobyte's room around its own."""
    return b"%b" % orjson.dumps(value) if value else b""
