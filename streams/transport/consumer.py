"""Faust's aiokafka consumer, with batches of some topics and a book of its own for them.

How an offset of a batch topic comes to be committed, and what can go wrong at each step:

1. `_getmany` wraps the records of a partition of one fetch into one item, `_to_message` makes the `Batch` and
   enters it in the book. Lost after this (a queue cleared in a rebalance): the partition is being given up,
   its entries are forgotten, the new owner starts at the committed offset.
2. The agent takes the batch. It fails: the app crashes (`streams.faust_app`), nothing of it is committed.
   Faust's acknowledgement does not count: the message is born acknowledged, so the streams, which have that
   code inlined, never touch it.
3. The agent calls `mark_durable`. Killed before: the records come again, doing it twice changes nothing.
4. Faust's commit timer asks `_new_offset`. Killed before: as in 3, for at most one interval.
5. Kafka refuses (a rebalance): the book keeps the offset and offers it again, until the partition is revoked.

On revocation and on stopping the release hooks get a deadline to make durable what is under way; nothing
waits longer than that, and nothing depends on their success.
"""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from typing import Any, cast

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka
from faust.types import TP, ConsumerMessage
from faust.types.transports import TPorTopicSet
from mode import Service

from streams.transport.batch import Batch, Ticket, batching_of
from streams.transport.book import BatchBook
from streams.transport.thread import ConsumerThread

_HELD_POLL = 0.05  # seconds between looks at the other topics while the batch topics are held
_COMMIT_SECONDS = 2.0  # what the last commit gets even when the release hooks used up their time
_LIVELOCK_CHECK = 30.0  # seconds; Faust's own 2.5 commit intervals would complain all the time


