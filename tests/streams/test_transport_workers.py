"""Two workers of one group, as processes of their own, on Apache Kafka: one joins, one is killed."""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from sinks.kafka import BulkSender
from tests.conftest import Broker
from tests.streams.transport_kit import committed, make_topic, until

PARTITIONS = 4
A_SECOND = 2_000


def start(broker: Broker, group: str, topic: str, file: Path) -> "subprocess.Popen[bytes]":
    names = [broker.access.bootstrap_servers, group, topic, str(file), "0.02"]
    return subprocess.Popen([sys.executable, "-m", "tests.streams.worker_process", *names])


def offsets(*files: Path) -> Counter[tuple[int, int]]:
    """How often each (partition, offset) was finished; a last line cut short by the kill does not count."""
    found: Counter[tuple[int, int]] = Counter()
    for file in files:
        for line in file.read_text().splitlines(keepends=True) if file.exists() else []:
            if line.endswith("\n"):
                partition, first, last, records = map(int, line.split())
                assert records == last - first + 1
                found.update((partition, offset) for offset in range(first, last + 1))
    return found


async def send_steadily(broker: Broker, topic: str, enough: asyncio.Event) -> dict[int, int]:
    ends: dict[int, int] = {}
    values = [b"x" * 200] * (A_SECOND // 10)
    places = [i % PARTITIONS for i in range(len(values))]
    began = time.monotonic()
    async with BulkSender(broker.access) as sender:
        for turn in count(1):
            ends |= await sender.send(topic, values, values, partitions=places)
            await asyncio.sleep(max(0.0, began + turn / 10 - time.monotonic()))
            if enough.is_set():
                break
    return ends


@pytest.mark.kafka
async def test_a_killed_worker_loses_nothing_and_repeats_only_what_was_in_flight(
    kafka_broker: Broker, prefix: str, tmp_path: Path
) -> None:
    topic, group = f"{prefix}events", f"{prefix}group"
    await make_topic(kafka_broker, topic, PARTITIONS)
    one, two = tmp_path / "one", tmp_path / "two"
    workers = [start(kafka_broker, group, topic, one)]
    try:
        await until(one.with_suffix(".ready").exists)
        enough = asyncio.Event()
        sending = asyncio.create_task(send_steadily(kafka_broker, topic, enough))
        workers.append(start(kafka_broker, group, topic, two))
        await until(lambda: len(offsets(two)) > 2_000)
        joined = sum(times - 1 for times in offsets(one, two).values())

        workers[1].kill()
        killed = time.monotonic()
        await asyncio.sleep(2.0)
        enough.set()
        ends = await sending
        everything = {(p, offset) for p, end in ends.items() for offset in range(end)}
        await until(lambda: set(offsets(one, two)) == everything, 30.0)
        took_over = time.monotonic() - killed
        workers[0].send_signal(signal.SIGTERM)
        assert workers[0].wait(20) == 0
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    again = sum(times - 1 for times in offsets(one, two).values()) - joined
    print(f"{len(everything)} records; again: {joined} by the join, {again} by the kill; {took_over:.1f} s")
    assert joined == 0
    assert again <= A_SECOND * 1.5
    assert took_over < 15.0
    assert await committed(kafka_broker, group, topic) == ends
