"""What the tests of the transport share: topics with records, a worker, waiting with a deadline."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sinks.kafka import BulkSender, KafkaTopics, TopicSpec
from streams.faust_app import AppSettings
from streams.transport import Batch
from tests.conftest import Broker


def settings(broker: Broker, group: str, **changes: object) -> AppSettings:
    """Settings of a worker that finds its place in the group as soon as this broker allows."""
    chosen: dict[str, object] = {
        "group_id": group,
        "session_timeout": broker.session_timeout,
        "rebalance_timeout": 6.0,
        "heartbeat_interval": 0.5,
        "commit_interval": 0.2,
        **changes,
    }
    return AppSettings(**chosen)  # type: ignore[arg-type]  # the names are AppSettings' own


async def make_topic(broker: Broker, topic: str, partitions: int = 1) -> None:
    def make() -> None:
        with KafkaTopics(broker.access) as topics:
            assert topics.ensure([TopicSpec(topic, partitions)]) == {topic: partitions}

    await asyncio.to_thread(make)


async def fill(broker: Broker, topic: str, values: list[bytes], partitions: int = 1) -> dict[int, int]:
    """Send records with distinct keys, spread evenly; gives the end of each partition."""
    async with BulkSender(broker.access, idempotent=broker.name == "kafka") as sender:
        keys = [b"case-%d" % i for i in range(len(values))]
        places = [i % partitions for i in range(len(values))]
        return await sender.send(topic, keys, values, partitions=places)


async def committed(broker: Broker, group: str, topic: str) -> dict[int, int]:
    def ask() -> dict[int, int]:
        with KafkaTopics(broker.access) as topics:
            return topics.committed(group, topic)

    return await asyncio.to_thread(ask)


async def until_committed(
    broker: Broker, group: str, topic: str, ends: dict[int, int], within: float = 2.0
) -> None:
    """Wait until exactly this is committed: two seconds after it is durable at the latest."""
    deadline = time.monotonic() + within
    while (found := await committed(broker, group, topic)) != ends:
        assert time.monotonic() < deadline, f"{found} is committed, not {ends}"


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for what must come; a test that waits in vain fails with the condition's name."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not in {within:g} s: {condition}"
        await asyncio.sleep(0.02)


@dataclass
class Seen:
    """What an agent was given."""

    batches: list[Batch] = field(default_factory=list)

    @property
    def records(self) -> int:
        return sum(len(batch) for batch in self.batches)

    def offsets(self) -> dict[int, list[int]]:
        """By partition, in the order in which they came."""
        found: dict[int, list[int]] = {}
        for batch in self.batches:
            found.setdefault(batch.tp.partition, []).extend(record.offset for record in batch)
        return found
