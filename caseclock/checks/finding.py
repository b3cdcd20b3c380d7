"""One line of `caseclock check`."""

from enum import StrEnum
from typing import NamedTuple

from caseclock.errors import ExitCode


class Level(StrEnum):
    """How bad it is, as it stands before the line."""

    OK = "OK"
    NOTE = "LƯU Ý / NOTE"
    WRONG = "LỖI / ERROR"


class Finding(NamedTuple):
    """What was found, and the exit code that it asks for."""

    level: Level
    text: str
    code: ExitCode = ExitCode.DONE


def ok(text: str) -> Finding:
    """Something is as it should be."""
    return Finding(Level.OK, text)


def note(text: str) -> Finding:
    """Something that somebody should know or do soon."""
    return Finding(Level.NOTE, text)


def wrong(text: str) -> Finding:
    """A setting, a list or a table is wrong; the text says how to mend it."""
    return Finding(Level.WRONG, text, ExitCode.USE)


def away(text: str) -> Finding:
    """A dependency does not answer, or refuses us."""
    return Finding(Level.WRONG, text, ExitCode.DEPENDENCY)
