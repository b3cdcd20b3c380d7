"""Health and metrics of a process, over HTTP: of the worker in it, of the board in it, or of both.

``/healthz/live``: the process answers. ``/healthz/ready``: the worker's partitions are assigned and recovered, what it
needs answers, and the board has numbers. ``/healthz/fresh``: 503 when a record has waited longer than the budget to
become durable, or the board has not reached its database for so long. ``/metrics``: Prometheus' text format.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from aiohttp import web

from caseclock.console import say
from caseclock.listening import listening
from caseclock.oversight import Oversight
from caseclock.worker_health import WorkerHealth

PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"
_NO_CACHE: Final = {"Cache-Control": "no-store"}


class Part(Protocol):
    """Something in the process that can be well or not."""

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether it does its work, and what there is to say about it."""
        ...

    def fresh(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether what is sent becomes visible in time, and what there is to say about it."""
        ...

    def metrics(self) -> Iterator[str]:
        """In Prometheus' text format."""
        ...


class Health:
    """The answers for all parts of a process.

    Args:
        parts: those there are; others may join while it answers.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = list(parts)

    def routes(self) -> list[web.RouteDef]:
        """The addresses."""
        return [
            web.get("/healthz/live", self._live),
            web.get("/healthz/ready", self._ready),
            web.get("/healthz/fresh", self._fresh),
            web.get("/metrics", self._metrics),
        ]

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"live": True}, headers=_NO_CACHE)

    async def _ready(self, _request: web.Request) -> web.Response:
        return _told("ready", [part.ready() for part in self.parts])

    async def _fresh(self, _request: web.Request) -> web.Response:
        return _told("fresh", [part.fresh() for part in self.parts])

    async def _metrics(self, _request: web.Request) -> web.Response:
        text = "".join(line for part in self.parts for line in part.metrics())
        return web.Response(body=text.encode(), headers={"Content-Type": PROMETHEUS, **_NO_CACHE})


def _told(name: str, answers: Sequence[tuple[bool, Mapping[str, Any]]]) -> web.Response:
    """One answer for all: well when every part is."""
    well = all(each for each, _ in answers)
    told: dict[str, Any] = {name: well}
    for _, more in answers:
        told |= more
    return web.json_response(told, status=200 if well else 503, headers=_NO_CACHE)


@asynccontextmanager
async def health_server(
    listen: tuple[str, int] | None, oversight: Oversight, budget_s: float
) -> AsyncIterator[Health]:
    """Answer for a worker for as long as the block lasts; without an address there is no server.

    Raises:
        CaseclockError: nothing can listen there.
    """
    health = Health([WorkerHealth(oversight, budget_s)])
    if not listen:
        yield health
        return
    app = web.Application()
    app.add_routes(health.routes())
    async with listening(app, listen, "CASECLOCK_HEALTH__LISTEN", shutdown=1.0) as where:
        say(f"caseclock run: health and metrics on {where}")
        yield health
