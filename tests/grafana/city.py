"""The demo city as data: `caseclock demo --clickhouse-http 0` in a process of its own, asked as Grafana asks it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import clickhouse_connect

from caseclock.embedded.child import die_with_parent, end
from tests.grafana.plugin.frames import Answer
from tests.pipeline.command import environment

READY_SECONDS: Final = 240.0
"""Twenty on a machine that has nothing else to do."""
DATABASE: Final = "caseclock"
USER: Final = "caseclock_reader"


@dataclass(frozen=True, slots=True)
class DemoCity:
    """A running demo.

    Attributes:
        http_port: where its ClickHouse answers, on 127.0.0.1.
        board_url: `http://127.0.0.1:PORT`.
    """

    http_port: int
    board_url: str
    _client: list[Any] = field(default_factory=list)

    def client(self) -> Any:
        """The unchanged `clickhouse-connect` over HTTP, opened once."""
        if not self._client:
            self._client.append(
                clickhouse_connect.get_client(
                    host="127.0.0.1",
                    port=self.http_port,
                    username=USER,
                    database=DATABASE,
                    autogenerate_session_id=False,
                )
            )
        return self._client[0]

    def query(self, sql: str, **parameters: Any) -> Answer:
        """The rows of one statement, with the names and types of their columns even when there are none."""
        told = self.client().query(sql, parameters=parameters)
        return Answer(
            list(told.column_names), [each.name for each in told.column_types], list(told.result_rows)
        )


@contextmanager
def demo_city_in(folder: Path) -> Iterator[DemoCity]:
    """Run the demo for as long as the block lasts; history and breakdowns are counted when it begins."""
    log = folder / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "caseclock",
                "demo",
                "--no-browser",
                "--port",
                "0",
                "--clickhouse-http",
                "0",
            ],
            cwd=folder,
            env=environment(folder, {}),
            stdout=said,
            stderr=said,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )
    deadline = time.monotonic() + READY_SECONDS
    try:
        while not (found := _addresses(log.read_text(errors="replace"))):
            _still(process, deadline)
        city = DemoCity(*found)
        while not _counted(city):
            _still(process, deadline)
        yield city
    except BaseException:
        print(f"the demo said:\n{log.read_text(errors='replace')[-4_000:]}")  # shown with the failure
        raise
    finally:
        end(process, patience=40)


def _addresses(said: str) -> tuple[int, str] | None:
    """Where it says, with its first table, that it can be reached."""
    board = re.search(r"(http://127\.0\.0\.1:\d+)/vi/", said)
    clickhouse = re.search(r"ClickHouse .*http://127\.0\.0\.1:(\d+)", said)
    return (int(clickhouse[1]), board[1]) if board and clickhouse else None


def _counted(city: DemoCity) -> bool:
    """Whether there is a first generation of the breakdowns: it waits until all of history has been read."""
    return bool(city.query("SELECT as_of FROM v_summaries").rows)


def _still(process: "subprocess.Popen[bytes]", deadline: float) -> None:
    """It lives, and may take a little longer."""
    assert process.poll() is None, "the demo has ended"
    assert time.monotonic() < deadline, f"the demo is not ready after {READY_SECONDS:g} s"
    time.sleep(0.1)
