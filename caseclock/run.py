"""A worker for as long as nobody ends it: signals, health, log."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from caseclock import services
from caseclock.board import board_beside_worker, reader_of
from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.console import say
from caseclock.errors import ExitCode
from caseclock.events_topic import EventsTopic
from caseclock.health import Health, health_server
from caseclock.logs import log_to_stderr
from caseclock.oversight import Oversight
from caseclock.sampling import sampling, worker_name
from caseclock.services import Services
from caseclock.settings import Settings
from caseclock.signals import end_on_signals
from caseclock.staff import staff_server
from caseclock.summaries import summary_store
from caseclock.worker import worker
from streams.rules import Rules


async def run_worker(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT: then make durable what is under way, commit, leave the group.

    A second signal ends the process at once; nothing is lost by that, the rest comes again.

    Raises:
        Unavailable: Kafka or ClickHouse does not answer when it starts.
        Exception: a defect; nothing of what it touched is committed.
    """
    log_to_stderr("run")
    ended = end_on_signals()
    oversight = Oversight(_tell)
    working = asyncio.create_task(_work(settings, oversight, ended))
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if oversight.running is None and not working.done():
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        _tell("ended before it had begun")
        os._exit(ExitCode.DONE)  # a thread may still be asking a service that does not answer
    await working


async def _work(settings: Settings, oversight: Oversight, ended: asyncio.Event) -> None:
    async with AsyncExitStack() as stack:
        listen, budget = settings.health.listen, settings.health.fresh_budget_s
        health = await stack.enter_async_context(health_server(listen, oversight, budget))
        on = await asyncio.to_thread(stack.enter_context, services.real(settings))
        rules = await asyncio.to_thread(rules_of, settings)
        store = await asyncio.to_thread(prepare, on.store, rules, settings.city.change_reason)
        summaries = await asyncio.to_thread(stack.enter_context, summary_store(on.store, rules))
        async with worker(
            access=on.access,
            prefix=on.prefix,
            group_id=on.group_id,
            rules=rules,
            store=store,
            clock=WallClock(),
            settings=settings.worker,
            embedded=on.embedded,
            summary_store=summaries,
        ) as running:
            oversight.running = running
            _tell(f"started in the group {on.group_id}; Ctrl-C ends it")
            samples = sampling(on.store, oversight, running, worker_name())
            async with samples, _beside(settings, on, rules, health):
                await oversight.watch(ended)
                _tell("ending")
        batches = running.app.batch_consumer.batches
        left = bool(batches.pending_bytes or batches.owing())
        _tell("ended; what is not durable yet comes again" if left else "ended; all is durable and committed")


@asynccontextmanager
async def _beside(settings: Settings, on: Services, rules: Rules, health: Health) -> AsyncIterator[None]:
    """What the settings ask of a worker's process beside the work: the board, the listener for staff."""
    connect = reader_of(settings, on.store)
    topic = EventsTopic(on.access, on.prefix, settings.worker.partitions, embedded=on.embedded)
    async with (
        staff_server(settings.staff, connect, rules, WallClock().now) as staff,
        board_beside_worker(settings, rules.city, connect, topic=topic, health=health, tell=_tell),
    ):
        if staff:
            _tell(f"for staff: {staff}")
        yield


def _tell(line: str) -> None:
    say(f"caseclock run: {line}")
