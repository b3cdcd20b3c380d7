"""What the board reads beside the live numbers: summaries, sources, dead letters, working hours. Read only.

Of summaries only what is public is read (``v_public_*``): what is built on few cases never comes into this process.
Every call blocks and takes a few milliseconds; all may be called from several threads.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.summary import FLOW, NUMBER_COLUMNS, PAIR_NUMBERS
from sinks.clickhouse.client import ClickHouse

Value = int | float | None
PART_NUMBERS: Final = (
    *FLOW,
    *("open", "in_time", "due_soon", "overdue", "suspended", "no_deadline", "late_or_overdue", "judged"),
    *("on_time_rate", "on_time_rate_strict", "late_first_promise_rate", "processing_n", "processing_mean_s"),
    *("processing_p50_s", "processing_p90_s", "holding_n", "holding_p50_s", "holding_p90_s"),
    *("open_age_p50_s", "open_age_p90_s", "oldest_open_s", "worst_overdue_s"),
)
"""What is told of a part of a unit."""
_AT: Final = {name: at for at, name in enumerate(NUMBER_COLUMNS)}
_WHOLE: Final = tuple("Float64" not in kind for kind in NUMBER_COLUMNS.values())
_UNITS: Final = """
SELECT scope, period, unit_id, numbers, suppressed,
    if(scope = 'own' AND period = 'all', toUnixTimestamp64Micro(last_event_at), 0) AS last_us
FROM v_public_numbers WHERE dimension = ''
"""
_PARTS: Final = """
SELECT period, dimension, unit_id, value, numbers, suppressed FROM v_public_numbers
WHERE dimension IN {dimensions:Array(String)} AND unit_id IN {units:Array(String)}
    AND scope = {scope:String} AND period IN {periods:Array(String)}
