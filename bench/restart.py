"""Restart after kill -9: from the assignment of the partitions to the first new events durable.

The worker that is killed had read everything and lived until now: what fell due since a case's last event stands in
its days, and only there.
"""

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
    from bench.brokers import PARTITIONS  # noqa: PLC0415  # only in the processes that need them
    from bench.events import Shape, rules, stream  # noqa: PLC0415  # as above
    from caseclock.city import prepare  # noqa: PLC0415  # as above
    from schemas.decode import decode  # noqa: PLC0415  # as above
    from schemas.stored import Block  # noqa: PLC0415  # as above
    from sinks.clickhouse.client import ClickHouse  # noqa: PLC0415  # as above
    from streams.book import CaseBook  # noqa: PLC0415  # as above
    from streams.partitioner import partitions_of  # noqa: PLC0415  # as above

    compiled = rules()
    store = prepare(ClickHouse(f"chdb://{folder}"), compiled)
    books = [CaseBook(number, compiled, 0) for number in range(PARTITIONS)]

    def write(version: int) -> None:
        flushes = [book.drain(version) for book in books]
        block = Block(
            [row for flush in flushes for row in flush.events],
            [row for flush in flushes for row in flush.cases],
            [row for flush in flushes for row in flush.unit_days],
            f"b{version}",
        )
        store.write(block)

    for start in range(0, cases, 20_000):
        sent = stream(Shape(cases=min(20_000, cases - start), open_events=4, seed=start, name=f"R{start}-"))
        decoded = [decode(each.value, 4_000_000_000_000_000) for each in sent]
        latest = max(event["occurred_at"] for event in decoded)
        homes = partitions_of([each.key for each in sent], PARTITIONS).tolist()
        for number, book in enumerate(books):
            book.take([e for e, home in zip(decoded, homes, strict=True) if home == number], latest, 0)
        write(start + 1)
    for book in books:
        book.wake(time.time_ns() // 1000)
    write(cases + 1)
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
