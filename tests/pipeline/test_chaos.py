"""Nothing is lost: workers, Kafka and the connection to ClickHouse fail by a seeded schedule while cases arrive.

`CASECLOCK_TEST_CHAOS_SECONDS` makes it as long as one likes, `CASECLOCK_TEST_CHAOS_SEED` another one.
"""

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from schemas.stored import Unavailable
from tests.clickhouse_server import Fault, RunningServer
from tests.conftest import Broker
from tests.kafka_server import kafka_server
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.judged import rows_of, wrong_by_now
from tests.pipeline.kit import (
    Stage,
    committed,
    ends_of,
    make_topics,
    records_of,
    send_raw,
    until,
    until_right,
)
from tests.pipeline.processes import RestartableKafka, WorkerProcess, workers

SECONDS: Final = float(os.environ.get("CASECLOCK_TEST_CHAOS_SECONDS", "14"))
SEED: Final = int(os.environ.get("CASECLOCK_TEST_CHAOS_SEED", "1"))
WORKERS: Final = 2
KINDS: Final = ("signal", "signal", "broker", "database", "database")
BETWEEN_STRIKES: Final = 1.5
CASES_A_SECOND: Final = 7
PIECE: Final = 10
HEALED_WITHIN: Final = 60.0
INSERT: Final = "INSERT INTO"
NO_EVENT: Final = b"no event"


