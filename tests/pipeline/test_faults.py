"""Records on wrong partitions, a store that is away, a defect: nothing lost, nothing counted twice."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from aiokafka.partitioner import DefaultPartitioner

from streams.metrics import Metric
from streams.ports import Block, CaseStore, Recovery, Row, Unavailable
from tests.clickhouse_server import Fault, RunningServer
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.judged import everything_wrong, wrong_by_now
from tests.pipeline.kit import (
    PARTITIONS,
    HandClock,
    Stage,
    at_work,
    committed,
    make_topics,
    send,
    send_raw,
    until,
    until_committed,
    until_right,
)
from tests.pipeline.processes import workers

PROFILE: Final = "one_stop"


class Gate:
    """Stands before the store, for all that is written: passes it on, or says what is the matter."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None

    def before(self, store: CaseStore) -> CaseStore:
        self._store = store
        return self

    def _pass(self) -> CaseStore:
        if self.trouble is not None:
            raise self.trouble
        return self._store

    def write(self, block: Block) -> None:
        self._pass().write(block)

    def write_units(self, rows: Sequence[Row], token: str) -> None:
        self._pass().write_units(rows, token)

    def write_dead_letters(self, rows: Sequence[Row], token: str) -> None:
        self._pass().write_dead_letters(rows, token)

    def recover(self, partition: int, partitions: int) -> Recovery:
        return self._pass().recover(partition, partitions)

    def ledgers(self, case_ids: Sequence[str]) -> list[tuple[str, bytes, int]]:
        return self._pass().ledgers(case_ids)


async def until_all_right(stage: Stage, events: Sequence[Event], now: int) -> None:
    await until_right(lambda: everything_wrong(stage.store, events, now, PROFILE))


async def test_a_record_on_a_wrong_partition_is_sent_again_to_the_right_one(stage: Stage) -> None:
    events, now = histories.random_city(31, cases=80)
    chance = random.Random(1)
    own = [event["case_id"].encode() for event in events]
    keys = [chance.choice([key, key, b"another", None]) for key in own]
    partitions = [chance.randrange(PARTITIONS) for _ in events]
    everywhere = list(range(PARTITIONS))
    right = [DefaultPartitioner()(key, everywhere, everywhere) for key in own]
    strayed = sum(
        key != case_id or partition != home
        for key, case_id, partition, home in zip(keys, own, partitions, right, strict=True)
    )
    await make_topics(stage)
    await send_raw(stage, keys, [canonical(event) for event in events], partitions)

    async with at_work(stage, HandClock(now), PROFILE) as worker:
        await until_all_right(stage, events, now)
        counted = worker.metrics.values

        assert len(events) // 2 < strayed < len(events)
        assert counted[Metric.MISROUTED] == strayed
        assert counted[Metric.RECORDS] == len(events) + strayed  # each of them read once more
        assert counted[Metric.EVENTS] == len(events)  # and taken once


async def test_while_the_store_is_away_nothing_is_committed_and_the_group_is_kept(stage: Stage) -> None:
    events, now = histories.random_city(32, cases=80)
    half = len(events) // 2
    gate = Gate()
    await make_topics(stage)
    before = await send(stage, events[:half])

    async with at_work(stage, HandClock(now), PROFILE, through=gate.before) as worker:
        await until_committed(stage, before)
        generation = worker.app.consumer_generation_id
        gate.trouble = Unavailable("the store is away")
        after = await send(stage, events[half:])
        await until(lambda: worker.metrics.values[Metric.HELD] > 0)
        await asyncio.sleep(stage.broker.session_timeout + 1.5)  # longer than a worker may be silent

        assert await committed(stage) == before
        assert worker.app.consumer_generation_id == generation
        gate.trouble = None
        await until_committed(stage, after)
        await until_all_right(stage, events, now)
        assert worker.app.consumer_generation_id == generation


async def test_a_defect_stops_the_worker_loudly_and_commits_nothing(embedded: Stage) -> None:
    defect = KeyError("a defect")
    events, now = histories.random_city(33, cases=40)
    half = len(events) // 2
    gate = Gate()
    await make_topics(embedded)
    before = await send(embedded, events[:half])
    after: dict[int, int] = {}

    async def work_until_it_fails() -> None:
        async with at_work(embedded, HandClock(now), PROFILE, through=gate.before):
            await until_committed(embedded, before)
            gate.trouble = defect
            after.update(await send(embedded, events[half:]))
            await asyncio.sleep(20)

    with pytest.raises(KeyError) as raised:
        await work_until_it_fails()
    assert raised.value is defect
    assert await committed(embedded) == before

    async with at_work(embedded, HandClock(now), PROFILE):
        await until_committed(embedded, after)
        await until_all_right(embedded, events, now)


@pytest.mark.kafka
async def test_a_failure_that_no_retry_mends_ends_the_process_with_a_line_that_says_so(
    real: Stage, clickhouse: RunningServer, tmp_path: Path
) -> None:
    events, _ = histories.random_city(34, cases=40)
    half = len(events) // 2
    await make_topics(real)
    before = await send(real, events[:half])
    with workers(real, clickhouse.url(real.store.database), tmp_path, 1) as (worker,):
        worker.start()
        await until_committed(real, before)

        clickhouse.plan(
            Fault("code", "INSERT INTO", times=1_000, code=60)
        )  # no such table: no retry mends it
        after = await send(real, events[half:])
        code = await asyncio.to_thread(worker.wait)

        assert (code, await committed(real)) == (3, before)
        assert "planned by the test" in worker.said().splitlines()[-1]
        assert "Traceback" not in worker.said()
        clickhouse.plan()
        worker.start()
        await until_committed(real, after)
        await until_right(lambda: wrong_by_now(real.store, events))