"""
_GENERATION: Final = """
SELECT toUnixTimestamp64Micro(as_of) AS as_of_us, toUnixTimestamp64Micro(computed_at) AS computed_us
FROM v_public_summaries
"""
_PAIRS: Final = f"""
SELECT unit_id, other_id, {", ".join(PAIR_NUMBERS)}, arrayStringConcat(suppressed, ' ') AS hidden
FROM v_public_pairs WHERE period = {{period:String}}
"""  # noqa: S608  # only our own names are put in
_ANOMALIES: Final = """
SELECT id, kind, n FROM v_public_quality WHERE about = 'unit' ORDER BY id, n DESC, kind
"""
_SOURCES: Final = """
SELECT source, toUnixTimestamp64Micro(last_ingested_at) AS at, events FROM v_public_sources ORDER BY source
"""
_DEAD_LETTERS: Final = """
SELECT source, reason, count() AS n, toUnixTimestamp64Micro(max(seen_at)) AS at
FROM v_dead_letters GROUP BY source, reason ORDER BY source, n DESC, reason
"""
_HOURS: Final = """
SELECT calendar, start, stop, work_before FROM calendar_marks FINAL
WHERE calendar IN {calendars:Array(String)} ORDER BY calendar, start
"""


class Generation(NamedTuple):
    """Which summaries there are: up to when they count, and when they were done, µs."""

    as_of_us: int
    computed_us: int


class Numbers(Mapping[str, Value]):
    """The numbers of a cell by column of summary.NUMBER_COLUMNS; None: nothing measured, or hidden.

    They stay packed until one is asked for: a city has ten thousand cells of units, of which a page shows a few.
    """

    __slots__ = ("_row",)

    def __init__(self, numbers: Sequence[float]) -> None:
        self._row = array("d", numbers)

    def __getitem__(self, name: str) -> Value:
        at = _AT[name]
        value = self._row[at]
        if value != value:  # noqa: PLR0124  # only NaN differs from itself
            return None
        return int(value) if _WHOLE[at] else value

    def __iter__(self) -> Iterator[str]:
        return iter(_AT)

    def __len__(self) -> int:
        return len(_AT)


class CellRow(NamedTuple):
    """A public cell; the dimension ``""`` is the unit itself."""

    dimension: str
    unit_id: str
    value: str
    numbers: Mapping[str, Value]
    hidden: frozenset[str]


class UnitCells(NamedTuple):
    """Every unit's cell by code, for each scope and period; when something last happened at each unit itself, µs.

    Units where nothing ever happened are missing in ``last_events``.
    """

    cells: Mapping[tuple[str, str], Mapping[str, CellRow]]
    last_events: Mapping[str, int]


class SourceRow(NamedTuple):
    """A source, when something last came from it (µs), and how many rows of events did."""

    source: str
    last_us: int
    events: int


class DeadLetterRow(NamedTuple):
    """How many records of a source could not be read, for one reason, and when the last one came (µs)."""

    source: str
    reason: str
    n: int
    last_us: int


class Hours(NamedTuple):
    """The working intervals of a calendar, µs, and the working time before each."""

    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]


class SummaryReader:
    """Queries over a connection for reading.

    All methods raise ``Unavailable`` when ClickHouse is away, and ``StoreError`` when waiting does not help.
    """

    def __init__(self, store: ClickHouse) -> None:
        self._store = store

    def generation(self) -> Generation | None:
        """The newest complete summaries; None: there are none yet."""
        found = self._rows(_GENERATION)
        return Generation(*found[0]) if found else None

    def units(self) -> UnitCells:
        """What is known of every unit: one query, planned once."""
        cells: dict[tuple[str, str], dict[str, CellRow]] = {}
        last_events: dict[str, int] = {}
        for scope, period, unit, numbers, hidden, last_us in self._rows(_UNITS):
            row = CellRow("", unit, "", Numbers(numbers), frozenset(hidden))
            cells.setdefault((scope, period), {})[unit] = row
            if last_us:
                last_events[unit] = last_us
        return UnitCells(cells, last_events)

    def parts(
        self, units: Sequence[str], scope: str, dimensions: Sequence[str], periods: Sequence[str]
    ) -> Mapping[str, Sequence[CellRow]]:
        """Some units' cells of some dimensions, by period; every period asked for is there."""
        asked = {"units": units, "scope": scope, "dimensions": dimensions, "periods": periods}
        found: dict[str, list[CellRow]] = {period: [] for period in periods}
        rows = self._rows(
            _PARTS, {name: each if name == "scope" else list(each) for name, each in asked.items()}
        )
        for period, dimension, unit, value, numbers, hidden in rows:
            found[period].append(CellRow(dimension, unit, value, Numbers(numbers), frozenset(hidden)))
        return found

    def pairs(self, period: str) -> Sequence[tuple[Any, ...]]:
        """unit_id, other_id, the numbers of summary.PAIR_NUMBERS, and the hidden of them in one text."""
        return self._rows(_PAIRS, {"period": period})

    def anomalies(self) -> Sequence[tuple[str, str, int]]:
        """unit_id (``*``: all), kind, how many; by unit the most first."""
        return [(unit, kind, n) for unit, kind, n in self._rows(_ANOMALIES)]

    def sources(self) -> Sequence[SourceRow]:
        """Everything that ever sent an event."""
        return [SourceRow(*row) for row in self._rows(_SOURCES)]

    def dead_letters(self) -> Sequence[DeadLetterRow]:
        """By source and reason."""
        return [DeadLetterRow(*row) for row in self._rows(_DEAD_LETTERS)]

    def hours(self, calendars: Sequence[str]) -> Mapping[str, Hours]:
        """The working hours of calendars, by version of their content; unknown ones are missing."""
        found = self._store.columns(_HOURS, {"calendars": list(calendars)})
        names = np.array(found["calendar"], dtype=object)
        columns = [np.array(found[name], np.int64) for name in ("start", "stop", "work_before")]
        return {
            name: Hours(*(column[names == name] for column in columns))
            for name in sorted(set(names.tolist()))
        }

    def _rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        return list(zip(*self._store.columns(query, parameters).values(), strict=True))
