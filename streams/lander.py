"""Sinks of the two small topics: batches gather for a moment, land together, and only then count as done."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from schemas.dead_letter import DeadLetter
from streams.metrics import Metric, Metrics
from streams.persist import persist
from streams.ports import CaseStore, Clock, InRecord, Row
from streams.units import UnitBoard, read_all

Ticket = Any


class Gathered(Protocol):
    """What a lander makes of records."""

    def take(self, records: Sequence[InRecord]) -> None:
        """Take one batch."""

    def rows(self) -> list[Row]:
        """Everything that has to be written now."""

    def write(self, rows: Sequence[Row], token: str) -> None:
        """Make rows durable; blocks."""


class Lander:
    """Writes what a ``Gathered`` has, at most every ``pause`` seconds, and marks the batches behind it.

    Args:
        gathered: what to make of the records.
        clock, metrics: the outside.
        pause: seconds between two writes.

    Attributes:
        durable: the offset up to which everything of the topic's one partition is durable.
    """

    def __init__(self, gathered: Gathered, clock: Clock, metrics: Metrics, pause: float = 0.1) -> None:
        self._gathered = gathered
        self._clock = clock
        self._metrics = metrics
        self._pause = pause
        self._tickets: list[Ticket] = []
        self._writing = asyncio.Lock()
        self._work = asyncio.Event()
        self._mark_durable: Callable[[Ticket], object] | None = None
        self._work.set()
        self.durable = 0

    def durable_to(self, mark_durable: Callable[[Ticket], object]) -> None:
        """Name whom to tell which batches are durable."""
        self._mark_durable = mark_durable

    def take(self, records: Sequence[InRecord], ticket: Ticket) -> None:
        """Take one batch; it is durable when its ticket is marked."""
        self._gathered.take(records)
        self._tickets.append(ticket)
        self._work.set()

    async def run(self) -> None:
        """Write as batches come, for ever."""
        while True:
            await self._work.wait()
            await self.flush()
            await asyncio.sleep(self._pause)

    async def flush(self) -> None:
        """Write what is there and mark its batches."""
        async with self._writing:
            self._work.clear()
            tickets, self._tickets = self._tickets, []
            rows = self._gathered.rows()
            if rows:
                token = hashlib.blake2b(
                    repr((tickets, self._clock.wall())).encode(), digest_size=16
                ).hexdigest()
                await persist(lambda: asyncio.to_thread(self._gathered.write, rows, token), self._metrics)
            for ticket in tickets:
                self.durable = ticket.last + 1
                if self._mark_durable is not None:
                    self._mark_durable(ticket)


class UnitRows:
    """Rows of ``unit_now`` from snapshots."""

    def __init__(self, board: UnitBoard, store: CaseStore, clock: Clock, metrics: Metrics) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._metrics = metrics

    def take(self, records: Sequence[InRecord]) -> None:
        """Take snapshots as they stand in the topic."""
        read_all(self._board, _values(records))

    def rows(self) -> list[Row]:
        """The units that changed."""
        if not self._board.changed:
            return []
        rows, unbalanced = self._board.rows(self._clock.wall())
        self._metrics.set(Metric.IMBALANCE, unbalanced)
        self._metrics.add(Metric.UNIT_ROWS, len(rows))
        return rows

    def write(self, rows: Sequence[Row], token: str) -> None:
        """Write them."""
        self._store.write_units(rows, token)


class DeadLetterRows:
    """Rows of ``dead_letters``: everything the topic's headers say, never the value."""

    def __init__(self, store: CaseStore) -> None:
        self._store = store
        self._rows: list[Row] = []

    def take(self, records: Sequence[InRecord]) -> None:
        """Take dead letters as they stand in the topic."""
        self._rows.extend(dead_letter_row(record) for record in records)

    def rows(self) -> list[Row]:
        """Those that came since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def write(self, rows: Sequence[Row], token: str) -> None:
        """Write them."""
        self._store.write_dead_letters(rows, token)


def dead_letter_row(record: InRecord) -> Row:
    """The row of a dead letter, from its headers (order of DEAD_LETTER_COLUMNS)."""
    try:
        letter = DeadLetter.from_headers(record.headers)
    except ValueError:  # somebody else wrote into the topic: the row says so
        return ("", "dead-letters", 0, record.offset, "unknown", "", 0)
    return (
        letter.source,
        letter.topic or "",
        -1 if letter.partition is None else letter.partition,
        letter.position,
        letter.reason.value,
        letter.field,
        int(letter.seen_at.timestamp() * 1e6),
    )


def _values(records: Iterable[InRecord]) -> Iterable[bytes]:
    return (record.value for record in records if record.value is not None)
