"""Sending whole batches from an event loop and waiting for their confirmation: what agents and replays use.

The batches are put together here (aiokafka's compiled builder), one call for thousands of records, not one
for each: some 400 000 records a second. Nothing returns before Kafka has confirmed all of it.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
)
from aiokafka.partitioner import DefaultPartitioner

from schemas.stored import Unavailable
from sinks.kafka.access import KafkaAccess

Headers = Sequence[tuple[str, bytes]]

_BATCH_BYTES = 256 * 1024
_STOP_SECONDS = 5.0
_FOR_GOOD = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    TopicAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


class NotConfirmed(Unavailable):
    """Kafka did not confirm some records: nothing that rests on them may be acknowledged; try again.

    Attributes:
        records: how many of those sent are not confirmed (they may be there all the same).
    """

    def __init__(self, topic: str, records: int, cause: BaseException) -> None:
        super().__init__(f"Kafka did not confirm {records} records for {topic} ({type(cause).__name__})")
        self.records = records


class Refused(Exception):  # noqa: N818  # names what happened
    """Kafka answered that it will never take these records as they are: too large, not allowed. A defect."""


class BulkSender:
    """An asynchronous, confirming producer; an async context manager."""

    def __init__(self, access: KafkaAccess, *, idempotent: bool = True, deliver_within: float = 30.0) -> None:
        """Prepare; nothing is connected yet.

        Args:
            access: the cluster.
            idempotent: retries neither double nor reorder. Tansu does not know the form of it aiokafka
                speaks: there a retry may double a record, which changes no number of ours.
            deliver_within: seconds after which an unanswered batch has failed.
        """
        self._access = access
        self._idempotent = idempotent
        self._seconds = deliver_within
        self._producer: Any = None
        self._failed = False
        self._beginning = asyncio.Lock()
        self._partitioner = DefaultPartitioner()

    async def start(self) -> None:
        """Connect.

        Raises:
            KafkaUnavailable: when the cluster does not answer.
        """
        with self._access.told_in_one_line():
            producer = AIOKafkaProducer(
                acks="all",
                enable_idempotence=self._idempotent,
                max_batch_size=_BATCH_BYTES,
                request_timeout_ms=int(self._seconds * 1000),
                **self._access.client_options(),
            )
            try:
                async with asyncio.timeout(self._access.connect_seconds):
                    await producer.start()
            except UnknownError:
                await producer.stop()
                if not self._idempotent:
                    raise
                self._idempotent = False  # a broker without that form of idempotence: see above
                return await self.start()
            except BaseException:
                await producer.stop()
                raise
        self._producer = producer
        return None

    async def stop(self) -> None:
        """Close the connection."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        if self._failed:  # its own stop would wait for what it could not send, when idempotent for ever
            producer._closed = True
        closing = asyncio.ensure_future(producer._sender.close() if self._failed else producer.stop())
        done, _ = await asyncio.wait({closing}, timeout=_STOP_SECONDS)
        if self._failed or not done:
            closing.cancel()
            await producer.client.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def send(
        self,
        topic: str,
        keys: Sequence[bytes | None],
        values: Sequence[bytes | None],
        *,
        partitions: Sequence[int] | None = None,
        headers: Sequence[Headers] | None = None,
    ) -> dict[int, int]:
        """Send records and wait until Kafka has confirmed all of them.

        The order is kept within a partition.

        Args:
            topic: where to; it must exist.
            keys: one for each record.
            values: one for each record.
            partitions: one for each record; worked out from the keys when absent, one by one (a large batch
                had better bring those of `streams.partitioner`).
            headers: for each record its headers; none when absent.

        Returns:
            By partition the offset after the last of these records.

        Raises:
            NotConfirmed: when any of them is not confirmed in time.
            KafkaUnavailable: when they cannot even be sent, after a failure before.
            Refused: when Kafka will not take one of them, however often it is sent.
        """
        if self._failed:
            await self._begin_anew()
        try:
            async with asyncio.timeout(self._seconds):
                return await _confirmed(
                    topic, await self._submit_all(topic, keys, values, partitions, headers)
                )
        except TimeoutError as late:
            self._failed = True
            raise NotConfirmed(topic, len(keys), late) from late
        except BaseException:
            self._failed = True
            raise

    async def _begin_anew(self) -> None:
        """After a failure: an idempotent producer's count of records may be off for good."""
        async with self._beginning:
            if self._failed:
                await self.stop()
                await self.start()
                self._failed = False

    async def _submit_all(
        self,
        topic: str,
        keys: Sequence[bytes | None],
        values: Sequence[bytes | None],
        partitions: Sequence[int] | None,
        headers: Sequence[Headers] | None,
    ) -> list[tuple[int, Any]]:
        if partitions is None:
            partitions = await self._partitions(topic, keys)
        open_batches: dict[int, Any] = {}
        sent: list[tuple[int, Any]] = []
        try:
            for i, partition in enumerate(partitions):
                batch = open_batches.get(partition)
                if batch is None:
                    batch = open_batches[partition] = self._producer.create_batch()
                record: dict[str, Any] = {"timestamp": None, "key": keys[i], "value": values[i]}
                if headers is not None:
                    record["headers"] = list(headers[i])
                if batch.append(**record) is None:
                    sent.append((batch.record_count(), await self._submit(batch, topic, partition)))
                    batch = open_batches[partition] = self._producer.create_batch()
                    batch.append(**record)
            for partition, batch in open_batches.items():
                sent.append((batch.record_count(), await self._submit(batch, topic, partition)))
        except KafkaError as away:
            await asyncio.gather(*(answer for _, answer in sent), return_exceptions=True)
            raise NotConfirmed(topic, len(keys), away) from away
        return sent

    async def _submit(self, batch: Any, topic: str, partition: int) -> Any:  # noqa: ANN401  # aiokafka has no types
        return await self._producer.send_batch(batch, topic, partition=int(partition))

    async def _partitions(self, topic: str, keys: Sequence[bytes | None]) -> list[int]:
        try:
            known = sorted(await self._producer.partitions_for(topic))
        except KafkaError as away:
            raise NotConfirmed(topic, len(keys), away) from away
        return [self._partitioner(key, known, known) for key in keys]


async def _confirmed(topic: str, sent: list[tuple[int, Any]]) -> dict[int, int]:
    answers = await asyncio.gather(*(answer for _, answer in sent), return_exceptions=True)
    ends: dict[int, int] = {}
    lost, cause = 0, None
    for (count, _), answer in zip(sent, answers, strict=True):
        if isinstance(answer, BaseException):
            lost, cause = lost + count, answer
        else:
            ends[answer.partition] = max(ends.get(answer.partition, 0), answer.offset + count)
    if cause is None:
        return ends
    if isinstance(cause, _FOR_GOOD):
        msg = f"Kafka refuses records for {topic} ({type(cause).__name__})"
        raise Refused(msg) from cause
    raise NotConfirmed(topic, lost, cause) from cause
