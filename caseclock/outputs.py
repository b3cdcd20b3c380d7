"""The files a replay writes: units.csv, cases.csv, dead_letters.csv, summary.json (interfaces.md).

Everything comes from the rows in ClickHouse, as of the replay's moment.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.columns import UNIT_NOW_COLUMNS
from schemas.moment import format_time
from schemas.registry import UNIT_KEYS, UNIT_NUMBERS
from sinks.clickhouse.client import ClickHouse

CASE_FIELDS: Final = (
    "case_id",
    "kind",
    "unit_id",
    "procedure_code",
    "status",
    "received_at",
    "first_due_at",
    "due_at",
    "effective_due_at",
    "ended_at",
    "overdue",
    "timeliness",
    "elapsed_s",
    "suspended_s",
    "late_s",
    "anomalies",
    "registered_at",
    "reception_due_at",
    "reception_late",
    "legal_due_at",
    "first_ended_at",
    "first_timeliness",
    "reopened",
    "reopened_gap_s",
)
_MOMENTS: Final = frozenset(name for name in CASE_FIELDS if name.endswith("_at"))
_PAGE: Final = 100_000


def write_units(store: ClickHouse, folder: Path) -> None:
    """units.csv: a row per unit, own cases only, and ``*``.

    A unit that is not in the list and has nothing to show has none: it may have had a case for a while, but only
    if the events came in a certain order, and the same events give the same file.
    """
    names = [*UNIT_KEYS, *UNIT_NUMBERS]
    counts = [name for name in UNIT_NUMBERS if UNIT_NOW_COLUMNS[name] == "Int64"]
    found = store.columns(
        f"SELECT {', '.join(names)} FROM v_units_now WHERE scope = 'own'"  # noqa: S608  # our own names
        f" AND ({' + '.join(counts)} > 0 OR unit_id = '*' OR unit_id IN (SELECT unit_id FROM units))"
        " ORDER BY unit_id"
    )
    _write(folder / "units.csv", names, zip(*(found[name] for name in names), strict=True))


def write_cases(store: ClickHouse, as_of: int, folder: Path) -> int:
    """cases.csv: a row per case, by id. Returns how many."""
    told = store.columns("SELECT DISTINCT calendar, zone FROM calendar_marks")
    zones = dict(zip(told["calendar"], map(ZoneInfo, told["zone"]), strict=True))
    names = [f"ifNull(toUnixTimestamp64Micro({n}), 0) AS {n}_us" if n in _MOMENTS else n for n in CASE_FIELDS]
    query = (
        f"SELECT {', '.join(names)}, calendar FROM cases_at(at = fromUnixTimestamp64Micro({as_of}, 'UTC'))"  # noqa: S608  # our own names and a number
        " WHERE case_id > {after:String} ORDER BY case_id LIMIT {page:UInt32}"
    )
    written = 0
    with _atomic(folder / "cases.csv") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(CASE_FIELDS)
        after = ""
        while True:
            page = store.columns(query, {"after": after, "page": _PAGE})
            found = list(zip(*page.values(), strict=True))
            for *values, calendar in found:
                zone = zones.get(calendar, UTC)
                rows.writerow(_case_fields(values, zone))
            written += len(found)
            if len(found) < _PAGE:
                return written
            after = found[-1][0]


def _case_fields(values: Sequence[Any], zone: tzinfo) -> list[Any]:
    return [
        (format_time(value, zone) if value else "")
        if name in _MOMENTS
        else int(value)
        if value is True
        else value
        for name, value in zip(CASE_FIELDS, values, strict=True)
    ]


def write_dead_letters(store: ClickHouse, sources: Sequence[str], folder: Path) -> int:
    """dead_letters.csv: those of the given files and topics. Returns how many."""
    found = store.columns(
        "SELECT source, position, reason, field FROM v_dead_letters WHERE source IN {sources:Array(String)}"
        " ORDER BY source, topic, partition, position, reason, field",
        {"sources": list(sources)},
    )
    names = ("source", "position", "reason", "field")
    rows = list(zip(*(found[name] for name in names), strict=True))
    _write(folder / "dead_letters.csv", ("source", "line_or_offset", "reason", "field"), rows)
    return len(rows)


def write_summary(summary: Mapping[str, Any], folder: Path) -> None:
    """summary.json."""
    with _atomic(folder / "summary.json") as file:
        json.dump(summary, file, ensure_ascii=False, indent=2)
        file.write("\n")


def _write(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with _atomic(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


class _atomic:  # noqa: N801  # used as a function
    """A text file that is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")

    def __enter__(self) -> Any:  # noqa: ANN401  # a text file
        self._file = self._part.open("w", encoding="utf-8", newline="")
        return self._file

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()
