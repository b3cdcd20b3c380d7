"""The macros that the plugin's backend expands, as documented: a panel's SQL as ClickHouse gets it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

PORTABLE: Final = frozenset(
    {
        "timeFilter",
        "timeFilter_ms",
        "dateFilter",
        "dateTimeFilter",
        "fromTime",
        "toTime",
        "fromTime_ms",
        "toTime_ms",
        "timeInterval",
        "timeInterval_ms",
        "interval_s",
    }
)
"""Names without ``$__`` that every version from 4.0 to 4.20 knows."""
_QUOTED: Final = re.compile(
    r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`|(\$\w*\$).*?\1", re.DOTALL
)
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME: Final = re.compile(r"\$__(\w+)")
_STEPS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class MacroError(ValueError):
    """A macro that the plugin would refuse."""


class _Range(NamedTuple):
    since: datetime
    until: datetime
    interval_s: int

    def moments(self) -> tuple[str, str]:
        return tuple(f"toDateTime({int(at.timestamp())})" for at in (self.since, self.until))  # type: ignore[return-value]

    def moments_ms(self) -> tuple[str, str]:
        return tuple(f"fromUnixTimestamp64Milli({_ms(at)})" for at in (self.since, self.until))  # type: ignore[return-value]

    def dates(self) -> tuple[str, str]:
        return tuple(f"toDate('{at.astimezone(UTC):%Y-%m-%d}')" for at in (self.since, self.until))  # type: ignore[return-value]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _between(column: str, ends: tuple[str, str]) -> str:
    return f"{column} >= {ends[0]} AND {column} <= {ends[1]}"


def _interval(column: str, seconds: int) -> str:
    return f"toStartOfInterval(toDateTime({column}), INTERVAL {seconds} second)"


def _group(column: str, step: str) -> str:
    found = re.fullmatch(r"'?(\d+)([smhdw])'?", step.strip())
    if found is None:
        raise MacroError(f"no interval: {step}")
    return _interval(column, int(found[1]) * _STEPS_S[found[2]])


def _whole(interval_s: int) -> str:
    for unit, step in reversed(_STEPS_S.items()):
        if interval_s % step == 0:
            return f"{interval_s // step}{unit}"
    raise AssertionError


def _both(r: _Range, day: str, moment: str) -> str:
    return f"({_between(day, r.dates())}) AND ({_between(moment, r.moments())})"


_MACROS: Final[dict[str, tuple[int, Callable[..., str]]]] = {
    "timeFilter": (1, lambda r, c: _between(c, r.moments())),
    "timeFilter_ms": (1, lambda r, c: _between(c, r.moments_ms())),
    "dateFilter": (1, lambda r, c: _between(c, r.dates())),
    "dateTimeFilter": (2, _both),
    "dt": (2, _both),
    "timeFrom": (1, lambda r, c: f"{c} >= {r.moments()[0]}"),
    "timeTo": (1, lambda r, c: f"{c} <= {r.moments()[1]}"),
    "fromTime": (0, lambda r: r.moments()[0]),
    "toTime": (0, lambda r: r.moments()[1]),
    "fromTime_ms": (0, lambda r: r.moments_ms()[0]),
    "toTime_ms": (0, lambda r: r.moments_ms()[1]),
    "timeInterval": (1, lambda r, c: _interval(c, r.interval_s)),
    "timeInterval_ms": (
        1,
        lambda r, c: f"toStartOfInterval(toDateTime64({c}, 3), INTERVAL {r.interval_s * 1000} millisecond)",
    ),
    "timeGroup": (2, lambda _, c, step: _group(c, step)),
    "interval_s": (0, lambda r: str(r.interval_s)),
    "interval": (0, lambda r: _whole(r.interval_s)),
    "interval_ms": (0, lambda r: str(r.interval_s * 1000)),
}
"""By name: how many arguments, and what comes out."""


def expand(sql: str, *, since: datetime, until: datetime, interval_s: int = 60) -> str:
    """The statement with every macro of the backend expanded and its comments gone.

    Args:
        sql: as stored in a panel, an alert rule or a variable, its variables filled in (``fill_in``).
        since: the time range, aware of its zone.
        until: its end.
        interval_s: seconds a point; at least 1.

    Raises:
        MacroError: a wrong number of arguments, or an interval that is none.
    """
    return _expanded(_without_comments(sql), _Range(since, until, max(1, interval_s)))


def macros_of(sql: str) -> set[str]:
    """Names (without ``$__``) of everything outside quotes that looks like a macro."""
    text = _without_comments(sql)
    found, at = set(), 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        name = None if quoted else _NAME.match(text, at)
        if name:
            found.add(name[1])
        at = (quoted or name).end() if quoted or name else at + 1  # type: ignore[union-attr]
    return found


def _without_comments(sql: str) -> str:
    out, at = [], 0
    while at < len(sql):
        quoted = _QUOTED.match(sql, at)
        comment = None if quoted else _COMMENT.match(sql, at)
        if quoted:
            out.append(quoted[0])
        elif comment is None:
            out.append(sql[at])
        at = quoted.end() if quoted else comment.end() if comment else at + 1
    return "".join(out)


def _expanded(text: str, r: _Range) -> str:
    out, at = [], 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        name = None if quoted else _NAME.match(text, at)
        if quoted or name is None or name[1] not in _MACROS:
            end = quoted.end() if quoted else name.end() if name else at + 1
            out.append(text[at:end])
            at = end
            continue
        wanted, write = _MACROS[name[1]]
        arguments, at = _arguments(text, name.end()) if wanted else ([], name.end())
        if len(arguments) != wanted:
            raise MacroError(f"$__{name[1]}: expected {wanted} argument(s), received {len(arguments)}")
        out.append(write(r, *(_expanded(argument, r) for argument in arguments)))
    return "".join(out)


def _arguments(text: str, at: int) -> tuple[list[str], int]:
    """What stands in the parentheses that begin at a place, split at its commas, and where they end."""
    if text[at : at + 1] != "(":
        return [], at
    depth, begun, found = 0, at + 1, []
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted:
            at = quoted.end()
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0 or (depth == 1 and text[at] == ","):
            found.append(text[begun:at].strip())
            begun = at + 1
        at += 1
        if depth == 0:
            return [argument for argument in found if argument], at
    raise MacroError("a parenthesis is not closed")
