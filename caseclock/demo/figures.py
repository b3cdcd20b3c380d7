"""What the demo shows, read from ClickHouse's views like any dashboard would."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sinks.clickhouse.client import ClickHouse
from streams.rules import Rules

LAGGING: Final = 10
"""How many units are shown."""

_CITY: Final = "SELECT * FROM v_city_now"
_UNITS: Final = """
    SELECT unit_id, unit_name, open, overdue, worst_overdue_s, completed, on_time_rate, on_time_rate_strict
    FROM v_units_now
    WHERE scope = 'tree' AND parent_id = {city:String} AND overdue > 0
    ORDER BY overdue DESC, worst_overdue_s DESC, unit_id
    LIMIT {most:UInt8}
"""
_LETTERS: Final = "SELECT reason, count() AS n FROM v_dead_letters GROUP BY reason ORDER BY n DESC, reason"
_OLDEST: Final = """
    SELECT unit_id, min(received_at) AS oldest FROM v_cases WHERE stock = 'overdue' GROUP BY unit_id
"""
_CAUSES: Final = """
    SELECT unit_id, cause, count() AS n
    FROM v_cases
    WHERE cause != ''
    AND (stock = 'overdue' OR timeliness = 'late' OR late_first_promise OR (stock != '' AND first_due_at < now()))
    AND (ended_at IS NULL OR ended_at > now() - INTERVAL 30 DAY)
    GROUP BY unit_id, cause
"""


class Why(NamedTuple):
    """What the cases of a unit say about its delay: the commonest cause, how often, and of how many named."""

    cause: str
    times: int
    named: int


class Lagging(NamedTuple):
    """A unit directly below the city, with all units below it.

    Attributes:
        oldest: when its oldest overdue case was received.
        worst_overdue_s: the longest delay, working seconds.
    """

    unit_id: str
    name: str
    name_en: str
    open: int
    overdue: int
    worst_overdue_s: int
    completed: int
    on_time_rate: float | None
    oldest: datetime | None
    why: Why | None


class Figures(NamedTuple):
    """Everything that is shown, as of one look.

    Attributes:
        city: the columns of v_city_now.
        lagging: the units that lag most, worst first.
        letters: dead letters by reason.
        age_s: how old the numbers were when they were read.
    """

    city: Mapping[str, Any]
    lagging: tuple[Lagging, ...]
    letters: Mapping[str, int]
    age_s: float


class FiguresReader:
    """Reads the figures. Blocks: to be used in a thread, one at a time.

    Args:
        store: where the views are.
        rules: name the city and its units.
    """

    def __init__(self, store: ClickHouse, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._root = next(unit.code for unit in rules.city.units if unit.kind == "city")
        self._oldest: dict[str, datetime] = {}
        self._causes: dict[str, Counter[str]] = {}

    def read(self) -> Figures | None:
        """The figures now; None before the first ones are there."""
        found = self._store.columns(_CITY)
        if not found["open"]:
            return None
        city = {name: column[0] for name, column in found.items()}
        computed = city["computed_at"].replace(tzinfo=UTC)
        units = self._store.columns(_UNITS, {"city": self._root, "most": LAGGING})
        letters = self._store.columns(_LETTERS)
        return Figures(
            city,
            tuple(
                self._lagging(dict(zip(units, row, strict=True))) for row in zip(*units.values(), strict=True)
            ),
            dict(zip(letters["reason"], letters["n"], strict=True)),
            max(0.0, (datetime.now(UTC) - computed).total_seconds()),
        )

    def _lagging(self, row: dict[str, Any]) -> Lagging:
        code = row["unit_id"]
        causes = self._causes.get(code, Counter())
        return Lagging(
            code,
            row["unit_name"],
            self._rules.city.by_code[code].name_en or "",
            row["open"],
            row["overdue"],
            row["worst_overdue_s"] or 0,
            row["completed"],
            row["on_time_rate"],
            self._oldest.get(code),
            Why(*causes.most_common(1)[0], causes.total()) if causes else None,
        )

    def look_closer(self) -> None:
        """Find out from the cases why units lag; takes longer, so it is done less often."""
        oldest = self._store.columns(_OLDEST)
        self._oldest = {}
        for unit, moment in zip(oldest["unit_id"], oldest["oldest"], strict=True):
            top, received = self._below_the_city(unit), moment.replace(tzinfo=UTC)
            self._oldest[top] = min(received, self._oldest.get(top, received))
        causes = self._store.columns(_CAUSES)
        self._causes = {}
        for unit, cause, n in zip(causes["unit_id"], causes["cause"], causes["n"], strict=True):
            self._causes.setdefault(self._below_the_city(unit), Counter())[cause] += n

    def _below_the_city(self, unit: str) -> str:
        """The unit directly below the city that this one belongs to."""
        path = self._rules.path(unit)
        return path[-2] if len(path) > 1 else unit
