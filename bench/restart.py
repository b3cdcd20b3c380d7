"""Restart after kill -9: from the assignment of the partitions to the first new event durable."""

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench.results import Result


def restart(*, quick: bool) -> dict[str, Result]:
    """Measure with many open cases in a folder whose worker was killed."""
    cases = 10_000 if quick else 200_000
    with tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder:
        root = Path(__file__).parents[1]
        command = [sys.executable, "-m", "bench.restart", folder, str(cases)]
        writer = subprocess.Popen([*command, "write"], stdout=subprocess.PIPE, text=True, cwd=root)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        done = subprocess.run([*command, "again"], capture_output=True, text=True, check=True, cwd=root)
    told = json.loads(done.stdout.splitlines()[-1])
    return {"restart_s": Result(told["seconds"], "s", None, f"{told['cases']:,} open cases")}


def _write(folder: str, cases: int) -> None:
    from bench.events import Shape, rules, stream  # noqa: PLC0415  # only in the processes that need them
    from caseclock.city import prepare  # noqa: PLC0415  # as above
    from schemas.decode import decode  # noqa: PLC0415  # as above
    from schemas.stored import Block  # noqa: PLC0415  # as above
    from sinks.clickhouse.client import ClickHouse  # noqa: PLC0415  # as above
    from streams.book import CaseBook  # noqa: PLC0415  # as above

    compiled = rules()
    store = prepare(ClickHouse(f"chdb://{folder}"), compiled)
    book = CaseBook(0, compiled, 0)
    for start in range(0, cases, 20_000):
        sent = stream(Shape(cases=min(20_000, cases - start), open_events=4, seed=start, name=f"R{start}-"))
        decoded = [decode(each.value, 4_000_000_000_000_000) for each in sent]
        book.take(decoded, max(event["occurred_at"] for event in decoded), 0)
        flush = book.drain(start + 1)
        store.write(Block(flush.events, flush.cases, flush.unit_days, f"b{start}"))
        book.settled(flush)
    sys.stdout.write("written\n")
    sys.stdout.flush()
    time.sleep(600)


async def _again(folder: str) -> None:
    from bench.brokers import broker  # noqa: PLC0415  # as above
    from bench.events import Shape, rules, stream  # noqa: PLC0415  # as above
    from caseclock.city import prepare  # noqa: PLC0415  # as above
    from caseclock.clocks import WallClock  # noqa: PLC0415  # as above
    from caseclock.settings import WorkerSettings  # noqa: PLC0415  # as above
    from caseclock.worker import ensure_topics, topic_names, worker  # noqa: PLC0415  # as above
    from sinks.clickhouse.client import ClickHouse  # noqa: PLC0415  # as above
    from sinks.kafka import BulkSender, KafkaTopics  # noqa: PLC0415  # as above
    from streams.engine import Engine  # noqa: PLC0415  # as above

    assigned_at: list[float] = []
    assigned = Engine.assigned

    async def assigned_timed(self: Engine, numbers: Iterable[int], generation: int) -> None:
        assigned_at.append(time.monotonic())
        await assigned(self, numbers, generation)

    Engine.assigned = assigned_timed  # type: ignore[method-assign]  # the clock starts with the assignment
    compiled, topics = rules(), topic_names("again.")
    store = ClickHouse(f"chdb://{folder}")
    cases = prepare(store, compiled)
    with broker() as on:
        with KafkaTopics(on.access) as admin:
            ensure_topics(admin, topics, 8)
        async with BulkSender(on.access, idempotent=not on.embedded) as sender:
            one = stream(Shape(cases=200, open_events=1, seed=99, name="N"))
            ends = await sender.send(topics.events, [s.key for s in one], [s.value for s in one])
        async with worker(
            access=on.access,
            prefix="again.",
            group_id="again",
            rules=compiled,
            store=cases,
            clock=WallClock(),
            settings=WorkerSettings(),
            embedded=on.embedded,
        ) as running:
            while any(
                running.engine.durable.get(number, 0) < end for number, end in ends.items()
            ):  # measured
                await asyncio.sleep(0.01)
            seconds = time.monotonic() - assigned_at[-1]
            held = sum(len(partition.book) for partition in running.engine.partitions.values())
    store.close()
    sys.stdout.write(json.dumps({"seconds": round(seconds, 2), "cases": held}) + "\n")


if __name__ == "__main__":
    if sys.argv[3] == "write":
        _write(sys.argv[1], int(sys.argv[2]))
    else:
        asyncio.run(_again(sys.argv[1]))
