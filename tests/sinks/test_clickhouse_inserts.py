"""Inserts and migrations that meet others: many blocks, equal keys, workers at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.columns import DEAD_LETTER_COLUMNS, EVENT_COLUMNS
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate, migrations
from tests.clickhouse_server import Fault, RunningServer

MANY = 3_000
LONG = "x" * 2_000
"""So many rows with so much text are several blocks of the driver's, each compressed by itself."""


@pytest.fixture
def store(empty: ClickHouse) -> ClickHouse:
    migrate(empty)
    return empty


def letters(count: int, seen_at: int = 1) -> list[tuple[str, str, int, int, str, str, int]]:
    return [("a.ndjson", "", -1, line, "not_json", "", seen_at) for line in range(count)]


def insert(store: ClickHouse, rows: int, token: str = "t", seen_at: int = 1) -> None:  # noqa: S107  # no secret
    store.insert("dead_letters", DEAD_LETTER_COLUMNS, letters(rows, seen_at), token)


def positions(store: ClickHouse, table: str = "dead_letters") -> list[int]:
    return [int(n) for n in store.columns(f"SELECT position FROM {table} ORDER BY position")["position"]]


def test_rows_of_many_blocks_all_arrive_and_a_token_counts_once(store: ClickHouse) -> None:
    rows = [(f"C{n}", "e", "received", 1, 0, 1, "s", "u", f"{LONG}{n}") for n in range(MANY)]

    for _ in range(3):
        store.insert("events", EVENT_COLUMNS, rows, "t")

    told = store.columns("SELECT count() AS n, uniqExact(content) AS contents FROM events")
    assert told == {"n": [MANY], "contents": [MANY]}


def test_equal_keys_in_one_insert_are_one_row_to_whoever_reads_a_view(store: ClickHouse) -> None:
    store.insert("dead_letters", DEAD_LETTER_COLUMNS, letters(3, 2) + letters(3, 1), "t")
    insert(store, 3, "another", seen_at=3)

    assert positions(store, "v_dead_letters") == [0, 1, 2]
    newest = store.columns("SELECT toUnixTimestamp64Micro(min(seen_at)) AS us FROM v_dead_letters")
    assert newest["us"] == [3]


def test_values_are_bound_and_never_become_part_of_the_statement(store: ClickHouse) -> None:
    sly = "x') OR 1 = 1 -- \\' {a:String}"
    store.insert("dead_letters", DEAD_LETTER_COLUMNS, [(sly, "", -1, 7, "not_json", "", 1)], "sly")
    insert(store, 2)

    found = store.columns("SELECT position FROM dead_letters WHERE source = {s:String}", {"s": sly})

    assert found["position"] == [7]


def test_workers_that_migrate_at_the_same_moment_all_succeed(server: RunningServer) -> None:
    server.plan()
    first = ClickHouse(server.url("default"))
    first.command("DROP DATABASE IF EXISTS together")
    first.close()
    workers = [ClickHouse(server.url("together")) for _ in range(4)]
    ready = threading.Barrier(len(workers))

    def go(worker: ClickHouse) -> list[str]:
        ready.wait(30)
        return migrate(worker)

    with ThreadPoolExecutor(len(workers)) as threads:
        done = {name for names in threads.map(go, workers) for name in names}

    names = [migration.name for migration in migrations()]
    assert done == set(names)
    recorded = workers[0].columns("SELECT name FROM migrations FINAL ORDER BY number")
    assert recorded["name"] == names
    assert migrate(workers[1]) == []
    for worker in workers:
        worker.close()


def test_an_answer_that_is_cut_in_the_middle_is_waited_for(server: RunningServer) -> None:
    server.plan()
    store = ClickHouse(server.url("errors"))
    server.plan(Fault("cut_after", "numbers(100000)"))

    with pytest.raises(Unavailable):
        store.columns("SELECT number FROM numbers(100000)")
    store.close()
