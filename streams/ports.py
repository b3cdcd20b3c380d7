"""What the engine needs from the outside, as protocols; sinks/ provides them, tests run them for real.

Blocking calls are made from a thread of their own, asynchronous ones on the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemas.stored import Block, OutRecord, Recovery, Row, Unavailable

__all__ = ["Block", "CaseStore", "Clock", "InRecord", "OutRecord", "Outbox", "Recovery", "Row", "Unavailable"]


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
