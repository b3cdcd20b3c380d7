"""The loop of the summaries: whose it is, what it waits for, how long it rests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from schemas.stored import Row, Unavailable
from schemas.summary import CELL_KEYS, COUNTS, Dimension
from streams.metrics import Metric, Metrics
from streams.summaries import Summaries, refresh_once

NOW = 1_741_000_000_000_000


class MemoryStore:
    """Summaries of invented counts, kept in memory."""

    def __init__(self, fails: Sequence[Exception] = (), seconds: float = 0.0) -> None:
        self.fails, self.seconds = list(fails), seconds
        self.began: list[tuple[int, int]] = []
        self.published: list[dict[tuple[Any, ...], int]] = []
        self.hidden: dict[tuple[Any, ...], int] = {}

    def begin(self, as_of: int, generation: int) -> None:
        self.began.append((as_of, generation))
        self.hidden = {}
        if self.fails:
            raise self.fails.pop(0)

    def compute(self) -> Iterator[None]:
        time.sleep(self.seconds)
        yield

    def counts(self, dimension: Dimension) -> Mapping[str, npt.NDArray[Any]]:
        cells = [
            (dimension, "ward", scope, "all", value) for scope in ("own", "tree") for value in ("a", "b")
        ]
        cells = [] if dimension == "step" else cells[:: 2 - bool(dimension)]
        told: dict[str, Sequence[Any]] = {name: [0] * len(cells) for name in COUNTS}
        told["received"] = [7 if cell[4] == "a" else 3 for cell in cells]
        told |= {name: [cell[place] for cell in cells] for place, name in enumerate(CELL_KEYS)}
        return {name: np.array(column) for name, column in told.items()}

    def parents(self) -> Mapping[str, str]:
        return {"ward": ""}

    def hide(self, dimension: Dimension, rows: Sequence[Row]) -> None:
        self.hidden |= {row[:-1]: row[-1] for row in rows if row[0] == dimension}

    def publish(self) -> int:
        self.published.append(self.hidden)
        return 5


class StandingClock:
    def wall(self) -> int:
        return time.time_ns() // 1000

    def now(self) -> int:
        return NOW


def loop(store: MemoryStore, seconds: float = 0.0) -> tuple[Summaries, Metrics]:
    metrics = Metrics()
    metrics.set(Metric.CAUGHT_UP, 1)
    return Summaries(store, StandingClock(), metrics, seconds), metrics


async def run_for(summaries: Summaries, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await summaries.run()


def test_a_refresh_hides_what_is_small_before_it_is_published() -> None:
    store = MemoryStore()

    done = refresh_once(store, NOW, 1)

    received = 1 << COUNTS.index("received")
    (published,) = store.published
    assert (done.cells, store.began) == (5, [(NOW, 1)])
    assert published["procedure", "ward", "own", "all", "b"] & received
    assert published["procedure", "ward", "own", "all", "a"] & received  # else the total tells it


async def test_only_the_owner_of_the_units_refreshes() -> None:
    store = MemoryStore()
    summaries, _ = loop(store)

    await run_for(summaries, 0.1)
    assert store.began == []
    summaries, _ = loop(store)
    summaries.own(True)
    await run_for(summaries, 0.3)
    assert store.published


async def test_a_refresh_that_is_no_longer_ours_is_given_up() -> None:
    store = MemoryStore(seconds=0.2)
    summaries, _ = loop(store)
    summaries.own(True)

    refreshing = asyncio.create_task(summaries.refresh())
    await asyncio.sleep(0.05)
    summaries.own(False)

    assert await refreshing is None
    assert (len(store.began), store.published) == (1, [])


async def test_a_store_that_is_away_is_waited_for() -> None:
    store = MemoryStore([Unavailable("ClickHouse does not answer")] * 2)
    summaries, metrics = loop(store)
    summaries.own(True)

    await run_for(summaries, 0.5)

    assert metrics.values[Metric.HELD] == 2
    assert store.published
    assert metrics.values[Metric.SUMMARIES] == len(store.published)
    assert metrics.values[Metric.SUMMARY_CELLS] == 5


async def test_anything_else_is_a_defect_and_raised() -> None:
    summaries, _ = loop(MemoryStore([ValueError("a column is missing")]))
    summaries.own(True)

    with pytest.raises(ValueError, match="a column is missing"):
        await summaries.run()


async def test_it_rests_four_times_as_long_as_it_works() -> None:
    store = MemoryStore(seconds=0.1)
    summaries, _ = loop(store)
    summaries.own(True)

    await run_for(summaries, 1.2)

    walls = [wall for _, wall in store.began]
    assert len(walls) >= 2
    assert min(b - a for a, b in pairwise(walls)) >= 500_000


async def test_the_first_refresh_waits_until_the_backlog_has_been_read() -> None:
    store = MemoryStore()
    summaries, metrics = loop(store)
    metrics.set(Metric.CAUGHT_UP, 0)
    summaries.own(True)
    running = asyncio.create_task(run_for(summaries, 5.0))

    await asyncio.sleep(0.3)
    before = list(store.began)
    metrics.set(Metric.CAUGHT_UP, 1)
    async with asyncio.timeout(5):
        while not store.published:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    metrics.set(Metric.CAUGHT_UP, 0)
    done = len(store.published)
    async with asyncio.timeout(5):
        while len(store.published) <= done:  # noqa: ASYNC110  # nor does it of the next one, which does not wait
            await asyncio.sleep(0.02)
    running.cancel()

    assert before == []
