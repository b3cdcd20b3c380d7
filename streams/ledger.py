"""A case's distinct events, packed: all that stays in memory of a cold case, and what ClickHouse keeps of it.

A ledger is msgpack records, one after the other; a record is a flat array::

    [occurred_at, rank, event_id, source, recorded_at | nil, field, field, ...]

with the fields of its type in the order of ``FIELDS``, nil where absent. A record is packed once. The order of
fields and types is part of what is stored: only ever add to their ends.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgpack

from schemas.events import EVENT_TYPES, RANK

_ATTRIBUTES: Final = (
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
_FIELDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "registered": ("unit_id", "procedure_code", "kind", "channel", *_ATTRIBUTES),
    "received": ("unit_id", "procedure_code", "kind", "channel", "due_at", *_ATTRIBUTES),
    "assigned": ("officer", "step", "step_due_at"),
    "transferred": ("unit_id", "step", "step_due_at"),
    "suspended": ("reason", "waiting_on", "cause"),
    "resumed": ("due_at",),
    "rescheduled": ("due_at", "apology", "cause"),
    "completed": ("outcome", "e_result", "cause"),
    "reopened": ("due_at",),
    "amended": ("procedure_code", "kind", "channel", *_ATTRIBUTES),
    "consulted": ("request_id", "unit_id", "due_at"),
    "answered": ("request_id",),
    "rated": ("score", "solved", "aspect"),
    "voided": ("voids",),
}
FIELDS: Final[tuple[tuple[str, ...], ...]] = tuple(_FIELDS_OF.get(name, ()) for name in EVENT_TYPES)
"""The fields of each rank in the order in which a record holds them."""

_FOLDED_UP: Final = b"\xc1"
"""The one byte that never begins a msgpack object."""
_COMMON: Final = (
    b"other_agencypaymentsupplementmissing_documentsworkloadbusinesscitizenurgentcomplexnormalnationallocal"
    b"feedbacktaskpostcounteronlinedossierH26.one-stop."
)
"""What ledgers often hold, most often last: never written anywhere, it may change."""
_LATEST: Final = 1 << 62

EMPTY: Final = b""
"""The ledger of a case without events. One more record is put at its end: ``ledger + pack(event)``."""

_MOMENTS: Final = frozenset({"due_at", "step_due_at"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_packb = msgpack.Packer(use_bin_type=True).pack
_unpacker = msgpack.Unpacker(max_buffer_size=0)


class Record(NamedTuple):
    """One event as the fold reads it: ``fields`` holds all but the five common ones."""

    at: int
    rank: int
    event_id: str
    source: str
    recorded_at: int | None
    fields: Mapping[str, Any]

    def content(self) -> tuple[str, int]:
        """What distinguishes two contents under one id: canonical JSON, then ``recorded_at`` (absent last)."""
        shown: dict[str, Any] = {"type": EVENT_TYPES[self.rank], "source": self.source}
        shown["occurred_at"] = _text(self.at)
        known = FIELDS[self.rank]
        for name, value in self.fields.items():
            if name in known:
                shown[name] = _text(value) if name in _MOMENTS else value
        text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text, _LATEST if self.recorded_at is None else self.recorded_at


def _text(us: int) -> str:
    return (_EPOCH + timedelta(microseconds=us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def pack(event: Mapping[str, Any]) -> bytes:
    """Pack a decoded event (shapes: ``schemas.events.Event``) as one record."""
    rank = RANK[event["type"]]
    get = event.get
    packed: bytes = _packb(
        (
            event["occurred_at"],
            rank,
            event["event_id"],
            event["source"],
            get("recorded_at"),
            *map(get, FIELDS[rank]),
        )
    )
    return packed


def _flat(ledger: bytes) -> Iterator[list[Any]]:
    """The records of a ledger as they were packed."""
    _unpacker.feed(ledger)
    return iter(list(_unpacker))


def folded_up(ledger: bytes) -> bytes:
    """A ledger for keeping in memory while its case is cold: some 40 % smaller, 15 µs; ``unfolded`` undoes it."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15, zdict=_COMMON)
    return _FOLDED_UP + packer.compress(ledger) + packer.flush()


def unfolded(ledger: bytes) -> bytes:
    """The ledger itself, whether it was folded up or not."""
    if not ledger.startswith(_FOLDED_UP):
        return ledger
    return zlib.decompressobj(-15, zdict=_COMMON).decompress(ledger[1:])


def contains(ledger: bytes, packed: bytes) -> bool:
    """Whether the very same record is in the ledger."""
    return packed in ledger and msgpack.unpackb(packed) in _flat(ledger)


def unpack(ledger: bytes) -> list[Record]:
    """All records of a ledger in the order in which they were added."""
    records = []
    for at, rank, event_id, source, recorded_at, *values in _flat(ledger):
        fields = {name: v for name, v in zip(FIELDS[rank], values, strict=False) if v is not None}
        if recorded_at is not None:
            fields["recorded_at"] = recorded_at
        records.append(Record(at, rank, event_id, source, recorded_at, fields))
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
