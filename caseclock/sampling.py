"""A worker's samples of itself into ClickHouse, every few seconds: beside the events, never before them.

They go through a thread and a connection of their own. One that ClickHouse does not take is skipped and counted; the
next one tells its growth too. What was counted after the last sample of a process is told by none.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol

from caseclock.oversight import Oversight
from caseclock.worker import WorkerParts
from caseclock.worker_health import standing
from schemas.stored import Row
from schemas.worker_metrics import SAMPLE_SECONDS, Metric
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.sample_store import ClickHouseSampleStore
from streams.samples import Samples

log = logging.getLogger("caseclock")


class SampleStore(Protocol):
    """Where samples go; its methods block."""

    def write(self, sample: Row) -> None:
        """Make one durable (order of SAMPLE_COLUMNS)."""

    def close(self) -> None:
        """Give up what is held for it."""


def worker_name() -> str:
    """What this process is called among the workers of a city: its machine (or container) and its number there."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def sampling(
    store: ClickHouse, oversight: Oversight, running: WorkerParts, name: str
) -> AsyncIterator[None]:
    """Write samples of a worker for as long as the block lasts.

    Args:
        store: a connection to its database, which is not written through.
        oversight: what is known of the worker.
        running: the worker.
        name: what it is called.
    """
    sampler = Sampler(ClickHouseSampleStore(store), oversight, running, name)
    task = asyncio.create_task(sampler.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        await sampler.close()


class Sampler:
    """Takes samples and has them written.

    Args:
        store: where they go.
        oversight, running, name: see ``sampling``.
        seconds: between two samples.
    """

    def __init__(
        self,
        store: SampleStore,
        oversight: Oversight,
        running: WorkerParts,
        name: str,
        seconds: float = SAMPLE_SECONDS,
    ) -> None:
        rules = running.engine.rules
        self._store = store
        self._oversight = oversight
        self._running = running
        self._seconds = seconds
        self._samples = Samples(name, rules.version, rules.default_calendar.version, running.began_us)
        self._thread = ThreadPoolExecutor(1, "samples")
        self._told = False

    async def run(self) -> None:
        """Sample at once and then every few seconds, for ever."""
        while True:
            await self.sample()
            await asyncio.sleep(self._seconds)

    async def sample(self) -> bool:
        """Take a sample and write it. Returns whether ClickHouse took it."""
        metrics = self._running.metrics
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.write, self._take())
        except Exception as error:  # noqa: BLE001  # whatever is wrong with a sample, the events go on
            metrics.add(Metric.SAMPLES_SKIPPED, 1)
            if not self._told:  # the first of a row of them
                log.warning("samples of this worker are skipped: %s", error)
            self._told = True
            return False
        self._samples.confirmed()
        self._told = False
        return True

    def _take(self) -> Row:
        found = standing(self._oversight)
        gauges = found.alone | {gauge: sum(each.values()) for gauge, each in found.by_partition.items()}
        return self._samples.take(_now(), self._oversight.partitions, gauges, self._running.metrics.values)

    async def close(self) -> None:
        """Give the connection up; a sample under way is waited for."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown()


def _now() -> int:
    return time.time_ns() // 1000
