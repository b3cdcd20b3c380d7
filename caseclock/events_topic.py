"""The topic of events as somebody sees it who sends now and then: connected when first needed, and again when lost."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from caseclock.worker import ensure_topics, topic_names
from schemas.stored import Unavailable
from sinks.kafka import BulkSender, KafkaAccess, KafkaTopics
from streams.partitioner import partitions_of

DELIVER_SECONDS: Final = 10.0
"""Whoever waits for the answer must not wait longer."""
_REST_SECONDS: Final = 1.0
"""After a failed attempt to connect so long nobody tries again: they would all stand in line for it."""


class EventsTopic:
    """Sends events, each to the partition of its case.

    Args:
        access: the cluster.
        prefix: the beginning of the topics' names.
        partitions: of the topic when it has to be made.
        embedded: the broker is the embedded one, which knows no idempotent producers.
        clock: seconds of any clock that only goes forward.
    """

    def __init__(
        self,
        access: KafkaAccess,
        prefix: str,
        partitions: int,
        *,
        embedded: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access, self._topics, self._wanted = access, topic_names(prefix), partitions
        self._embedded, self._clock = embedded, clock
        self._connecting = asyncio.Lock()
        self._sender: BulkSender | None = None
        self._partitions = 0
        self._failed_at = float("-inf")

    async def send(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Send records; returns when Kafka has confirmed all of them.

        Raises:
            Unavailable: they are not confirmed; some may have arrived all the same.
        """
        sender = await self._connected()
        try:
            to = partitions_of(keys, self._partitions).tolist()
            await sender.send(self._topics.events, keys, values, partitions=to)
        except Unavailable:
            self._partitions = 0  # it may come back with another topic of the name
            raise

    async def _connected(self) -> BulkSender:
        async with self._connecting:
            if self._clock() - self._failed_at < _REST_SECONDS:
                raise Unavailable("Kafka did not answer a moment ago")
            try:
                if not self._partitions:
                    self._partitions = await asyncio.to_thread(self._make)
                if self._sender is None:
                    sender = BulkSender(
                        self._access, idempotent=not self._embedded, deliver_within=DELIVER_SECONDS
                    )
                    await sender.start()
                    self._sender = sender
            except Unavailable:
                self._failed_at = self._clock()
                raise
            return self._sender

    def _make(self) -> int:
        with KafkaTopics(self._access) as admin:
            return ensure_topics(admin, self._topics, self._wanted)

    async def close(self) -> None:
        """Close the connection."""
        if self._sender is not None:
            await self._sender.stop()
