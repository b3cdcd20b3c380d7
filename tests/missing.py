"""What a machine lacks for a test: with CI=true a failure, elsewhere a skip that the summary names."""

import os
from typing import NoReturn

import pytest

_told: dict[str, list[str]] = {}


def missing(untested: str, reason: str) -> NoReturn:
    """End the test that runs.

    Args:
        untested: what is not tested without it, for the heading.
        reason: what is missing, and how to get it.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (with CI=true that is a failure)")
    _told.setdefault(untested, []).append(reason)
    pytest.skip(reason)


def tell(reporter: pytest.TerminalReporter) -> None:
    """Name all that was missing."""
    for untested, reasons in _told.items():
        reporter.section(f"NOT TESTED: {untested}", sep="!", red=True, bold=True)
        for reason in dict.fromkeys(reasons):
            reporter.line(reason)
