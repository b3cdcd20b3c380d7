"""`caseclock check`: what is wrong and how to mend it."""

import argparse
import sys

from caseclock.checks import findings
from caseclock.checks.finding import Level
from caseclock.errors import ExitCode
from caseclock.logs import log_to_stderr
from caseclock.settings import Settings

_WIDTH = max(map(len, Level))


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Tell every finding as it is found; 3 when a dependency is away, 2 when something is wrong."""
    log_to_stderr("check")
    code = ExitCode.DONE
    for finding in findings(settings):
        code = max(code, finding.code)
        sys.stdout.write(f"{finding.level:<{_WIDTH}}  {finding.text}\n")
        sys.stdout.flush()
    return code
