"""A city that stands still: seven hundred units and some thousand cases in a server of its own, and its board."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import clickhouse_connect

from bench.board.data import fill, write_city
from caseclock.city import city_of
from caseclock.settings import CitySettings, Settings
from dashboards.board.model.live import LiveBoard
from dashboards.board.model.maker import BoardMaker, BoardTerms
from schemas.thresholds import Thresholds
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.summary_store import ClickHouseSummaryStore
from streams.summaries import refresh_once
from tests.clickhouse_server import clickhouse_server
from tests.grafana.plugin.frames import Answer

CASES: Final = 6_000
DAYS: Final = 40
"""Over which they were received: so that many are open, and some units lag."""
BIG: Final = ("H26.D01", "H26.W001")
"""Units that hold cases, and have units below them."""


class SmallCity(NamedTuple):
    """A store, and the board over it at one moment."""

    client: Any
    board: LiveBoard
    store: ClickHouse

    def query(self, sql: str) -> Answer:
        """The rows of one statement."""
        told = self.client.query(sql)
        types = [each.name for each in told.column_types]
        return Answer(list(told.column_names), types, list(told.result_rows))

    def row(self, sql: str) -> dict[str, Any]:
        """The only row of a statement, by column."""
        found = self.query(sql)
        assert len(found.rows) == 1, found
        return dict(zip(found.names, found.rows[0], strict=True))


@contextmanager
def small_city_in(folder: Path) -> Iterator[SmallCity]:
    """Fill a database below a folder, compute its summaries and make a board of it."""
    city = write_city(folder / "lists")
    with clickhouse_server(folder / "store") as server:
        store = ClickHouse(server.url())
        with patch("bench.board.data.DAYS", DAYS):
            fill(store, city, CASES, lambda _line: None)
        summaries = ClickHouseSummaryStore(store, Thresholds().suspension_limits_us())
        refresh_once(summaries, *[time.time_ns() // 1000] * 2)
        settings = Settings(city=CitySettings(folder=city))
        board = BoardMaker(store, BoardTerms(city=city_of(settings))).look(datetime.now(UTC))
        assert board is not None
        client = clickhouse_connect.get_client(
            host="127.0.0.1", port=server.port, database="caseclock", autogenerate_session_id=False
        )
        yield SmallCity(client, board, store)
        client.close()
        store.close()
