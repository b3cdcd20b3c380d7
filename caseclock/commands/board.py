"""`caseclock board`: the web board alone, against the ClickHouse of the settings."""

import argparse
import asyncio

from caseclock.errors import ExitCode
from caseclock.memory import YOUNG_OF_A_BOARD, seldom_collected
from caseclock.run_board import run_board
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Serve until a signal comes."""
    # a look at all that a board keeps is a tenth of a second in which no page is made
    with seldom_collected(YOUNG_OF_A_BOARD):
        asyncio.run(run_board(settings))
    return ExitCode.DONE
