"""The store of summaries: runs their statements, hands out what was counted, takes what is to be hidden."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy.typing as npt

from schemas.moment import EPOCH_DAY
from schemas.period import PERIODS, first_day
from schemas.stored import Row
from schemas.summary import COUNTS, GENERATION_COLUMNS, HIDDEN_COLUMNS, RATES, SLOTS, TIMES, Dimension
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.summary_counts import COUNT, FACTS_TOLD, TELLING
from sinks.clickhouse.summary_rest import ANOMALY, PAIR, PUT_TOGETHER, READ_COUNTS
from sinks.clickhouse.summary_times import measures

_NEWEST: Final = "SELECT slot FROM summary_generations ORDER BY generation DESC LIMIT 1"
_CALENDARS: Final = "SELECT DISTINCT calendar, zone FROM calendar_marks ORDER BY calendar"
_CELLS: Final = """
SELECT count() AS n FROM summary_counts WHERE slot = {slot:UInt8} AND generation = {generation:UInt64}
"""
_BIT: Final = {name: 1 << place for place, name in enumerate(COUNTS)}
_HIDES: Final[dict[str, int]] = {
    **_BIT,
    **{name: _BIT[part] | _BIT[whole] for name, (part, whole) in RATES.items()},
    **{name: _BIT[n] for name, n in TIMES.items()},
}
"""A number is kept back when one of these counts is: rates and quantiles follow what they are built on."""


class ClickHouseSummaryStore:
    """``streams.summaries.SummaryStore`` over a ClickHouse database. Every method blocks; ``Unavailable`` or a defect.

    Args:
        store: the database.
        limits: by reason, working µs a suspension may last; ``other`` for reasons not in it.
    """

    def __init__(self, store: ClickHouse, limits: Mapping[str, int]) -> None:
        self._store = store
        self._limits = limits
        self._mine: dict[str, Any] = {}
        self._began = 0.0

    def begin(self, as_of: int, generation: int) -> None:
        """Begin a generation (µs; greater than those before) of what stands at ``as_of``, µs UTC."""
        newest = self._store.columns(_NEWEST)["slot"]
        self._mine = {"slot": (newest[0] + 1) % SLOTS if newest else 0, "generation": generation, "at": as_of}
        self._began = time.monotonic()
        self._tell(complete=False, cells=0)

    def compute(self) -> Iterator[None]:
        """Count and measure all cases; gives way after each statement."""
        parameters = self._mine | self._windows(self._mine["at"]) | self._suspensions()
        parameters["computed_at"] = self._mine["generation"]
        cases = int(self._store.columns("SELECT count() AS n FROM cases")["n"][0])
        for statement in FACTS_TOLD:
            self._store.command(statement, _only_used(parameters, statement))
            yield
        told = self._store.columns(TELLING, _only_used(parameters, TELLING))
        for dimension, chunks in zip(told["dimension"], told["chunks"], strict=True):
            for chunk in range(chunks):
                mine = parameters | {"dimension": dimension, "chunks": chunks, "chunk": chunk}
                self._store.command(COUNT, _only_used(mine, COUNT))
                yield
        for statement in (*measures(cases), PAIR, ANOMALY):
            self._store.command(statement, _only_used(parameters, statement))
            yield

    def counts(self, dimension: Dimension) -> Mapping[str, npt.NDArray[Any]]:
        """The cells of a dimension by column: the keys (schemas/summary.py, CELL_KEYS) and COUNTS."""
        parameters = _only_used(self._mine | {"dimension": dimension}, READ_COUNTS)
        return self._store.arrays(READ_COUNTS, parameters, COUNTS)

    def parents(self) -> dict[str, str]:
        """The unit above each unit of the list; '' for one without."""
        found = self._store.columns("SELECT unit_id, parent_id FROM units FINAL")
        return dict(zip(found["unit_id"], found["parent_id"], strict=True))

    def hide(self, dimension: Dimension, rows: Sequence[Row]) -> None:
        """Keep numbers of cells back: rows of the keys in the order of CELL_KEYS, and a bit for each of COUNTS."""
        slot, generation = self._mine["slot"], self._mine["generation"]
        whole = [(slot, generation, *row) for row in rows]
        self._store.insert("summary_hidden", HIDDEN_COLUMNS, whole, f"{generation}:{dimension}")

    def publish(self) -> int:
        """Put the cells together and make the generation the newest complete one. Returns how many cells."""
        names = {
            "names": list(_HIDES),
            "bits": list(_HIDES.values()),
            "computed_at": self._mine["generation"],
        }
        self._store.command(PUT_TOGETHER, _only_used(self._mine | names, PUT_TOGETHER))
        cells = int(self._store.columns(_CELLS, _only_used(self._mine, _CELLS))["n"][0])
        self._tell(complete=True, cells=cells)
        return cells

    def _tell(self, *, complete: bool, cells: int) -> None:
        mine = self._mine
        seconds = time.monotonic() - self._began
        row = (mine["slot"], complete, mine["generation"], mine["at"], mine["generation"], seconds, cells)
        self._store.insert(
            "summary_generations", GENERATION_COLUMNS, [row], f"{mine['generation']}:{complete}"
        )

    def _windows(self, at: int) -> dict[str, Any]:
        found = self._store.columns(_CALENDARS)
        begins = [_begins(at, ZoneInfo(zone)) for zone in found["zone"]]
        return {
            "calendars": found["calendar"],
            "first_days": [[day for day, _ in each] for each in begins],
            "first_us": [[moment for _, moment in each] for each in begins],
        }

    def _suspensions(self) -> dict[str, Any]:
        limits = self._limits
        return {"reasons": list(limits), "limits": list(limits.values()), "limit": limits["other"]}


def _begins(at: int, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The first local day (since 1970) and the first moment (µs) of each period; all time: the beginning of time."""
    today = datetime.fromtimestamp(at // 1_000_000, zone).date()
    return [_begin(first_day(period, today), zone) for period in PERIODS]


def _begin(day: date | None, zone: ZoneInfo) -> tuple[int, int]:
    if day is None:
        return -(1 << 40), -(1 << 62)
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return day.toordinal() - EPOCH_DAY, round(midnight.timestamp()) * 1_000_000


def _only_used(parameters: Mapping[str, Any], statement: str) -> dict[str, Any]:
    """A server refuses nothing, but a parameter that is not asked for travels for nothing."""
    return {name: value for name, value in parameters.items() if f"{{{name}:" in statement}
