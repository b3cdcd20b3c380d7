"""Connections, migrations, users: what a worker finds and makes at its start, embedded and on a server alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from threading import Barrier

import clickhouse_connect
import numpy as np
import pytest

from caseclock.city import prepare
from schemas.columns import (
    CASE_COLUMNS,
    DEAD_LETTER_COLUMNS,
    EVENT_COLUMNS,
    UNIT_DAY_COLUMNS,
    UNIT_NOW_COLUMNS,
)
from schemas.worker_metrics import SAMPLE_COLUMNS
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import Migration, migrate, migrations
from tests.clickhouse_server import RunningServer
from tests.sinks.conftest import RULE
from tests.sinks.store_kit import count, rows_of

TABLES = {
    "events": EVENT_COLUMNS,
    "cases": CASE_COLUMNS,
    "unit_days": UNIT_DAY_COLUMNS,
    "unit_now": UNIT_NOW_COLUMNS,
    "dead_letters": DEAD_LETTER_COLUMNS,
    "pipeline_samples": SAMPLE_COLUMNS,
}
KEPT = sorted(set(TABLES) - {"pipeline_samples"})
"""Tables whose rows stay whatever moment they tell; a sample that is a month old is taken away."""
FOR_SERVERS = sorted(
    Migration(int(f.name[:2]), f.name, f.read_text("utf-8"))
    for f in files("sinks.clickhouse").joinpath("server").iterdir()
)


def test_a_database_that_is_missing_is_made(server: RunningServer) -> None:
    server.plan()
    first = ClickHouse(server.url("made_when_missing"))
    first.command("DROP DATABASE made_when_missing")
    with pytest.raises(StoreError, match="does not exist") as gone:
        first.columns("SELECT 1")
    assert gone.value.code == 81

    again = ClickHouse(server.url("made_when_missing"))

    assert again.columns("SELECT currentDatabase() AS name")["name"] == ["made_when_missing"]


def test_a_database_that_is_there_is_not_made_again_so_a_reader_may_connect(server: RunningServer) -> None:
    ClickHouse(server.url("there")).close()
    server.plan()

    ClickHouse(server.url("there")).close()

    assert [s for s in server.seen() if "CREATE" in s["statement"]] == []


def test_a_password_opens_what_a_wrong_one_does_not(server: RunningServer) -> None:
    server.plan()

    store = ClickHouse(server.url(user="caseclock_writer"), "right")

    assert store.columns("SELECT 1 AS one")["one"] == [1]


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_the_server_of_the_tests_answers_the_driver_s_own_client(
    server: RunningServer, compress: bool | str
) -> None:
    server.plan()
    client = clickhouse_connect.get_client(host="127.0.0.1", port=server.port, compress=compress)
    client.command("CREATE OR REPLACE TABLE many (n UInt32, text String) ENGINE = MergeTree ORDER BY n")
    rows = [(n, f"Đống Đa {n}" * 20) for n in range(20_000)]

    client.insert("many", rows, column_names=["n", "text"])
    found = client.query("SELECT * FROM many ORDER BY n", settings={"max_block_size": 1_000})

    assert found.result_rows == rows
    assert client.ping()
    client.close()


def test_migrations_are_applied_once(empty: ClickHouse) -> None:
    assert migrate(empty) == [migration.name for migration in migrations()]
    assert migrate(empty) == []
    assert count(empty, "migrations") == len(migrations())


def test_every_statement_of_a_migration_may_run_twice(empty: ClickHouse) -> None:
    for migration in migrations():
        for statement in migration.statements():
            empty.command(statement)  # and then the worker died

    migrate(empty)

    assert migrate(empty) == []


def test_two_workers_may_start_at_once_on_a_server_that_has_nothing_yet(server: RunningServer) -> None:
    server.plan()
    ClickHouse(server.url("default")).command("DROP DATABASE IF EXISTS at_once")
    both = Barrier(2)

    def start(_: int) -> ClickHouse:
        both.wait()
        store = ClickHouse(server.url("at_once"))
        prepare(store, RULE)
        return store

    with ThreadPoolExecutor(2) as pool:
        stores = list(pool.map(start, range(2)))

    assert migrate(stores[0]) == []
    applied = rows_of(stores[0], "SELECT number, checksum FROM migrations FINAL ORDER BY number")
    assert applied == [{"number": m.number, "checksum": m.checksum} for m in migrations()]
    assert count(stores[0], "units FINAL") == len(RULE.city.units)


def test_a_migration_that_was_changed_is_an_error_that_names_it(empty: ClickHouse) -> None:
    one = Migration(1, "0001_one", "CREATE TABLE IF NOT EXISTS one (a UInt8) ENGINE = Memory")
    migrate(empty, [one])

    with pytest.raises(StoreError, match="0001_one was changed"):
        migrate(empty, [one._replace(text=one.text + "\n-- changed")])


def test_the_tables_have_the_columns_that_rows_are_made_for(empty: ClickHouse) -> None:
    migrate(empty)

    for table, columns in TABLES.items():
        found = empty.columns(
            "SELECT name, type FROM system.columns WHERE database = {d:String} AND table = {t:String}"
            " ORDER BY position",
            {"d": empty.database, "t": table},
        )
        assert dict(zip(found["name"], found["type"], strict=True)) == columns


def test_arrays_hold_what_columns_hold_over_many_blocks_and_none(store: ClickHouse) -> None:
    query = """
    SELECT toInt64(number) - 7 AS n, toUInt8(number % 200) AS small, toLowCardinality(toString(number % 3)) AS name
    FROM numbers({many:UInt64}) ORDER BY number SETTINGS max_block_size = 1000
    """

    for many in (0, 1, 4321):
        columns = store.columns(query, {"many": many})
        arrays = store.arrays(query, {"many": many}, {"n", "small"})
        assert arrays["n"].tolist() == columns["n"] == list(range(-7, many - 7))
        assert arrays["small"].tolist() == columns["small"]
        assert arrays["name"].tolist() == columns["name"]
        assert many == 0 or (arrays["n"].dtype == np.int64 and arrays["small"].dtype == np.int64)


def test_a_query_for_arrays_that_is_wrong_says_so(store: ClickHouse) -> None:
    with pytest.raises(StoreError, match="nothing_like_it"):
        store.arrays("SELECT nothing_like_it FROM numbers(1)", {}, ())


@pytest.mark.parametrize("file", FOR_SERVERS, ids=lambda file: str(file.name))
def test_what_only_a_server_knows_can_be_read_by_it(embedded: ClickHouse, file: Migration) -> None:
    statements = list(file.statements())

    assert statements
    for statement in statements:
        assert embedded.columns("SELECT formatQuery({s:String}) AS told", {"s": statement})["told"]


def test_a_statement_that_no_server_could_read_is_noticed(embedded: ClickHouse) -> None:
    with pytest.raises(StoreError, match="Syntax error"):
        embedded.columns("SELECT formatQuery({s:String})", {"s": "GRANT SELECT caseclock.* caseclock_reader"})


def test_no_password_is_shipped_and_the_reader_is_granted_nothing_but_reading() -> None:
    statements = [statement for file in FOR_SERVERS for statement in file.statements()]

    passwords = [line for s in statements for line in s.splitlines() if "IDENTIFIED" in line]
    granted = [s for s in statements if s.startswith("GRANT") and s.endswith("TO caseclock_reader")]
    assert [line.split(" BY ")[1] for line in passwords] == [
        "{writer_password:String}",
        "{reader_password:String}",
    ]
    assert granted == ["GRANT SELECT ON caseclock.* TO caseclock_reader"]
