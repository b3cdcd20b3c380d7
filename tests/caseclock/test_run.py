"""`caseclock run` as a process: what it says, what it leaves behind, how it ends."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from caseclock.embedded.broker import EmbeddedBroker, embedded_broker
from caseclock.embedded.child import die_with_parent, end, free_port
from caseclock.worker import topic_names
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import KafkaAccess, KafkaTopics, Sender
from tests.caseclock.commands_kit import NOBODY, caseclock, event, variables
from tests.clickhouse_server import Fault, RunningServer, clickhouse_server
from tests.conftest import Broker
from tests.pipeline.command import environment

BREAKS: Final = """
import sys
from caseclock.cli import main
from sinks.clickhouse.case_store import ClickHouseCaseStore
def write(self, block):
    raise KeyError("Nguyen-Thi-Bi-Mat")
ClickHouseCaseStore.write = write
sys.exit(main(["run"]))
"""
"""A worker with a defect."""
AT_WORK: Final = "working on partitions 0, 1"
STORIES: Final = ("ends", "twice", "away", "breaks", "alone")
"""A worker each, all started at once: a join takes the embedded broker seconds in which nothing happens."""


class Worker:
    """One `caseclock run` with topics and a database of its own."""

    def __init__(
        self, folder: Path, broker: Broker, server: RunningServer, *, breaks: bool, **more: Any
    ) -> None:
        self.broker, self.server = broker, server
        self.prefix = f"t{uuid.uuid4().hex[:8]}."
        self.database = self.prefix.rstrip(".")
        self._log = folder / "log"
        settings = variables(broker, self.prefix, CLICKHOUSE__URL=server.url(self.database), **more)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(["-c", BREAKS] if breaks else ["-m", "caseclock", "run"])],
                cwd=folder,
                env=environment(folder, settings),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
            )

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def says(self, words: str, *, times: int = 1, within: float = 60.0) -> None:
        deadline = time.monotonic() + within
        while self.said().count(words) < times:
            assert self.process.poll() is None, f"it has ended with {self.process.returncode}: {self.said()}"
            assert time.monotonic() < deadline, f"{words!r} is missing: {self.said()}"
            time.sleep(0.05)

    def ends(self, number: signal.Signals | None = None, within: float = 30.0) -> tuple[int, float]:
        """Its exit code, and after how many seconds."""
        began = time.monotonic()
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(within), time.monotonic() - began

    def sent(self, *names: str) -> None:
        with Sender(self.broker.access, topic_names(self.prefix).events, lambda _: None) as sender:
            for name in names:
                sender.send(name.encode(), event(name), tag=name)

    def loses_its_database(self) -> None:
        self.server.plan(Fault("status", self.database, 10_000, status=503))  # named in inserts alone

    def uncommitted(self) -> int:
        with KafkaTopics(self.broker.access) as admin:
            return sum(admin.lag(f"{self.prefix}group", topic_names(self.prefix).events).values())

    def cases(self) -> list[str]:
        self.server.plan()
        store = ClickHouse(self.server.url(self.database))
        try:
            return sorted(store.columns("SELECT case_id FROM v_cases")["case_id"])
        finally:
            store.close()

    def only_lines_of_ours(self) -> bool:
        return all(line.startswith("caseclock run: ") for line in self.said().splitlines())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with clickhouse_server(tmp_path_factory.mktemp("run")) as running:
        yield running


@pytest.fixture(scope="module")
def mortal() -> Iterator[EmbeddedBroker]:
    """A broker that will be killed."""
    with embedded_broker() as broker:
        yield broker


@pytest.fixture(scope="module")
def workers(
    tansu_broker: Broker,
    mortal: EmbeddedBroker,
    server: RunningServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Worker]]:
    """A worker for each story; none is left afterwards."""
    to_be_killed = Broker("tansu", KafkaAccess(bootstrap_servers=mortal.bootstrap_servers), 2.0)
    found = {}
    with ExitStack() as stack:
        for name in STORIES:
            broker = to_be_killed if name == "alone" else tansu_broker
            more = {"BOARD__LISTEN": f"127.0.0.1:{free_port()}" if name == "ends" else ""}
            folder = tmp_path_factory.mktemp(name)
            found[name] = Worker(folder, broker, server, breaks=name == "breaks", **more)
            stack.callback(end, found[name].process, patience=0)
        yield found


@pytest.fixture(autouse=True)
def all_well(server: RunningServer) -> Iterator[None]:
    yield
    server.plan()


def test_it_makes_what_is_missing_and_ends_with_everything_durable_and_committed(
    workers: dict[str, Worker],
) -> None:
    worker = workers["ends"]
    names = sorted(f"c{number}" for number in range(30))
    worker.says(AT_WORK)
    worker.says("the board is on http://127.0.0.1:")
    worker.sent(*names)
    time.sleep(0.3)

    code, seconds = worker.ends(signal.SIGTERM)

    print(f"ended {seconds:.1f} s after SIGTERM")
    assert (code, seconds < 10) == (0, True)
    assert worker.said().endswith("ending\ncaseclock run: ended; all is durable and committed\n")
    assert worker.only_lines_of_ours()
    assert worker.uncommitted() == 0
    assert worker.cases() == names


def test_while_clickhouse_is_away_it_waits_says_so_and_goes_on(workers: dict[str, Worker]) -> None:
    worker = workers["away"]
    worker.says(AT_WORK)
    worker.loses_its_database()
    worker.sent("c1", "c2")
    worker.says("waiting: ")
    worker.server.plan()
    worker.says("goes on after ")
    worker.loses_its_database()
    worker.sent("c3")
    worker.says("waiting: ", times=2)

    code, seconds = worker.ends(signal.SIGTERM)

    print(f"ended {seconds:.1f} s after SIGTERM with a database that was away")
    said = worker.said()
    assert (code, seconds < 10) == (0, True)
    assert said.index("waiting: ") < said.index("goes on after ") < said.rindex("waiting: ")
    assert said.endswith("ended; what is not durable yet comes again\n")
    assert worker.only_lines_of_ours()
    assert worker.uncommitted() == 1
    assert worker.cases() == ["c1", "c2"]


def test_a_second_signal_ends_it_at_once(workers: dict[str, Worker]) -> None:
    worker = workers["twice"]
    worker.says(AT_WORK)
    worker.loses_its_database()
    worker.sent("c1")
    worker.says("waiting: ")
    worker.process.send_signal(signal.SIGINT)
    worker.says("ending")

    code, seconds = worker.ends(signal.SIGINT)

    assert (code, seconds < 1) == (130, True)
    assert worker.uncommitted() == 1


def test_a_defect_is_one_line_without_a_value_and_nothing_is_committed(workers: dict[str, Worker]) -> None:
    worker = workers["breaks"]
    worker.says(AT_WORK)
    worker.sent("c1")

    code, _ = worker.ends()

    lines = worker.said().splitlines()
    assert code == 70
    assert "Nguyen" not in worker.said()
    assert [line for line in lines if "defect" in line] == lines[-1:]
    assert lines[-1].startswith("caseclock run: a defect of the program (KeyError at ")
    assert worker.only_lines_of_ours()
    assert worker.uncommitted() == 1


def test_kafka_that_goes_away_fills_no_log(workers: dict[str, Worker], mortal: EmbeddedBroker) -> None:
    worker = workers["alone"]
    worker.says(AT_WORK)
    before = len(worker.said().splitlines())
    end(mortal.process, patience=0)
    worker.says("aiokafka: ")
    time.sleep(1)

    code, seconds = worker.ends(signal.SIGTERM)

    print(f"ended {seconds:.1f} s after SIGTERM without Kafka")
    told = worker.said().splitlines()[before:]
    assert (code, seconds < 15) == (0, True)
    assert len(told) <= 5, told


def test_a_signal_before_it_has_begun_ends_it_as_well(
    tansu_broker: Broker, server: RunningServer, tmp_path: Path
) -> None:
    worker = Worker(tmp_path, tansu_broker, server, breaks=False, HEALTH__LISTEN="127.0.0.1:0")
    worker.says("health and metrics on http://127.0.0.1:")  # long before the group is joined

    code, seconds = worker.ends(signal.SIGTERM)

    assert (code, seconds < 10) == (0, True)
    assert worker.said().endswith("caseclock run: ended before it had begun\n")


@pytest.mark.parametrize("missing", ["kafka", "clickhouse"])
def test_without_kafka_or_clickhouse_it_is_one_line_that_says_what_to_do(
    missing: str, tansu_broker: Broker, prefix: str, server: RunningServer, tmp_path: Path
) -> None:
    broker = NOBODY if missing == "kafka" else tansu_broker
    url = "http://127.0.0.1:1/x" if missing == "clickhouse" else server.url(prefix.rstrip("."))

    ended = caseclock(tmp_path, "run", settings=variables(broker, prefix, CLICKHOUSE__URL=url))

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.count("\n") == 1
    assert ("CASECLOCK_KAFKA__BOOTSTRAP_SERVERS" if missing == "kafka" else "is it running") in ended.stderr
