"""Ours: the worker itself, `caseclock.worker.worker`, with the wall clock and the settings it has by default."""

import asyncio
import cProfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from bench import events
from bench.peers.task import Stopwatch, Task, answer
from caseclock.city import prepare
from caseclock.clocks import WallClock
from caseclock.settings import WorkerSettings
from caseclock.worker import WorkerParts, topic_names, worker
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import KafkaAccess
from streams.engine import Engine
from streams.metrics import Metric
from streams.rules import Rules

TABLES = ("events", "cases", "unit_days", "unit_now")


class CommitLag:
    """How long what is durable was not committed, at worst; looked at twenty times a second.

    Attributes:
        longest: seconds.
    """

    def __init__(self, running: WorkerParts, topic: str) -> None:
        self.longest = 0.0
        self._running = running
        self._topic = topic
        self._owed: dict[int, deque[tuple[float, int]]] = {}

    async def watch(self) -> None:
        """Look for as long as it is let."""
        while True:
            self._look(time.monotonic())
            await asyncio.sleep(0.05)

    def _look(self, now: float) -> None:
        committed = {
            tp.partition: known.committed or 0
            for tp, known in self._running.app.batch_consumer.batches._partitions.items()
            if tp.topic == self._topic
        }
        for number, offset in self._running.engine.durable.items():
            owed = self._owed.setdefault(number, deque())
            if not owed or owed[-1][1] < offset:
                owed.append((now, offset))
            while owed and owed[0][1] <= committed.get(number, 0):
                owed.popleft()
            if owed:
                self.longest = max(self.longest, now - owed[0][0])


async def _work(
    task: Task, prefix: str, ends: dict[str, int], rules: Rules, store: ClickHouseCaseStore
) -> dict[str, Any]:
    """Run a worker until all of a topic is durable and committed."""
    watch = Stopwatch()
    take = Engine.take
    told: dict[str, Any] = {}

    async def take_timed(self: Engine, *batch: Any) -> None:  # noqa: ANN401  # passed on
        watch.start()
        await take(self, *batch)

    Engine.take = take_timed  # type: ignore[method-assign, assignment]  # the clock starts with the first batch
    profile = cProfile.Profile() if task.profile and prefix == task.prefix else None
    wanted = {int(number): end for number, end in ends.items()}
    try:
        async with worker(
            access=KafkaAccess(bootstrap_servers=task.bootstrap_servers),
            prefix=prefix,
            group_id=f"{task.group}-{prefix}",
            rules=rules,
            store=store,
            clock=WallClock(),
            settings=WorkerSettings(**task.settings),
            embedded=task.embedded,
        ) as running:
            lag = CommitLag(running, topic_names(prefix).events)
            watching = asyncio.create_task(lag.watch())
            if profile:
                profile.enable()
            while any(running.engine.durable.get(number, 0) < end for number, end in wanted.items()):
                await asyncio.sleep(0.01)
            told["rows_seconds"] = watch.read()["seconds"]
            if profile:
                profile.disable()
            while running.app.batch_consumer.batches.owing():
                await asyncio.sleep(0.01)
            told.update(watch.read())
            watching.cancel()
            told["commit_lag_s"] = lag.longest
            told["flushes"] = running.metrics.values[Metric.FLUSHES]
            told["case_rows"] = running.metrics.values[Metric.CASE_ROWS]
    finally:
        Engine.take = take  # type: ignore[method-assign]  # see above
    if profile:
        profile.dump_stats(task.profile)
    return told


async def _main(task: Task) -> None:
    rules = events.rules()
    store = ClickHouse(f"chdb://{Path(task.folder)}")
    cases = prepare(store, rules)
    await _work(task, task.warm, task.warm_ends, rules, cases)
    for table in TABLES:
        store.command(f"TRUNCATE TABLE {table}")
    told = await _work(task, task.prefix, task.ends, rules, cases)
    counts = {
        table: int(store.columns(f"SELECT count() AS n FROM {table} FINAL")["n"][0])
        for table in ("events", "cases")
    }
    store.close()
    answer(events=task.events, stored=counts, **told)


if __name__ == "__main__":
    asyncio.run(_main(Task.given()))