@pytest.fixture
def kafka(kafka_broker: Broker) -> Iterator[RestartableKafka]:  # where there is none this is skipped
    """A broker of the test's own, for it will not be treated well."""
    with kafka_server() as server:
        own = RestartableKafka(server)
        yield own
        own.stop()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Clients complain about a broker that is away several times a second."""
    chatty = [logging.getLogger(name) for name in ("kafka", "aiokafka")]
    levels = [each.level for each in chatty]
    for each in chatty:
        each.setLevel(logging.CRITICAL)
    yield
    for each, level in zip(chatty, levels, strict=True):
        each.setLevel(level)


@pytest.fixture
def stage(kafka: RestartableKafka, real: Stage) -> Stage:
    return Stage(broker=Broker("kafka", kafka.access, 6.0), store=real.store, prefix=real.prefix)


class Chaos:
    """What may go wrong, drawn from a seed."""

    def __init__(
        self, kafka: RestartableKafka, server: RunningServer, staff: Sequence[WorkerProcess]
    ) -> None:
        self._kafka, self._server, self._staff = kafka, server, staff
        self._chance = random.Random(SEED)
        self._kinds: list[str] = []
        self.strikes = 0

    def strike(self) -> str:
        """Do the next bad thing, when there is somebody at work to suffer it; says what."""
        at_work = [number for number, worker in enumerate(self._staff) if worker.partitions()]
        if not at_work:
            return "nobody is at work yet"
        self.strikes += 1
        if not self._kinds:  # all of them come, however short the time is
            self._kinds = self._chance.sample(KINDS, len(KINDS))
        kind = self._kinds.pop()
        if kind == "broker":
            return self._broker()
        return self._database() if kind == "database" else self._signal(self._chance.choice(at_work))

    def _signal(self, number: int) -> str:
        name = self._chance.choice(["SIGTERM", "SIGINT", "SIGKILL", "SIGKILL"])
        self._staff[number].send_signal(signal.Signals[name])
        return f"{name} to worker {number}"

    def _broker(self) -> str:
        if self._chance.random() < 0.5:
            self._kafka.kill_and_restart()
            return "Kafka killed and started again"
        seconds = self._chance.uniform(0.5, 2.5)
        self._kafka.stand_still(seconds)
        return f"Kafka stood still for {seconds:.1f} s"

    def _database(self) -> str:
        times = self._chance.randint(1, 4)
        table = self._chance.choice(["events", "cases", "unit_days", "unit_now", "dead_letters"])
        fault = self._chance.choice(
            [
                Fault("status", table, times, status=503),
                Fault("code", table, times, code=252),
                Fault("code_after", INSERT, times, code=319),
                Fault("drop", table, times),
                Fault("drop_after", INSERT, times),
                Fault("stall", table, 1, seconds=2.0),
            ]
        )
        self._server.plan(fault)
        return f"ClickHouse, {times} times at {fault.match}: {fault.do}"


def told(events: Sequence[Event]) -> list[tuple[bytes | None, bytes]]:
    """Records: events, some under a wrong key or none, and now and then something that is no event."""
    chance = random.Random(SEED)
    records: list[tuple[bytes | None, bytes]] = []
    for event in events:
        key = event["case_id"].encode()
        records.append((chance.choice([*[key] * 12, None, b"stray"]), canonical(event)))
        if chance.random() < 0.02:
            records.append((key, NO_EVENT))
    return records


async def send_until_confirmed(stage: Stage, records: Sequence[tuple[bytes | None, bytes]]) -> dict[int, int]:
    """What was perhaps not taken is sent again, as any source does: duplicates are nothing new."""
    while True:
        with suppress(Unavailable):
            return await send_raw(stage, [key for key, _ in records], [value for _, value in records])
        await asyncio.sleep(0.3)


async def send_steadily(stage: Stage, records: Sequence[tuple[bytes | None, bytes]]) -> None:
    began = time.monotonic()
    for start in range(0, len(records), PIECE):
        await send_until_confirmed(stage, records[start : start + PIECE])
        await asyncio.sleep(max(0.0, began + SECONDS * start / len(records) - time.monotonic()))


async def all_is_read(stage: Stage) -> bool:
    """Everything there is has been committed; what had gone astray was sent again and is read too.

    The broker may still be coming back from the last strike: then it is not yet.
    """
    try:
        return await committed(stage) == await ends_of(stage)
    except Unavailable:
        return False


@pytest.mark.kafka
async def test_whatever_fails_every_number_is_the_oracle_s_afterwards(
    stage: Stage, kafka: RestartableKafka, clickhouse: RunningServer, tmp_path: Path
) -> None:
    cases = min(int(SECONDS * CASES_A_SECOND), 2_000)
    events, _ = histories.random_city(61 + SEED, cases=cases)
    await make_topics(stage)
    with workers(stage, clickhouse.url(stage.store.database), tmp_path, WORKERS) as staff:
        chaos = Chaos(kafka, clickhouse, staff)
        for worker in staff:
            worker.start()
        await until(lambda: all(worker.partitions() for worker in staff), 60.0)
        sending = asyncio.create_task(send_steadily(stage, told(events)))
        ends_at = time.monotonic() + SECONDS
        while time.monotonic() < ends_at:
            print(f"{ends_at - time.monotonic():5.1f} s left: {await asyncio.to_thread(chaos.strike)}")
            await asyncio.sleep(BETWEEN_STRIKES)
            for worker in staff:
                worker.started_again_if_ended()

        clickhouse.plan()
        await sending
        healing = time.monotonic()
        await until(lambda: all_at_work(staff), HEALED_WITHIN)
        await until(lambda: all_is_read(stage), HEALED_WITHIN)
        print(f"all done {time.monotonic() - healing:.1f} s after the last fault")
        await until_right(lambda: wrong_by_now(stage.store, events))
        await until(lambda: dead_letters(stage) == unreadable(stage))
        print(f"workers ended with {[worker.codes for worker in staff]}")
        assert chaos.strikes >= SECONDS / 8
        assert [worker.failed_at_work for worker in staff] == [[]] * WORKERS


def dead_letters(stage: Stage) -> list[tuple[int, int]]:
    """Where the table says that something could not be read."""
    rows = rows_of(stage.store, "SELECT partition, position FROM v_dead_letters ORDER BY ALL")
    return [(row["partition"], row["position"]) for row in rows]


def unreadable(stage: Stage) -> list[tuple[int, int]]:
    """Where it is so."""
    records = records_of(stage.broker, stage.events)
    return [(record.partition, record.offset) for record in records if record.value == NO_EVENT]


def all_at_work(staff: Sequence[WorkerProcess]) -> bool:
    for worker in staff:
        worker.started_again_if_ended()
    return all(worker.partitions() for worker in staff)
