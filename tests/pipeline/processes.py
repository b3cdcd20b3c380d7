"""Workers as processes of their own (`caseclock run`), and Apache Kafka that can be killed and comes back."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from caseclock.embedded.child import die_with_parent, end, free_port
from sinks.kafka import KafkaAccess
from tests.kafka_server import KafkaServer
from tests.pipeline.command import environment
from tests.pipeline.kit import CITY, PARTITIONS, Stage

SESSION_SECONDS: Final = 6
"""The shortest that Apache Kafka allows: so long a killed worker's partitions wait."""

AT_WORK: Final = "working on partitions"


class WorkerProcess:
    """One `caseclock run`; started again under the same settings as often as it is asked to.

    Attributes:
        codes: how it ended each time.
        failed_at_work: those of them that are failures after it had said that it works.
    """

    def __init__(self, stage: Stage, url: str, folder: Path) -> None:
        folder.mkdir()
        self.codes: list[int] = []
        self.failed_at_work: list[int] = []
        self._folder = folder
        self._log = folder / "log"
        self._port = free_port()
        self._settings: dict[str, Any] = {
            "KAFKA__BOOTSTRAP_SERVERS": stage.broker.access.bootstrap_servers,
            "KAFKA__TOPIC_PREFIX": stage.prefix,
            "KAFKA__GROUP_ID": stage.group,
            "CLICKHOUSE__URL": url,
            "CITY__FOLDER": CITY,
            "HEALTH__LISTEN": f"127.0.0.1:{self._port}",
            "BOARD__LISTEN": "",
            "WORKER__PARTITIONS": PARTITIONS,
            "WORKER__BATCH_ROWS": 150,
            "WORKER__BATCH_MS": 50,
            "WORKER__HOT_CASES": 15,
            "WORKER__SESSION_TIMEOUT_S": SESSION_SECONDS,
            "WORKER__REBALANCE_TIMEOUT_S": SESSION_SECONDS,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def start(self) -> None:
        self._said_before = len(self.said())
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "caseclock", "run"],
                cwd=self._folder,
                env=environment(self._folder, self._settings),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
            )

    def started_again_if_ended(self) -> None:
        """What the system's supervisor does."""
        if self._process is None or self._ended() is not None:
            self.start()

    def send_signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """As `kill -9` does it; returns when it is gone."""
        self.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self, within: float = 30.0) -> int:
        assert self._process is not None
        self._process.wait(within)
        code = self._ended()
        assert code is not None
        return code

    def _ended(self) -> int | None:
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self.codes.append(code)
            if code > 0 and AT_WORK in self.said()[self._said_before :]:
                self.failed_at_work.append(code)
            self._process = None
        return code

    def stop(self) -> None:
        """End it however it stands; at the end of a test."""
        if self._process is not None:
            end(self._process, patience=0)
            self._ended()

    def said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _get(self, path: str) -> str | None:
        with suppress(OSError):
            url = f"http://127.0.0.1:{self._port}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        return None

    def partitions(self) -> list[int]:
        """What it works on now; nothing while it is not ready."""
        told = self._get("/healthz/ready")
        return list(json.loads(told)["partitions"]) if told else []

    def counted(self, metric: str) -> float:
        """One of its counters; 0 while it does not answer."""
        for line in (self._get("/metrics") or "").splitlines():
            if line.startswith(f"{metric} "):
                return float(line.split()[1])
        return 0.0


@contextmanager
def workers(stage: Stage, url: str, folder: Path, count: int) -> Iterator[list[WorkerProcess]]:
    """Workers of one group over one database; none is left afterwards."""
    with ExitStack() as stack:
        found = [WorkerProcess(stage, url, folder / f"worker{n}") for n in range(count)]
        for each in found:
            stack.callback(each.stop)
        try:
            yield found
        except BaseException:
            for n, each in enumerate(found):  # pytest shows it with the failure
                print(f"worker {n} ended with {each.codes} and said:\n{each.said()[-4_000:]}")
            raise


class RestartableKafka:
    """Apache Kafka whose data survives what happens to its process."""

    def __init__(self, server: KafkaServer) -> None:
        self.access = KafkaAccess(bootstrap_servers=server.bootstrap_servers)
        self._process = server.process
        self._log = server.log

    def stand_still(self, seconds: float) -> None:
        """Say nothing for a while, as a machine that swaps."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def kill_and_restart(self) -> None:
        """Gone with -9, and back as soon as it can be."""
        end(self._process, patience=0)
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._process.args,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent(),  # noqa: PLW1509  # as above
            )

    def stop(self) -> None:
        end(self._process, patience=0)
