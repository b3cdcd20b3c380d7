"""Pieces of SQL that several panels share. Days are local days of `dashboard.ZONE`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.grafana.dashboard import ZONE
from dashboards.grafana.text import Text
from schemas.vocabulary import CAUSES

TODAY: Final = f"toDate(now('{ZONE}'))"
FROM: Final = f"toDate($__fromTime, '{ZONE}')"
UNTIL: Final = f"toDate($__toTime, '{ZONE}')"
"""The chosen time range as local days, both of them in it."""
TIME: Final = f"toDateTime(day, '{ZONE}') AS time"
"""A day as a point in time: its first moment."""
SINCE: Final[Mapping[str, str]] = {
    "today": TODAY,
    "7d": f"{TODAY} - 6",
    "30d": f"{TODAY} - 29",
    "month": f"toStartOfMonth({TODAY})",
    "quarter": f"toStartOfQuarter({TODAY})",
    "year": f"toStartOfYear({TODAY})",
}
"""First day of a period (schemas/period.py)."""


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def since(period: str) -> str:
    """First day of the period that a variable names: ``multiIf`` over its values."""
    tests = ", ".join(f"{period} = {quoted(name)}, {day}" for name, day in SINCE.items() if name != "30d")
    return f"multiIf({tests}, {SINCE['30d']})"


def named(column: str, names: Mapping[str, str]) -> str:
    """The name of a value, itself where it has none."""
    values = ", ".join(quoted(value) for value in names)
    said = ", ".join(quoted(name) for name in names.values())
    return f"transform(toString({column}), [{values}], [{said}], toString({column}))"


def lag_reason(text: Text) -> str:
    """Why a unit lags, in words, of a row of ``v_public_lagging`` with the waited-for unit's name as ``other_name``."""
    about = {
        "waiting_on": "if(other_name = '', about, other_name)",
        "cause": named("about", text.names("common.cause", CAUSES)),
        "step": "about",
    }
    tests = []
    for reason in ("waiting_on", "supplements", "step", "inherited", "no_cause", "cause"):
        words = (
            text.word(f"common.lag_{reason}")
            .replace("{n}", "{0}")
            .replace("{of}", "{1}")
            .replace("{about}", "{2}")
        )
        said = f"format({quoted(words)}, toString(n), toString(of_n), {about.get(reason, quoted(''))})"
        tests.append(f"reason = {quoted(reason)}, {said}")
    inflow = text.word("common.lag_inflow").replace("{came}", "{0}").replace("{went}", "{1}")
    tests.append(f"reason = 'inflow', format({quoted(inflow)}, toString(came), toString(went))")
    return f"multiIf({', '.join(tests)}, {quoted(text.word('common.lag_unknown'))})"
