"""The Faust agents: ``cases``, ``units`` and ``dead_letters``. Thin: what they do stands in the engine and the landers.

No exception leaves an agent's body unless it is a defect; then the app crashes and nothing more is committed
(streams/faust_app.py). What became durable is said to the transport batch by batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Any, cast

from faust.types import TP

from streams.engine import Engine, Topics
from streams.faust_app import CaseclockApp
from streams.lander import Lander
from streams.transport import Batch, Consumer, Ticket


def define_agents(  # a list of small agents
    app: CaseclockApp, topics: Topics, engine: Engine, units: Lander, dead_letters: Lander
) -> None:
    """Hang the engine and the landers into an app that has not started."""

    def mark_durable(ticket: Ticket) -> bool:
        return cast(Consumer, app.consumer).mark_durable(ticket)

    async def all_read(number: int, next_offset: int) -> bool:
        consumer, tp = cast(Consumer, app.consumer), TP(topics.events, number)
        end = consumer.highwater(tp)
        if end is None or next_offset >= 0:
            return end is not None and next_offset >= end
        return not consumer.batches.under_way(tp) and (await consumer.position(tp) or 0) >= end

    engine.connect(mark_durable, all_read)
    for lander in (units, dead_letters):
        lander.durable_to(mark_durable)

    @app.agent(app.batch_topic(topics.events), name="cases")
    async def cases(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            await engine.take(batch.tp.partition, batch.records, batch.ticket)

    @app.agent(app.batch_topic(topics.unit_partials), name="units")
    async def unit_numbers(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            units.take(batch.records, batch.ticket)

    @app.agent(app.batch_topic(topics.dead_letters), name="dead_letters")
    async def dead(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            dead_letters.take(batch.records, batch.ticket)

    app.task(engine.run)
    app.task(units.run)
    app.task(dead_letters.run)

    async def release(given_up: frozenset[TP], seconds: float) -> None:
        """Make durable what can be in time; the rest comes again to the next owner."""
        numbers = [tp.partition for tp in given_up if tp.topic == topics.events]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await engine.flush()
                await asyncio.gather(units.flush(), dead_letters.flush())
        engine.forget(numbers)

    app.batching.release.append(release)

    async def recover(_app: object, assigned: set[TP], **_: object) -> None:
        numbers = [tp.partition for tp in assigned if tp.topic == topics.events]
        await engine.assigned(numbers, app.consumer_generation_id)

    app.on_partitions_assigned.connect(cast(Any, recover))
