"""What the server is given: where boards come from, who renders pages, and how much it lets itself be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from dashboards.board.model.facts import Board
from dashboards.board.pages.page import Asked, Language, Page


class BoardFeed(Protocol):
    """The newest board, and word of the next one."""

    @property
    def current(self) -> Board | None:
        """The newest; None before there are numbers at all."""
        ...

    @property
    def away_since(self) -> datetime | None:
        """Since when the database has not answered; None: it answers."""
        ...

    async def changed(self) -> object:
        """Return once there is another board than when it was called."""
        ...


class Rendered(Protocol):
    """A page: its HTML, and the inner HTML of every live element by id."""

    @property
    def html(self) -> str:
        """All of it."""
        ...

    @property
    def fragments(self) -> Mapping[str, str]:
        """By id."""
        ...


class Renderer(Protocol):
    """Makes HTML; called from threads."""

    def page(self, page: Page, board: Board, asked: Asked) -> Rendered:
        """A page of one board."""
        ...

    def error(self, status: int, language: Language, path: str) -> str:
        """A page that says what is wrong: 404, 429, 500 or 503."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the server lets itself be asked.

    Attributes:
        rate_per_s, burst: requests of one client address (an IPv6 network of 64 bits counts as one).
        addresses: how many client addresses are remembered.
        live_clients, live_per_address: live connections in all and of one address.
        live_bytes_per_s: packed, to one of them: a large message makes the pause after it longer.
        heartbeat_s: between two signs of life where nothing changes.
        cache_bytes: of rendered pages and answers.
        rest: how many times as long as it took to make a page or an answer it may serve for newer boards too.
        waiting: renderings that may wait for their turn; what comes beyond is told to come again.
        trusted_proxies: whose ``X-Forwarded-For`` is believed.
    """

    rate_per_s: float = 50.0
    burst: int = 300
    addresses: int = 20_000
    live_clients: int = 2_000
    live_per_address: int = 100
    live_bytes_per_s: int = 150_000
    heartbeat_s: float = 15.0
    cache_bytes: int = 64_000_000
    waiting: int = 200
    rest: float = 4.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = field(default=())
