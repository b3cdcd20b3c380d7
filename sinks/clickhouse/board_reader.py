"""What the board reads: the rows of units' days and of units now, first all of them, then what has come since.

Read only. Every call blocks; use it off the event loop. Numbers come packed (one text per unit, see ``_ROW``),
because a list of Python objects per column would cost twenty times the time and the memory of the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.columns import FLOWS, UNIT_NOW_COLUMNS
from sinks.clickhouse.board_parts import PartsRead
from sinks.clickhouse.client import ClickHouse

EPOCH_DAY: Final = date(1970, 1, 1)
ROW: Final = np.dtype(
    [
        ("day", "<u2"),
        ("partition", "<u2"),
        ("corrected_at", "<i8"),
        ("version", "<u8"),
        ("numbers", "<i4", (len(FLOWS),)),
    ]
)
"""One row of ``unit_days``; days since 1970-01-01, moments in µs (0: never), numbers in the order of FLOWS."""

_PARTS_OF_ROW: Final = (
    "toUInt16(day)",
    "partition",
    "toUnixTimestamp64Micro(corrected_at)",
    "version",
    *(f"toInt32({name})" for name in FLOWS),
)
_ROW: Final = f"concat({', '.join(f'reinterpretAsFixedString({part})' for part in _PARTS_OF_ROW)})"
_PACKED: Final = f"unit_id, hex(arrayStringConcat(groupArray({_ROW}))) AS packed"
_SIZES: Final = """
SELECT unit_id, count() AS n FROM unit_days WHERE day >= {first:Date} GROUP BY unit_id ORDER BY unit_id
"""
_DAYS: Final = f"""
SELECT {_PACKED} FROM unit_days FINAL
WHERE unit_id >= {{from:String}} AND unit_id <= {{to:String}} AND day >= {{first:Date}} GROUP BY unit_id
"""  # noqa: S608  # only our own names are put in
_BEFORE: Final = f"""
SELECT unit_id, {", ".join(f"sum({name}) AS {name}" for name in FLOWS)} FROM unit_days FINAL
WHERE day < {{first:Date}} AND (empty({{units:Array(String)}}) OR unit_id IN {{units:Array(String)}}) GROUP BY unit_id
"""  # noqa: S608  # as above
_NEW_PARTS: Final = """
SELECT 0 AS place, _part AS part FROM unit_days WHERE _part NOT IN {days:Array(String)} GROUP BY part
UNION ALL
SELECT 1 AS place, _part AS part FROM unit_now WHERE _part NOT IN {now:Array(String)} GROUP BY part
"""
_STILL_THERE: Final = "SELECT _part AS part FROM unit_days WHERE _part IN {parts:Array(String)} GROUP BY part"
_CHANGED_DAYS: Final = f"""
SELECT {_PACKED} FROM unit_days
WHERE _part IN {{whole:Array(String)}} OR (_part IN {{merged:Array(String)}} AND version > {{since:UInt64}})
GROUP BY unit_id
"""  # noqa: S608  # as above
_NOW_COLUMNS: Final = ", ".join(
    f"toUnixTimestamp64Micro({name}) AS {name}_us" if kind.startswith("DateTime64") else name
    for name, kind in UNIT_NOW_COLUMNS.items()
)
_NOW: Final = f"SELECT {_NOW_COLUMNS} FROM unit_now FINAL"  # noqa: S608  # as above
_TABLES: Final = """
SELECT name, toString(uuid) AS id FROM system.tables
WHERE database = currentDatabase() AND name IN ('unit_days', 'unit_now') ORDER BY name
"""
_ROWS_AT_ONCE: Final = 200_000
_OVERLAP_US: Final = 600_000_000
"""How far behind the newest row a row may be written that nobody saw before it was merged: writers' clocks differ."""


class DayRows(NamedTuple):
    """Some rows of ``unit_days``, unit by unit."""

    unit_id: str
    rows: npt.NDArray[Any]


class BeforeRow(NamedTuple):
    """A unit's sums of all days before the first one that is kept, in the order of FLOWS."""

    unit_id: str
    numbers: npt.NDArray[np.int64]


