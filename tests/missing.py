"""What a machine lacks for a test: with CI=true a failure, elsewhere a skip that the summary names."""

import os
from collections import defaultdict
from typing import Final, NoReturn

import pytest

_UNTESTED: Final = " is not tested: "


def missing(untested: str, reason: str) -> NoReturn:
    """End the test that runs.

    Args:
        untested: what is not tested without it, for the heading.
        reason: what is missing, and how to get it.
    """
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (with CI=true that is a failure)")
    pytest.skip(f"{untested}{_UNTESTED}{reason}")


def tell(reporter: pytest.TerminalReporter) -> None:
    """Name all that was missing, in whatever process it was found."""
    told: dict[str, dict[str, None]] = defaultdict(dict)
    for report in reporter.stats.get("skipped", []):
        untested, found, reason = str(report.longrepr[2]).removeprefix("Skipped: ").partition(_UNTESTED)
        if found:
            told[untested][reason] = None
    for untested, reasons in told.items():
        reporter.section(f"NOT TESTED: {untested}", sep="!", red=True, bold=True)
        for reason in reasons:
            reporter.line(reason)
