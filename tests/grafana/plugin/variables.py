"""What Grafana's frontend puts in for a dashboard's variables before a query leaves the browser."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

ALL: Final = "$__all"
"""The value of a variable whose option "All" is chosen."""
_PLACE: Final = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
_CONDITION: Final = "$__conditionalAll("
_BUILT_IN: Final = ("__from", "__to")


class UnknownVariableError(ValueError):
    """A variable that the dashboard does not have: Grafana would leave it in the text."""


def fill_in(sql: str, values: Mapping[str, Sequence[str]]) -> str:
    """The statement with its variables filled in; macros of the backend stay.

    Args:
        sql: as stored in a panel.
        values: of each variable what is chosen, one or several; ``[ALL]`` for all of them. ``__from`` and ``__to``
            are milliseconds as text.

    Raises:
        UnknownVariableError: a variable without a value.
    """
    return _PLACE.sub(lambda found: _written(found, values), _conditions(sql, values))


def _conditions(sql: str, values: Mapping[str, Sequence[str]]) -> str:
    """``$__conditionalAll(condition, $variable)``: the condition, or 1=1 when all are chosen."""
    while (begin := sql.find(_CONDITION)) >= 0:
        depth, at, comma = 1, begin + len(_CONDITION), -1
        while depth and at < len(sql):
            depth += (sql[at] == "(") - (sql[at] == ")")
            if depth == 1 and sql[at] == ",":
                comma = at
            at += 1
        variable = sql[comma + 1 : at - 1].strip()
        if depth or comma < 0 or not re.fullmatch(r"\$\w+", variable):
            raise UnknownVariableError(
                f"$__conditionalAll wants (condition, $variable): {sql[begin : begin + 90]}"
            )
        chosen = _values(variable[1:], values)
        condition = sql[begin + len(_CONDITION) : comma]
        sql = sql[:begin] + ("1=1" if list(chosen) == [ALL] else condition) + sql[at:]
    return sql


def _values(name: str, values: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name not in values:
        raise UnknownVariableError(name)
    return values[name]


def _written(found: re.Match[str], values: Mapping[str, Sequence[str]]) -> str:
    name, form = found[1] or found[3], found[2] or ""
    if name.startswith("__") and name not in _BUILT_IN:
        return found[0]  # a macro of the backend, or of a link
    chosen = list(_values(name, values))
    match form:
        case "singlequote":
            return ",".join("'" + each.replace("'", r"\'") + "'" for each in chosen)
        case "doublequote":
            return ",".join('"' + each.replace('"', r"\"") + '"' for each in chosen)
        case "sqlstring":
            return ",".join("'" + each.replace("'", "''") + "'" for each in chosen)
        case "csv" | "text":
            return ",".join(chosen)
        case "raw" | "":
            return chosen[0] if len(chosen) == 1 else "{" + ",".join(chosen) + "}"
        case "percentencode":
            return quote(",".join(chosen), safe="")
        case _:
            raise UnknownVariableError(found[0])