class Changes(NamedTuple):
    """What has come since the last look: rows of some units' days; all of ``unit_now`` (None: as it was)."""

    days: Sequence[DayRows]
    now: Sequence[Mapping[str, Any]] | None


def to_day(number: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return EPOCH_DAY + timedelta(days=number)


def to_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH_DAY).days


class BoardReader:
    """Queries of one board over a connection for reading (``ClickHouse.reader``). Not for several threads at once.

    All methods raise ``Unavailable`` when ClickHouse is away, and ``StoreError`` when waiting does not help.
    """

    def __init__(self, store: ClickHouse) -> None:
        self.store = store
        self._days, self._now = PartsRead(), PartsRead()
        self._newest = 0

    def begin(self) -> None:
        """Before everything is read anew: what comes from now on is seen by ``changes``, perhaps twice."""
        self._days, self._now, self._newest = PartsRead(), PartsRead(), 0
        days, now = self._new_parts()
        self._days.take(days)
        self._now.take(now)

    def tables(self) -> str:
        """Names the tables as they are; another answer than before: they were made anew."""
        return " ".join(self.store.columns(_TABLES)["id"])

    def days(self, first: date) -> Iterator[Sequence[DayRows]]:
        """The newest version of every row from a day on, in pieces that fit into memory."""
        for begin, end in self._ranges(first):
            found = self.store.columns(_DAYS, {"from": begin, "to": end, "first": first})
            yield list(self._unpacked(found))

    def before(self, first: date, units: Sequence[str] = ()) -> Sequence[BeforeRow]:
        """The sums of all days before one, of some units (none named: of all)."""
        found = self.store.columns(_BEFORE, {"first": first, "units": list(units)})
        columns = np.array([found[name] for name in FLOWS], np.int64).T
        return [BeforeRow(unit, row) for unit, row in zip(found["unit_id"], columns, strict=True)]

    def now(self) -> Sequence[Mapping[str, Any]]:
        """Every row of ``unit_now``; moments under ``<name>_us`` in µs."""
        found = self.store.columns(_NOW)
        return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]

    def changes(self) -> Changes | None:
        """Rows written since the last call (some perhaps seen already); None: nothing was written."""
        days, now = self._new_parts()
        rows: list[DayRows] = []
        whole, merged = self._days.unread(days)
        if whole or merged:
            since = max(0, self._newest - _OVERLAP_US)
            asked = {"whole": whole, "merged": merged, "since": since}
            rows = list(self._unpacked(self.store.columns(_CHANGED_DAYS, asked)))
            days = self._still_there(days)
        everything = self.now() if any(self._now.unread(now)) else None
        self._days.take(days)
        self._now.take(now)
        return Changes(rows, everything) if rows or everything is not None else None

    def _still_there(self, parts: Sequence[str]) -> list[str]:
        """Of some parts of ``unit_days`` those that are there: one that was merged while we read gave no rows."""
        return list(self.store.columns(_STILL_THERE, {"parts": parts})["part"])

    def _new_parts(self) -> tuple[list[str], list[str]]:
        known = {"days": self._days.names(), "now": self._now.names()}
        found = self.store.columns(_NEW_PARTS, known)
        pairs = list(zip(found["place"], found["part"], strict=True))
        return [part for place, part in pairs if place == 0], [part for place, part in pairs if place == 1]

    def _ranges(self, first: date) -> Iterator[tuple[str, str]]:
        found = self.store.columns(_SIZES, {"first": first})
        begin, rows = "", 0
        for unit, n in zip(found["unit_id"], found["n"], strict=True):
            begin, rows = (begin if rows else unit), rows + n
            if rows >= _ROWS_AT_ONCE:
                yield begin, unit
                rows = 0
        if rows:
            yield begin, found["unit_id"][-1]

    def _unpacked(self, found: Mapping[str, Sequence[Any]]) -> Iterator[DayRows]:
        for unit, packed in zip(found["unit_id"], found["packed"], strict=True):
            rows = np.frombuffer(bytes.fromhex(packed), ROW)
            self._newest = max(self._newest, int(rows["version"].max()))
            yield DayRows(unit, rows)
