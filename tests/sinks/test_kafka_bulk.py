"""Whole batches, confirmed or not, from an event loop."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.partitioner import murmur2

from caseclock.embedded.broker import embedded_broker
from schemas.stored import Unavailable
from sinks.kafka import BulkSender, KafkaAccess, KafkaTopics, NotConfirmed, TopicSpec
from sinks.kafka.bulk import Refused
from tests.conftest import Broker


def make(broker: Broker, name: str, partitions: int) -> None:
    with KafkaTopics(broker.access) as topics:
        topics.ensure([TopicSpec(name, partitions)])


def bulk(broker: Broker) -> BulkSender:
    return BulkSender(broker.access, idempotent=broker.name == "kafka")


async def read(
    broker: Broker, topic: str, records: int
) -> list[tuple[int, bytes | None, bytes | None, object]]:
    reader = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.access.bootstrap_servers,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
    )
    await reader.start()
    found: list[tuple[int, bytes | None, bytes | None, object]] = []
    try:
        async with asyncio.timeout(10):
            while len(found) < records:
                for batch in (await reader.getmany(timeout_ms=100)).values():
                    found.extend((r.partition, r.key, r.value, tuple(r.headers)) for r in batch)
    finally:
        await reader.stop()
    return found


async def test_records_arrive_in_order_on_the_partitions_of_their_keys(broker: Broker, prefix: str) -> None:
    topic = f"{prefix}events"
    await asyncio.to_thread(make, broker, topic, 3)
    keys: list[bytes | None] = [b"case-%d" % (i % 7) for i in range(3_000)]
    values: list[bytes | None] = [b"%0300d" % i for i in range(3_000)]

    async with bulk(broker) as sender:
        ends = await sender.send(topic, keys, values)
        more = await sender.send(topic, [b"case-0"], [b"last"])

    found = await read(broker, topic, 3_001)
    places = [(murmur2(key) & 0x7FFFFFFF) % 3 for key in keys if key is not None]
    assert ends == {p: places.count(p) for p in set(places)}
    assert more == {places[0]: ends[places[0]] + 1}
    for partition in set(places):
        sent = [(k, v) for k, v, p in zip(keys, values, places, strict=True) if p == partition]
        assert [(k, v) for p, k, v, _ in found if p == partition][: len(sent)] == sent


async def test_partitions_headers_and_absent_keys_are_taken_as_they_are_given(
    broker: Broker, prefix: str
) -> None:
    topic = f"{prefix}dead-letters"
    await asyncio.to_thread(make, broker, topic, 2)

    async with bulk(broker) as sender:
        ends = await sender.send(
            topic,
            [None, b"k"],
            [b"", b"v"],
            partitions=[1, 1],
            headers=[[("reason", b"json")], (("reason", b"time"), ("field", b"due_at"))],
        )

    assert ends == {1: 2}
    assert await read(broker, topic, 2) == [
        (1, None, b"", (("reason", b"json"),)),
        (1, b"k", b"v", (("reason", b"time"), ("field", b"due_at"))),
    ]


@pytest.mark.kafka
async def test_what_kafka_will_never_take_is_a_defect_and_the_sender_goes_on(
    kafka_broker: Broker, prefix: str
) -> None:
    topic = f"{prefix}events"
    await asyncio.to_thread(make, kafka_broker, topic, 1)

    async with bulk(kafka_broker) as sender:
        with pytest.raises(Refused, match="MessageSizeTooLarge"):
            await sender.send(topic, [b"k"], [b"x" * 3_000_000])
        assert await sender.send(topic, [b"k"], [b"small"]) == {0: 1}


async def test_a_kafka_that_goes_away_is_named_and_found_again_when_it_is_back() -> None:
    with embedded_broker() as broker:
        access = KafkaAccess(bootstrap_servers=broker.bootstrap_servers, connect_seconds=1.0)
        with KafkaTopics(access) as topics:
            topics.ensure([TopicSpec("events", 1)])
        async with BulkSender(access, idempotent=False, deliver_within=1.0) as sender:
            assert await sender.send("events", [b"k"], [b"v"]) == {0: 1}
            broker.process.kill()
            broker.process.wait()

            with pytest.raises(NotConfirmed, match="1 records for events"):
                await sender.send("events", [b"k"], [b"v"])
            with pytest.raises(Unavailable, match="does not answer"):
                await sender.send("events", [b"k"], [b"v"])
