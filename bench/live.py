"""A running worker under a steady stream: how fresh the numbers are, and how soon silence is noticed."""

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench import events
from bench.brokers import PARTITIONS, Broker, broker
from bench.results import Result
from caseclock.city import prepare
from caseclock.clocks import WallClock
from caseclock.settings import WorkerSettings
from caseclock.worker import ensure_topics, topic_names, worker
from schemas.decode import encode
from schemas.profile import PROFILES
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import BulkSender, KafkaTopics
from streams.rules import Rules

_RATE: Final = 2_000
_TICK: Final = 0.02
_WARM_UP: Final = 400
_PROBES: Final = 20


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
    """Measure with a stream of 2 000 events a second, then with due moments that pass while nothing arrives."""
    return asyncio.run(_live(3 if quick else 20, 3 if quick else _PROBES))


@asynccontextmanager
async def _running(on: Broker) -> AsyncIterator[tuple[ClickHouse, BulkSender]]:
    """A worker that judges by the instant: under date precision nothing falls due before the end of a day."""
    with tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder:
        store = ClickHouse(f"chdb://{Path(folder)}")
        rules = Rules(events.city(), PROFILES["instant"])
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
            ),
        ):
            yield store, sender
        store.close()


def _received(number: int, due_us: int) -> tuple[bytes, bytes]:
    event: Any = {
        "event_id": "1",
        "type": "received",
        "case_id": f"L-{number:07d}",
        "occurred_at": time.time_ns() // 1000,
        "source": "bench",
        "schema_version": 1,
        "unit_id": events.UNITS[number % len(events.UNITS)],
        "procedure_code": events.PROCEDURES[number % len(events.PROCEDURES)],
        "kind": "dossier",
        "channel": "online",
        "due_at": due_us,
    }
    return event["case_id"].encode(), encode(event)


async def _live(seconds: int, probes: int) -> dict[str, Result]:
    with broker() as on:
        topic = topic_names("live.").events
        with KafkaTopics(on.access) as admin:
            ensure_topics(admin, topic_names("live."), PARTITIONS)
        async with _running(on) as (store, sender):
            reader = _Reader(store)
            reader.start()
            far = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp() * 1e6)
            for start in (0, _WARM_UP // 2):  # the engine's first inserts are slow
                await _send(sender, topic, range(start, start + _WARM_UP // 2), [far])
                await asyncio.sleep(1.5)
            sent = await _stream(sender, topic, seconds, far)
            await asyncio.sleep(2)
            first = len(sent) + _WARM_UP
            dues = [int((time.time() + 2 + 0.37 * n) * 1e6) for n in range(probes)]
            await _send(sender, topic, range(first, first + probes), dues)
            await asyncio.sleep(dues[-1] / 1e6 - time.time() + 2)
            reader.ended.set()
            reader.join()
    fresh = sorted(_lags(sent, [(look.at, look.received) for look in reader.looks], _WARM_UP))
    silent = _lags([due / 1e6 for due in dues], [(look.at, look.overdue) for look in reader.looks], 0)
    told = f"{_RATE} events/s, {on.name}"
    return {
        "freshness_p50_ms": Result(round(fresh[len(fresh) // 2] * 1000), "ms", None, told),
        "freshness_p99_ms": Result(round(fresh[int(len(fresh) * 0.99)] * 1000), "ms", None, told),
        "silence_ms": Result(round(max(silent) * 1000), "ms", None, f"the slowest of {probes} due moments"),
    }


async def _stream(sender: BulkSender, topic: str, seconds: int, due: int) -> list[float]:
    """Send at a steady rate; when each event was sent, seconds since 1970."""
    sent: list[float] = []
    begun = time.time()
    while (passed := time.time() - begun) < seconds:
        wanted = int(passed * _RATE) - len(sent)
        if wanted > 0:
            first = _WARM_UP + len(sent)
            sent += [time.time()] * wanted
            await _send(sender, topic, range(first, first + wanted), [due])
        await asyncio.sleep(_TICK)
    return sent


async def _send(sender: BulkSender, topic: str, numbers: range, dues: Sequence[int]) -> None:
    pairs = [_received(number, dues[place % len(dues)]) for place, number in enumerate(numbers)]
    await sender.send(topic, [key for key, _ in pairs], [value for _, value in pairs])


def _lags(moments: Sequence[float], looks: Sequence[tuple[float, int]], before: int) -> list[float]:
    """For each moment the seconds until a count above ``before`` shows that many more: in order, one each."""
    lags, place = [], 0
    for number, at in enumerate(moments, before + 1):
        while place < len(looks) and looks[place][1] < number:
            place += 1
        if place == len(looks):
            seen = looks[-1][1] if looks else 0
            msg = f"only {seen} of {before + len(moments)} became visible"
            raise RuntimeError(msg)
        lags.append(max(0.0, looks[place][0] - at))
    return lags
