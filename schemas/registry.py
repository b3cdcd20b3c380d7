"""The registry: every number that Caseclock shows, defined once (domain.md §6).

Column names, the board's method page, Grafana's panel descriptions and the documentation come from here, so
that two pages cannot mean two things by one word.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.number import Number
from schemas.numbers import (
    attributes,
    causes,
    coordination,
    data_quality,
    flow,
    promise,
    speed,
    stock,
    voice,
)

_GROUPS: Final = (flow, stock, coordination, speed, promise, voice, causes, attributes, data_quality)

_NUMBERS: Final[tuple[Number, ...]] = tuple(number for group in _GROUPS for number in group.NUMBERS)

REGISTRY: Final[Mapping[str, Number]] = MappingProxyType({number.id: number for number in _NUMBERS})
"""Every number by id, group by group."""

UNIT_KEYS: Final = ("unit_id", "unit_name", "parent_id")
"""The columns of units.csv that say which unit it is."""

UNIT_NUMBERS: Final = (
    "received",
    "transferred_in",
    "transferred_out",
    "open",
    "in_time",
    "due_soon",
    "overdue",
    "suspended",
    "no_deadline",
    "completed",
    "completed_early",
    "completed_on_time",
    "completed_late",
    "withdrawn",
    "declined",
    "stopped",
    "on_time_rate",
    "on_time_rate_strict",
    "processing_mean_s",
    "processing_p50_s",
    "processing_p90_s",
    "open_age_p50_s",
    "open_age_p90_s",
    "worst_overdue_s",
    "anomalies",
    "awaiting",
    "awaiting_overdue",
    "reopened",
    "late_first_promise",
)
"""The numbers of units.csv and v_units_now, in the order of the columns (interfaces.md)."""

STOCK_PARTS: Final = ("in_time", "due_soon", "overdue", "suspended", "no_deadline")
"""Disjoint; together: open (domain.md §6)."""

OVERDUE_BANDS: Final = (
    "overdue_to_1_day",
    "overdue_to_3_days",
    "overdue_to_10_days",
    "overdue_to_30_days",
    "overdue_over_30_days",
)
"""Disjoint, by working days of delay; together: overdue."""

LEDGER_IN: Final = ("received", "reopened", "transferred_in")
LEDGER_OUT: Final = ("completed", "withdrawn", "declined", "stopped", "transferred_out")
"""The ledger: carried over + in − out = open."""


def number(name: str) -> Number:
    """The number of this id. Raises KeyError for one that nobody defined."""
    return REGISTRY[name]
