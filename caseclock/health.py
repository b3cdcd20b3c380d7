"""Health and metrics of a worker, over HTTP on the settings' address.

``/healthz/live``: the process answers. ``/healthz/ready``: partitions are assigned and recovered. ``/healthz/fresh``:
503 when there is lag and nothing has become durable within the budget. ``/metrics``: Prometheus.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from caseclock.worker import WorkerParts
from streams.metrics import Metric


class Health:
    """The answers."""

    def __init__(self, running: WorkerParts, fresh_budget_s: float) -> None:
        self._running = running
        self._budget = fresh_budget_s

    async def live(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """The worker has its partitions, or knows that there are none for it."""
        ready = not self._running.app.should_stop and self._running.app.rebalancing is False
        partitions = sorted(self._running.engine.partitions)
        return web.json_response({"ready": ready, "partitions": partitions}, status=200 if ready else 503)

    async def fresh(self, _request: web.Request) -> web.Response:
        """What is read becomes visible in time."""
        engine = self._running.engine
        caught_up = bool(self._running.metrics.values[Metric.CAUGHT_UP]) or not engine.partitions
        silent = time.monotonic() - engine.durable_at
        fresh = caught_up or silent <= self._budget
        newest = self._running.metrics.values[Metric.NEWEST_EVENT]
        told = {
            "fresh": fresh,
            "caught_up": caught_up,
            "seconds_since_durable": round(silent, 3),
            "newest_event": newest or None,
            "budget_s": self._budget,
        }
        return web.json_response(told, status=200 if fresh else 503)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Everything the worker counts about itself, and the cases in memory."""
        lines = list(self._running.metrics.lines())
        lines.append(
            "# HELP caseclock_cases_in_memory Cases kept in memory, by partition.\n"
            "# TYPE caseclock_cases_in_memory gauge\n"
        )
        for number, partition in sorted(self._running.engine.partitions.items()):
            lines.append(f'caseclock_cases_in_memory{{partition="{number}"}} {len(partition.book)}\n')
        return web.Response(text="".join(lines), content_type="text/plain", charset="utf-8")


@asynccontextmanager
async def health_server(
    listen: tuple[str, int] | None, running: WorkerParts, fresh_budget_s: float
) -> AsyncIterator[None]:
    """Answer for as long as the block lasts; without an address there is no server."""
    if not listen:
        yield
        return
    health = Health(running, fresh_budget_s)
    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz/live", health.live),
            web.get("/healthz/ready", health.ready),
            web.get("/healthz/fresh", health.fresh),
            web.get("/metrics", health.metrics),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *listen).start()
        yield
    finally:
        await runner.cleanup()
