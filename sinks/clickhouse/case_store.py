"""The store of cases: rows in, and everything a partition needs to go on from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from schemas.columns import (
    CASE_COLUMNS,
    DEAD_LETTER_COLUMNS,
    EVENT_COLUMNS,
    UNIT_DAY_COLUMNS,
    UNIT_NOW_COLUMNS,
)
from schemas.stored import Block, LiveCase, Recovery, Row, Unavailable
from sinks.clickhouse.client import ClickHouse

# of the key alone, so it may be asked before versions are compared: half the time of asking afterwards
_MINE: Final = "PREWHERE kafkaMurmurHash(case_id) % {partitions:UInt32} = {partition:UInt32}"
_LIVE: Final = f"""
SELECT case_id, hex(ledger) AS ledger, toUnixTimestamp64Micro(wake_at) AS wake_at, counted_at, counted_as, calendar,
    status = 'processing' AS running,
    if(running, elapsed_base_us, elapsed_us) AS age,
    multiIf(counted_as != 'overdue', -1, NOT running, late_us, due_at = 0, {1 << 62}, due_mark_us) AS late,
    late_first_promise
FROM cases FINAL {_MINE} WHERE live
"""  # noqa: S608  # only our own constants are put in
_ARCHIVE: Final = f"SELECT xxh3(case_id) AS hash FROM cases FINAL {_MINE} WHERE NOT live"  # noqa: S608  # as above
_FLOWS: Final = f"""
SELECT flow.1 AS unit, flow.2 AS day, flow.3 AS column, sum(flow.4) AS n
FROM cases FINAL
ARRAY JOIN JSONExtract(flows, 'Array(Tuple(String, Int32, UInt8, Int32))') AS flow
{_MINE}
GROUP BY unit, day, column HAVING n != 0
"""  # noqa: S608  # only our own constants are put in
_ANOMALIES: Final = f"""
SELECT unit_id, sum(anomaly_count) AS n FROM cases FINAL {_MINE} WHERE status != '' GROUP BY unit_id HAVING n != 0
"""  # noqa: S608  # only our own constants are put in
_ENDED: Final = f"""
SELECT counted_at, counted_as, late_first_promise, count() AS n
FROM cases FINAL {_MINE} WHERE NOT live AND counted_as != ''
GROUP BY counted_at, counted_as, late_first_promise
"""  # noqa: S608  # only our own constants are put in
# the bucket of streams/sketch.py: floor(log2) from floating point, set right where rounding went up
_PROCESSING: Final = f"""
WITH
    toInt64(floor(log2(greatest(elapsed_us, 1)))) AS guess,
    if(bitShiftLeft(toInt64(1), guess) > greatest(elapsed_us, 1), guess - 1, guess) AS exponent,
    greatest(exponent - 7, 0) AS shift
SELECT counted_at, if(shift = 0, elapsed_us, shift * 128 + bitShiftRight(elapsed_us, shift)) AS bucket,
    count() AS n, sum(elapsed_us) AS total
