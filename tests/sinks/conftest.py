"""ClickHouse for the contract suite: the embedded engine, and the same engine behind HTTP in another process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sinks.clickhouse.client import ClickHouse
from tests.clickhouse_server import RunningServer, clickhouse_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with clickhouse_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    store = ClickHouse(f"chdb://{tmp_path_factory.mktemp('embedded')}")
    yield store
    store.close()


@pytest.fixture(params=["chdb", "http"])
def empty(request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A connection to an empty database."""
    if request.param == "chdb":
        store: ClickHouse = request.getfixturevalue("embedded")
        store.command("DROP DATABASE IF EXISTS caseclock")
        store.command("CREATE DATABASE caseclock")
        store.command("USE caseclock")
        yield store
    else:
        running: RunningServer = request.getfixturevalue("server")
        running.plan()
        connection = ClickHouse(running.url("default"))
        connection.command("DROP DATABASE IF EXISTS contract")
        connection.close()
        store = ClickHouse(running.url("contract"))
        yield store
        store.close()
