"""Stages for the pipeline: a broker and ClickHouse, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.client import ClickHouse
from tests.clickhouse_server import RunningServer, clickhouse_server
from tests.conftest import Broker
from tests.pipeline.kit import Stage


@pytest.fixture
def chdb(tmp_path: Path) -> Iterator[ClickHouse]:
    """The embedded engine over an empty folder; it knows one folder at a time."""
    store = ClickHouse(f"chdb://{tmp_path / 'store'}")
    yield store
    store.close()


@pytest.fixture
def embedded(tansu_broker: Broker, chdb: ClickHouse, prefix: str) -> Stage:
    """All on one machine: the embedded broker and the embedded engine."""
    return Stage(broker=tansu_broker, store=chdb, prefix=prefix)


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that speaks ClickHouse's HTTP protocol, in a process of its own."""
    with clickhouse_server(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server
        server.plan()


@pytest.fixture
def database(clickhouse: RunningServer, prefix: str) -> Iterator[ClickHouse]:
    """A database of the test's own on that server."""
    clickhouse.plan()
    store = ClickHouse(clickhouse.url(prefix.rstrip(".")))
    yield store
    clickhouse.plan()
    store.close()


@pytest.fixture
def real(kafka_broker: Broker, database: ClickHouse, prefix: str) -> Stage:
    """As in production: Apache Kafka, and ClickHouse over HTTP."""
    return Stage(broker=kafka_broker, store=database, prefix=prefix)


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.kafka)])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each stage in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Stage)
    return found
