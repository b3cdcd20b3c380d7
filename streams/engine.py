"""The engine behind the agent `cases`: partitions in memory, rows to the store, offsets when both are durable.

One flush at a time, in these steps; what can go wrong at each is written beside it:

1. the books are drained: rows and snapshots as of now. Killed before: the records come again.
2. rows are written (events, cases, unit days), off the event loop. The store is away: the engine holds, tries
   again with growing pauses, and takes nothing more, so the transport pauses its partitions. Killed in the middle:
   the records come again, the ledgers recovered from the rows know them as duplicates, and the day rows are
   compared with the cases' (streams/recovery.py).
3. dead letters, records for other partitions and unit snapshots are sent and confirmed. Killed before: the
   snapshots come anew with the next assignment, the others are sent again; both may be there twice.
4. the batches are marked durable; the transport commits them. Killed before: as in 2.

Anything else that is raised is a defect: it crashes the app, and nothing of the flush is committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from streams.drained import Drained, block
from streams.metrics import Metric, Metrics
from streams.partition import Partition
from streams.persist import persist
from streams.ports import CaseStore, Clock, InRecord, Outbox
from streams.recovery import recovered
from streams.rules import Rules

T = TypeVar("T")
Ticket = Any
MarkDurable = Callable[[Ticket], object]
AllRead = Callable[[int, int], Awaitable[bool]]

_BEHIND: Final = 4
"""How many times longer a flush gathers while a backlog is read: fewer and larger blocks, and less said of units."""
_BACKLOG: Final = 25
"""It is one when in the usual time this part of a full flush has gathered, and more is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Sizes and times.

    Attributes:
        batch_rows: events after which a flush begins.
        batch_seconds: time from the beginning of a flush to that of the next; also how soon silence is noticed.
        refresh_seconds: how often the ages of open cases are told anew though nothing happened.
        hot_cases, ended_cases: see ``CaseBook``.
    """

    batch_rows: int = 50_000
    batch_seconds: float = 0.25
    refresh_seconds: float = 30.0
    hot_cases: int = 50_000
    ended_cases: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Names of the topics, with their prefix."""

    events: str
    dead_letters: str
    unit_partials: str


