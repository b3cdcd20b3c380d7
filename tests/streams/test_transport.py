"""One worker over record batches, on the embedded broker and on Apache Kafka."""

import asyncio
import time
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP, StreamT

from streams.faust_app import CaseclockApp, make_app, running
from streams.transport import Batch, SkippedBatch
from streams.transport.book import SMALLEST_BATCH_BYTES
from tests.conftest import Broker
from tests.streams.transport_kit import (
    Seen,
    committed,
    fill,
    make_topic,
    settings,
    until,
    until_committed,
)


def collecting(app: CaseclockApp, topic: str, *, mark: bool) -> Seen:
    """Give the app an agent that keeps its batches and, if asked, calls each durable at once."""
    seen = Seen()

    async def cases(batches: StreamT[Batch]) -> None:
        async for batch in batches:
            seen.batches.append(batch)
            if mark:
                app.mark_durable(batch.ticket)

    app.agent(app.batch_topic(topic), name="cases")(cases)
    return seen


async def test_batches_come_whole_and_in_order_and_are_committed_to_the_end(
    broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(broker, topic, 3)
    values = [b"%d" % i for i in range(30_000)]
    ends = await fill(broker, topic, values, 3)
    app = make_app(broker.access, settings(broker, group))
    seen = collecting(app, topic, mark=True)

    async with running(app):
        await until(lambda: seen.records >= 30_000)
        await until(lambda: not app.batch_consumer.batches.owing(), 2.0)

    assert seen.offsets() == {p: list(range(end)) for p, end in ends.items()}
    assert sorted(int(r.value or b"") for batch in seen.batches for r in batch) == list(range(30_000))
    assert len(seen.batches) < 60
    last = {batch.tp.partition: batch for batch in seen.batches}
    assert all(batch.last + 1 == batch.end_offset == ends[p] for p, batch in last.items())
    assert await committed(broker, group, topic) == ends


async def test_what_is_committed_is_what_is_durable_two_seconds_later_at_most(
    broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(broker, topic)
    app = make_app(broker.access, settings(broker, group))
    seen = collecting(app, topic, mark=False)

    async with running(app):
        for piece in range(3):
            await fill(broker, topic, [b"x"] * 10)
            await until(lambda piece=piece: seen.records == 10 * (piece + 1))  # type: ignore[misc]
        first, *rest = seen.batches
        await asyncio.sleep(0.5)
        assert await committed(broker, group, topic) == {}

        app.mark_durable(first.ticket)
        await until_committed(broker, group, topic, {0: first.last + 1})
        await asyncio.sleep(0.5)
        assert await committed(broker, group, topic) == {0: first.last + 1}

        for batch in rest:
            app.mark_durable(batch.ticket)
        await until_committed(broker, group, topic, {0: 30})


async def test_a_restart_goes_on_where_it_was_committed(broker: Broker, prefix: str) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(broker, topic)
    first_app = make_app(broker.access, settings(broker, group))
    before = collecting(first_app, topic, mark=False)
    async with running(first_app):
        await fill(broker, topic, [b"durable"] * 7)
        await until(lambda: before.records == 7)
        for batch in before.batches:
            first_app.mark_durable(batch.ticket)
        await fill(broker, topic, [b"not durable"] * 5)
        await until(lambda: before.records == 12)
    assert await committed(broker, group, topic) == {0: 7}

    second_app = make_app(broker.access, settings(broker, group))
    after = collecting(second_app, topic, mark=True)
    async with running(second_app):
        await until(lambda: after.records >= 5)

    assert after.offsets() == {0: [7, 8, 9, 10, 11]}
    assert await committed(broker, group, topic) == {0: 12}


@pytest.mark.kafka
async def test_a_release_hook_gets_its_chance_and_no_more_than_its_time(
    kafka_broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(kafka_broker, topic)
    app = make_app(kafka_broker.access, settings(kafka_broker, group, release_seconds=1.0))
    seen = collecting(app, topic, mark=False)
    asked: list[tuple[frozenset[TP], float]] = []

    async def flush(partitions: frozenset[TP], seconds: float) -> None:
        asked.append((partitions, seconds))
        app.mark_durable(seen.batches[0].ticket)
        await asyncio.sleep(60)  # the store is away

    app.batching.release.append(flush)
    async with running(app):
        for piece in (4, 8):
            await fill(kafka_broker, topic, [b"x"] * 4)
            await until(lambda piece=piece: seen.records == piece)  # type: ignore[misc]
        began = time.monotonic()

    assert 1.0 <= time.monotonic() - began < 4.0
    assert [partitions for partitions, _ in asked] == [frozenset({TP(topic, 0)})]
    assert [seconds for _, seconds in asked] == pytest.approx([1.0], abs=0.1)
    assert await committed(kafka_broker, group, topic) == {0: 4}


async def test_other_topics_pass_as_with_faust_itself(broker: Broker, prefix: str) -> None:
    events, other, group = f"{prefix}events", f"{prefix}other", f"{prefix}group"
    await make_topic(broker, events)
    await make_topic(broker, other)
    app = make_app(broker.access, settings(broker, group))
    seen = collecting(app, events, mark=True)
    values: list[object] = []

    async def stock(stream: StreamT[object]) -> None:
        async for event in stream.events():
            values.append((event.message.offset, event.value))

    app.agent(app.topic(other, value_type=bytes, value_serializer="raw"), name="stock")(stock)
    async with running(app):
        await fill(broker, other, [b"a", b"b", b"c"])
        await fill(broker, events, [b"x"] * 3)
        await until(lambda: len(values) == 3 and seen.records == 3)

    assert values == [(0, b"a"), (1, b"b"), (2, b"c")]
    assert await committed(broker, group, other) == {0: 3}
    assert await committed(broker, group, events) == {0: 3}


@pytest.mark.parametrize("kind", ["batches", "stock"])
async def test_an_agent_that_raises_stops_the_app_and_its_offset_is_not_committed(
    broker: Broker, prefix: str, kind: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(broker, topic)
    app = make_app(broker.access, settings(broker, group))

    async def cases(stream: StreamT[object]) -> None:
        async for event in stream.events():
            value = event.value
            if isinstance(value, Batch):
                value = value.records[0].value
            if value == b"poison":
                raise ZeroDivisionError("a defect")
            if isinstance(event.value, Batch):
                app.mark_durable(event.value.ticket)

    source = app.batch_topic(topic) if kind == "batches" else app.topic(topic, value_serializer="raw")
    app.agent(source, name="cases")(cases)

    async def work() -> None:
        async with running(app):
            await fill(broker, topic, [b"good"])
            await until_committed(broker, group, topic, {0: 1})
            await fill(broker, topic, [b"poison"])
            await asyncio.sleep(30)

    with pytest.raises(ZeroDivisionError, match="a defect"):
        await work()

    assert await committed(broker, group, topic) == {0: 1}


@pytest.mark.kafka
async def test_an_agent_that_holds_is_given_no_more_and_stays_in_the_group(
    kafka_broker: Broker, prefix: str
) -> None:
    events, other, group = f"{prefix}events", f"{prefix}other", f"{prefix}group"
    await make_topic(kafka_broker, events, 2)
    await make_topic(kafka_broker, other)
    budget = 4 * SMALLEST_BATCH_BYTES
    app = make_app(
        kafka_broker.access,
        settings(kafka_broker, group, buffer_bytes=budget, poll_records=100, max_poll_interval=1.0),
    )
    seen = collecting(app, events, mark=False)
    beside: list[object] = []

    async def stock(stream: StreamT[object]) -> None:
        async for value in stream:
            beside.append(value)

    app.agent(app.topic(other, value_serializer="raw"), name="stock")(stock)
    ends = await fill(kafka_broker, events, [b"x" * 200] * 4_000, 2)

    async with running(app):
        await until(lambda: app.batch_consumer.holding)
        held, rebalances = len(seen.batches), app.rebalancing_count
        await fill(kafka_broker, other, [b"still here"])
        await asyncio.sleep(2.0)
        assert len(seen.batches) <= held + 2
        assert app.batch_consumer.batches.pending_bytes <= budget + 2 * SMALLEST_BATCH_BYTES
        assert beside == [b"still here"]
        assert app.rebalancing_count == rebalances

        marked = 0
        while seen.records < 4_000:
            for batch in seen.batches[marked:]:
                app.mark_durable(batch.ticket)
                marked += 1
            await asyncio.sleep(0.01)
        for batch in seen.batches[marked:]:
            app.mark_durable(batch.ticket)

    assert seen.offsets() == {p: list(range(end)) for p, end in ends.items()}
    assert await committed(kafka_broker, group, events) == ends


async def test_a_batch_lost_on_the_way_is_never_committed_past(tansu_broker: Broker, prefix: str) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(tansu_broker, topic)
    app = make_app(tansu_broker.access, settings(tansu_broker, group))
    taken = 0

    async def forgetful(batches: StreamT[Batch]) -> None:
        nonlocal taken
        async for batch in batches:
            taken += 1
            if taken > 1:
                app.mark_durable(batch.ticket)

    app.agent(app.batch_topic(topic), name="forgetful")(forgetful)

    async def work() -> None:
        async with running(app):
            for piece in (1, 2):
                await fill(tansu_broker, topic, [b"x"])
                await until(lambda piece=piece: taken >= piece)  # type: ignore[misc]
            await asyncio.sleep(30)

    with pytest.raises(SkippedBatch):
        await work()

    assert await committed(tansu_broker, group, topic) == {}


async def test_seeking_back_before_the_first_commit_begins_at_the_beginning(
    tansu_broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(tansu_broker, topic)
    app = make_app(tansu_broker.access, settings(tansu_broker, group))
    seen = collecting(app, topic, mark=False)
    async with running(app):
        await fill(tansu_broker, topic, [b"x"] * 6)
        await until(lambda: seen.records == 6)
        first = list(seen.batches)

        await app.consumer.perform_seek()
        await until(lambda: seen.records == 12)

        assert not any(app.mark_durable(batch.ticket) for batch in first)
        assert all(app.mark_durable(batch.ticket) for batch in seen.batches[len(first) :])

    assert seen.offsets() == {0: [*range(6), *range(6)]}
    assert await committed(tansu_broker, group, topic) == {0: 6}


async def test_a_worker_with_nothing_else_to_read_stays_in_the_group_while_it_holds(
    tansu_broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(tansu_broker, topic)
    app = make_app(
        tansu_broker.access,
        settings(tansu_broker, group, buffer_bytes=SMALLEST_BATCH_BYTES, max_poll_interval=1.0),
    )
    app.conf.topic_disable_leader = True
    seen = collecting(app, topic, mark=False)

    async with running(app):
        await fill(tansu_broker, topic, [b"x"])
        await until(lambda: app.batch_consumer.holding)
        rebalances = app.rebalancing_count
        await asyncio.sleep(2.0)
        assert app.rebalancing_count == rebalances
        assert app.mark_durable(seen.batches[0].ticket)

    assert await committed(tansu_broker, group, topic) == {0: 1}


@pytest.mark.kafka
async def test_a_worker_that_takes_long_to_take_up_its_partitions_stays_in_the_group(
    kafka_broker: Broker, prefix: str
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(kafka_broker, topic)
    await fill(kafka_broker, topic, [b"x"] * 3)
    app = make_app(kafka_broker.access, settings(kafka_broker, group, session_timeout=1.5))
    seen = collecting(app, topic, mark=True)
    recovered = asyncio.Event()

    async def recover(_app: object, _assigned: set[TP], **_: object) -> None:
        await asyncio.sleep(3.0)  # twice the session timeout
        recovered.set()

    app.on_partitions_assigned.connect(cast(Any, recover))
    async with running(app):
        await asyncio.wait_for(recovered.wait(), 10)
        await asyncio.sleep(0.7)
        assert app.rebalancing_count == 1

    assert seen.offsets() == {0: [0, 1, 2]}
    assert await committed(kafka_broker, group, topic) == {0: 3}


@pytest.mark.kafka
async def test_offsets_that_belong_to_no_record_are_stepped_over(kafka_broker: Broker, prefix: str) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(kafka_broker, topic)
    writer = AIOKafkaProducer(
        bootstrap_servers=kafka_broker.access.bootstrap_servers, transactional_id=f"{prefix}writer"
    )
    await writer.start()
    for ends_well in (True, False, True):
        await writer.begin_transaction()
        for i in range(4):
            await writer.send_and_wait(topic, b"%d" % i, partition=0)
        await (writer.commit_transaction() if ends_well else writer.abort_transaction())
    await writer.stop()
    app = make_app(kafka_broker.access, settings(kafka_broker, group))
    seen = collecting(app, topic, mark=True)

    async with running(app):
        await until(lambda: seen.records == 12)
        await fill(kafka_broker, topic, [b"after"])
        await until(lambda: seen.records == 13)

    # each transaction ends with a marker that takes an offset: 4, 9 and 14
    assert seen.offsets() == {0: [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15]}
    assert await committed(kafka_broker, group, topic) == {0: 16}
