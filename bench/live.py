"""A running worker under a steady stream: freshness, silence, commit lag."""

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench import events
from bench.brokers import Broker, broker
from bench.results import Result
from caseclock.city import prepare
from caseclock.clocks import WallClock
from caseclock.settings import WorkerSettings
from caseclock.worker import WorkerParts, ensure_topics, topic_names, worker
from schemas.decode import encode
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import BulkSender, KafkaTopics

_RATE = 2_000
_TICK = 0.02


class _Look(NamedTuple):
    at: float
    received: int
    overdue: int


class _Reader(threading.Thread):
    """Looks at the city's numbers as the board would, all the time."""

    def __init__(self, store: ClickHouse) -> None:
        super().__init__(daemon=True)
        self.looks: list[_Look] = []
        self.ended = threading.Event()
        self._store = store

    def run(self) -> None:
        """Look until ended."""
        while not self.ended.wait(0.01):
            found = self._store.columns("SELECT received, overdue FROM v_city_now")
            if found["received"]:
                self.looks.append(_Look(time.time(), int(found["received"][0]), int(found["overdue"][0])))


def live(*, quick: bool) -> dict[str, Result]:
    """Measure with a stream of 2 000 events a second."""
    return asyncio.run(_live(3 if quick else 20))


@asynccontextmanager
async def _running(on: Broker) -> AsyncIterator[tuple[WorkerParts, ClickHouse, BulkSender]]:
    with tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder:
        store = ClickHouse(f"chdb://{Path(folder)}")
        rules = events.rules()
        cases = prepare(store, rules)
        async with (
            BulkSender(on.access, idempotent=not on.embedded) as sender,
            worker(
                access=on.access,
                prefix="live.",
                group_id="live",
                rules=rules,
                store=cases,
                clock=WallClock(),
                settings=WorkerSettings(),
                embedded=on.embedded,
            ) as running,
        ):
            yield running, store, sender
        store.close()


def _received(number: int, due_us: int) -> tuple[bytes, bytes]:
    now = time.time_ns() // 1000
    event: Any = {
        "event_id": "1",
        "type": "received",
        "case_id": f"L-{number:07d}",
        "occurred_at": now,
        "source": "bench",
        "schema_version": 1,
        "unit_id": f"U{number % 126:03d}",
        "procedure_code": "P",
        "kind": "dossier",
        "channel": "online",
        "due_at": due_us,
    }
    return event["case_id"].encode(), encode(event)


async def _live(seconds: int) -> dict[str, Result]:
    with broker() as on:
        topics = topic_names("live.")
        with KafkaTopics(on.access) as admin:
            ensure_topics(admin, topics, 8)
        async with _running(on) as (running, store, sender):
            reader = _Reader(store)
            reader.start()
            owed = asyncio.create_task(_longest_owed(running))
            sent: list[float] = []
            far = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1e6)
            for start in (0, 200):  # the engine's first inserts are slow: warm up
                await _send(sender, topics.events, range(start, start + 200), far)
                await asyncio.sleep(1.5)
            begun, number = time.time(), 400
            while time.time() - begun < seconds:
                due = int((time.time() - begun) * _RATE) + 400
                if due > number:
                    sent += [time.time()] * (due - number)
                    await _send(sender, topics.events, range(number, due), far)
                    number = due
                await asyncio.sleep(_TICK)
            await asyncio.sleep(2)
            owed.cancel()
            reader.ended.set()
            reader.join()
            lags = sorted(_lags(sent, reader.looks, 400))
            longest = await owed if not owed.cancelled() and owed.done() else _OWED[0]
    return {
        "freshness_p50_ms": Result(round(lags[len(lags) // 2] * 1000), "ms", None, f"{_RATE} events/s"),
        "freshness_p99_ms": Result(
            round(lags[int(len(lags) * 0.99)] * 1000), "ms", None, f"{_RATE} events/s"
        ),
        "commit_lag_s": Result(round(longest, 2), "s", None, "durable, not yet committed; the longest"),
    }


_OWED = [0.0]


async def _longest_owed(running: WorkerParts) -> float:
    """For how long something durable was not committed, at worst."""
    since: float | None = None
    while True:
        owing = bool(running.app.batch_consumer.batches.owing())
        now = time.monotonic()
        if not owing:
            since = None
        elif since is None:
            since = now
        else:
            _OWED[0] = max(_OWED[0], now - since)
        await asyncio.sleep(0.02)


async def _send(sender: BulkSender, topic: str, numbers: range, due: int) -> None:
    pairs = [_received(number, due) for number in numbers]
    await sender.send(topic, [key for key, _ in pairs], [value for _, value in pairs])


def _lags(sent: list[float], looks: list[_Look], before: int) -> list[float]:
    lags, place = [], 0
    for number, at in enumerate(sent, before + 1):
        while place < len(looks) and looks[place].received < number:
            place += 1
        if place == len(looks):
            msg = f"only {looks[-1].received if looks else 0} of {before + len(sent)} events became visible"
            raise RuntimeError(msg)
        lags.append(max(0.0, looks[place].at - at))
    return lags