class Consumer(aiokafka.Consumer):
    """The consumer behind `caseclock://`; an app's is `app.consumer`.

    Attributes:
        batches: the book of batches, for those who count.
    """

    _thread: ConsumerThread

    def __post_init__(self) -> None:
        """Set up the book; called by `mode` at the end of its own construction."""
        super().__post_init__()
        self.batches = BatchBook()
        self._batching = batching_of(self.app)
        self._room = asyncio.Event()
        self._agent_failed = False

    def mark_durable(self, ticket: Ticket) -> bool:
        """Say that every effect of a batch is durable; to be called on the app's event loop.

        Batches of a partition must be marked in the order in which they came.

        Returns:
            Whether it counted: not when the partition has been given up in between.

        Raises:
            SkippedBatch: when an older batch of the partition is not durable.
        """
        counted = self.batches.durable(ticket)
        if counted and not self.holding:
            self._room.set()
        return counted

    @property
    def holding(self) -> bool:
        """Whether the batch topics are paused because too much is under way."""
        return self.batches.pending_bytes >= self._batching.buffer_bytes

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109  # as in the base class
    ) -> Mapping[TP, list[Any]]:
        topics = self._batching.topics
        if self.holding:
            others = {tp for tp in active_partitions or () if tp.topic not in topics}
            records = await super()._getmany(others, 0.0) if others else {}
            if not records:
                await self._wait_for_room(_HELD_POLL if others else timeout)
            return records
        records = await super()._getmany(active_partitions, timeout)
        return {tp: [found] if tp.topic in topics else found for tp, found in records.items()}

    async def _wait_for_room(self, seconds: float) -> None:
        self._room.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._room.wait()
        except TimeoutError:
            pass

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:  # noqa: ANN401  # as in the base class
        if tp.topic not in self._batching.topics:
            return super()._to_message(tp, record)
        last = record[-1]
        size = sum([r.serialized_key_size + r.serialized_value_size for r in record])
        read = self._read_offset[tp]
        if read is not None and last.offset < read:
            ticket = Ticket(ensure_TP(tp), last.offset, 0)  # Faust drops it: it was delivered before
        else:
            ticket = self.batches.handed(ensure_TP(tp), last.offset, size)
        message = ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            None,
            None,
            cast(bytes, Batch(ticket, self.highwater(tp) or last.offset + 1, record)),
            None,
            0,
            size,
            ticket.tp,
            generation_id=self.app.consumer_generation_id,
        )
        message.acked = message.tracked = True
        return message

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        if not self._agent_failed:
            yield from super()._filter_tps_with_pending_acks(topics)
        for tp in self.batches.owing():
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        if tp.topic in self._batching.topics:
            return self.batches.committable(tp)
        return super()._new_offset(tp)

    def _should_commit(self, tp: TP, offset: int) -> bool:
        return tp.topic in self._batching.topics or super()._should_commit(tp, offset)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        confirmed = await super()._commit(offsets)
        if confirmed:
            for tp, offset in offsets.items():
                self.batches.committed(tp, offset)
        return confirmed

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        if tp.topic not in self._batching.topics:
            await super()._add_gap(tp, offset_from, offset_to)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go back to the committed offset everywhere, and to the beginning where nothing is committed.

        aiokafka leaves those partitions where they are, and records fetched while a rebalance was under way
        would be dropped for good. What was handed over and is not committed comes again, so it is forgotten.
        """
        committed = await super().seek_to_committed()
        unread = [tp for tp, offset in committed.items() if not offset and not self._is_changelog_tp(tp)]
        if unread and self.app.conf.consumer_auto_offset_reset == "earliest":
            await self._thread.seek_to_beginning(*unread)
        self._forget(committed)
        return committed

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Release what is under way, then forget the partitions."""
        try:
            await super().on_partitions_revoked(revoked)
        finally:
            self._forget(revoked)

    def _forget(self, partitions: Iterable[TP]) -> None:
        self.batches.forget(ensure_TP(tp) for tp in partitions)
        self._room.set()

    async def on_task_error(self, exc: BaseException) -> None:  # noqa: ARG002  # as in the base class
        """Commit nothing more that Faust acknowledged: it acknowledges what its agent failed at."""
        self._agent_failed = True
        await self._within(self.commit(), _COMMIT_SECONDS)

    async def wait_empty(self) -> None:
        """Give the agents their deadline to finish, then commit what is durable.

        Faust's own waits for its messages without end (an agent that holds because a database is away would
        be thrown out of the group) and collects garbage over the whole heap every second meanwhile.
        """
        deadline = time.monotonic() + self._batching.release_seconds
        if not self.should_stop:
            await self._release(deadline)
        while self._unacked_messages and not self.should_stop and time.monotonic() < deadline:
            await asyncio.sleep(_HELD_POLL)
            self._clean_unacked_messages()
        if self._unacked_messages:
            self.log.warning("%d messages unfinished: they come again", len(self._unacked_messages))
        await self._within(self._commit_all(), max(deadline - time.monotonic(), _COMMIT_SECONDS))

    async def _release(self, deadline: float) -> None:
        given_up = frozenset(tp for tp in self.assignment() if tp.topic in self._batching.topics)
        if not given_up or not self._batching.release:
            return
        left = deadline - time.monotonic()
        hooks = asyncio.gather(*(hook(given_up, left) for hook in self._batching.release))
        try:
            if not await self._within(_wait(hooks), left):
                self.log.warning("Not released in %.1f s: the rest comes again", left)
        except Exception as defect:  # noqa: BLE001  # whatever it is, the app must crash with it, not stop half-way
            await self.app.crash(defect)

    async def _commit_all(self) -> None:
        await self.commit_and_end_transactions()
        while self.batches.owing() and not self.app.crashed:
            await asyncio.sleep(_HELD_POLL)  # another commit was under way, or Kafka refused this one
            await self.commit()

    async def _within(self, work: Coroutine[Any, Any, Any], seconds: float) -> bool:
        """Run to the end or until the time is up; Faust's own waits swallow a plain cancellation."""
        task = asyncio.ensure_future(work)
        for patience in (seconds, 0.5, 0.5):
            done, _ = await asyncio.wait({task}, timeout=patience)
            if done:
                break
            task.cancel()
        if task.done() and not task.cancelled():
            task.result()
            return True
        return False

    @Service.task
    async def _stay_member(self) -> None:
        longest = float(self.app.conf.broker_max_poll_interval)
        async for _ in self.itertimer(max(longest / 10, 0.5), name="stay_member"):
            if self.assignment():
                await self._thread.stay_member()

    @Service.task
    async def _commit_livelock_detector(self) -> None:
        async for _ in self.itertimer(_LIVELOCK_CHECK, name="livelock"):
            if not self.app.rebalancing and not self.holding:
                await self.verify_all_partitions_active()


async def _wait(work: "asyncio.Future[Any]") -> None:
    await work
