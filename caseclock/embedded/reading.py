"""Which statements only read what is in the database: decided on the engine's own writing of them.

The engine parses a statement and writes it again in one line (`formatQuerySingleLine`): one statement, no comments,
names and strings quoted in one way. That text is looked through here, and that text is what runs. Beside it the
engine's own `readonly = 1` refuses what writes; it does not know of what is refused here: `INTO OUTFILE` (written
by the client's side of the engine), `file()` and other functions that reach outside, `KILL`, and files that the
database `default` shows as tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

READ_ONLY: Final = 164
DENIED: Final = 497

_HARMLESS: Final = re.compile(
    "format|generaterandom|generate_?series|null|(numbers|zeros)(_mt)?|primes|values|view"
)
"""Table functions (in small letters) that read nothing but what is written in the statement or made up on the spot."""
_REACH_OUT: Final = re.compile(
    "file|reversedns.*|ai.*|addressto.*|catboost.*|dict(get|has|isin).*|evalmlmethod|hascolumnintable|joinget.*"
    "|logtrace|naivebayes.*"
)
"""Functions (in small letters) that read files, ask other services or open tables named by a string."""
_BEGINNINGS: Final = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "EXPLAIN"})
_TOKEN: Final = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | `(?:[^`\\]|\\.|``)*` | "(?:[^"\\]|\\.|"")*" | [^\W\d]\w* | \d[\w.]* | \s+ | .""",
    re.VERBOSE | re.DOTALL,
)
_SETTING: Final = re.compile(r"\s*(?P<name>\w+) = (?P<value>'(?:[^'\\]|\\.)*'|-?[\w.]+)\s*(?:,|$)")
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")
_FILES: Final = "default"
"""The engine's database in which every file of the machine is a table."""
_OF_THE_PROCESS: Final = frozenset({"stack_trace", "symbols", "jemalloc_profile_text"})
"""Tables of the database `system` that stop the process's threads to look at them, or show what is in its memory."""


class RefusedError(Exception):
    """A request that is not carried out: ClickHouse's code and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Statement(NamedTuple):
    """A statement that may run.

    Attributes:
        text: without its last clauses FORMAT and SETTINGS.
        format: what the one named; None: there was none.
        settings: what the other asked for.
        describable: whether ``DESCRIBE (text)`` tells its columns.
        identifiers: parameters that stand for names of tables, columns or databases.
        about_settings: it looks at the settings themselves.
    """

    text: str
    format: str | None
    settings: dict[str, str]
    describable: bool
    identifiers: frozenset[str]
    about_settings: bool


def denied_functions(functions: Iterable[str], table_functions: Iterable[str]) -> frozenset[str]:
    """Which of the engine's functions may not be used; all names in small letters."""
    reach_out = filter(_REACH_OUT.fullmatch, functions)
    return frozenset({*reach_out, *(name for name in table_functions if not _HARMLESS.fullmatch(name))})


def admitted(text: str, denied: AbstractSet[str]) -> Statement:
    """Let a statement pass, or not.

    Args:
        text: as the engine writes it.
        denied: functions that may not be used, in small letters.

    Raises:
        RefusedError: it does more than read, or reads more than the database.
    """
    matches = [each for each in _TOKEN.finditer(text) if not each[0].isspace()]
    found = [each[0] for each in matches]
    first = next((each.upper() for each in found if each != "("), "")
    if first not in _BEGINNINGS:
        raise RefusedError(READ_ONLY, "Cannot execute query in readonly mode: here one can only read.")
    for before, token, after in zip(["", *found], found, [*found[1:], ""], strict=False):
        name = token[1:-1] if token[:1] in {"`", '"'} else token
        if after == "(" and name.lower() in denied:
            raise RefusedError(DENIED, f"{name}() may not be used here: it reaches outside the database.")
        if name == _FILES and after == "." and before != ".":
            raise RefusedError(DENIED, "The database default holds nothing that may be read here.")
        if before == "." and name in _OF_THE_PROCESS:
            raise RefusedError(DENIED, f"system.{name} may not be read here.")
        if token.upper() == "OUTFILE" and before.upper() == "INTO":
            raise RefusedError(DENIED, "INTO OUTFILE may not be used here.")
    plain, kind, settings = _last_clauses(text, matches)
    if any(
        each.upper() == "SETTINGS" and set(found[at + 2 : at + 3]) == {"="} for at, each in enumerate(plain)
    ):
        raise RefusedError(READ_ONLY, "Settings may stand only at the end of the whole statement here.")
    return Statement(
        text[: matches[len(plain) - 1].end()],
        kind,
        settings,
        first in {"SELECT", "WITH"},
        _identifiers(found),
        any(found[at : at + 3] == ["system", ".", "settings"] for at in range(len(found))),
    )


def check_identifiers(statement: Statement, parameters: dict[str, str]) -> None:
    """Let only plain names stand where a parameter is one: a path would be a file.

    Raises:
        RefusedError: a value is no plain name.
    """
    for name in statement.identifiers:
        value = parameters.get(name, "x").strip("`")
        if value in {_FILES, "system"} or not _PLAIN_NAME.fullmatch(value):
            raise RefusedError(DENIED, f"The parameter {name} must be a plain name here.")


def _identifiers(found: list[str]) -> frozenset[str]:
    windows = zip(found, found[1:], found[2:], found[3:], strict=False)
    return frozenset(
        name
        for opening, name, colon, kind in windows
        if opening == "{" and colon == ":" and kind == "Identifier"
    )


def _last_clauses(text: str, matches: list[re.Match[str]]) -> tuple[list[str], str | None, dict[str, str]]:
    """The tokens without the clauses FORMAT and SETTINGS at the end, in whatever order; and what those say."""
    found = [each[0] for each in matches]
    kind, settings = None, dict[str, str]()
    for _ in range(2):
        if len(found) > 2 and found[-2].upper() == "FORMAT" and _PLAIN_NAME.fullmatch(found[-1]):
            kind = found[-1]
            found = found[:-2]
            continue
        place = max((at for at, each in enumerate(found) if each.upper() == "SETTINGS"), default=0)
        if place and (told := _settings(text[matches[place].end() : matches[len(found) - 1].end()])):
            settings = told
            found = found[:place]
    return found, kind, settings


def _settings(text: str) -> dict[str, str]:
    """What stands behind SETTINGS: ``name = value, …``; nothing if it is something else."""
    told: dict[str, str] = {}
    at = 0
    while at < len(text):
        setting = _SETTING.match(text, at)
        if setting is None:
            return {}
        value = setting["value"]
        told[setting["name"]] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value
        at = setting.end()
    return told
