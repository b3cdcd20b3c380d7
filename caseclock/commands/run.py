"""`caseclock run`: one worker against the Kafka and ClickHouse of the settings."""

import argparse
import asyncio

from caseclock import services
from caseclock.errors import ExitCode
from caseclock.run import run_worker
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Work until a signal comes."""
    with services.real(settings) as on:
        asyncio.run(run_worker(settings, on))
    return ExitCode.DONE
