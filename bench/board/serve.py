"""The board's process of the benchmark: a big database, the real server in front, and a new board whenever it is told.

It reads a line, does what it says and answers with a line of JSON. The embedded engine is this process's own, as it is
in the demo: what the server does beside answering is in the times.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from bench.board.data import Size, fill, write_city
from caseclock.board import board_server
from caseclock.city import city_of
from caseclock.memory import YOUNG_OF_A_BOARD, seldom_collected
from caseclock.settings import BoardSettings, CitySettings, Settings
from schemas.thresholds import Thresholds
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.summary_store import ClickHouseSummaryStore
from streams.summaries import refresh_once

_EVENT: Final = (
    """
    INSERT INTO unit_days SELECT * REPLACE (received + 1 AS received, in_time + 1 AS in_time, version + 1 AS version)
    FROM unit_days FINAL WHERE unit_id = 'H26.W001' ORDER BY day DESC LIMIT 1
    """,
    """
    INSERT INTO unit_now SELECT * REPLACE (received + 1 AS received, in_time + 1 AS in_time, open + 1 AS open,
        now64(6) AS as_of, now64(6) AS computed_at, version + 1 AS version)
    FROM unit_now FINAL WHERE unit_id IN ('*', 'H26', 'H26.W001')
    """,
)
"""What a worker writes when a case is received at a ward: the row of its day, and the rows of all above it."""
_UNLIMITED: Final = {"rate_per_s": 100_000.0, "burst": 1_000_000}
_MB: Final = 1024 if sys.platform == "linux" else 1024 * 1024

Command = Callable[[], Awaitable[dict[str, Any]]]


async def serve(folder: Path, cases: int, size: Size, port: int) -> None:
    """Fill the folder if it is empty, compute the summaries, serve, and do as the lines of standard input say."""
    city = write_city(folder / "city", size)
    store = ClickHouse(f"chdb://{folder / 'store'}")
    begun = time.monotonic()
    await asyncio.to_thread(fill, store, city, cases, _note)
    _answer({"filled_s": time.monotonic() - begun})
    summaries = ClickHouseSummaryStore(store, Thresholds().suspension_limits_us())
    done = await asyncio.to_thread(refresh_once, summaries, *[time.time_ns() // 1000] * 2)
    _answer({"summaries_s": done.seconds, "cells": done.cells})
    settings = Settings(
        city=CitySettings(folder=city),
        board=BoardSettings(listen=("127.0.0.1", port), **_UNLIMITED),
    )
    begun = time.monotonic()
    async with board_server(settings, city_of(settings), store.reader, demo=True) as board:
        while board.feed.current is None:
            await board.feed.changed()
        _answer({"first_board_s": time.monotonic() - begun, "memory_mb": _memory_mb()})
        while line := await asyncio.to_thread(sys.stdin.readline):
            assert line == "again\n"
            version = board.feed.current.version if board.feed.current else 0
            begun = time.monotonic()
            for statement in _EVENT:
                await asyncio.to_thread(store.command, statement)
            while board.feed.current is None or board.feed.current.version == version:
                await board.feed.changed()
            _answer({"new_board_s": time.monotonic() - begun, "memory_mb": _memory_mb()})
    store.close()


def _answer(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _note(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MB


if __name__ == "__main__":
    with seldom_collected(YOUNG_OF_A_BOARD):  # as `caseclock board` does
        _cases, _departments, _wards, _port = (int(each) for each in sys.argv[2:])
        asyncio.run(serve(Path(sys.argv[1]), _cases, Size(_departments, _wards), _port))
