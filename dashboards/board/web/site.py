"""What all handlers share: the feed, the workshop, the clients' addresses; and how an answer is found for a request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, Self, cast

from aiohttp import web

from dashboards.board.model.facts import Board
from dashboards.board.pages.page import Asked, Language, Page
from dashboards.board.web.addresses import Addresses
from dashboards.board.web.answers import HTML, Answer
from dashboards.board.web.cache import Workshop
from dashboards.board.web.limit import client_of
from dashboards.board.web.metrics import BoardMetric, BoardMetrics
from dashboards.board.web.negotiate import language_of
from dashboards.board.web.parts import BoardFeed, Limits, Renderer

CACHE_OF_ERRORS: Final = "no-store"
_SOON: Final = "3"


class MadePage:
    """A rendered page: its answer, and its live elements.

    Attributes:
        answer: the whole page.
        fragments: inner HTML by id.
        version, as_of: of the board it was made of.
    """

    def __init__(
        self, html: str, fragments: dict[str, str], version: int, as_of: str, language: Language
    ) -> None:
        self.answer = Answer.of(html, HTML, Content_Language=language)
        self.fragments, self.version, self.as_of = fragments, version, as_of
        self.size = self.answer.size + sum(map(len, fragments.values()))

    @cached_property
    def unseen(self) -> Self:
        """The same live elements with nothing in them: what a client has of which nothing is known."""
        return type(self)("", dict.fromkeys(self.fragments, "\0"), -1, "", "vi")


class Site:
    """One board on the web.

    Args:
        feed, renderer, pages: what is served.
        limits: how much it lets itself be asked.
        metrics: where it is counted.
    """

    def __init__(
        self,
        feed: BoardFeed,
        renderer: Renderer,
        pages: Sequence[Page],
        limits: Limits,
        metrics: BoardMetrics,
    ) -> None:
        self.feed, self.limits, self.metrics = feed, limits, metrics
        self.addresses = Addresses(pages)
        self.workshop = Workshop(limits.cache_bytes, limits.waiting, limits.rest, metrics)
        self._renderer = renderer
        metrics.look_up(BoardMetric.AGE, self._age)
        metrics.look_up(BoardMetric.AWAY, lambda: float(feed.away_since is not None))

    def _age(self) -> float | None:
        board = self.feed.current
        return (datetime.now(UTC) - board.as_of).total_seconds() if board else None

    def client(self, request: web.Request) -> str:
        """Whose request it is."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return client_of(request.remote, forwarded, self.limits.trusted_proxies)

    async def page(self, page: Page, board: Board, asked: Asked) -> MadePage:
        """A page of this board, or of one a little older; rendered once however many want it."""

        def make() -> MadePage:
            found = self._renderer.page(page, board, asked)
            as_of = board.as_of.isoformat()
            return MadePage(found.html, dict(found.fragments), board.version, as_of, asked.language)

        return await self.workshop.get("page", _key(page, asked), board.version, make)

    def page_of(self, page: Page, asked: Asked, version: int) -> MadePage | None:
        """The page as it was made of an earlier board, if that is still there."""
        kept = self.workshop.peek("page", _key(page, asked), version)
        return kept if isinstance(kept, MadePage) else None

    async def answer(self, kind: str, key: Hashable, board: Board, make: Callable[[], Answer]) -> Answer:
        """An answer of the API or a file, made once for each board; or of one a little older."""
        return await self.workshop.get(kind, key, board.version, make)

    async def error(self, request: web.Request, status: int) -> web.Response:
        """The page that says what is wrong, in the language of the address or of the reader."""
        language = language_at(request)

        def make(path: str = "/") -> Answer:
            html = self._renderer.error(status, language, path)
            return Answer.of(html, HTML, Content_Language=language).with_status(status)

        if status == 404:  # its links lead to the same address in the other language
            path = request.rel_url.raw_path.removeprefix(f"/{language}") or "/"
            answer = cast(Answer, await self.workshop.run(lambda: make(path)))
        else:  # whoever is turned away must cost nothing
            answer = await self.workshop.get("error", (status, language), 0, make)
        response = answer.respond(request, CACHE_OF_ERRORS)
        if status in {429, 503}:
            response.headers["Retry-After"] = _SOON
        return response


def _key(page: Page, asked: Asked) -> tuple[Hashable, ...]:
    own = tuple(sorted(asked.query.items()))
    return page.name, asked.language, asked.unit_id, asked.period, asked.scope, own


def language_at(request: web.Request) -> Language:
    """The language of the address, else of the reader."""
    for language in ("vi", "en"):
        if request.path == f"/{language}" or request.path.startswith(f"/{language}/"):
            return language
    return language_of(request.headers.get("Accept-Language"))
