"""Rows of days, absolute per partition, in any order and twice: the sums are those of the newest rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboards.board.model.day_table import DayTable
from dashboards.board.model.days import in_tree, of_all
from dashboards.board.model.places import Places
from schemas.columns import FLOW, FLOWS
from sinks.clickhouse.board_reader import ROW, BeforeRow, DayRows
from tests.city import CITY

FIRST = 20_000
Told = tuple[str, int, int, int, int]  # unit, day, partition, version, number

told = st.tuples(
    st.sampled_from(["ward", "desk", "new", "other"]),
    st.integers(FIRST - 1, FIRST + 2),
    st.integers(0, 2),
    st.integers(1, 5),
    st.just(0),
).map(lambda row: (*row[:4], hash(row[:4]) % 7))


def piece(rows: list[Told]) -> list[DayRows]:
    found = []
    for unit, day, partition, version, number in rows:
        row = np.zeros(1, ROW)
        row["day"], row["partition"], row["version"] = day, partition, version
        row["corrected_at"] = version if number == 3 else 0
        row["numbers"][:] = number + np.arange(len(FLOWS))
        found.append(DayRows(unit, row))
    return found


@given(st.lists(st.lists(told, max_size=8), max_size=6))
def test_the_sums_are_those_of_the_newest_rows(batches: list[list[Told]]) -> None:
    table = DayTable(FIRST, Places(CITY))
    far: set[str] = set()
    newest: dict[tuple[str, int, int], Told] = {}
    for batch in batches:
        far |= table.take(piece(batch))
        for row in batch:
            key = row[:3]
            newest[key] = max(newest.get(key, row), row, key=lambda each: each[3])
    rows = [row for row in newest.values() if row[1] >= FIRST]

    days = table.days()

    for day in range(FIRST, FIRST + 4):
        wanted = np.zeros((len(table.places), len(FLOWS)), np.int64)
        for row in rows:
            if row[1] == day:
                wanted[table.places.of[row[0]]] += row[4] + np.arange(len(FLOWS))
        counts = days.on(day)
        assert np.array_equal(np.zeros_like(wanted) if counts is None else counts, wanted)
    assert (days.total == days.since(FIRST)).all()
    assert far == {row[0] for row in newest.values() if row[1] < FIRST}


def test_days_that_somebody_has_stay_as_they_were() -> None:
    table = DayTable(FIRST, Places(CITY))
    table.take(piece([("ward", FIRST, 0, 1, 5)]))
    before = table.days()
    kept = before.on(FIRST), before.total
    copies = [np.array(each) for each in kept]

    table.take(piece([("ward", FIRST, 0, 2, 9), ("new", FIRST, 1, 1, 4)]))

    assert all(np.array_equal(np.array(each), copy) for each, copy in zip(kept, copies, strict=True))
    assert table.days() is not before
    assert table.days() is table.days()


def test_the_same_rows_again_change_nothing() -> None:
    table = DayTable(FIRST, Places(CITY))
    rows = [("ward", FIRST, 0, 1, 5), ("ward", FIRST + 1, 0, 1, 3)]
    table.take(piece(rows))
    before = table.days()

    table.take(piece(rows))

    assert table.days() is before


def test_sums_before_the_kept_days_are_replaced() -> None:
    table = DayTable(FIRST, Places(CITY))
    for number in (5, 7):
        table.put_before([BeforeRow("ward", np.full(len(FLOWS), number, np.int64))])
    table.take(piece([("ward", FIRST, 0, 1, 0)]))

    total = table.days().total[table.places.of["ward"]]

    assert (total == 7 + np.arange(len(FLOWS))).all()


def test_in_a_tree_and_in_the_whole_only_hand_overs_across_the_border_count() -> None:
    places = Places(CITY)
    own = np.zeros((len(places), len(FLOWS)), np.int64)
    for code, numbers in {"ward": (5, 2), "desk": (3, 1)}.items():
        own[places.of[code], [FLOW["transferred_in"], FLOW["transferred_in_tree"]]] = numbers
        own[places.of[code], FLOW["received"]] = 10

    tree = in_tree(places, own)

    assert [tree[places.of[code], FLOW["transferred_in"]] for code in ("city", "ward", "desk")] == [0, 2, 1]
    assert [tree[places.of[code], FLOW["received"]] for code in ("city", "ward", "desk")] == [20, 20, 10]
    assert (of_all(own)[FLOW["transferred_in"]], of_all(own)[FLOW["received"]]) == (0, 20)
