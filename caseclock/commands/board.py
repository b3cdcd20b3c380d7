"""`caseclock board`: the web board alone, against the ClickHouse of the settings."""

import argparse
import asyncio

from caseclock.errors import ExitCode
from caseclock.run_board import run_board
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Serve until a signal comes."""
    asyncio.run(run_board(settings))
    return ExitCode.DONE
