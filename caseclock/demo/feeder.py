"""Sends the simulated city's messages to Kafka: history at once, then each one when its moment has come."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from caseclock.clocks import WallClock
from caseclock.demo.paper import Message
from schemas.moment import SECOND_US
from sinks.kafka import BulkSender
from streams.metrics import Metrics
from streams.partitioner import partitions_of
from streams.persist import persist

_CHUNK: Final = 5_000
_NAP: Final = 0.05
"""Seconds that a message may be sent after its moment, so that some go together."""


class Feeder:
    """Sends messages; returns only when Kafka has confirmed them, however long that takes.

    Args:
        sender, topic, partitions: to the topic of events.
        metrics: counts waits for Kafka.

    Attributes:
        ends: by partition the offset after the last message of ours.
    """

    def __init__(self, sender: BulkSender, topic: str, partitions: int, metrics: Metrics) -> None:
        self._sender = sender
        self._topic = topic
        self._partitions = partitions
        self._metrics = metrics
        self.ends: dict[int, int] = {}

    async def send(self, messages: list[Message]) -> None:
        """Send some."""
        keys = [message.key for message in messages]
        values = [message.value for message in messages]
        to = partitions_of(keys, self._partitions).tolist()
        self.ends |= await persist(
            lambda: self._sender.send(self._topic, keys, values, partitions=to), self._metrics
        )

    async def send_all(self, messages: Iterator[Message], on_chunk: Callable[[list[Message]], None]) -> None:
        """Send all of a history, telling each chunk that was."""
        while chunk := list(islice(messages, _CHUNK)):
            await self.send(chunk)
            on_chunk(chunk)

    async def send_in_time(self, messages: Iterator[Message]) -> None:
        """Send messages when their moments come, for as long as there are any."""
        clock = WallClock()
        due: list[Message] = []
        for message in messages:
            while (wait := (message.at - clock.wall()) / SECOND_US) > 0:
                if due:
                    await self.send(due)
                    due = []
                await asyncio.sleep(max(wait, _NAP))
            due.append(message)
            if len(due) >= _CHUNK:
                await self.send(due)
                due = []
