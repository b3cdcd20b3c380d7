"""Reading beside writing, on either engine alike; and what a connection is refused."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sinks.clickhouse import folder as folders
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import migrate
from tests.clickhouse_server import Fault, RunningServer
from tests.sinks.test_clickhouse_inserts import insert, positions


@pytest.fixture
def store(empty: ClickHouse) -> ClickHouse:
    migrate(empty)
    return empty


@pytest.fixture
def reader(store: ClickHouse) -> Iterator[ClickHouse]:
    beside = store.reader()
    yield beside
    beside.close()


def test_a_reader_sees_what_is_confirmed(store: ClickHouse, reader: ClickHouse) -> None:
    insert(store, 2)

    assert positions(reader) == [0, 1]


@pytest.mark.parametrize(
    "statement", ["INSERT INTO dead_letters (position) VALUES (1)", "TRUNCATE TABLE dead_letters"]
)
def test_a_reader_writes_nothing_whatever_it_is_asked(
    store: ClickHouse, reader: ClickHouse, statement: str
) -> None:
    insert(store, 2)

    with pytest.raises(StoreError, match="for reading only"):
        reader.command(statement)
    with pytest.raises(StoreError, match="for reading only"):
        insert(reader, 3, "not")
    with pytest.raises(StoreError):
        reader.columns(statement)

    assert positions(store) == [0, 1]


def test_readers_and_a_writer_get_on_with_each_other(store: ClickHouse, reader: ClickHouse) -> None:
    with ThreadPoolExecutor(5) as threads:
        reading = [
            threads.submit(lambda: [positions(reader, "v_dead_letters") for _ in range(5)]) for _ in "1234"
        ]
        for step in range(10):
            insert(store, 3 * (step + 1), f"{step}")
        seen = [found for each in reading for found in each.result()]

    assert all(found == list(range(len(found))) and len(found) % 3 == 0 for found in seen)
    assert positions(reader, "v_dead_letters") == list(range(30))


def test_a_database_that_is_not_there_is_made_by_a_writer_and_named_by_a_reader(
    server: RunningServer,
) -> None:
    server.plan()
    url = server.url("not_yet")

    with pytest.raises(StoreError, match="no database not_yet yet; `caseclock run`"):
        ClickHouse(url, read_only=True)
    ClickHouse(url).close()
    reader = ClickHouse(url, read_only=True)

    assert reader.columns("SELECT currentDatabase() AS name")["name"] == ["not_yet"]
    reader.close()


def test_a_user_without_the_right_is_told_which_grants_there_are(server: RunningServer) -> None:
    server.plan(Fault("code", "CREATE DATABASE", code=497))

    with pytest.raises(StoreError, match="sinks/clickhouse/server"):
        ClickHouse(server.url("forbidden"))


@contextmanager
def some_other_server() -> Iterator[int]:
    class NotFound(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), NotFound) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_no_clickhouse_or_speaks_no_tls_is_not_waited_for(scheme: str) -> None:
    with some_other_server() as port, pytest.raises(StoreError, match=f"127.0.0.1:{port}"):
        ClickHouse(f"{scheme}://127.0.0.1:{port}/caseclock")


def is_free(folder: Path) -> bool:
    with (folder / "caseclock.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def test_a_folder_is_free_when_the_last_connection_of_its_process_is_closed(tmp_path: Path) -> None:
    first = folders.hold(tmp_path / "new")
    second = folders.hold(tmp_path / "new" / ".." / "new")
    held = [is_free(first)]
    folders.release(first)
    held.append(is_free(first))
    folders.release(second)
    held.append(is_free(first))

    assert held == [False, False, True]
