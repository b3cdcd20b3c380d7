"""`/live?page=…`: what changes on a page is pushed to those who look at it.

A client is told nothing twice a second more often than it can change anything: between two messages lies at least
half a second, and so long that no client is sent more than a bounded number of bytes a second. A slow one skips
boards; what it is sent next is the difference to the newest. All clients of a page share its rendering.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from dashboards.board.model.facts import Board
from dashboards.board.web.addresses import Found
from dashboards.board.web.cache import Busy
from dashboards.board.web.defects import tell_defect
from dashboards.board.web.messages import GZIP_HEADER, Differences, Message, event, first, version_of
from dashboards.board.web.metrics import BoardMetric
from dashboards.board.web.negotiate import takes_gzip
from dashboards.board.web.problems import Problem, not_yet
from dashboards.board.web.site import MadePage, Site

PAUSE_SECONDS: Final = 0.5
"""Between two messages to one client."""
PATIENCE_SECONDS: Final = 30.0
"""So long a client may take nothing before it is given up."""
_FULL_SECONDS: Final = 30


class Live:
    """The live connections of one server."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seats: Counter[str] = Counter()
        self._differences = Differences()
        self._news = asyncio.Event()
        self._closing = False
        self._pump: asyncio.Task[None] | None = None
        site.metrics.look_up(BoardMetric.LIVE_CLIENTS, self._seats.total)

    async def start(self, _app: web.Application) -> None:
        """Begin to listen to the feed; one for all clients."""
        self._pump = asyncio.create_task(self._listen())

    async def close(self, _app: web.Application) -> None:
        """End all connections; their clients come back by themselves."""
        self._closing = True
        self._wake()
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump

    async def _listen(self) -> None:
        with suppress(RuntimeError):  # the feed has ended, and said so itself: nothing changes any more
            while not self._closing:
                await self._site.feed.changed()
                self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def live(self, request: web.Request) -> web.StreamResponse:
        """One client, until it goes or the server ends.

        Raises:
            Problem: 400 and 404: ``page`` names no page; 503: too many, or no numbers yet.
        """
        found = self._found(request)
        board = self._site.feed.current
        if board is None:
            raise not_yet()
        if found.asked.unit_id and found.asked.unit_id not in board.units:
            raise Problem(404, "There is no such unit; /api/v1/units lists all there are.")
        with self._seat(self._site.client(request)):
            packed = takes_gzip(request.headers.get("Accept-Encoding"))
            response = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream; charset=utf-8",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",
                    "Vary": "Accept-Encoding",
                    **({"Content-Encoding": "gzip"} if packed else {}),
                }
            )
            await response.prepare(request)
            if request.method != "HEAD":
                await self._serve(_Client(response, packed=packed), found, _has(request))
            return response

    async def _serve(self, client: _Client, found: Found, version: int | None) -> None:
        try:
            await client.serve(self, self._site, found, version)
        except (ConnectionError, TimeoutError, Busy):
            pass  # it has gone, takes nothing, or comes back by itself
        except Exception as error:  # noqa: BLE001  # half of an answer has been given: it cannot become an error page
            tell_defect(error)

    def _found(self, request: web.Request) -> Found:
        address, _, asked = request.query.get("page", "").partition("?")
        query = parse_qsl(asked, max_num_fields=50) if len(asked) < 2_000 else []
        found = self._site.addresses.read(address, query)
        if not isinstance(found, Found):
            detail = "No page is named: give page=, the address of a page with its query, like /vi/units."
            raise Problem(404 if address else 400, detail)
        return found

    @contextmanager
    def _seat(self, address: str) -> Iterator[None]:
        limits = self._site.limits
        if self._seats.total() >= limits.live_clients or self._seats[address] >= limits.live_per_address:
            self._site.metrics.add(BoardMetric.TURNED_AWAY, why="live")
            detail = (
                "There are too many live connections now; the page itself is to be had. Come again later."
            )
            raise Problem(503, detail, headers={"Retry-After": str(_FULL_SECONDS)})
        self._seats[address] += 1
        try:
            yield
        finally:
            self._seats[address] -= 1
            if not self._seats[address]:
                del self._seats[address]

    async def next_board(self, version: int) -> Board | None:
        """A board other than that of this version; None: it is time for a heartbeat, or for the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._site.limits.heartbeat_s):
                while not self._closing:
                    news = self._news  # taken first: what comes after the look wakes us all the same
                    board = self._site.feed.current
                    if board is not None and board.version != version:
                        return board
                    await news.wait()
        return None

    async def pause(self, seconds: float) -> None:
        """Wait, though not past the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._closing:
                    await self._news.wait()

    @property
    def closing(self) -> bool:
        """Whether the end has come."""
        return self._closing

    def difference(self, has: MadePage, made: MadePage) -> Message | None:
        """What brings a client from one page to another."""
        return self._differences.between(has, made)


class _Client:
    """One connection."""

    def __init__(self, response: web.StreamResponse, *, packed: bool) -> None:
        self._response, self._packed = response, packed

    async def serve(self, live: Live, site: Site, found: Found, version: int | None) -> None:
        """Tell it what changes, first everything since the board of ``version``, which it has (None: nothing)."""
        if self._packed:
            await self._write(GZIP_HEADER)
        board = site.feed.current
        if board is None:
            return
        await self._say(first(board.version, board.as_of.isoformat()), site)
        has = site.page_of(*found, version) if version is not None else None
        if has is None:
            made = await site.page(found.page, board, found.asked)
            has = made if version == made.version else made.unseen
        at = has.version
        while not live.closing:
            following = await live.next_board(at)
            if live.closing:
                return
            if following is None:
                await self._say(Message.of(event("heartbeat", at)), site)
                continue
            try:
                made = await site.page(found.page, following, found.asked)
            except Busy:
                made = has
            if made.version <= at:  # a page that is dear to make: the newest is what the client has already
                await live.pause(PAUSE_SECONDS)
                continue
            message = live.difference(has, made)
            has, at = made, made.version
            if message is not None:
                sent = await self._say(message, site)
                await live.pause(max(PAUSE_SECONDS, sent / site.limits.live_bytes_per_s))

    async def _say(self, message: Message, site: Site) -> int:
        octets = message.packed if self._packed else message.plain
        await self._write(octets)
        site.metrics.add(BoardMetric.LIVE_MESSAGES)
        return len(octets)

    async def _write(self, octets: bytes) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._response.write(octets)


def _has(request: web.Request) -> int | None:
    """The version of the board that the client's page was made of."""
    event_id = request.headers.get("Last-Event-ID")
    if event_id:
        return version_of(event_id)
    told = request.query.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else None
