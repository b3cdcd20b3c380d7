"""Health and metrics of a worker, over HTTP on the settings' address, from the moment it is being started.

``/healthz/live``: the process answers. ``/healthz/ready``: its partitions are assigned and recovered, and what it
needs answers. ``/healthz/fresh``: 503 when a record has waited longer than the budget to become durable.
``/metrics``: Prometheus' text format.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Final

from aiohttp import web

from caseclock.console import say
from caseclock.errors import CaseclockError
from caseclock.oversight import Oversight
from schemas.moment import format_time
from streams.metrics import Metric

PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Gauge(StrEnum):
    """What is looked up when somebody asks, beside the worker's own counters."""

    READY = "caseclock_ready"
    WAITED = "caseclock_oldest_waiting_record_seconds"
    LAG = "caseclock_lag_records"
    CASES = "caseclock_cases_in_memory"


SENTENCES: Final[dict[Gauge, str]] = {
    Gauge.READY: "1 when every assigned partition is recovered and what the worker needs answers, else 0.",
    Gauge.WAITED: "How long the oldest record that is not durable yet has waited.",
    Gauge.LAG: "Records of the topic of events that are not durable yet, by partition.",
    Gauge.CASES: "Cases kept in memory: the open ones and those just ended, by partition.",
}


class Health:
    """The answers.

    Args:
        oversight: what is known of the worker.
        budget_s: seconds that a record may wait.
    """

    def __init__(self, oversight: Oversight, budget_s: float) -> None:
        self._oversight = oversight
        self._budget = budget_s

    async def live(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """The worker has its partitions, or knows that there are none for it, and is not waiting."""
        oversight = self._oversight
        oversight.look()
        waiting = oversight.waiting_since is not None
        told = {"ready": oversight.ready, "partitions": oversight.partitions, "waiting": waiting}
        return web.json_response(told, status=200 if oversight.ready else 503)

    async def fresh(self, _request: web.Request) -> web.Response:
        """What is sent becomes visible within the budget."""
        told = self._freshness()
        return web.json_response(told, status=200 if told["fresh"] else 503)

    def _freshness(self) -> dict[str, Any]:
        oversight = self._oversight
        oversight.look()
        waited = oversight.freshness.waited(time.monotonic())
        newest, as_of = 0.0, 0
        if oversight.running is not None:
            newest = oversight.running.metrics.values[Metric.NEWEST_EVENT]
            as_of = min((each.book.now for each in oversight.running.engine.partitions.values()), default=0)
        return {
            "fresh": waited <= self._budget,
            "as_of": _moment(as_of),
            "newest_event": _moment(round(newest * 1e6)),
            "lag": sum(oversight.freshness.lag().values()),
            "waited_s": round(waited, 3),
            "budget_s": self._budget,
        }

    async def metrics(self, _request: web.Request) -> web.Response:
        """Everything the worker counts about itself, and how it stands now."""
        self._oversight.look()
        running = self._oversight.running
        counted = running.metrics.lines() if running is not None else ()
        text = "".join((*counted, *self._gauges()))
        return web.Response(body=text.encode(), headers={"Content-Type": PROMETHEUS})

    def _gauges(self) -> Iterator[str]:
        oversight = self._oversight
        partitions = oversight.running.engine.partitions if oversight.running is not None else {}
        cases = {number: len(partition.book) for number, partition in sorted(partitions.items())}
        alone = {
            Gauge.READY: int(oversight.ready),
            Gauge.WAITED: oversight.freshness.waited(time.monotonic()),
        }
        by_partition = {Gauge.LAG: oversight.freshness.lag(), Gauge.CASES: cases}
        for gauge, sentence in SENTENCES.items():
            yield f"# HELP {gauge} {sentence}\n# TYPE {gauge} gauge\n"
            if gauge in alone:
                yield f"{gauge} {alone[gauge]:.15g}\n"
            for number, value in by_partition.get(gauge, {}).items():
                yield f'{gauge}{{partition="{number}"}} {value}\n'


def _moment(us: int) -> str | None:
    return format_time(us) if us else None


@asynccontextmanager
async def health_server(
    listen: tuple[str, int] | None, oversight: Oversight, budget_s: float
) -> AsyncIterator[None]:
    """Answer for as long as the block lasts; without an address there is no server.

    Raises:
        CaseclockError: nothing can listen there.
    """
    if not listen:
        yield
        return
    health = Health(oversight, budget_s)
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
        await _listen(runner, *listen)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port, shutdown_timeout=1.0).start()
    except OSError as error:
        why = (error.strerror or "").rpartition(": ")[2] or type(error).__name__
        msg = f"cannot listen on {host}:{port} ({why}): set CASECLOCK_HEALTH__LISTEN to another address"
        raise CaseclockError(msg) from error
    bound = runner.addresses[0]
    say(f"caseclock run: health and metrics on http://{_host(bound[0])}:{bound[1]}")


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name
