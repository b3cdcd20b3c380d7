"""What a failing ClickHouse is called: away, to be waited for; or an error that says what to do."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from schemas.columns import CASE_COLUMNS, DEAD_LETTER_COLUMNS
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.retriable import RETRIABLE_CODES, RETRIABLE_HTTP
from tests.clickhouse_server import Fault, RunningServer
from tests.sinks.test_clickhouse_store import case

SECRET: Final = "Nguyễn Văn A's"
ROW: Final = ("a.ndjson", "", -1, 7, "not_json", "unit_id", 1_000_000)


@pytest.fixture(scope="module")
def connection(server: RunningServer) -> Iterator[ClickHouse]:
    server.plan()
    store = ClickHouse(server.url("errors"))
    migrate(store)
    yield store
    store.close()


@pytest.fixture
def store(connection: ClickHouse, server: RunningServer) -> Iterator[ClickHouse]:
    yield connection
    server.plan()


def insert(store: ClickHouse, row: tuple[Any, ...] = ROW) -> None:
    store.insert("dead_letters", DEAD_LETTER_COLUMNS, [row], "t")


@pytest.mark.parametrize("code", sorted(RETRIABLE_CODES))
def test_codes_that_pass_by_themselves_are_waited_for(
    store: ClickHouse, server: RunningServer, code: int
) -> None:
    server.plan(Fault("code", "INSERT INTO", times=5, code=code))

    with pytest.raises(Unavailable, match="planned by the test"):
        insert(store)


@pytest.mark.parametrize("code", [27, 60, 62, 81, 497])
def test_other_codes_are_not_waited_for(store: ClickHouse, server: RunningServer, code: int) -> None:
    server.plan(Fault("code", "INSERT INTO", times=5, code=code))

    with pytest.raises(StoreError, match="planned by the test") as told:
        insert(store)

    assert told.value.code == code


@pytest.mark.parametrize("status", sorted(RETRIABLE_HTTP))
def test_a_busy_server_is_waited_for(store: ClickHouse, server: RunningServer, status: int) -> None:
    server.plan(Fault("status", "INSERT INTO", times=5, status=status))

    with pytest.raises(Unavailable, match=f"HTTP status {status}"):
        insert(store)


def test_a_dropped_connection_is_waited_for(store: ClickHouse, server: RunningServer) -> None:
    server.plan(Fault("drop", times=20))

    with pytest.raises(Unavailable, match="connection closed"):
        insert(store)
    with pytest.raises(Unavailable, match="connection closed"):
        store.columns("SELECT 1")
    with pytest.raises(Unavailable, match="connection closed"):
        store.command("SELECT 1")


def test_a_server_that_says_nothing_is_waited_for_with_an_end(server: RunningServer) -> None:
    server.plan()
    store = ClickHouse(server.url("errors"), timeout_seconds=1)
    server.plan(Fault("stall", "SELECT 1", times=1, seconds=1.5))

    with pytest.raises(Unavailable, match="timed out"):
        store.columns("SELECT 1")


def test_a_server_that_is_not_there_is_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(Unavailable, match=rf"http://127\.0\.0\.1:{port}: .*\(connection refused\)"):
        ClickHouse(f"http://127.0.0.1:{port}/caseclock")


def test_a_server_that_speaks_no_tls_is_not_waited_for(server: RunningServer) -> None:
    with pytest.raises(StoreError, match=f"https://127.0.0.1:{server.port}: .*SSL"):
        ClickHouse(f"https://127.0.0.1:{server.port}/caseclock")


def test_a_host_that_nobody_knows_is_waited_for() -> None:
    with pytest.raises(Unavailable, match=r"no such host"):
        ClickHouse("http://clickhouse.invalid/caseclock")


def test_a_wrong_password_says_which_settings_to_check_and_not_what_it_was(server: RunningServer) -> None:
    server.plan()

    with pytest.raises(StoreError, match="CASECLOCK_CLICKHOUSE__URL and its password") as told:
        ClickHouse(server.url(user="caseclock_writer"), "wrong-one")

    assert "wrong-one" not in traceback.format_exc() + str(told.value)


WRONG: Final = {
    "a table that is not there": ("SELECT * FROM no_such_table WHERE a = {p:String}", "no_such_table"),
    "a column that is not there": ("SELECT nothing FROM cases WHERE case_id = {p:String}", "nothing"),
    "no SQL": ("SELEKT case_id FROM cases WHERE case_id = {p:String}", "Syntax error"),
    "no number": ("SELECT toInt64({p:String})", "Cannot parse"),
    "no number of the parameter": ("SELECT {p:Int64}", "cannot be parsed as Int64"),
    "what a function complains of": (
        "SELECT throwIf(case_id = {p:String}) FROM (SELECT {p:String} AS case_id)",
        "throwIf",
    ),
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
@pytest.mark.parametrize("engine", ["chdb", "http"])
def test_a_wrong_query_is_told_in_a_line_without_the_value_of_a_parameter(
    request: pytest.FixtureRequest, engine: str, wrong: str
) -> None:
    store = request.getfixturevalue("embedded" if engine == "chdb" else "store")
    if engine == "chdb":
        migrate(store)
    query, words = WRONG[wrong]

    with pytest.raises(StoreError, match=words) as told:
        store.columns(query, {"p": SECRET})

    assert_one_line_without_values(told.value)


@pytest.mark.parametrize("engine", ["chdb", "http"])
@pytest.mark.parametrize(
    ("types", "row", "words"),
    [
        ({"partition": "Int32"}, (SECRET,), "invalid literal"),
        ({"partition": "Int32"}, (2**40,), "partition"),
        ({"source": "LowCardinality(String)"}, (None,), "source"),
        ({"source": "String"}, (f"{SECRET}\ud800",), "surrogates"),
        ({"source": "String", "seen_at": "String"}, (SECRET, SECRET), "seen_at"),
        ({"source": "String", "holder": "String"}, (SECRET, SECRET), "holder"),
        ({"source": "String"}, (SECRET, SECRET), "column"),
    ],
)
def test_rows_that_cannot_be_written_are_told_in_a_line_without_their_values(
    request: pytest.FixtureRequest, engine: str, types: dict[str, str], row: tuple[Any, ...], words: str
) -> None:
    store = request.getfixturevalue("embedded" if engine == "chdb" else "store")
    if engine == "chdb":
        migrate(store)

    with pytest.raises(StoreError, match=words) as told:
        store.insert("dead_letters", types, [row], "wrong")

    assert_one_line_without_values(told.value)


def assert_one_line_without_values(error: StoreError) -> None:
    whole = "".join(traceback.format_exception(error, limit=0))
    assert "\n" not in str(error)
    assert len(str(error)) < 400
    assert not any(word in whole for word in ("Nguy", "Văn", SECRET))
    assert not re.search(r"\(version|for url|Stack trace|DB::Exception", str(error))


def test_a_row_too_wide_for_a_code_is_no_error(store: ClickHouse) -> None:
    store.insert("cases", CASE_COLUMNS, [case("C1", officer="x" * 100_000)], "wide")

    assert store.columns("SELECT length(officer) AS n FROM cases")["n"] == [100_000]


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


def test_without_the_embedded_engine_the_error_says_how_to_get_it_and_the_folder_is_free(
    tmp_path: Path,
) -> None:
    script = f"""
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "chdb":
            raise ModuleNotFoundError("No module named 'chdb'", name="chdb")

sys.meta_path.insert(0, Without())
from sinks.clickhouse.client import ClickHouse, StoreError
for _ in range(2):
    try:
        ClickHouse("chdb://{tmp_path}")
    except StoreError as error:
        print(error)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ, check=True
    )

    assert told.stdout == "the embedded engine is missing: pip install 'caseclock[embedded]'\n" * 2
