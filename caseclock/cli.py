"""The front door: reads the command line and the settings, runs one command, ends with its exit code.

Every command is a module `caseclock.commands.<name>` with `run(args, settings) -> int`, imported only when it
is asked for: `caseclock --help` must not wait for ClickHouse's engine. Errors are a line on stderr that says
what to do; where an error came from shows with `CASECLOCK_DEBUG=1`.
"""

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from caseclock.arguments import build_parser
from caseclock.console import say
from caseclock.errors import ExitCode, told

if TYPE_CHECKING:
    from caseclock.settings import Settings

OPTIONS_THAT_ARE_SETTINGS = ("profile", "calendar")
"""Options that take the place of the setting of their name."""


class Command(Protocol):
    """What a module of `caseclock.commands` offers."""

    def run(self, args: argparse.Namespace, settings: "Settings") -> int:
        """Do it.

        Args:
            args: its arguments, as `caseclock.arguments` describes them.
            settings: file, environment and command line together.

        Returns:
            The exit code.
        """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words after `caseclock`; the process's own when None.

    Returns:
        The exit code; wrong use of the command line itself raises SystemExit(2), `--help` SystemExit(0).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Vietnamese on a terminal that cannot show it
    args = build_parser().parse_args(arguments)
    try:
        settings = _settings(args)
        code = _command(args.command).run(args, settings)
        sys.stdout.flush()
    except BrokenPipeError:
        # `caseclock … | head`: what is left in the buffer has nowhere to go, also at the interpreter's end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the last place that can still say it in a line
        return _fail(args.command, error)
    return code


def _settings(args: argparse.Namespace) -> "Settings":
    from caseclock.settings import load_settings  # noqa: PLC0415  # pydantic: --help need not wait for it

    chosen = {name: getattr(args, name, None) for name in OPTIONS_THAT_ARE_SETTINGS}
    options = {name: value for name, value in chosen.items() if value is not None}
    return load_settings(args.config, options=options)


def _command(name: str) -> Command:
    return cast(Command, importlib.import_module(f"caseclock.commands.{name.replace('-', '_')}"))


def _fail(command: str, error: BaseException) -> int:
    if os.environ.get("CASECLOCK_DEBUG"):
        traceback.print_exception(error)
    known = told(error)
    if known is None:
        # Not the error's own words: they may hold a value of an event.
        say(
            f"caseclock {command}: a defect of the program ({type(error).__name__} {_place(error)}); "
            "please report it, with what CASECLOCK_DEBUG=1 shows"
        )
        return ExitCode.DEFECT
    message, code = known
    for line in message.splitlines():
        say(f"caseclock {command}: {line}")
    return code


def _place(error: BaseException) -> str:
    """The last place of ours that the error came through."""
    home = Path(__file__).parents[1]
    ours = [
        each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(home)
    ]
    if not ours:
        return "outside the program"
    return f"at {Path(ours[-1].filename).relative_to(home)}:{ours[-1].lineno}"
