"""A worker for as long as nobody ends it: signals, health, log."""

import asyncio
import logging
import os
import signal
import sys

from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.console import say
from caseclock.health import health_server
from caseclock.services import Services
from caseclock.settings import Settings
from caseclock.worker import worker


async def run_worker(settings: Settings, on: Services) -> None:
    """Run until SIGTERM or SIGINT: then make durable what is under way, commit, leave the group.

    A second signal ends the process at once; nothing is lost by that, the rest comes again.
    """
    _log_to_stderr()
    rules = rules_of(settings)
    store = prepare(on.store, rules)
    ended = _end_on_signals()
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
        numbers = sorted(running.engine.partitions)
        say(
            f"caseclock run: working on partitions {', '.join(map(str, numbers)) or '(none yet)'}; Ctrl-C ends it"
        )
        async with health_server(settings.health.listen, running, settings.health.fresh_budget_s):
            await ended.wait()
        say("caseclock run: ending")
    say("caseclock run: ended; everything taken is durable and committed")


def _end_on_signals() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        if ended.is_set():
            os._exit(130)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    return ended


class OneLine(logging.Formatter):
    """What went wrong in a line; where it came from shows with `CASECLOCK_DEBUG=1`."""

    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802  # as in the base class
        """Nothing: the message names the exception already."""
        return ""


def _log_to_stderr() -> None:
    """Warnings of the libraries, everything of ours that a person must know."""
    handler = logging.StreamHandler(sys.stderr)
    form = "%(levelname)s %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(form) if os.environ.get("CASECLOCK_DEBUG") else OneLine(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for chatty in ("faust", "mode", "aiokafka", "kafka", "streams.faust_app"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
