"""A city of seven hundred units, or of fewer, and as many cases as wanted, made up by ClickHouse itself.

Nothing is folded here: rows of ``cases`` are written as the worker would have left them (cases.sql), ``unit_days`` and
``unit_now`` are counted from them, so that the ledgers add up.
"""

import csv
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from caseclock.city import prepare, rules_of
from caseclock.settings import CitySettings, Settings
from schemas.columns import CASE_COLUMNS, FLOWS, UNIT_DAY_COLUMNS, UNIT_NOW_COLUMNS
from sinks.clickhouse.client import ClickHouse

PROCEDURES: Final = 400
DAYS: Final = 730
"""Over so many days the receipts are spread."""
PARTITIONS: Final = 8
_BLOCK: Final = 500_000
_DAYS: Final = f"""
SELECT flow.1 AS unit_id, toDate(flow.2) AS day, toUInt16({{partition:UInt16}}) AS partition,
    {", ".join(f"sumIf(toInt64(flow.4), flow.3 = {place}) AS {name}" for place, name in enumerate(FLOWS))},
    toDateTime64(if(cityHash64(unit_id, day) % 200 = 0, {{now:Int64}} / 1e6 - 86400, 0), 6, 'UTC') AS corrected_at,
    fromUnixTimestamp64Micro({{now:Int64}}, 'UTC') AS caught_up_until, toUInt64(1) AS version
FROM cases
ARRAY JOIN JSONExtract(flows, 'Array(Tuple(String, Int32, UInt8, Int32))') AS flow
WHERE kafkaMurmurHash(case_id) % {PARTITIONS} = {{partition:UInt16}}
GROUP BY unit_id, day
"""  # only our own constants are put in


class Size(NamedTuple):
    """How many offices a city has: departments of eight divisions; wards of three, one in six of two."""

    departments: int = 24
    wards: int = 126

    @property
    def larger_wards(self) -> int:
        """Those of three divisions, which come first."""
        return 5 * self.wards // 6

    @property
    def units(self) -> int:
        """All offices, the city itself among them."""
        return 1 + 9 * self.departments + 3 * self.wards + self.larger_wards


WHOLE: Final = Size()
"""Seven hundred units."""


def write_city(folder: Path, size: Size = WHOLE) -> Path:
    """Lists of the units of a city and of four hundred procedures, as a city writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "units.csv", "code,name,name_en,kind,parent,head_post", _units(size))
    _write(
        folder / "procedures.csv",
        "code,name,name_en,allotted,allotted_unit,field",
        [
            [
                f"1.{n:06}",
                f"Thủ tục số {n} về một việc của người dân",
                f"Procedure No. {n} about a citizen's matter",
                str(1 + n % 20),
                "working_day",
                f"Lĩnh vực {n % 30}",
            ]
            for n in range(PROCEDURES)
        ],
    )
    return folder


def _units(size: Size) -> list[list[str]]:
    rows = [["H26", "Thành phố (bịa)", "City (invented)", "city", "", "Chủ tịch"]]
    for n in range(1, size.departments + 1):
        rows.append([f"H26.D{n:02}", f"Sở số {n}", f"Department No. {n}", "department", "H26", "Giám đốc"])
        rows += _divisions(rows[-1], 8)
    for n in range(1, size.wards + 1):
        rows.append([f"H26.W{n:03}", f"Phường số {n}", f"Ward No. {n}", "ward", "H26", "Chủ tịch"])
        rows += _divisions(rows[-1], 3 if n <= size.larger_wards else 2)
    return rows


def _divisions(of: list[str], count: int) -> list[list[str]]:
    code, name, name_en, *_ = of
    return [
        [f"{code}.{k}", f"Phòng {k}, {name}", f"Division {k}, {name_en}", "division", code, "Trưởng phòng"]
        for k in range(1, count + 1)
    ]


def _write(path: Path, header: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def fill(store: ClickHouse, city: Path, cases: int, told: Callable[[str], None]) -> None:
    """Make the tables and fill them. Ten million cases take some minutes and 2 GB.

    Args:
        store: an empty database.
        city: the folder of ``write_city``.
        cases: how many.
        told: is given a line after each step.
    """
    begun = time.monotonic()
    rules = rules_of(Settings(city=CitySettings(folder=city)))
    prepare(store, rules)
    now = {"now": time.time_ns() // 1000, "calendar": rules.calendar_of("H26").version}
    kinds = Counter(unit.kind for unit in rules.city.units)
    size = Size(kinds["department"], kinds["ward"])
    shape = {"cases": cases, "days": DAYS, "procedures": PROCEDURES, "rules": rules.version}
    shape |= {"departments": size.departments, "wards": size.wards, "larger_wards": size.larger_wards}
    for first in range(0, cases, _BLOCK):
        block = {"first": first, "many": min(_BLOCK, cases - first)}
        _insert(store, "cases", CASE_COLUMNS, _text("cases.sql"), {**now, **shape, **block})
        told(f"{first + block['many']:,} of {cases:,} cases, {time.monotonic() - begun:.0f} s")
    for partition in range(PARTITIONS):
        _insert(store, "unit_days", UNIT_DAY_COLUMNS, _DAYS, {"now": now["now"], "partition": partition})
    told(f"unit_days, {time.monotonic() - begun:.0f} s")
    _insert(store, "unit_now", UNIT_NOW_COLUMNS, _text("units.sql"), now)
    told(f"unit_now, {time.monotonic() - begun:.0f} s")


def _text(name: str) -> str:
    return (files("bench.board") / name).read_text("utf-8")


def _insert(
    store: ClickHouse, table: str, columns: Mapping[str, str], query: str, parameters: Mapping[str, Any]
) -> None:
    """Insert what a query gives, column by name."""
    names = ", ".join(columns)
    store.command(f"INSERT INTO {table} ({names}) SELECT {names} FROM ({query})", parameters)
