"""What the engine needs from the outside, as protocols; sinks/ provides them, tests run them for real.

Blocking calls are made from a thread of their own, asynchronous ones on the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Row = tuple[Any, ...]


class Unavailable(Exception):  # noqa: N818  # a state of the world, not a fault of the program
    """A dependency is away for now: hold, back off, try again; nothing is lost. One line: what and where."""


class Block(NamedTuple):
    """Rows that become durable together, in the order of streams/columns.py, and a name for the attempt."""

    events: list[Row]
    cases: list[Row]
    unit_days: list[Row]
    token: str


class LiveCase(NamedTuple):
    """A case kept in memory, as its row tells it."""

    case_id: str
    ledger: bytes
    wake_at: int
    column_unit: str
    column: str
    calendar: str
    running: bool
    age: int
    late: int | None


class Recovery(NamedTuple):
    """What stands in the store of one partition's cases.

    Attributes:
        live: cases whose ledgers go back into memory.
        archive: hashes (``xxh3``) of the ids of all others.
        flows: (unit, day, column of FLOWS, n), summed over all cases.
        anomalies: (unit, n).
        ended: (unit, column of FLOWS, late against the first promise, n).
        processing: (unit, bucket, n, sum µs) of completed cases.
        days: rows of ``unit_days`` of this partition, in the order of UNIT_DAY_COLUMNS.
    """

    live: Sequence[LiveCase]
    archive: npt.NDArray[np.uint64]
    flows: Sequence[tuple[str, int, str, int]]
    anomalies: Sequence[tuple[str, int]]
    ended: Sequence[tuple[str, str, bool, int]]
    processing: Sequence[tuple[str, int, int, int]]
    days: Sequence[Row]


class CaseStore(Protocol):
    """Where rows land and cases are found again. Every method blocks; it raises ``Unavailable`` or means it."""

    def write(self, block: Block) -> None:
        """Return when all rows are durable; writing a block twice changes nothing."""

    def write_units(self, rows: Sequence[Row], token: str) -> None:
        """Make rows of ``unit_now`` durable (order of UNIT_NOW_COLUMNS)."""

    def write_dead_letters(self, rows: Sequence[Row], token: str) -> None:
        """Make rows of ``dead_letters`` durable (order of DEAD_LETTER_COLUMNS)."""

    def recover(self, partition: int, partitions: int) -> Recovery:
        """Everything about the cases whose ids fall on ``partition`` of ``partitions`` (murmur2)."""

    def ledgers(self, case_ids: Sequence[str]) -> list[tuple[str, bytes, int]]:
        """(case_id, ledger, wake_at or 0) of those of the cases that are there."""


class OutRecord(NamedTuple):
    """A record to be sent."""

    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


class Outbox(Protocol):
    """Sends records to Kafka."""

    async def send(self, topic: str, records: Sequence[OutRecord]) -> None:
        """Return when Kafka has confirmed every one; raises ``Unavailable``."""


class InRecord(Protocol):
    """A record as the transport hands it over."""

    key: bytes | None
    value: bytes | None
    offset: int
    headers: Sequence[tuple[str, bytes]]


class Clock(Protocol):
    """Two clocks for one path: real time, or a replay's moment."""

    def wall(self) -> int:
        """Real time, µs UTC."""

    def now(self) -> int:
        """The moment the numbers stand for when everything has been read, µs UTC."""