class Engine:
    """All partitions of one worker. Lives on one event loop.

    Args:
        rules: the compiled rules of the city.
        store, outbox, clock: the outside (streams/ports.py).
        topics: where records come from and go to.
        topic_id: identity of the events topic: a topic made anew has another.
        partitions: how many the events topic has.
        settings, metrics: sizes; counters.

    Attributes:
        durable: by partition the offset up to which everything is durable.
        durable_at: when something last became durable, seconds of the monotonic clock.
    """

    def __init__(
        self,
        *,
        rules: Rules,
        store: CaseStore,
        outbox: Outbox,
        clock: Clock,
        topics: Topics,
        topic_id: str,
        partitions: int,
        settings: EngineSettings,
        metrics: Metrics,
    ) -> None:
        self.rules = rules
        self.metrics = metrics
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._topics = topics
        self._topic_id = topic_id
        self._partition_count = partitions
        self._settings = settings
        self._partitions: dict[int, Partition] = {}
        self._tickets: dict[int, list[Ticket]] = {}
        self._waiting_events = 0
        self._full = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._recovering = asyncio.Lock()
        self._caught_up = True
        self._refreshed_at = clock.wall()
        self._generation = 0
        self._mark_durable: MarkDurable | None = None
        self._all_read: AllRead | None = None
        self.durable: dict[int, int] = {}
        self.durable_at = time.monotonic()

    def connect(self, mark_durable: MarkDurable, all_read: AllRead) -> None:
        """Name whom to tell which batches are durable, and whom to ask whether everything has been read.

        ``all_read`` is given a partition and the offset where its reading goes on (-1: nothing taken yet).
        """
        self._mark_durable = mark_durable
        self._all_read = all_read

    @property
    def partitions(self) -> Mapping[int, Partition]:
        """The partitions in memory, by number."""
        return self._partitions

    # -- records in ---------------------------------------------------------------------------------------

    async def take(self, number: int, records: Sequence[InRecord], ticket: Ticket) -> None:
        """Take one batch of a partition; returns when there is room for more.

        Args:
            number: the partition.
            records: the batch, in order, not empty.
            ticket: what to mark durable when all its effects are.
        """
        partition = await self._partition(number)
        wall = self._clock.wall()
        events = partition.read(records, wall)
        missing = partition.archived(events)
        if missing:
            for case_id, ledger, wake_at in await self._hold(lambda: self._store.ledgers(missing)):
                partition.book.restore(case_id, ledger, wake_at)
        duplicates = partition.take(events, self._clock, wall)
        self._tickets.setdefault(number, []).append(ticket)
        self._count_batch(partition, records, len(events), duplicates)
        self._waiting_events += len(records)
        if self._waiting_events >= self._settings.batch_rows:
            self._full.set()
            while self._waiting_events >= 2 * self._settings.batch_rows:
                await self.flush()

    def _count_batch(
        self, partition: Partition, records: Sequence[InRecord], events: int, duplicates: int
    ) -> None:
        count = self.metrics.add
        count(Metric.RECORDS, len(records))
        count(Metric.EVENTS, events)
        count(Metric.DUPLICATES, duplicates)
        newest = max(self.metrics.values[Metric.NEWEST_EVENT], partition.newest / 1e6)
        self.metrics.set(Metric.NEWEST_EVENT, newest)

    async def assigned(self, numbers: Iterable[int], generation: int) -> None:
        """Recover the partitions that were assigned in a generation of the group, before their first batch."""
        self._generation = generation
        async with self._recovering:
            for number in numbers:
                await self._recover(number)

    async def _partition(self, number: int) -> Partition:
        if number not in self._partitions:
            async with self._recovering:
                await self._recover(number)
        return self._partitions[number]

    async def _recover(self, number: int) -> None:
        if number in self._partitions:
            return
        found = await self._hold(lambda: self._store.recover(number, self._partition_count))
        settings, now = self._settings, self._clock.now()
        book = recovered(number, self.rules, found, now, settings.hot_cases, settings.ended_cases)
        self.metrics.add(Metric.RECOVERED_CASES, len(book))
        partition = Partition(self._topics.events, number, self._partition_count, book, self._generation)
        self._partitions[number] = partition

    def forget(self, numbers: Iterable[int]) -> None:
        """Partitions were revoked; what was not durable comes again to their next owner."""
        for number in numbers:
            self.durable.pop(number, None)
            self._partitions.pop(number, None)
            self._tickets.pop(number, None)

    # -- effects out --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Flush by size and by time, for ever; a defect is raised."""
        seconds = self._settings.batch_seconds
        begun = time.monotonic()
        while True:
            await self._gather(begun + seconds)
            if not self._caught_up and self._waiting_events * _BACKLOG >= self._settings.batch_rows:
                await self._gather(begun + _BEHIND * seconds)
            async with (
                self._recovering
            ):  # what was assigned together is told of once, when all of it is there
                begun = time.monotonic()
            await self.flush()

    async def _gather(self, until: float) -> None:
        """Wait until enough for a flush is there, at most to a moment of the monotonic clock."""
        with suppress(TimeoutError):
            async with asyncio.timeout(until - time.monotonic()):
                await self._full.wait()

    async def flush(self, *, refresh: bool = False) -> None:
        """Make everything taken so far durable and mark its batches.

        Args:
            refresh: tell also the ages of open cases anew: a replay's last look, as of one moment everywhere.
        """
        async with self._flushing:
            self._full.clear()
            await self._see_ends()
            drained = self._drain(refresh)
            if drained:
                self._waiting_events = 0
                await self._write(drained)
                await self._send(drained)
                self._settle(drained)
            self.metrics.set(Metric.CAUGHT_UP, float(bool(self._partitions) and self._caught_up))

    def _settle(self, drained: Iterable[Drained]) -> None:
        for part in drained:
            if self._partitions.get(part.partition.number) is part.partition:
                part.partition.book.settled(part.flush)
                if part.offsets[1] >= 0:
                    self.durable[part.partition.number] = part.offsets[1]
            for ticket in part.tickets:
                if self._mark_durable is not None:
                    self._mark_durable(ticket)
        self.metrics.add(Metric.FLUSHES, 1)
        self.durable_at = time.monotonic()

    async def _see_ends(self) -> None:
        """Find out which partitions have been read to their end: their clocks may run."""
        for partition in list(self._partitions.values()):
            partition.caught_up = self._all_read is None or await self._all_read(
                partition.number, partition.next_offset
            )
        self._caught_up = all(partition.caught_up for partition in self._partitions.values())

    def _drain(self, refresh: bool) -> list[Drained]:
        wall = self._clock.wall()
        refresh = refresh or wall - self._refreshed_at >= self._settings.refresh_seconds * 1e6
        if refresh:
            self._refreshed_at = wall
        drained = []
        for partition in list(self._partitions.values()):
            book = partition.book
            woken = partition.wake(self._clock)
            self.metrics.add(Metric.FELL_DUE, woken)
            if refresh:
                book.tally.changed_units.update(unit for unit, t in book.tally.units.items() if t.runs)
            tickets = self._tickets.pop(partition.number, [])
            full, partition.snapshots_due = partition.snapshots_due, False
            if not (book.has_changes or tickets or full or partition.dead or partition.misrouted):
                continue
            drained.append(
                Drained(
                    partition,
                    book.drain(wall, all_units=full),
                    (partition.first_offset, partition.next_offset),
                    partition.dead,
                    partition.misrouted,
                    tickets,
                    full,
                )
            )
            partition.dead, partition.misrouted, partition.first_offset = [], [], -1
            if partition.caught_up:
                book.caught_up_until = book.now
        return drained

    async def _write(self, drained: list[Drained]) -> None:
        rows = block(drained, self._topics.events, self._topic_id, self._clock.wall())
        if rows.events or rows.cases or rows.unit_days:
            began = time.monotonic()
            await self._hold(lambda: self._store.write(rows))
            self.metrics.add(Metric.INSERTS, 1)
            self.metrics.add(Metric.INSERT_SECONDS, time.monotonic() - began)
        self.metrics.add(Metric.EVENT_ROWS, len(rows.events))
        self.metrics.add(Metric.CASE_ROWS, len(rows.cases))

    async def _send(self, drained: list[Drained]) -> None:
        dead = [letter for part in drained for letter in part.dead]
        misrouted = [record for part in drained for record in part.misrouted]
        partials = [message for part in drained for message in part.snapshots()]
        for topic, records in (
            (self._topics.dead_letters, dead),
            (self._topics.events, misrouted),
            (self._topics.unit_partials, partials),
        ):
            if records:
                await persist(partial(self._outbox.send, topic, records), self.metrics)
        self.metrics.add(Metric.DEAD_LETTERS, len(dead))
        self.metrics.add(Metric.MISROUTED, len(misrouted))

    async def _hold(self, call: Callable[[], T]) -> T:
        return await persist(lambda: asyncio.to_thread(call), self.metrics)
