"""What a failing ClickHouse is called: away, to be waited for; or an error that says what to do."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.columns import DEAD_LETTER_COLUMNS
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.retriable import RETRIABLE_CODES, RETRIABLE_HTTP
from tests.clickhouse_server import Fault, RunningServer

ROW = ("a.ndjson", "", -1, 7, "not_json", "secret-field", 1_000_000)


@pytest.fixture
def store(server: RunningServer) -> ClickHouse:
    server.plan()
    connection = ClickHouse(server.url("errors"))
    migrate(connection)
    connection.command("TRUNCATE TABLE dead_letters")
    return connection


def insert(store: ClickHouse, token: str = "t") -> None:  # noqa: S107  # the name of an insert, no secret
    store.insert("dead_letters", DEAD_LETTER_COLUMNS, [ROW], token)


def rows(store: ClickHouse) -> int:
    return int(store.columns("SELECT count() AS n FROM dead_letters")["n"][0])


@pytest.mark.parametrize("code", sorted(RETRIABLE_CODES))
def test_codes_that_pass_by_themselves_are_waited_for(
    store: ClickHouse, server: RunningServer, code: int
) -> None:
    server.plan(Fault("code", "INSERT INTO", times=5, code=code))

    with pytest.raises(Unavailable):
        insert(store)


@pytest.mark.parametrize("status", sorted(RETRIABLE_HTTP))
def test_a_busy_server_is_waited_for(store: ClickHouse, server: RunningServer, status: int) -> None:
    server.plan(Fault("status", "INSERT INTO", times=5, status=status))

    with pytest.raises(Unavailable):
        insert(store)


def test_a_dropped_connection_is_waited_for(store: ClickHouse, server: RunningServer) -> None:
    server.plan(Fault("drop", "INSERT INTO", times=5))

    with pytest.raises(Unavailable):
        insert(store)


@pytest.mark.parametrize("how", ["code_after", "drop_after"])
def test_what_was_written_though_it_seemed_to_fail_is_there_once(
    store: ClickHouse, server: RunningServer, how: str
) -> None:
    server.plan(Fault(how, "INSERT INTO", code=319))
    try:
        insert(store, how)
    except Unavailable:
        insert(store, how)

    assert rows(store) == 1


def test_another_error_is_told_in_a_line_without_a_value(store: ClickHouse) -> None:
    with pytest.raises(StoreError) as told:
        store.insert("no_such_table", DEAD_LETTER_COLUMNS, [ROW], "t")

    assert "\n" not in str(told.value)
    assert "secret-field" not in str(told.value)


def test_a_wrong_password_says_which_settings_to_check(server: RunningServer) -> None:
    with pytest.raises(StoreError, match="CASECLOCK_CLICKHOUSE__URL and its password"):
        ClickHouse(server.url(user="caseclock_writer"), "wrong")


def test_a_server_that_is_not_there_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}"):
        ClickHouse(f"http://127.0.0.1:{port}/caseclock")


def test_a_folder_in_use_names_the_process_that_has_it(tmp_path: Path) -> None:
    script = f"""
import time
from sinks.clickhouse.client import ClickHouse
store = ClickHouse("chdb://{tmp_path}")
print("open", flush=True)
time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid}"):
            ClickHouse(f"chdb://{tmp_path}")
    finally:
        holder.kill()
        holder.wait(10)


def test_without_the_embedded_engine_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["chdb"] = None
from sinks.clickhouse.client import ClickHouse, StoreError
try:
    ClickHouse("chdb://{tmp_path}")
except StoreError as error:
    print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ, check=True
    )

    assert "pip install 'caseclock[embedded]'" in told.stdout
