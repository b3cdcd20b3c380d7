"""`caseclock check`: what is wrong and how to mend it."""

import argparse
import sys

from caseclock.checks import Level, findings
from caseclock.errors import ExitCode
from caseclock.settings import Settings


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # the shape of a command
    """Tell every finding as it is found; 3 when a dependency is away, 2 when something is wrong."""
    seen = set()
    for finding in findings(settings):
        seen.add(finding.level)
        sys.stdout.write(f"{finding.level:<20} {finding.text}\n")
        sys.stdout.flush()
    if Level.AWAY in seen:
        return ExitCode.DEPENDENCY
    return ExitCode.USE if Level.WRONG in seen else ExitCode.DONE
