"""`caseclock board` as a process: what it says, what it answers, how it ends."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from caseclock.embedded.child import die_with_parent, end, free_port
from sinks.clickhouse.client import ClickHouse
from tests.caseclock.test_board import add
from tests.clickhouse_server import RunningServer, clickhouse_server
from tests.pipeline.command import environment


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with clickhouse_server(tmp_path_factory.mktemp("board")) as running:
        store = ClickHouse(running.url("board"))
        add(store, "C1", "C2")
        store.close()
        yield running


def start(folder: Path, settings: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "caseclock", "board"],
            cwd=folder,
            env=environment(folder, settings),
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )


def said(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8")


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def until_it_answers(process: "subprocess.Popen[bytes]", folder: Path, address: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return get(address)
        except OSError:
            assert process.poll() is None, said(folder)
            assert time.monotonic() < deadline, said(folder)
            time.sleep(0.1)


def test_it_serves_until_it_is_told_to_end_and_then_ends_at_once(
    server: RunningServer, tmp_path: Path
) -> None:
    port, staff = free_port(), free_port()
    url = server.url("board")
    process = start(
        tmp_path,
        {"BOARD__LISTEN": f"127.0.0.1:{port}", "STAFF__LISTEN": f"127.0.0.1:{staff}", "CLICKHOUSE__URL": url},
    )
    try:
        base = f"http://127.0.0.1:{port}"
        page = until_it_answers(process, tmp_path, f"{base}/vi/")
        city = json.loads(get(f"{base}/api/v1/city?period=all"))
        case = json.loads(get(f"http://127.0.0.1:{staff}/staff/cases/C1/explain"))
        live = urllib.request.urlopen(f"{base}/live?page=/vi/", timeout=10)  # still open at the end
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
    finally:
        end(process, patience=0)

    print(f"ended {time.monotonic() - began:.1f} s after SIGTERM with a live connection")
    assert code == 0
    assert time.monotonic() - began < 8
    assert '<html lang="vi"' in page
    assert city["city"]["received"] == 2
    assert case["case_id"] == "C1"
    assert b"event: version" in live.read()
    assert said(tmp_path).splitlines() == [
        f"caseclock board: the board is on {base}; Ctrl-C ends it",
        f"caseclock board: for staff: http://127.0.0.1:{staff}",
        "caseclock board: ending",
        "caseclock board: ended",
    ]


def test_an_address_that_is_taken_is_one_line_that_says_what_to_do(
    server: RunningServer, tmp_path: Path
) -> None:
    taken = server.url("board").split("/")[2]
    process = start(tmp_path, {"CLICKHOUSE__URL": server.url("board"), "BOARD__LISTEN": taken})
    try:
        code = process.wait(60)
    finally:
        end(process, patience=0)

    (line,) = said(tmp_path).splitlines()
    assert code == 2
    assert line.startswith(f"caseclock board: cannot listen on {taken} (")
    assert line.endswith("set CASECLOCK_BOARD__LISTEN to another address")
