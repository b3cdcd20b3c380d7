"""The board alone for as long as nobody ends it: signals, the first connection, the staff's listener."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from caseclock.board import LISTEN, board_server, reader_of
from caseclock.city import rules_of
from caseclock.clocks import WallClock
from caseclock.console import say
from caseclock.errors import CaseclockError
from caseclock.events_topic import EventsTopic
from caseclock.health import Health
from caseclock.logs import log_to_stderr
from caseclock.settings import Settings
from caseclock.signals import end_on_signals
from caseclock.staff import staff_server
from sinks.clickhouse.client import ClickHouse, StoreError

_NO_DATABASE = 81
"""ClickHouse's code. The first worker makes it; until then the board says that there are no numbers yet."""


def _tell(line: str) -> None:
    say(f"caseclock board: {line}")


def _try(connect: Callable[[], ClickHouse]) -> None:
    """Connect once, so that what a person must mend is told at once and not in a log."""
    try:
        connect().close()
    except StoreError as error:
        if error.code != _NO_DATABASE:
            raise


async def run_board(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: then end the live connections, answer what is being asked, and end.

    Raises:
        CaseclockError: there is no address, or nothing can listen there.
        Unavailable: ClickHouse does not answer when it starts.
        StoreError: it refuses us, then or later.
    """
    log_to_stderr("board")
    if settings.board.listen is None:
        raise CaseclockError(f"there is no address to listen on: set {LISTEN}, like 127.0.0.1:8080")
    ended = end_on_signals()
    connect = reader_of(settings)
    rules = await asyncio.to_thread(rules_of, settings)
    await asyncio.to_thread(_try, connect)
    topic = EventsTopic(settings.kafka.access(), settings.kafka.topic_prefix, settings.worker.partitions)
    async with AsyncExitStack() as stack:
        board = await stack.enter_async_context(
            board_server(settings, rules.city, connect, topic=topic, health=Health([]))
        )
        _tell(f"the board is on {board.address}; Ctrl-C ends it")
        staff = await stack.enter_async_context(staff_server(settings.staff, connect, rules, WallClock().now))
        if staff:
            _tell(f"for staff: {staff}")
        failing, ending = asyncio.create_task(board.until_failed()), asyncio.create_task(ended.wait())
        done, left = await asyncio.wait({failing, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        for task in done:
            task.result()
        _tell("ending")
    _tell("ended")