FROM cases FINAL {_MINE} WHERE NOT live AND startsWith(counted_as, 'completed_')
GROUP BY counted_at, bucket
"""  # noqa: S608  # only our own constants are put in


def _as_number(column: str) -> str:
    kind = UNIT_DAY_COLUMNS[column]
    if kind.startswith("DateTime64"):
        return f"toUnixTimestamp64Micro({column}) AS {column}_us"
    return f"toInt64({column}) AS {column}_number" if kind == "Date" else column


_DAYS: Final = f"""
SELECT {", ".join(map(_as_number, UNIT_DAY_COLUMNS))} FROM unit_days FINAL WHERE partition = {{partition:UInt32}}
"""  # noqa: S608  # only our own names are put in
_MARK: Final = f"""
SELECT count() AS n, sum(cityHash64(case_id, version, updated_at)) AS rows FROM cases FINAL {_MINE}
"""  # noqa: S608  # as above
_LOOKS: Final = 5
_LEDGERS: Final = """
SELECT case_id, hex(ledger) AS ledger, toUnixTimestamp64Micro(wake_at) AS wake_at
FROM cases FINAL WHERE case_id IN {ids:Array(String)}
"""
_PARAMETER_BYTES: Final = 100_000
"""A server refuses a parameter of more than 128 KiB (http_max_field_value_size) with an error that names none."""
_REFERENCE_UNITS: Final = {
    "unit_id": "String",
    "name": "String",
    "kind": "LowCardinality(String)",
    "parent_id": "String",
    "path": "Array(String)",
    "calendar": "LowCardinality(String)",
    "version": "UInt64",
}
_MARKS: Final = {
    "calendar": "LowCardinality(String)",
    "zone": "LowCardinality(String)",
    "start": "Int64",
    "stop": "Int64",
    "work_before": "Int64",
}


class ClickHouseCaseStore:
    """``streams.ports.CaseStore`` over a ClickHouse database."""

    def __init__(self, store: ClickHouse) -> None:
        self._store = store

    def write(self, block: Block) -> None:
        """Events, then cases, then days: recovery counts on this order (streams/engine.py)."""
        insert = self._store.insert
        insert("events", EVENT_COLUMNS, block.events, block.token)
        insert("cases", CASE_COLUMNS, block.cases, block.token)
        insert("unit_days", UNIT_DAY_COLUMNS, block.unit_days, block.token)

    def write_units(self, rows: Sequence[Row], token: str) -> None:
        """Rows of ``unit_now``."""
        self._store.insert("unit_now", UNIT_NOW_COLUMNS, rows, token)

    def write_dead_letters(self, rows: Sequence[Row], token: str) -> None:
        """Rows of ``dead_letters``."""
        self._store.insert("dead_letters", DEAD_LETTER_COLUMNS, rows, token)

    def write_reference(
        self,
        units: Sequence[Row],
        marks: Sequence[tuple[str, str, Iterable[tuple[int, int, int]]]],
        version: int,
    ) -> None:
        """The city's units and the calendars' working intervals; those that are there already stay.

        Args:
            units: (unit_id, name, kind, parent_id, path, calendar) of each.
            marks: (calendar version, zone, intervals of (start, stop, work before) µs) of each calendar.
            version: µs UTC; the newest wins.
        """
        self._store.insert("units", _REFERENCE_UNITS, [(*unit, version) for unit in units], f"{version}")
        known = set(self._store.columns("SELECT DISTINCT calendar FROM calendar_marks")["calendar"])
        for calendar, zone, intervals in marks:
            if calendar not in known:
                rows = [(calendar, zone, *interval) for interval in intervals]
                self._store.insert("calendar_marks", _MARKS, rows, calendar)

    def recover(self, partition: int, partitions: int) -> Recovery:
        """Everything about the cases whose ids fall on ``partition`` of ``partitions``, as of one moment.

        Raises:
            Unavailable: rows of these cases kept landing meanwhile: an insert of their last owner, who is gone,
                may be confirmed late. Sums that hold an event which its case's ledger lacks would count it twice.
        """
        mine = {"partition": partition, "partitions": partitions}
        for _ in range(_LOOKS):
            before = self._rows(_MARK, mine)
            found = self._recovery(mine)
            if self._rows(_MARK, mine) == before:
                return found
        msg = f"partition {partition}: its last owner's rows are still landing in ClickHouse; waiting for their end"
        raise Unavailable(msg)

    def _recovery(self, mine: Mapping[str, int]) -> Recovery:
        return Recovery(
            live=[
                LiveCase(
                    case_id,
                    bytes.fromhex(ledger),
                    wake_at,
                    unit,
                    column,
                    calendar,
                    bool(running),
                    age,
                    None if late < 0 else late,
                    bool(late_first),
                )
                for case_id, ledger, wake_at, unit, column, calendar, running, age, late, late_first in self._rows(
                    _LIVE, mine
                )
            ],
            archive=np.array(self._store.columns(_ARCHIVE, mine)["hash"], np.uint64),
            flows=self._rows(_FLOWS, mine),
            anomalies=self._rows(_ANOMALIES, mine),
            ended=[(unit, column, bool(late), n) for unit, column, late, n in self._rows(_ENDED, mine)],
            processing=self._rows(_PROCESSING, mine),
            days=self._rows(_DAYS, mine),
        )

    def ledgers(self, case_ids: Sequence[str]) -> list[tuple[str, bytes, int]]:
        """(case_id, ledger, wake_at or 0) of those of the cases that are there."""
        return [
            (case_id, bytes.fromhex(ledger), wake_at)
            for some in _in_parameters(case_ids)
            for case_id, ledger, wake_at in self._rows(_LEDGERS, {"ids": some})
        ]

    def _rows(self, query: str, parameters: Mapping[str, Any]) -> list[Any]:
        return list(zip(*self._store.columns(query, parameters).values(), strict=True))


def _in_parameters(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in lists that a server takes as one parameter each."""
    some: list[str] = []
    size = 0
    for each in ids:
        length = 2 * len(each.encode()) + 4  # escaped at worst, quotes, comma and space
        if some and size + length > _PARAMETER_BYTES:
            yield some
            some, size = [], 0
        some.append(each)
        size += length
    if some:
        yield some
