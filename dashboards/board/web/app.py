"""The application: every address, and what stands before all of them: limits, errors, security headers, counting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from dashboards.board.pages.page import Page
from dashboards.board.web.api import Api
from dashboards.board.web.cache import Busy
from dashboards.board.web.defects import tell_defect
from dashboards.board.web.headers import is_open, secure
from dashboards.board.web.limit import Buckets
from dashboards.board.web.live import Live
from dashboards.board.web.metrics import BoardMetric, BoardMetrics
from dashboards.board.web.opendata import OpenData
from dashboards.board.web.pages import Pages
from dashboards.board.web.parts import BoardFeed, Limits, Renderer
from dashboards.board.web.problems import Problem, busy
from dashboards.board.web.site import Site
from dashboards.board.web.static import StaticFiles

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_UNLIMITED: Final = ("/healthz/", "/metrics", "/static/")
"""Cheap, and asked by those who watch over us."""
_NO_PAGES: Final = ("/api/", "/data/v1/", "/live", "/healthz/", "/metrics", "/static/")
"""Addresses whose errors are for programs."""
_KINDS: Final = {"api": "api", "data": "data", "static": "static", "live": "live", "healthz": "health"}
_ROBOTS: Final = "User-agent: *\nDisallow: /live\n"


def make_app(
    feed: BoardFeed,
    renderer: Renderer,
    pages: Sequence[Page],
    *,
    static: StaticFiles | None = None,
    limits: Limits | None = None,
    metrics: BoardMetrics | None = None,
    routes: Iterable[web.RouteDef] = (),
) -> web.Application:
    """The board as an application.

    Args:
        feed: where boards come from; it is running.
        renderer: of pages.
        pages: all there are.
        static: the files that pages refer to.
        limits: how much the server lets itself be asked.
        metrics: where it is counted.
        routes: further addresses: health, metrics, the intake.
    """
    limits, metrics = limits or Limits(), metrics or BoardMetrics()
    site = Site(feed, renderer, pages, limits, metrics)
    gate = _Gate(site)
    app = web.Application(middlewares=[gate.counted, gate.told, gate.limited])
    app.on_response_prepare.append(secure)
    live, api, data = Live(site), Api(site), OpenData(site)
    app.on_startup.append(live.start)
    app.on_shutdown.append(live.close)
    app.on_cleanup.append(gate.close)
    app.add_routes(routes)
    app.add_routes([*api.routes(), *data.routes(), web.get("/live", live.live)])
    app.add_routes([web.get("/static/{name}", (static or StaticFiles()).file)])
    app.add_routes([web.get("/robots.txt", _robots), web.get("/favicon.ico", _nothing)])
    app.add_routes([web.get("/{path:.*}", Pages(site).page)])
    return app


async def _robots(_request: web.Request) -> web.StreamResponse:
    return web.Response(text=_ROBOTS, headers={"Cache-Control": "public, max-age=86400"})


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=204, headers={"Cache-Control": "public, max-age=86400"})


class _Gate:
    """What every request goes through."""

    def __init__(self, site: Site) -> None:
        self._site = site
        limits = site.limits
        self._buckets = Buckets(limits.rate_per_s, limits.burst, limits.addresses)

    async def close(self, _app: web.Application) -> None:
        self._site.workshop.close()

    @web.middleware
    async def counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        first = request.path.split("/", 2)[1]
        kind = _KINDS.get(first, "page") if first != "data" or is_open(request.path) else "page"
        self._site.metrics.add(BoardMetric.REQUESTS, kind=kind, status=str(response.status))
        return response

    @web.middleware
    async def limited(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(_UNLIMITED):
            seconds = self._buckets.wait_for(self._site.client(request))
            if seconds:
                self._site.metrics.add(BoardMetric.TURNED_AWAY, why="rate")
                detail = f"Too many requests came from this address. Ask again in {seconds} s."
                raise Problem(429, detail, headers={"Retry-After": str(seconds)})
        return await handler(request)

    @web.middleware
    async def told(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Errors for people are pages, for programs problems; a defect is told in the log."""
        try:
            return await handler(request)
        except Problem as problem:
            found = problem
        except Busy:
            found = busy()
        except web.HTTPException as error:
            if error.status < 400:
                raise
            allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            found = Problem(error.status, _DETAILS.get(error.status, error.reason), headers=allow)
        except Exception as error:  # noqa: BLE001  # the last place that can still answer
            tell_defect(error)
            found = Problem(500, "This is a defect of the board, not of your request. Please report it.")
        if request.path.startswith(_NO_PAGES) or found.status not in {404, 429, 500, 503}:
            return found.response()
        return await self._page(request, found)

    async def _page(self, request: web.Request, problem: Problem) -> web.StreamResponse:
        with suppress(Exception):  # the page that says so may have the same defect
            response = await self._site.error(request, problem.status)
            response.headers.update(problem.headers)
            return response
        return problem.response()


_DETAILS: Final = {
    404: "There is nothing at this address; /api/v1/openapi.json lists the addresses there are.",
    405: "This address is for reading only: use GET or HEAD.",
    413: "The body is too large; send it in several.",
}
