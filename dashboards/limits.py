"""When a number is good, and who is silent: the same for the board, Grafana's panels and its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

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

    unit_days: float = 3
    source_days: float = 1
