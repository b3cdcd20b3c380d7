"""A case's distinct events, packed: all that stays in memory of a cold case, and what ClickHouse keeps of it.

A ledger is one msgpack array of records; a record is a flat array::

    [occurred_at, rank, event_id, source, recorded_at | nil, field, value, field, value, ...]

with small integers for field names and enumerated values. Appending is joining bytes, so a record is packed
once. Field numbers are part of what is stored: only ever add to the tables below, at their ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgpack

from schemas.events import EVENT_TYPES, RANK

FIELDS: Final[tuple[str, ...]] = (
    "unit_id",
    "procedure_code",
    "kind",
    "channel",
    "due_at",
    "officer",
    "step",
    "step_due_at",
    "reason",
    "waiting_on",
    "cause",
    "apology",
    "outcome",
    "e_result",
    "request_id",
    "score",
    "solved",
    "aspect",
    "voids",
    "priority",
    "applicant_kind",
    "fee_due",
    "digitised",
    "vneid",
    "reused_data",
    "paid_online",
    "bundle_id",
    "duplicate_of",
    "lookup_hash",
)
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "kind": ("dossier", "feedback", "task"),
    "channel": ("counter", "online", "post"),
    "reason": ("supplement", "payment", "other_agency", "other"),
    "cause": (
        "workload",
        "missing_documents",
        "other_agency",
        "field_check",
        "legal_unclear",
        "system_outage",
        "absence",
        "other",
    ),
    "outcome": ("granted", "refused", "resolved", "noted", "referred", "duplicate", "not_actionable"),
    "aspect": ("access", "procedure", "staff", "result", "feedback"),
    "priority": ("urgent", "normal", "complex"),
    "applicant_kind": ("citizen", "business", "agency", "other"),
    "paid_online": ("none", "national", "local"),
}

_NUMBER: Final = {name: number for number, name in enumerate(FIELDS)}
_VALUE_NUMBER: Final[dict[int, dict[str, int]]] = {
    _NUMBER[name]: {value: number for number, value in enumerate(values)} for name, values in VALUES.items()
}
_VALUE_NAME: Final[dict[int, tuple[str, ...]]] = {_NUMBER[name]: values for name, values in VALUES.items()}

EMPTY: Final = b"\xdd\x00\x00\x00\x00"
"""The ledger of a case without events: the header of an empty msgpack array."""

_MOMENTS: Final = frozenset({"due_at", "step_due_at"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_packb = msgpack.Packer(use_bin_type=True).pack


class Record(NamedTuple):
    """One event as the fold reads it: ``fields`` holds all but the five common ones."""

    at: int
    rank: int
    event_id: str
    source: str
    recorded_at: int | None
    fields: Mapping[str, Any]

    def content(self) -> tuple[str, int]:
        """What distinguishes two contents under one id: canonical JSON, then ``recorded_at`` (0: none)."""
        shown: dict[str, Any] = {"type": EVENT_TYPES[self.rank], "source": self.source, "at": _text(self.at)}
        for name, value in self.fields.items():
            if name in _NUMBER:
                shown[name] = _text(value) if name in _MOMENTS else value
        shown["occurred_at"] = shown.pop("at")
        text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text, self.recorded_at or 0


def _text(us: int) -> str:
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def pack(event: Mapping[str, Any]) -> bytes:
    """Pack a decoded event (shapes: ``schemas.events.Event``) as one record."""
    out: list[Any] = [
        event["occurred_at"],
        RANK[event["type"]],
        event["event_id"],
        event["source"],
        event.get("recorded_at"),
    ]
    for name, value in event.items():
        number = _NUMBER.get(name)
        if number is not None:
            values = _VALUE_NUMBER.get(number)
            out.append(number)
            out.append(value if values is None else values[value])
    packed: bytes = _packb(out)
    return packed


def append(ledger: bytes, packed: bytes) -> bytes:
    """Add one packed record."""
    total = int.from_bytes(ledger[1:5], "big") + 1
    return b"".join((b"\xdd", total.to_bytes(4, "big"), ledger[5:], packed))


def size(ledger: bytes) -> int:
    """Number of records in a ledger."""
    return int.from_bytes(ledger[1:5], "big")


def contains(ledger: bytes, packed: bytes) -> bool:
    """Whether the very same record is in the ledger."""
    return packed in ledger and msgpack.unpackb(packed) in msgpack.unpackb(ledger)


def fields_of(flat: list[Any]) -> dict[str, Any]:
    """The named fields of an unpacked record, from its sixth place on."""
    fields: dict[str, Any] = {}
    for place in range(5, len(flat), 2):
        number = flat[place]
        names = _VALUE_NAME.get(number)
        value = flat[place + 1]
        fields[FIELDS[number]] = value if names is None else names[value]
    return fields


def unpack(ledger: bytes) -> list[Record]:
    """All records of a ledger in the order in which they were added."""
    records = []
    for flat in msgpack.unpackb(ledger, use_list=True):
        records.append(
            Record(flat[0], flat[1], flat[2], flat[3], flat[4], fields_of(flat))
        )
    return records


def record_of(event: Mapping[str, Any]) -> Record:
    """The record of an event in hand; ``fields`` is the event itself (more keys than needed, only read)."""
    return Record(
        event["occurred_at"],
        RANK[event["type"]],
        event["event_id"],
        event["source"],
        event.get("recorded_at"),
        event,
    )
