"""`caseclock run`: one worker against the Kafka and ClickHouse of the settings."""

import argparse
import asyncio
import signal
from types import FrameType

from caseclock.errors import ExitCode
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Work until a signal comes."""
    for number in (signal.SIGTERM, signal.SIGINT):  # until the worker takes them itself
        signal.signal(number, _end)
    from caseclock.run import run_worker  # noqa: PLC0415  # a second or two of libraries

    asyncio.run(run_worker(settings))
    return ExitCode.DONE


def _end(_number: int, _frame: FrameType | None) -> None:
    """Nothing has begun: there is nothing to finish."""
    raise SystemExit(ExitCode.DONE)
