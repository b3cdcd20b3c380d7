"""`caseclock check`: Python, the packages, the settings."""

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from caseclock.checks.finding import Finding, note, ok
from caseclock.settings import Settings

_PINNED: Final = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?!.*extra ==)")


def program(settings: Settings) -> Iterator[Finding]:
    """What runs here, and by which rules."""
    try:
        yield ok(f"caseclock {version('caseclock')}, Python {platform.python_version()}")
        pinned = [found for each in requires("caseclock") or () if (found := _PINNED.match(each))]
    except PackageNotFoundError:
        yield note(f"Python {platform.python_version()}; caseclock itself is not installed: `make setup`")
        pinned = []
    yield from _packages({found[1]: found[2] for found in pinned})
    calendar = settings.calendar or "the units' own"
    yield ok(f"settings: profile {settings.profile}, calendar {calendar}, group {settings.kafka.group_id}")


def _packages(wanted: dict[str, str]) -> Iterator[Finding]:
    """The packages whose very version counts: what is derived from Faust, and what speaks to the services."""
    there = {name: _version(name) for name in wanted}
    for name, known in wanted.items():
        if there[name] != known:
            yield note(f"{name}: {there[name]} is here, tested is {known}: pip install '{name}=={known}'")
    if there:
        yield ok("packages: " + ", ".join(f"{name} {each}" for name, each in there.items()))


def _version(name: str) -> str:
    try:
        return version(name).removeprefix("v")
    except PackageNotFoundError:
        return "nothing"
