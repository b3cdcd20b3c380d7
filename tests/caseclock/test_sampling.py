"""A worker's samples on real services: beside the events, never in their way; skipped when ClickHouse is away."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from caseclock.oversight import Oversight
from caseclock.sampling import Sampler, sampling, worker_name
from schemas.moment import to_datetime
from schemas.stored import Row, Unavailable
from schemas.worker_metrics import Metric
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.sample_store import ClickHouseSampleStore
from tests.caseclock.commands_kit import event
from tests.conftest import Broker
from tests.pipeline.kit import HandClock, Stage, at_work, make_topics, send_raw, until, until_committed
from tests.sinks.store_kit import rows_of

NOW = 1_741_000_000_000_000  # 2025-03-03


@pytest.fixture
def stage(tansu_broker: Broker, tmp_path: Path, prefix: str) -> Iterator[Stage]:
    store = ClickHouse(f"chdb://{tmp_path / 'store'}")
    yield Stage(broker=tansu_broker, store=store, prefix=prefix)
    store.close()


class Away:
    """The store of samples behind a door: shut, it does not answer for a while."""

    def __init__(self, store: ClickHouse) -> None:
        self._store = ClickHouseSampleStore(store)
        self.shut = False

    def write(self, sample: Row) -> None:
        if self.shut:
            time.sleep(0.5)
            raise Unavailable("ClickHouse does not answer")
        self._store.write(sample)

    def close(self) -> None:
        self._store.close()


async def send(stage: Stage, *names: str) -> dict[int, int]:
    return await send_raw(stage, [name.encode() for name in names], [event(name) for name in names])


def looked(oversight: Oversight) -> Oversight:
    oversight.look()
    return oversight


def samples_in(stage: Stage) -> list[dict[str, Any]]:
    return rows_of(stage.store, "SELECT * FROM v_pipeline ORDER BY since")


async def test_samples_add_up_to_what_the_worker_counts_and_a_store_that_is_away_holds_nothing_back(
    stage: Stage,
) -> None:
    await make_topics(stage)
    oversight, door = Oversight(lambda _line: None), Away(stage.store)
    async with at_work(stage, HandClock(NOW)) as running:
        oversight.running = running
        await until(lambda: looked(oversight).ready)
        sampler = Sampler(door, oversight, running, "a worker")
        ends = await send(stage, *(f"c{number}" for number in range(20)))
        await until_committed(stage, ends)

        assert samples_in(stage) == []  # a worker by itself, as in a replay, writes none
        assert await sampler.sample()

        (first,) = samples_in(stage)
        assert (first["events"], first["cases_in_memory"], first["ready"]) == (20, 20, 1)
        assert (first["worker"], first["partitions"]) == ("a worker", [0, 1, 2, 3])
        assert first["event_rows"] == 20
        assert first["inserts"] >= 1
        assert 0 < first["insert_seconds"] < first["seconds"] + 20
        assert first["calendar"] == running.engine.rules.default_calendar.version
        known = stage.store.columns("SELECT DISTINCT calendar FROM calendar_marks")["calendar"]
        assert first["calendar"] in known

        door.shut = True
        skipped = asyncio.create_task(sampler.sample())
        await until_committed(stage, ends | await send(stage, "late 1", "late 2"))  # while the sample waits
        assert not await skipped
        assert running.metrics.values[Metric.SAMPLES_SKIPPED] == 1
        assert not running.app.should_stop

        door.shut = False
        assert await sampler.sample()
        await sampler.close()

        first, second = samples_in(stage)
        assert (second["events"], second["samples_skipped"], second["since"]) == (2, 1, first["at"])


async def test_a_worker_is_sampled_from_its_start_and_goes_on_when_samples_are_refused(stage: Stage) -> None:
    await make_topics(stage)
    oversight = Oversight(lambda _line: None)
    async with at_work(stage, HandClock(NOW)) as running:
        oversight.running = running
        async with sampling(stage.store, oversight, running, worker_name()):
            await until(lambda: bool(samples_in(stage)))
        (first, *_) = samples_in(stage)
        assert first["worker"] == worker_name()
        assert first["since"].replace(tzinfo=UTC) == to_datetime(running.began_us, UTC)
        assert first["seconds"] > 0

        stage.store.command("DROP TABLE pipeline_samples")
        async with sampling(stage.store, oversight, running, "refused"):
            await until(lambda: running.metrics.values[Metric.SAMPLES_SKIPPED] > 0)
            await until_committed(stage, await send(stage, "goes on"))
