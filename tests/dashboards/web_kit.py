"""The server in the test's own process over loopback: a feed moved by hand, and pages whose rendering is counted."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import ClientResponse, ClientSession, DummyCookieJar, TCPConnector
from aiohttp.test_utils import BaseTestServer, TestServer

from dashboards.board.model.facts import Board
from dashboards.board.pages.page import Asked, Language, Page
from dashboards.board.web.app import make_app
from dashboards.board.web.metrics import BoardMetric, BoardMetrics
from dashboards.board.web.parts import Limits
from tests.dashboards.board_kit import KitBoard, board

UNLIMITED = Limits(rate_per_s=1e6, burst=1_000_000, rest=0.0)
"""And always the newest board."""


class HandFeed:
    """Shows the board it is told to."""

    def __init__(self, first: Board | None) -> None:
        self.current = first
        self.away_since: datetime | None = None
        self._news = asyncio.Event()

    async def changed(self) -> None:
        await self._news.wait()

    def show(self, following: Board) -> None:
        self.current = following
        news, self._news = self._news, asyncio.Event()
        news.set()


class Sheet(NamedTuple):
    """What the plain renderer gives."""

    html: str
    fragments: dict[str, str]


def _context(_board: Board, _asked: Asked) -> Mapping[str, Any]:
    return {}


PLAIN_PAGES = (
    Page("city", "/", _context),
    Page("units", "/units", _context, {"sort": ("open", "overdue"), "q": None}),
    Page("unit", "/units/{unit_id}", _context),
    Page("wall", "/wall", _context),
)


@dataclass
class PlainRenderer:
    """A page in a line, with three live elements; counts what it renders, and can be held up or told to fail."""

    rendered: list[tuple[str, int]] = field(default_factory=list)
    fails: Exception | None = None
    seconds: float = 0.0
    more: dict[str, str] = field(default_factory=dict)

    def page(self, page: Page, shown: Board, asked: Asked) -> Sheet:
        self.rendered.append((page.name, shown.version))
        if self.fails is not None:
            raise self.fails
        if self.seconds:
            time.sleep(self.seconds)  # in a thread of the workshop
        fragments = {"version": f"<b>{shown.version}</b>", "still": "the same", **self.more}
        title = f"{page.name} {asked.path} {asked.period} {asked.scope} {dict(asked.query)} {asked.unit_id}"
        body = "".join(f'<p data-live="{name}">{inner}</p>' for name, inner in fragments.items())
        return Sheet(
            f"<!doctype html><html lang={asked.language}><h1>{title}</h1>{body}{'.' * 700}", fragments
        )

    def error(self, status: int, language: Language, path: str) -> str:
        return f"<html lang={language} data-path='{path}'><h1>{status}</h1>"


class Answered(NamedTuple):
    """An answer read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A server, and a client of it.

    ``ask`` reads bodies as they came over the wire: what is packed stays packed.
    """

    base: str
    feed: HandFeed
    renderer: PlainRenderer
    metrics: BoardMetrics
    session: ClientSession
    server: BaseTestServer

    async def ask(
        self, path: str, method: str = "GET", data: bytes | None = None, **headers: str
    ) -> Answered:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Accept-Encoding", "identity")
        async with self.session.request(
            method, self.base + path, headers=named, allow_redirects=False, data=data
        ) as answer:
            return Answered(answer.status, answer.headers, await answer.read())

    def looked_up(self, metric: BoardMetric) -> float:
        """A gauge, as /metrics shows it."""
        lines = "".join(self.metrics.lines()).splitlines()
        return float(next(line for line in lines if line.startswith(f"{metric} ")).rpartition(" ")[2])


@asynccontextmanager
async def served(
    shown: Board | None = None,
    *,
    pages: Sequence[Page] = PLAIN_PAGES,
    renderer: Any = None,
    limits: Limits = UNLIMITED,
    empty: bool = False,
    **more: Any,
) -> AsyncIterator[Served]:
    """A running server; `empty`: before the first numbers."""
    feed = HandFeed(None if empty else (shown or board(8)))
    renderer, metrics = renderer or PlainRenderer(), BoardMetrics()
    app = make_app(feed, renderer, pages, limits=limits, metrics=metrics, **more)
    async with TestServer(app) as server:
        base = str(server.make_url("")).rstrip("/")
        async with ClientSession(
            auto_decompress=False, cookie_jar=DummyCookieJar(), connector=TCPConnector(limit=0)
        ) as session:
            yield Served(base, feed, renderer, metrics, session, server)


def newer(shown: KitBoard, versions: int = 1) -> KitBoard:
    """The same board, some versions on."""
    return replace(shown, version=shown.version + versions)


class Told(NamedTuple):
    """A server-sent event."""

    name: str
    id: str
    data: Any


class Listener:
    """A live connection read event by event."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer
        self.read = 0
        packed = answer.headers.get("Content-Encoding") == "gzip"
        self._unpack = zlib.decompressobj(wbits=31) if packed else None
        self._text = b""

    async def next(self, within: float = 5.0) -> Told:
        async with asyncio.timeout(within):
            while b"\n\n" not in self._text:
                piece = await self.answer.content.readany()
                if not piece:
                    raise EOFError
                self.read += len(piece)
                self._text += self._unpack.decompress(piece) if self._unpack else piece
        event, _, self._text = self._text.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in event.decode().splitlines())
        data = json.loads(fields["data"])
        assert fields["id"].startswith(f"{data['version']}.")
        return Told(fields["event"], fields["id"], data)

    async def ends(self, within: float = 5.0) -> bool:
        """Whether the server ends it."""
        try:
            while True:
                await self.next(within)
        except EOFError:
            return True


@asynccontextmanager
async def listening(site: Served, page: str, packed: bool = False, **headers: str) -> AsyncIterator[Listener]:
    """A client of `/live`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Accept-Encoding"] = "gzip" if packed else "identity"
    async with site.session.get(site.base + "/live?" + page, headers=named) as answer:
        assert answer.status == 200, await answer.text()
        yield Listener(answer)


def unpacked(answer: Answered) -> str:
    assert answer.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(answer.body).decode()
