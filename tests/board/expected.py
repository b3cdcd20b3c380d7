"""What the board must show of the town: counted by the oracle, case by case."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.period import Period
from tests.board.town import PARENTS, calendar, rules
from tests.oracle import breakdowns
from tests.oracle import numbers as oracle
from tests.oracle.model import Event
from tests.oracle.numbers import EVERYTHING, Inside, Row

SKETCHED: Final = (
    "processing_p50_s",
    "processing_p90_s",
    "clock_p50_s",
    "clock_p90_s",
    "holding_p50_s",
    "holding_p90_s",
    "open_age_p50_s",
    "open_age_p90_s",
)
"""Quantiles may be off by one per cent (domain.md §6)."""
AGEING: Final = ("open_age_p50_s", "open_age_p90_s", "worst_overdue_s", "oldest_open_s")
SLACK_S: Final = 90
"""Between two looks at what grows with the clock."""
NOT_SHOWN: Final = ("last_event_us", "processing_n", "holding_n", "moves")
IN, OUT = ("received", "reopened", "transferred_in"), ("completed", *oracle.OTHER_ENDS, "transferred_out")


class Expected:
    """The town's numbers at a moment, from all its events.

    Attributes:
        today: the town's local day.
    """

    def __init__(self, events: list[Event], now: int) -> None:
        self.today = calendar().local_date(now)
        self._told = breakdowns.tell_all(events, now, rules())

    def unit(self, unit_id: str, scope: str, period: Period) -> Row:
        """Every number of a unit alone (own), of it with all below (tree), of everything (*)."""
        row = self.cell(unit_id, scope, period, "", "")
        come = row["carried_over"] + sum(row[name] for name in IN)
        row["flow_gap"] = come - sum(row[name] for name in OUT) - row["open"]
        return row

    def cell(self, unit_id: str, scope: str, period: Period, dimension: str, value: str) -> Row:
        """The unit's numbers for one value of a dimension."""
        tree = scope == "tree" or unit_id == EVERYTHING
        row = breakdowns.numbers(self._told, _inside(unit_id, scope), dimension, value, period, tree)
        return {name: number for name, number in row.items() if name not in NOT_SHOWN}


def _inside(unit_id: str, scope: str) -> Inside:
    if unit_id == EVERYTHING:
        return lambda _unit: True
    if scope == "own":
        return lambda unit: unit == unit_id
    return lambda unit: oracle.is_within(unit, unit_id, PARENTS)


def is_near(name: str, shown: Any, wanted: Any) -> bool:
    """Whether a number is the oracle's, as far as it can be at another moment."""
    if shown is None or wanted is None:
        return shown is wanted
    allowed = 1e-6 if isinstance(wanted, float) else 0
    if name in SKETCHED:
        allowed = max(1, abs(wanted) / 100)
    return bool(abs(shown - wanted) <= allowed + (SLACK_S if name in AGEING else 0))


def differences(where: str, shown: Mapping[str, Any], wanted: Row) -> list[str]:
    """What of the oracle's row is shown otherwise, a line each."""
    return [
        f"{where}: {name} is {shown.get(name, 'absent')}, not {value}"
        for name, value in wanted.items()
        if not (name in shown and is_near(name, shown[name], value))
    ]
