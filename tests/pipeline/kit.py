"""A worker in the test's own process, on real services; a clock moved by hand; records sent as offices send them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from caseclock.city import prepare
from caseclock.settings import WorkerSettings
from caseclock.worker import WorkerParts, ensure_topics, topic_names, worker
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import BulkSender, KafkaTopics
from streams.ports import CaseStore, Clock
from tests.city import RULES
from tests.conftest import Broker
from tests.oracle.events import canonical
from tests.oracle.model import Event

CITY: Final = Path(__file__).parent / "city"
"""The oracle's city as files."""
PARTITIONS: Final = 4
SMALL: Final = WorkerSettings(
    partitions=PARTITIONS,
    batch_rows=150,
    batch_ms=50,
    hot_cases=15,
    session_timeout_s=6,
    rebalance_timeout_s=6,
)
"""Small batches and few hot cases: many flushes, and every way through the book."""
OVERDUE_ON_THE_BOARD: Final = "SELECT sum(overdue) AS n FROM v_units_now WHERE unit_id = '*'"


class HandClock:
    """Stands where it is put; the wall clock goes on."""

    def __init__(self, at: int) -> None:
        self.at = at

    def wall(self) -> int:
        return time.time_ns() // 1000

    def now(self) -> int:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a test plays: a broker, a database of its own, names of its own."""

    broker: Broker
    store: ClickHouse
    prefix: str

    @property
    def group(self) -> str:
        return f"{self.prefix}group"

    @property
    def events(self) -> str:
        return topic_names(self.prefix).events


@asynccontextmanager
async def at_work(
    stage: Stage,
    clock: Clock,
    profile: str = "one_stop",
    *,
    settings: WorkerSettings = SMALL,
    through: Callable[[CaseStore], CaseStore] = lambda store: store,
) -> AsyncIterator[WorkerParts]:
    """A worker on the stage; `through` may put something between it and its store."""
    rules = RULES[profile]
    store = through(await asyncio.to_thread(prepare, stage.store, rules))
    async with worker(
        access=stage.broker.access,
        prefix=stage.prefix,
        group_id=stage.group,
        rules=rules,
        store=store,
        clock=clock,
        settings=settings,
        embedded=stage.broker.name == "tansu",
    ) as parts:
        yield parts


async def make_topics(stage: Stage, partitions: int = PARTITIONS) -> None:
    """The topics, before the first record is sent."""

    def make() -> None:
        with KafkaTopics(stage.broker.access) as admin:
            assert ensure_topics(admin, topic_names(stage.prefix), partitions) == partitions

    await asyncio.to_thread(make)


async def send(stage: Stage, events: Sequence[Event]) -> dict[int, int]:
    """Send events as any office would: key = case_id, Kafka's own partitioner. Gives the partitions' ends."""
    return await send_raw(
        stage, [event["case_id"].encode() for event in events], [canonical(event) for event in events]
    )


async def send_raw(
    stage: Stage,
    keys: Sequence[bytes | None],
    values: Sequence[bytes],
    partitions: Sequence[int] | None = None,
    headers: Sequence[Sequence[tuple[str, bytes]]] | None = None,
) -> dict[int, int]:
    """Send records as they are."""
    async with BulkSender(stage.broker.access, idempotent=stage.broker.name == "kafka") as sender:
        return await sender.send(stage.events, keys, values, partitions=partitions, headers=headers)


async def committed(stage: Stage) -> dict[int, int]:
    """What the group has committed of the topic of events."""

    def ask() -> dict[int, int]:
        with KafkaTopics(stage.broker.access) as admin:
            return admin.committed(stage.group, stage.events)

    return await asyncio.to_thread(ask)


async def until_committed(stage: Stage, ends: dict[int, int], within: float = 20.0) -> None:
    """Wait until all records up to these ends are done with."""
    deadline = time.monotonic() + within
    while (found := await committed(stage)) != ends:
        assert time.monotonic() < deadline, f"{found} is committed, not {ends}"
        await asyncio.sleep(0.1)


async def ends_of(stage: Stage) -> dict[int, int]:
    """Where the partitions of the topic of events end now."""

    def ask() -> dict[int, int]:
        with KafkaTopics(stage.broker.access) as admin:
            return admin.end_offsets(stage.events)

    return await asyncio.to_thread(ask)


def records_of(broker: Broker, topic: str) -> list[ConsumerRecord]:
    """Everything in a topic, partition by partition."""
    with KafkaTopics(broker.access) as admin:
        ends = admin.end_offsets(topic)
    options = {"enable_auto_commit": False, "consumer_timeout_ms": 10_000}
    reader = KafkaConsumer(bootstrap_servers=broker.access.bootstrap_servers, **options)
    reader.assign([TopicPartition(topic, number) for number in ends])
    reader.seek_to_beginning()
    found: list[ConsumerRecord] = []
    while len(found) < sum(ends.values()):
        found.append(next(reader))
    reader.close()
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def until_right(look: Callable[[], list[str]], within: float = 20.0) -> None:
    """Wait until nothing is wrong any more; else say what still is."""
    deadline = time.monotonic() + within
    while wrong := await asyncio.to_thread(look):
        assert time.monotonic() < deadline, f"{len(wrong)} numbers are wrong:\n" + "\n".join(wrong[:20])
        await asyncio.sleep(0.1)


async def until(condition: Callable[[], bool | Awaitable[bool]], within: float = 20.0) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, f"not in {within:g} s: {condition}"
        await asyncio.sleep(0.02)
