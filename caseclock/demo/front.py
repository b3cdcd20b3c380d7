"""The board in front of the demo city: where it is found, and a browser opened on it."""

import asyncio
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from caseclock.board import RunningBoard, board_server
from caseclock.embedded.clickhouse_http import clickhouse_http
from caseclock.listening import AddressTaken
from caseclock.services import Services
from caseclock.settings import BoardSettings, Settings
from schemas.city import City

Address = tuple[str, int]

_USUAL: Final[Address] = ("127.0.0.1", 8080)
_FIRST_NUMBERS_SECONDS: Final = 30.0


def addresses(board: BoardSettings, port: int | None) -> list[Address]:
    """Where the board may listen, the first that is free; one that somebody chose is the only one."""
    host, usual = board.listen or _USUAL
    if port is not None:
        return [(host, port)]
    return [(host, usual)] if board.listen_was_chosen and board.listen else [(host, usual), (host, 0)]


class Doors(NamedTuple):
    """Where one can look in.

    Attributes:
        places: where the board may listen, the first that is free.
        browser: whether to open one on it, if there is a screen.
        clickhouse_http: port for clients of ClickHouse, 0: one that is free; None: not asked for.
    """

    places: Sequence[Address]
    browser: bool
    clickhouse_http: int | None


class Open(NamedTuple):
    """Addresses that answer: of the board, and of ClickHouse by HTTP, if asked for."""

    board: str
    clickhouse: str | None


@asynccontextmanager
async def front(settings: Settings, city: City, on: Services, doors: Doors) -> AsyncIterator[Open]:
    """Serve the board for as long as the block lasts; it has numbers when the block begins.

    Args:
        settings: limits of the board.
        city: the demo city.
        on: embedded services, whose database the board reads.
        doors: what to open.

    Raises:
        AddressTaken: all places are taken.
    """
    async with AsyncExitStack() as stack:
        clickhouse = None
        if doors.clickhouse_http is not None:
            folder = Path(on.store.url.removeprefix("chdb://"))
            clickhouse = await stack.enter_async_context(clickhouse_http(folder, doors.clickhouse_http))
        board = await stack.enter_async_context(_at_the_first(settings, city, on, doors.places))
        async with asyncio.timeout(_FIRST_NUMBERS_SECONDS):
            while board.feed.current is None:
                await board.feed.changed()
        if doors.browser and _has_a_screen():
            await asyncio.to_thread(webbrowser.open, board.address)
        yield Open(board.address, clickhouse)


@asynccontextmanager
async def _at_the_first(
    settings: Settings, city: City, on: Services, places: Sequence[Address]
) -> AsyncIterator[RunningBoard]:
    *others, last = places
    async with AsyncExitStack() as stack:
        for place in others:
            try:
                board = await stack.enter_async_context(_at(place, settings, city, on))
            except AddressTaken:
                continue
            break
        else:
            board = await stack.enter_async_context(_at(last, settings, city, on))
        yield board


@asynccontextmanager
async def _at(place: Address, settings: Settings, city: City, on: Services) -> AsyncIterator[RunningBoard]:
    own = {"listen": place, "clickhouse_url": None, "clickhouse_password": None}
    settings = settings.model_copy(update={"board": settings.board.model_copy(update=own)})
    async with board_server(settings, city, on.store.reader, demo=True) as board:
        yield board


def _has_a_screen() -> bool:
    """Whether a browser can be opened in a window: one in the terminal would stand in the table's way."""
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
