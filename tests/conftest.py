"""Brokers for tests: the embedded one and Apache Kafka, once a session each; topics apart by prefix."""

import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from caseclock.embedded.broker import embedded_broker
from sinks.kafka import KafkaAccess
from tests.kafka_server import KafkaMissingError, kafka_server
from tests.missing import missing, tell

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # a shell that runs the tests in the background makes them ignore Ctrl-C, and so every process they start
    signal.signal(signal.SIGINT, signal.default_int_handler)

DEMO_CITY: Final = "the demo city"
BOARD: Final = "tests/board/"
_LONGEST: Final = {
    name: place
    for place, name in enumerate(
        (
            BOARD,
            DEMO_CITY,
            "tests/test_bench.py",
            "tests/pipeline/test_any_order.py",
            "tests/pipeline/test_cities.py",
        )
    )
}


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker to test against.

    Attributes:
        name: `tansu` or `kafka`.
        access: how to reach it.
        session_timeout: for its workers, seconds. A join takes Tansu half of it, Kafka almost nothing.
    """

    name: str
    access: KafkaAccess
    session_timeout: float


@pytest.fixture(scope="session")
def tansu_broker() -> Iterator[Broker]:
    with embedded_broker() as broker:
        yield Broker("tansu", KafkaAccess(bootstrap_servers=broker.bootstrap_servers), 2.0)


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[Broker]:
    try:
        with kafka_server() as server:
            yield Broker("kafka", KafkaAccess(bootstrap_servers=server.bootstrap_servers), 3.0)
    except KafkaMissingError as reason:
        missing("Apache Kafka", str(reason))


@pytest.fixture(params=["tansu", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each broker in turn."""
    found = request.getfixturevalue(f"{request.param}_broker")
    assert isinstance(found, Broker)
    return found


@pytest.fixture
def prefix() -> str:
    """A beginning for the names of topics and groups that no other test has."""
    return f"t{uuid.uuid4().hex[:8]}."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the tests, those of a file stay together, and so do all on one costly thing.

    The longest come first, so that none is left to one process while the others have nothing to do.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _LONGEST.get(_group(item), len(_LONGEST)))


def _group(item: pytest.Item) -> str:
    if "demo_city" in getattr(item, "fixturenames", ()):
        return DEMO_CITY
    return BOARD if item.nodeid.startswith(BOARD) else item.nodeid.partition("::")[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tell(terminalreporter)
