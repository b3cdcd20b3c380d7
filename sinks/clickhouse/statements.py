"""Cutting a file of SQL into statements: at semicolons that stand in no string, name or comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment> --[^\n]* | /\*.*?\*/ )
      | (?P<quoted> '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`\\]|\\.|``)*` )
      | (?P<end> ; )
      | (?P<text> [^-/'"`;]+ | . )
    """,
    re.DOTALL | re.VERBOSE,
)


def statements(text: str) -> Iterator[str]:
    """The statements of a file, without comments and without the semicolons that end them."""
    parts: list[str] = []
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "comment":
            parts.append(" ")
        elif token.lastgroup != "end":
            parts.append(token.group())
        else:
            yield from _tidy(parts)
            parts = []
    yield from _tidy(parts)


def _tidy(parts: list[str]) -> Iterator[str]:
    statement = "".join(parts).strip()
    if statement:
        yield statement
