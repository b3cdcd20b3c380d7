"""Running a Faust app inside a program that is not Faust's worker.

Faust's worker takes over signals, standard output, logging and the event loop. A replay, the demo and the
tests have those already: they run the app as a service among others, `async with running(app):`, and learn
of a crash by its exception, raised in their own block.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import faust

log = logging.getLogger(__name__)

_LOOK = 0.1  # seconds between looks at the app's health; some crashes come from threads and wake nobody


class AgentEnded(Exception):  # noqa: N818  # names what happened
    """An agent's body came to its end, though the app was to go on: nobody reads its topic any more."""


class StartTimeout(Exception):  # noqa: N818  # names what happened
    """The app was not ready in time: the message says what it waited for."""


@asynccontextmanager
async def running(
    app: faust.App, *, ready_within: float = 90.0, stop_within: float = 60.0
) -> AsyncIterator[faust.App]:
    """Run an app for as long as the block lasts; it is ready (partitions assigned) when the block begins.

    Args:
        app: not started before; an app runs once.
        ready_within: seconds until it must be ready.
        stop_within: seconds it gets to stop.

    Yields:
        The app.

    Raises:
        StartTimeout: when it is not ready in time.
        Exception: whatever crashed the app (an agent, a timer, the connection), in the place where the block
            is waiting.
    """
    try:
        await _start(app, ready_within)
        async with _crashes_raised(app):
            yield app
    finally:
        await _stop(app, stop_within)


async def _start(app: faust.App, seconds: float) -> None:
    starting = asyncio.ensure_future(app.start())
    try:
        await asyncio.wait({starting}, timeout=seconds)
    finally:
        ready = starting.done()
        if not ready:
            starting.cancel()
    if not ready:
        msg = f"the worker was not ready after {seconds:g} s: no partitions were assigned to it"
        raise StartTimeout(msg)
    if app.crash_reason is not None:
        raise app.crash_reason
    starting.result()


@asynccontextmanager
async def _crashes_raised(app: faust.App) -> AsyncIterator[None]:
    """Interrupt the block when the app has crashed, and raise the reason in the block's stead."""
    block = asyncio.current_task()
    interrupted = False

    async def watch() -> None:
        nonlocal interrupted
        while not app.should_stop and _ended(app) is None:  # noqa: ASYNC110  # see _LOOK
            await asyncio.sleep(_LOOK)
        interrupted = True
        if block is not None:
            block.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not interrupted or block is None or block.uncancel() > 0:
            raise
    finally:
        watching.cancel()
    if reason := app.crash_reason or _ended(app):
        raise reason


def _ended(app: faust.App) -> AgentEnded | None:
    for name, agent in app.agents.items():
        tasks: Sequence[Any] = [actor.actor_task for actor in agent._actors]
        if any(task is not None and task.done() for task in tasks):
            return AgentEnded(f"agent {name} has ended; it should run for as long as the worker")
    return None


async def _stop(app: faust.App, seconds: float) -> None:
    stopping = asyncio.ensure_future(app.stop())
    done, _ = await asyncio.wait({stopping}, timeout=seconds)
    if not done:
        stopping.cancel()
        log.error("The worker did not stop within %g s; what it left unfinished comes again", seconds)
        return
    if (failure := stopping.exception()) is not None:
        log.error("The worker stopped with %r", failure)
