"""The whole product in a process of its own (`caseclock run`: worker, embedded engine, board), and who sends to it."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

from caseclock.embedded.child import die_with_parent, end, free_port
from caseclock.worker import ensure_topics, topic_names
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from sinks.kafka import BulkSender, KafkaAccess, KafkaTopics
from tests.board.town import SILENT_SOURCE, Town
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.command import environment

PARTITIONS: Final = 4
_PREFIX: Final = "town."
_READY_SECONDS: Final = 60.0


class Answer(NamedTuple):
    """What came back over HTTP; header names are small."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return json.loads(self.body)


class Product:
    """A running product.

    Attributes:
        address: `http://127.0.0.1:PORT`.
        events: all that was sent to it and can be read, for the oracle.
    """

    def __init__(self, access: KafkaAccess, address: str) -> None:
        self.address = address
        self.events: list[Event] = []
        self._access = access

    def get(self, path: str, **headers: str) -> Answer:
        """Ask as a program does, following nothing; in names of headers _ stands for -."""
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=named)
            answer = connection.getresponse()
            small = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, small, answer.read())
        finally:
            connection.close()

    def send(self, events: Sequence[Event]) -> float:
        """Send events as offices do, and return when Kafka has confirmed them. When they went off, s since 1970."""
        self.events += events
        return self.send_raw(
            [each["case_id"].encode() for each in events], [canonical(each) for each in events]
        )

    def send_raw(self, keys: Sequence[bytes], values: Sequence[bytes]) -> float:
        """Send records as they are."""

        async def sending() -> float:
            async with BulkSender(self._access, idempotent=False) as sender:
                went_off = time.time()
                await sender.send(topic_names(_PREFIX).events, keys, values)
            return went_off

        # the test's own thread belongs to Playwright's event loop
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(lambda: asyncio.run(sending())).result()

    def until(self, is_right: Callable[[], bool], within: float, what: str) -> float:
        """Wait for what must come; gives the seconds it took."""
        began = time.monotonic()
        while not is_right():
            assert time.monotonic() - began < within, f"not in {within:g} s: {what}"
            time.sleep(0.1)
        return time.monotonic() - began


def something_came_long_ago(folder: str, source: str) -> None:
    """Leave word in the database of a source from which nothing has come for three weeks."""
    store = ClickHouse(f"chdb://{folder}")
    migrate(store)
    store.command(
        "INSERT INTO source_totals SELECT {source:String}, now64(6) - INTERVAL 21 DAY, now64(6) - INTERVAL 21 DAY, 1",
        {"source": source},
    )
    store.close()


@contextmanager
def product(access: KafkaAccess, town: Town, folder: Path) -> Iterator[Product]:
    """Run it over the town's events for as long as the block lasts; all of them are counted when it begins."""
    port = free_port()
    settings = {
        "KAFKA__BOOTSTRAP_SERVERS": access.bootstrap_servers,
        "KAFKA__TOPIC_PREFIX": _PREFIX,
        "KAFKA__GROUP_ID": "town",
        "CLICKHOUSE__URL": f"chdb://{folder / 'store'}",
        "CITY__FOLDER": town.folder,
        "BOARD__LISTEN": f"127.0.0.1:{port}",
        "BOARD__RATE_PER_S": 1_000,
        "BOARD__BURST": 10_000,
        "WORKER__PARTITIONS": PARTITIONS,
        "WORKER__BATCH_MS": 50,
        "WORKER__SESSION_TIMEOUT_S": 6,
        "WORKER__REBALANCE_TIMEOUT_S": 6,
    }
    with KafkaTopics(access) as admin:
        ensure_topics(admin, topic_names(_PREFIX), PARTITIONS)
    running = Product(access, f"http://127.0.0.1:{port}")
    running.send(town.events)
    running.send_raw([b"T-0001"] * len(town.unreadable), town.unreadable)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        alone.submit(something_came_long_ago, str(folder / "store"), SILENT_SOURCE).result()
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "caseclock", "run"],
            cwd=folder,
            env=environment(folder, settings),
            stdout=said,
            stderr=said,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )
    try:
        received = {each["case_id"] for each in town.events if each["type"] == "received"}
        _wait_until_counted(running, process, len(received))
        yield running
    except BaseException:
        print(f"the product said:\n{log.read_text(errors='replace')[-4_000:]}")  # shown with the failure
        raise
    finally:
        end(process, patience=10)


def _wait_until_counted(running: Product, process: "subprocess.Popen[bytes]", cases: int) -> None:
    """Until the board shows every case, and what is computed only now and then was computed after that."""
    counted_at: datetime | None = None

    def counted() -> bool:
        nonlocal counted_at
        assert process.poll() is None, "the product has ended"
        try:
            answer = running.get("/api/v1/city?period=all")
        except OSError:
            return False
        if answer.status != 200:
            return False
        told = answer.json()
        if counted_at is None and told["city"]["received"] == cases:
            counted_at = datetime.now(UTC)
        computed_at = told["summaries_at"]
        return bool(counted_at and computed_at and datetime.fromisoformat(computed_at) > counted_at)

    running.until(counted, _READY_SECONDS, "the board counts the town's cases")
