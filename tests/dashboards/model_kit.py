"""Books, the store and boards: what the tests of the board's numbers have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest

from caseclock.city import prepare
from dashboards.board.model.live import LiveBoard
from dashboards.board.model.maker import BoardMaker, BoardTerms
from schemas.moment import SECOND_US, to_datetime
from schemas.stored import Block
from schemas.unit_partial import UnitPartial
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.book import CaseBook
from streams.units import UnitBoard
from tests.city import CITY, RULES
from tests.oracle.model import Event

RULE: Final = RULES["one_stop"]
TERMS: Final = BoardTerms(city=CITY)
WRITTEN: Final = ("events", "cases", "unit_days", "day_units", "unit_now", "dead_letters", "source_totals")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A database with everything in it that a worker makes at its start."""
    store = ClickHouse(f"chdb://{tmp_path_factory.mktemp('board')}")
    store.command("DROP DATABASE IF EXISTS caseclock")
    store.command("CREATE DATABASE caseclock")
    store.command("USE caseclock")
    prepare(store, RULE)
    yield store
    store.close()


_open: Final[list[ClickHouse]] = []


def reading(store: ClickHouse) -> ClickHouse:
    """A connection for reading that the fixture closes: the embedded engine lives as long as one is open."""
    _open.append(store.reader())
    return _open[-1]


@pytest.fixture
def store(made: ClickHouse) -> Iterator[ClickHouse]:
    for table in WRITTEN:
        made.command(f"TRUNCATE TABLE {table}")
    yield made
    while _open:
        _open.pop().close()


class Office:
    """A worker of a few partitions, and a board beside it. ``now`` is a moment in µs."""

    def __init__(self, store: ClickHouse, now: int, partitions: int = 3) -> None:
        self.store, self.now = store, now
        self.cases = ClickHouseCaseStore(store)
        self.books = [CaseBook(number, RULE, now) for number in range(partitions)]
        self.reader = reading(store)
        self.maker = BoardMaker(self.reader, TERMS)
        self._written = 0

    def take(self, events: Sequence[Event], now: int | None = None) -> None:
        """Let each book take the events of its cases, and write everything."""
        self.now = max(self.now, now or self.now)
        for book in self.books:
            mine = [e for e in events if ord(e["case_id"][1]) % len(self.books) == book.partition]
            book.take(mine, self.now, self.now)
        self.write()

    def write(self) -> None:
        """Make durable what the books have to write, and the numbers of units."""
        units = UnitBoard(RULE)
        for book in self.books:
            self._written += 1
            snapshots = {u: book.tally.snapshot(u, book.now) for u in book.tally.units}
            flush = book.drain(self.now + self._written)
            self.cases.write(Block(flush.events, flush.cases, flush.unit_days, f"{self._written}"))
            book.settled(flush)
            partial = UnitPartial(
                partition=book.partition, epoch=1, full=True, as_of=book.now, units=snapshots
            )
            units.take(UnitPartial.model_validate_json(partial.model_dump_json()))
        rows, unbalanced = units.rows(self.now + self._written)
        assert unbalanced == 0
        self.cases.write_units(rows, f"{self._written}")

    def look(self, later_s: float = 0) -> LiveBoard | None:
        """What the board shows by the wall clock, if it is something new."""
        return self.maker.look(to_datetime(self.now + int(later_s * SECOND_US), UTC))

    def seen(self) -> LiveBoard:
        """The board after a look that must find something."""
        board = self.look()
        assert board is not None
        return board

    def fresh(self) -> LiveBoard:
        """What a board shows that reads everything anew."""
        board = BoardMaker(self.reader, TERMS).look(to_datetime(self.now, UTC))
        assert board is not None
        return board


def at(us: int) -> datetime:
    return to_datetime(us, UTC)
