"""An insert that failed, or only seemed to: tried again, its rows are there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from caseclock.city import prepare
from schemas.columns import CASE_COLUMNS
from schemas.stored import Block, Unavailable
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.book import CaseBook
from tests.clickhouse_server import Fault, RunningServer
from tests.sinks.conftest import RULE, clear
from tests.sinks.store_kit import count, odd_city
from tests.sinks.test_clickhouse_connection import KEPT, TABLES
from tests.sinks.test_clickhouse_store import case, extreme


@pytest.fixture(scope="module")
def connection(server: RunningServer) -> Iterator[ClickHouse]:
    server.plan()
    store = ClickHouse(server.url("once"))
    prepare(store, RULE)
    yield store
    store.close()


@pytest.fixture
def store(connection: ClickHouse, server: RunningServer) -> Iterator[ClickHouse]:
    clear(connection)
    yield connection
    server.plan()


def until_done(call: Callable[[], None]) -> int:
    """Try while the store is away. Returns how often it was."""
    for away in range(20):
        try:
            call()
        except Unavailable:
            continue
        return away
    raise AssertionError("away for ever")


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("how", ["code", "code_after", "drop", "drop_after", "status"])
def test_rows_whose_insert_seemed_to_fail_are_there_once(
    store: ClickHouse, server: RunningServer, table: str, how: str
) -> None:
    columns = TABLES[table]
    row = tuple(extreme(kind, True) for kind in columns.values())
    server.plan(Fault(how, f"`{table}`", code=319, times=3))

    away = until_done(lambda: store.insert(table, columns, [row], how))

    assert away >= 1  # the driver itself tries a closed connection once more
    assert count(store, table) == 1


def test_a_block_is_there_once_wherever_it_failed(store: ClickHouse, server: RunningServer) -> None:
    cases = ClickHouseCaseStore(store)
    events, now = odd_city(3, cases=20)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    flush = book.drain(now)
    block = Block(flush.events, flush.cases, flush.unit_days, "a-block")
    server.plan(
        *(
            Fault(how, f"`{table}`", code=3)
            for table in TABLES
            for how in ("code", "code_after", "drop_after")
        )
    )

    away = until_done(lambda: cases.write(block))

    assert away >= 6  # as above
    wanted = [len(flush.events), len(flush.cases), len(flush.unit_days)]
    assert [count(store, table) for table in ("events", "cases", "unit_days")] == wanted


def test_an_insert_that_timed_out_and_went_on_is_there_once(store: ClickHouse, server: RunningServer) -> None:
    server.plan()
    hasty = ClickHouse(server.url("once"), timeout_seconds=1)
    server.plan(Fault("stall", "`cases`", seconds=1.5))

    away = until_done(lambda: hasty.insert("cases", CASE_COLUMNS, [case("C1")], "slow"))

    assert away == 1
    assert count(store, "cases") == 1


def test_an_insert_asks_to_be_answered_when_it_is_done_whatever_the_server_would_do(
    store: ClickHouse, server: RunningServer
) -> None:
    server.plan()

    store.insert("cases", CASE_COLUMNS, [case("C1")], "t")

    (insert,) = [seen for seen in server.seen() if seen["statement"].startswith("INSERT")]
    assert insert["arguments"]["async_insert"] == "0"
    assert insert["arguments"]["insert_deduplication_token"] == "cases:t"
