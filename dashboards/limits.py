"""When a number is good, and who is silent: the same for the board, Grafana's panels and its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.thresholds import DEFAULT_SILENCE_DAYS

FEW: Final = 10
"""Built on fewer cases a share is not judged: chance alone would decide."""


class Thresholds(NamedTuple):
    """Limits between good, watch, behind and far behind; ``upwards``: more is better."""

    good: float
    watch: float
    behind: float
    upwards: bool


THRESHOLDS: Final[Mapping[str, Thresholds]] = MappingProxyType(
    {
        "on_time_rate": Thresholds(0.95, 0.90, 0.80, upwards=True),
        "on_time_rate_strict": Thresholds(0.95, 0.90, 0.80, upwards=True),
        "overdue_share": Thresholds(0.02, 0.05, 0.10, upwards=False),
        "late_first_promise_rate": Thresholds(0.05, 0.10, 0.20, upwards=False),
        "late_without_cause_share": Thresholds(0.10, 0.25, 0.50, upwards=False),
    }
)
"""By id of the number: fractions of 1, each limit belonging to the better side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLimits:
    """From when on silence is told.

    Attributes:
        unit_days: working days (of 8 hours) of its own calendar for which a unit may be silent.
        source_days: working days of the default calendar for which a source may be silent.
    """

    unit_days: float = DEFAULT_SILENCE_DAYS["unit"]
    source_days: float = DEFAULT_SILENCE_DAYS["source"]


SILENCE: Final = SilenceLimits()
"""Those of a city that sets none of its own; Grafana's files are made once for all cities and know no others."""

OLDEST_OVERDUE_DAYS: Final = 30
"""Working days a unit's longest overdue case may be past its due time before somebody is told.

Six weeks: the last of the ageing bands on the board begins here. A case that is a few days late is work in progress and
shows in the share of overdue; one beyond this was forgotten, or waits for a decision that nobody takes.
"""

FRESH_SECONDS: Final = 120
"""How old numbers may be while anything may be waiting: four times the pause after which workers tell them anew."""

DEAD_LETTERS_AN_HOUR: Final = 10
"""Of one source: fewer unreadable records in an hour are no cause for a call, a clerk's typing makes some every day."""
DEAD_LETTERS_RISE: Final = 3
"""They rise when the last hour has more than so many times the mean hour of the week before."""
