"""The contract of the store, held by the embedded engine and by a server alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from caseclock.city import prepare
from schemas.columns import (
    CASE_COLUMNS,
    DEAD_LETTER_COLUMNS,
    EVENT_COLUMNS,
    FLOWS,
    UNIT_DAY_COLUMNS,
    UNIT_NOW_COLUMNS,
)
from schemas.stored import Block
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import Migration, migrate, migrations
from streams import ledger as ledgers
from streams import numbers
from streams.book import CaseBook
from streams.fold import fold
from streams.partitioner import partitions_of
from streams.recovery import recovered
from tests.city import RULES
from tests.oracle import histories
from tests.oracle import numbers as oracle
from tests.oracle.model import Event
from tests.streams.test_book import EPOCH, own_numbers
from tests.streams.test_fold import packed, seen

TABLES = {
    "events": EVENT_COLUMNS,
    "cases": CASE_COLUMNS,
    "unit_days": UNIT_DAY_COLUMNS,
    "unit_now": UNIT_NOW_COLUMNS,
    "dead_letters": DEAD_LETTER_COLUMNS,
}
RULE = RULES["one_stop"]
LAST_MOMENT = 4_102_444_800_000_000


@pytest.fixture
def cases(empty: ClickHouse) -> ClickHouseCaseStore:
    return prepare(empty, RULE)


def count(store: ClickHouse, table: str) -> int:
    return int(store.columns(f"SELECT count() AS n FROM {table}")["n"][0])


def write(store: ClickHouseCaseStore, book: CaseBook, token: str) -> None:
    flush = book.drain(book.now)
    store.write(Block(flush.events, flush.cases, flush.unit_days, token))
    book.settled(flush)


def test_migrations_are_applied_once(empty: ClickHouse) -> None:
    assert migrate(empty) == [migration.name for migration in migrations()]
    assert migrate(empty) == []


def test_two_workers_may_migrate_at_once(empty: ClickHouse) -> None:
    for migration in migrations():
        for statement in migration.statements():
            empty.command(statement)  # the other one was just as far

    migrate(empty)

    assert migrate(empty) == []


def test_a_migration_that_was_changed_is_an_error_that_names_it(empty: ClickHouse) -> None:
    migrate(empty)
    first = migrations()[0]

    with pytest.raises(StoreError, match=f"{first.name} was changed"):
        migrate(empty, [Migration(first.number, first.name, first.text + "\n-- changed")])


def test_the_tables_have_the_columns_that_rows_are_made_for(
    cases: ClickHouseCaseStore, empty: ClickHouse
) -> None:
    for table, columns in TABLES.items():
        found = empty.columns(
            "SELECT name, type FROM system.columns WHERE database = {d:String} AND table = {t:String}"
            " ORDER BY position",
            {"d": empty.database, "t": table},
        )
        assert dict(zip(found["name"], found["type"], strict=True)) == columns


def extreme(kind: str, high: bool) -> Any:
    if "String" in kind:
        return ("Đ" * 200) if high else ""
    if kind.startswith("DateTime64"):
        return LAST_MOMENT if high else 0
    if kind == "Date":
        return 47_000 if high else 0
    if "Float" in kind:
        return 1.0 if high else None
    if kind.startswith("Nullable"):
        return 2**62 if high else None
    bits = int(kind.lstrip("UInt"))
    return (2 ** (bits - kind.startswith("I")) - 1) if high else 0


@pytest.mark.parametrize("table", sorted(TABLES))
def test_extreme_values_go_in_and_a_token_counts_once(
    cases: ClickHouseCaseStore, empty: ClickHouse, table: str
) -> None:
    columns = TABLES[table]
    rows = [tuple(extreme(kind, high) for kind in columns.values()) for high in (False, True)]

    for _ in range(3):
        empty.insert(table, columns, rows, "one")

    assert count(empty, table) == 2


def test_the_newest_version_of_a_case_wins_whatever_the_order(
    cases: ClickHouseCaseStore, empty: ClickHouse
) -> None:
    place = list(CASE_COLUMNS).index("version")
    low = [extreme(kind, False) for kind in CASE_COLUMNS.values()]
    for version in (2, 3, 1):
        row = list(low)
        row[0], row[place] = "C", version
        row[list(CASE_COLUMNS).index("status")] = f"v{version}"
        empty.insert("cases", CASE_COLUMNS, [tuple(row)], f"t{version}")

    assert empty.columns("SELECT status FROM cases FINAL")["status"] == ["v3"]


def pieces(events: list[Event], size: int) -> Iterator[list[Event]]:
    for start in range(0, len(events), size):
        yield events[start : start + size]


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_partition_goes_on_from_the_store_as_if_nothing_had_been(
    cases: ClickHouseCaseStore, partitions: int
) -> None:
    events, now = histories.random_city(partitions, cases=30)
    later = now + 3 * histories.DAY
    first, second = events[: len(events) // 2], events[len(events) // 2 :]
    never_stopped = CaseBook(0, RULE, now)
    never_stopped.take(first, now, now)
    for number, piece in enumerate(pieces(first, 50)):
        book = recovered(0, RULE, cases.recover(0, 1), now, 10, 0)
        for case_id, ledger, wake_at in cases.ledgers(book.archived({e["case_id"] for e in piece})):
            book.restore(case_id, ledger, wake_at)
        book.take(piece, now, now)
        write(cases, book, f"piece-{number}")

    books = [recovered(n, RULE, cases.recover(n, partitions), now, 10, 10) for n in range(partitions)]

    assert shown(books) == shown([never_stopped])
    never_stopped.take(second, later, later)
    for book in books:
        mine = [e for e in second if partition_of(e["case_id"], partitions) == book.partition]
        for case_id, ledger, wake_at in cases.ledgers(book.archived({e["case_id"] for e in mine})):
            book.restore(case_id, ledger, wake_at)
        book.take(mine, later, later)
    assert shown(books) == shown([never_stopped])


def partition_of(case_id: str, partitions: int) -> int:
    return int(partitions_of([case_id.encode()], partitions)[0])


def shown(books: list[CaseBook]) -> dict[str, numbers.Numbers]:
    nothing = numbers.own(numbers.Totals())
    told = {unit: numbers.own(totals) for unit, totals in own_numbers(books).items()}
    return {unit: row for unit, row in told.items() if row != nothing}


def test_day_rows_that_a_dying_worker_left_wrong_are_written_anew(cases: ClickHouseCaseStore) -> None:
    events, now = histories.random_city(5, cases=10)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    flush = book.drain(now)
    cases.write(Block(flush.events, flush.cases, [], "died-before-the-days"))

    again = recovered(0, RULE, cases.recover(0, 1), now, 10, 10)

    counted = slice(0, 3 + len(FLOWS))
    wanted = {row[counted] for row in flush.unit_days if any(row[3 : 3 + len(FLOWS)])}
    assert {row[counted] for row in again.drain(now).unit_days} == wanted


def test_a_case_in_the_view_is_the_case_of_the_fold_at_any_moment(
    cases: ClickHouseCaseStore, empty: ClickHouse
) -> None:
    for seed in range(3):
        events, now = histories.random_city(seed, cases=15)
        for event in events:
            event["case_id"] = f"{seed}-{event['case_id']}"
        book = CaseBook(0, RULE, now)
        book.take(events, now, now)
        write(cases, book, f"city-{seed}")
        told = empty.columns(
            f"SELECT * FROM cases_at(at = fromUnixTimestamp64Micro({now}, 'UTC')) WHERE startsWith(case_id, '{seed}-')"
        )
        rows = {case_id: {name: told[name][i] for name in told} for i, case_id in enumerate(told["case_id"])}
        for case_id in {event["case_id"] for event in events}:
            mine = [event for event in events if event["case_id"] == case_id]
            case = fold(ledgers.unpack(packed(mine)), RULE, now)
            if case.is_empty:
                assert case_id not in rows
                continue
            wanted, row = seen(case, now), rows[case_id]
            assert (row["stock"] or None) == wanted["column"], (seed, case_id)
            for name in ("elapsed", "suspended", "late"):
                assert row[f"{name}_now_us"] == wanted[f"{name}_us"], (seed, case_id, name)
            for name in ("status", "kind", "unit_id", "timeliness", "first_timeliness", "procedure_code"):
                assert (row[name] or None) == wanted[name], (seed, case_id, name)
            assert row["reopened"] == wanted["reopened"]


@pytest.mark.parametrize("scope", ["own", "tree"])
def test_history_is_what_the_oracle_finds_day_by_day(
    cases: ClickHouseCaseStore, empty: ClickHouse, scope: str
) -> None:
    events, now = histories.random_city(11, cases=8)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    write(cases, book, "history")
    found = empty.columns("SELECT * FROM v_units_history WHERE scope = {s:String}", {"s": scope})
    rows = {
        (unit, day): {name: found[name][i] for name in found}
        for i, (unit, day) in enumerate(zip(found["unit_id"], found["day"], strict=True))
    }
    first = min(day for _, day in rows)
    last = max(day for _, day in rows)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    theirs = oracle.history(
        events, days, histories.PARENTS, now, histories.city_rules(), tree=scope == "tree"
    )

    nothing = dict.fromkeys((*oracle.HISTORY_STOCK, *oracle.HISTORY_FLOW), 0)
    for (unit, day), row in theirs.items():
        if unit != numbers.EVERYTHING:
            mine = rows.get((unit, day), nothing)
            assert {name: mine[name] for name in nothing} == {name: row[name] for name in nothing}, (
                unit,
                day,
            )
    for unit in {unit for unit, _ in rows}:
        its_days = sorted(day for u, day in rows if u == unit)
        assert its_days == [its_days[0] + timedelta(days=n) for n in range(len(its_days))]


def test_holding_times_are_the_oracle_s_stays(cases: ClickHouseCaseStore, empty: ClickHouse) -> None:
    events, now = histories.random_city(12, cases=30)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    write(cases, book, "stays")

    found = empty.columns("SELECT unit_id, step, n, held_p50_s FROM v_holding_times")

    wanted: dict[tuple[str, str], list[int]] = {}
    for case in oracle.fold_all(events, now, histories.city_rules()):
        for stay in case.stays:
            wanted.setdefault((stay.unit, stay.step or ""), []).append(stay.working_us)
    told = {(u, s): (n, p) for u, s, n, p in zip(*found.values(), strict=True)}
    assert told == {
        key: (len(held), oracle.seconds(sorted(held)[(len(held) - 1) // 2])) for key, held in wanted.items()
    }


def test_units_now_has_one_row_per_unit_and_scope_before_anything_is_merged(
    cases: ClickHouseCaseStore, empty: ClickHouse
) -> None:
    low = [extreme(kind, False) for kind in UNIT_NOW_COLUMNS.values()]
    for version in (1, 2, 3):
        row = list(low)
        row[0], row[1], row[-1] = "H26", "own", version
        row[list(UNIT_NOW_COLUMNS).index("open")] = version
        cases.write_units([tuple(row)], f"{version}")

    assert empty.columns("SELECT unit_id, open FROM v_units_now WHERE unit_id = 'H26'")["open"] == [3]


def test_days_count_from_the_epoch() -> None:
    assert date(1970, 1, 1) == EPOCH
    assert len(FLOWS) == 20
