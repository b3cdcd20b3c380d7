"""ClickHouse for the contract suite: the embedded engine, and the same engine behind HTTP in another process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from caseclock.city import prepare
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from tests.city import RULES
from tests.clickhouse_server import RunningServer, clickhouse_server

RULE: Final = RULES["one_stop"]
WRITTEN: Final = (
    *("events", "cases", "unit_days", "day_units", "unit_now", "dead_letters", "pipeline_samples"),
)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with clickhouse_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="package")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    store = ClickHouse(f"chdb://{tmp_path_factory.mktemp('embedded')}")
    yield store
    store.close()


@pytest.fixture(scope="package", params=["chdb", "http"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each way to ClickHouse in turn."""
    return str(request.param)


@pytest.fixture
def empty(engine: str, request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A connection to an empty database."""
    store = _empty(engine, request, "empty")
    yield store
    _leave(store)


@pytest.fixture(scope="module")
def made(engine: str, request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A connection to a database with everything in it that a worker makes at its start."""
    store = _empty(engine, request, "made")
    prepare(store, RULE)
    yield store
    _leave(store)


def _empty(engine: str, request: pytest.FixtureRequest, database: str) -> ClickHouse:
    if engine == "chdb":
        store: ClickHouse = request.getfixturevalue("embedded")
        store.command("DROP DATABASE IF EXISTS caseclock")
        store.command("CREATE DATABASE caseclock")
        store.command("USE caseclock")
        return store
    running: RunningServer = request.getfixturevalue("server")
    running.plan()
    connection = ClickHouse(running.url("default"))
    connection.command(f"DROP DATABASE IF EXISTS {database}")
    connection.close()
    return ClickHouse(running.url(database))


def _leave(store: ClickHouse) -> None:
    if not store.embedded:
        store.close()


@pytest.fixture
def store(made: ClickHouse) -> ClickHouse:
    """Tables, reference data and views, and nothing of a case yet."""
    clear(made)
    return made


@pytest.fixture
def cases(store: ClickHouse) -> ClickHouseCaseStore:
    return ClickHouseCaseStore(store)


def clear(store: ClickHouse) -> None:
    """Forget all cases."""
    query = "SELECT name FROM system.tables WHERE database = {d:String} AND name IN {t:Array(String)} AND total_rows"
    for table in store.columns(query, {"d": store.database, "t": list(WRITTEN)})["name"]:
        store.command(f"TRUNCATE TABLE {table}")
