"""A worker for as long as nobody ends it: signals, health, log."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress

from caseclock import services
from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.console import say
from caseclock.errors import ExitCode
from caseclock.health import health_server
from caseclock.logs import log_to_stderr
from caseclock.oversight import Oversight
from caseclock.settings import Settings
from caseclock.worker import worker


async def run_worker(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT: then make durable what is under way, commit, leave the group.

    A second signal ends the process at once; nothing is lost by that, the rest comes again.

    Raises:
        Unavailable: Kafka or ClickHouse does not answer when it starts.
        Exception: a defect; nothing of what it touched is committed.
    """
    log_to_stderr("run")
    ended = _end_on_signals()
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
    health = settings.health
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(health_server(health.listen, oversight, health.fresh_budget_s))
        on = await asyncio.to_thread(stack.enter_context, services.real(settings))
        rules = await asyncio.to_thread(rules_of, settings)
        store = await asyncio.to_thread(prepare, on.store, rules)
        async with worker(
            access=on.access,
            prefix=on.prefix,
            group_id=on.group_id,
            rules=rules,
            store=store,
            clock=WallClock(),
            settings=settings.worker,
            embedded=on.embedded,
        ) as running:
            oversight.running = running
            _tell(f"started in the group {on.group_id}; Ctrl-C ends it")
            await oversight.watch(ended)
            _tell("ending")
        batches = running.app.batch_consumer.batches
        left = bool(batches.pending_bytes or batches.owing())
        _tell("ended; what is not durable yet comes again" if left else "ended; all is durable and committed")


def _tell(line: str) -> None:
    say(f"caseclock run: {line}")


def _end_on_signals() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        if ended.is_set():
            os._exit(128 + number)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    return ended
