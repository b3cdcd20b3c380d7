"""The contract of the store, held by the embedded engine and by a server alike: what is written is there once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from schemas.columns import CASE_COLUMNS, FLOWS
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.sketch import bucket_of
from tests.clickhouse_server import FIELD_BYTES
from tests.sinks.store_kit import LAST_MOMENT, count, rows_of
from tests.sinks.test_clickhouse_connection import KEPT, TABLES

LONG_ID = "Hồ sơ " + "Đ" * 194
PLACE = {name: place for place, name in enumerate(CASE_COLUMNS)}


def extreme(kind: str, high: bool) -> Any:
    if "String" in kind:
        return LONG_ID if high else ""
    if kind.startswith("DateTime64"):
        return LAST_MOMENT if high else 0
    if kind == "Date":
        return 47_482 if high else 0  # 2100-01-01
    if "Float" in kind:
        return 1.0 if high else None
    if kind.startswith("Nullable"):
        return 2**63 - 1 if high else None
    bits = int(kind.lstrip("UInt"))
    if kind.startswith("I"):
        return 2 ** (bits - 1) - 1 if high else -(2 ** (bits - 1))
    return 2**bits - 1 if high else 0


def case(case_id: str, **columns: Any) -> tuple[Any, ...]:
    """A row of `cases` with nothing in it but what is told."""
    row = [0 if extreme(kind, False) != "" else "" for kind in CASE_COLUMNS.values()]
    row[PLACE["case_id"]], row[PLACE["flows"]] = case_id, "[]"
    for name, value in columns.items():
        row[PLACE[name]] = value
    return tuple(row)


def as_numbers(table: str) -> str:
    """A query for the rows of a table, moments as they were given."""
    return ", ".join(
        f"toUnixTimestamp64Micro({name}) AS {name}_us"
        if kind.startswith("DateTime64")
        else f"toInt32({name}) AS {name}_day"
        if kind == "Date"
        else name
        for name, kind in TABLES[table].items()
    )


@pytest.mark.parametrize("table", KEPT)
def test_extreme_values_come_back_as_they_went_in_and_a_token_counts_once(
    store: ClickHouse, table: str
) -> None:
    columns = TABLES[table]
    rows = [tuple(extreme(kind, high) for kind in columns.values()) for high in (False, True)]

    for _ in range(3):
        store.insert(table, columns, rows, "one")

    found = list(zip(*store.columns(f"SELECT {as_numbers(table)} FROM {table}").values(), strict=True))
    assert sorted(found, key=str) == sorted(rows, key=str)  # without FINAL: there are no others


def test_the_same_rows_under_another_token_are_another_insert(store: ClickHouse) -> None:
    for token in ("one", "two"):
        store.insert("cases", CASE_COLUMNS, [case("C1", version=1)], token)

    assert (count(store, "cases"), count(store, "cases FINAL")) == (2, 1)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_the_newest_version_of_a_case_wins_whatever_the_order(
    store: ClickHouse, order: tuple[int, ...]
) -> None:
    for version in order:
        store.insert("cases", CASE_COLUMNS, [case("C", status=f"v{version}", version=version)], f"{version}")

    assert store.columns("SELECT status FROM cases FINAL")["status"] == ["v3"]
    store.command("OPTIMIZE TABLE cases FINAL")
    assert store.columns("SELECT status FROM cases")["status"] == ["v3"]


def test_a_large_block_of_codes_comes_back_code_by_code(store: ClickHouse) -> None:
    chance = random.Random(1)
    rows = [
        (f"tệp-{n}", f"topic-{chance.randrange(300)}", -1, n, "not_json", chance.choice(("", "type")), 1)
        for n in range(70_000)  # more than two bytes can number
    ]

    store.insert("dead_letters", TABLES["dead_letters"], rows, "many")

    found = store.columns("SELECT source, topic, partition, position, reason, field FROM dead_letters")
    assert set(zip(*found.values(), strict=True)) == {row[:-1] for row in rows}


def test_ledgers_of_thousands_of_cases_with_long_ids_are_found(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    ids = [f"{LONG_ID[:-6]}{n:06}" for n in range(5_000)]
    rows = [case(c, ledger=c[-6:].encode(), wake_at=n, version=1) for n, c in enumerate(ids)]
    store.insert("cases", CASE_COLUMNS, rows, "long")
    assert sum(len(c.encode()) for c in ids) > 10 * FIELD_BYTES  # no server takes them at once

    found = cases.ledgers([*ids, "nobody's"])

    assert sorted(found) == [(c, c[-6:].encode(), n) for n, c in enumerate(ids)]


def test_no_case_is_asked_for_none(cases: ClickHouseCaseStore) -> None:
    assert cases.ledgers([]) == []


@pytest.mark.parametrize(
    "case_id", ["'", '"', "\\", "`", "a'b\\'c", "{ids:Array(String)}", "%27", "Hồ sơ – 1", "🙂", "\\N"]
)
def test_a_case_is_found_by_an_id_that_is_hard_to_quote(
    cases: ClickHouseCaseStore, store: ClickHouse, case_id: str
) -> None:
    store.insert("cases", CASE_COLUMNS, [case(case_id, ledger=b"\x00\xff\xc1'\\", version=1)], "odd")

    assert cases.ledgers([case_id]) == [(case_id, b"\x00\xff\xc1'\\", 0)]


def test_processing_times_come_back_in_the_sketch_s_own_buckets(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    chance = random.Random(2)
    powers = [2**n + d for n in range(50) for d in (-1, 0, 1)]
    times = sorted({0, *powers, *(chance.randrange(2**53) for _ in range(500))})
    rows = [
        case(f"C{n}", counted_as="completed_late", counted_at="ward", elapsed_us=us, version=1)
        for n, us in enumerate(times)
    ]
    store.insert("cases", CASE_COLUMNS, rows, "times")

    found = cases.recover(0, 1).processing

    wanted: dict[int, list[int]] = {}
    for us in times:
        wanted.setdefault(bucket_of(us), []).append(us)
    assert {bucket: (n, total) for _, bucket, n, total in found} == {
        bucket: (len(all_us), sum(all_us)) for bucket, all_us in wanted.items()
    }


def test_a_row_in_unit_now_is_replaced_by_its_newest(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    columns = TABLES["unit_now"]
    for version in (2, 3, 1):
        told = dict(zip(columns, (extreme(kind, False) for kind in columns.values()), strict=True))
        for unit, scope in (("H26", "own"), ("H26", "tree"), ("*", "own")):
            row = told | {"unit_id": unit, "scope": scope, "open": version, "version": version}
            cases.write_units([tuple(row.values())], f"{unit}{scope}{version}")

    found = rows_of(store, "SELECT unit_id, scope, open FROM v_units_now ORDER BY unit_id, scope")

    assert [tuple(row.values()) for row in found] == [("*", "own", 3), ("H26", "own", 3), ("H26", "tree", 3)]
    assert store.columns("SELECT open FROM v_city_now")["open"] == [3]


def test_there_is_a_column_of_days_for_every_flow() -> None:
    assert set(FLOWS) <= set(TABLES["unit_days"])
