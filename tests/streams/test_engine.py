"""When the engine writes, and what it says of itself, with a store and an outbox that only remember."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schemas.decode import encode
from schemas.stored import Block, OutRecord, Recovery
from streams.engine import Engine, EngineSettings, Topics
from streams.metrics import Metric, Metrics
from tests.city import RULES
from tests.oracle import story

NOW = story.at("2025-03-05 09:00")
NOTHING = Recovery([], np.empty(0, np.uint64), [], [], [], [], [])


@dataclass
class Record:
    value: bytes | None
    key: bytes | None
    offset: int
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class Remembering:
    """Store, outbox and clock in one."""

    blocks: list[Block] = field(default_factory=list)

    def write(self, block: Block) -> None:
        self.blocks.append(block)

    def recover(self, _partition: int, _partitions: int) -> Recovery:
        return NOTHING

    async def send(self, _topic: str, _records: Sequence[OutRecord]) -> None:
        return

    def wall(self) -> int:
        return NOW

    def now(self) -> int:
        return NOW


def engine(outside: Any, **settings: Any) -> Engine:
    return Engine(
        rules=RULES["one_stop"],
        store=outside,
        outbox=outside,
        clock=outside,
        topics=Topics(events="events", dead_letters="dead", unit_partials="units"),
        topic_id="1",
        partitions=1,
        settings=EngineSettings(**settings),
        metrics=Metrics(),
    )


def received(number: int, moment: str = "2025-03-03 09:00") -> Record:
    event: Any = story.Story(f"C{number}").then("received", moment).events[0]
    return Record(encode(event), event["case_id"].encode(), number)


@asynccontextmanager
async def at_work(running: Engine, *, caught_up: bool) -> AsyncIterator[None]:
    async def all_read(_number: int, _next_offset: int) -> bool:
        return caught_up

    running.connect(lambda _ticket: None, all_read)
    working = asyncio.create_task(running.run())
    yield
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def blocks_of_a_stream(outside: Remembering, *, caught_up: bool) -> list[int]:
    """The events of each block while one comes every few milliseconds for a while."""
    running = engine(outside, batch_rows=25, batch_seconds=0.05)
    async with at_work(running, caught_up=caught_up):
        for number in range(60):
            await running.take(0, [received(number)], None)
            await asyncio.sleep(0.005)
        await running.flush()
    return [len(block.events) for block in outside.blocks if block.events]


def test_a_backlog_is_written_in_fewer_and_larger_blocks_than_what_comes_live() -> None:
    live = asyncio.run(blocks_of_a_stream(Remembering(), caught_up=True))
    behind = asyncio.run(blocks_of_a_stream(Remembering(), caught_up=False))

    assert sum(live) == sum(behind) == 60
    assert len(behind) < len(live)


def test_a_full_block_is_written_though_its_time_has_not_come() -> None:
    async def work(outside: Remembering) -> None:
        running = engine(outside, batch_rows=5, batch_seconds=60)
        async with at_work(running, caught_up=False):
            await running.take(0, [received(number) for number in range(5)], None)
            async with asyncio.timeout(30):
                while not running.durable:  # noqa: ASYNC110  # it tells nobody
                    await asyncio.sleep(0.01)
        assert running.durable == {0: 5}

    asyncio.run(work(Remembering()))


def test_a_flush_without_records_leaves_what_is_known_to_be_durable() -> None:
    async def work() -> tuple[dict[int, int], dict[int, int]]:
        running = engine(Remembering())
        await running.assigned([0], 1)
        await running.flush()
        before = dict(running.durable)
        await running.take(0, [received(7)], None)
        await running.flush()
        await running.flush(refresh=True)
        return before, running.durable

    assert asyncio.run(work()) == ({}, {0: 8})


def test_the_newest_event_is_the_newest_ever_taken() -> None:
    async def work() -> float:
        running = engine(Remembering())
        await running.take(0, [received(1, "2025-03-04 10:00"), received(2, "2025-03-03 10:00")], None)
        await running.take(0, [received(3, "2025-03-04 09:00")], None)
        return running.metrics.values[Metric.NEWEST_EVENT]

    assert asyncio.run(work()) == story.at("2025-03-04 10:00") / 1e6
