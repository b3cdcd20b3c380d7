"""Ours: the worker itself, `caseclock.worker.worker`, with the wall clock and the settings it has by default."""

import asyncio
import cProfile
from pathlib import Path
from typing import Any

from bench import events
from bench.peers.task import Stopwatch, Task, answer
from caseclock.city import prepare
from caseclock.clocks import WallClock
from caseclock.settings import WorkerSettings
from caseclock.worker import worker
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import KafkaAccess
from streams.engine import Engine
from streams.metrics import Metric
from streams.rules import Rules

TABLES = ("events", "cases", "unit_days", "unit_now")


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

    Engine.take = take_timed  # type: ignore[method-assign]  # the clock starts with the first batch
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
        t: int(store.columns(f"SELECT count() AS n FROM {t} FINAL")["n"][0]) for t in ("events", "cases")
    }  # our names
    store.close()
    answer(events=task.events, stored=counts, **told)


if __name__ == "__main__":
    asyncio.run(_main(Task.given()))
