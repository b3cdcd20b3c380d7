"""Privacy: what is built on 1 to 4 cases is hidden, and nobody can compute it from what is shown."""

from __future__ import annotations

import numpy as np
import pytest

from schemas.period import PERIODS
from schemas.summary import COUNTS
from streams.suppression import hidden, hidden_of_units, table
from tests.streams.suppression.attack_kit import (
    LOOKED_AT,
    RATED,
    UNTOLD,
    Cells,
    Number,
    attack,
    hidden_of,
    large_city,
    published,
    random_cells,
    random_ratings,
    rolled_up,
)
from tests.streams.suppression.attack_kit import (
    PERIODS as TWO,
)

SEEDS = range(8)


def plain(numbers: dict[tuple[str, str], int], name: str = "ratings") -> Cells:
    """Cells of units in which one number alone is not 0, the same in both periods."""
    empty = dict.fromkeys(COUNTS, 0)
    return rolled_up({key: {period: empty | {name: n} for period in TWO} for key, n in numbers.items()})


def kept(cells: Cells, unit: str, scope: str = "own", name: str = "ratings") -> dict[str, int]:
    """What is hidden of a unit, by value."""
    return {
        key[3]: cells[key][n] for key, n in hidden_of(cells) if (*key[:3], n) == (unit, scope, "all", name)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_one_to_four_is_hidden(seed: int) -> None:
    cells = random_cells(seed)

    told = hidden_of(cells)

    few = {(key, name) for key, cell in cells.items() for name in LOOKED_AT if 1 <= cell[name] <= 4}
    assert few
    assert few - told == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_who_solves_all_relations_fixes_no_number_of_one_to_four(seed: int) -> None:
    cells = random_cells(seed)
    told = attack(cells, hidden_of(cells))

    solved = told.solved()

    assert [each for each in solved if 1 <= cells[each[0]][each[1]] <= 4] == []


def test_the_attack_succeeds_where_only_the_small_numbers_are_hidden() -> None:
    found = 0
    for seed in SEEDS:
        cells = random_cells(seed)
        few = {(key, name) for key, cell in cells.items() for name in LOOKED_AT if 1 <= cell[name] <= 4}
        found += len(attack(cells, few).solved() & few)

    assert found > 50


@pytest.mark.parametrize("seed", range(2))
def test_who_solves_all_relations_of_a_city_of_a_hundred_units_fixes_no_number_of_one_to_four(
    seed: int,
) -> None:
    cells, parents = large_city(seed)
    kept = hidden_of(cells, parents)

    solved = attack(cells, kept, parents=parents).solved()

    few = {(key, name) for key, cell in cells.items() for name in LOOKED_AT if 1 <= cell[name] <= 4}
    assert len(few) > 5_000
    assert few - kept == set()
    assert solved & few == set()


@pytest.mark.parametrize("seed", range(2))
def test_the_city_s_own_numbers_stay_shown_where_thousands_of_its_units_are_hidden(seed: int) -> None:
    cells, parents = large_city(seed)

    kept = hidden_of(cells, parents)

    own = {key for key in cells if key[:2] in (("*", "own"), ("city", "tree"))}
    assert {cells[key][name] for key in own for name in LOOKED_AT} & {1, 2, 3, 4} == set()
    assert {number for number in kept if number[0] in own} == set()


def test_what_in_the_whole_city_is_of_one_value_hides_nothing_beside_it() -> None:
    cells = plain(
        {
            ("ward", "a"): 3,
            ("ward", "b"): 0,
            ("other", "a"): 20,
            ("other", "b"): 0,
            ("city", "a"): 0,
            ("city", "b"): 0,
        }
    )

    assert {(*key[:2], key[3]) for key, _ in hidden_of(cells)} == {
        ("ward", "own", "a"),
        ("ward", "tree", "a"),
    }


def test_the_next_smallest_goes_with_a_single_small_number() -> None:
    cells = plain({("city", "a"): 3, ("city", "b"): 40, ("city", "c"): 12, ("city", "d"): 0})

    assert kept(cells, "city") == {"a": 3, "c": 12}
    assert kept(cells, "*") == {"a": 3, "c": 12}


def test_small_numbers_that_must_all_be_one_take_another_with_them() -> None:
    cells = plain({("city", "a"): 1, ("city", "b"): 1, ("city", "c"): 30, ("city", "d"): 50})

    assert kept(cells, "city") == {"a": 1, "b": 1, "c": 30}


def test_zero_is_shown_where_something_else_can_be_hidden() -> None:
    cells = plain({("city", "a"): 2, ("city", "b"): 3, ("city", "c"): 0, ("city", "d"): 9})

    assert kept(cells, "city") == {"a": 2, "b": 3}


def test_of_a_total_in_one_cell_a_zero_is_hidden_too() -> None:
    cells = plain({("ward", "a"): 2, ("ward", "b"): 0, ("other", "a"): 20, ("other", "b"): 30})

    assert kept(cells, "ward") == {"a": 2, "b": 0}


def test_large_numbers_are_all_shown() -> None:
    cells = plain({("ward", "a"): 5, ("ward", "b"): 6, ("other", "a"): 7, ("other", "b"): 0})

    assert hidden_of(cells) == set()


def test_a_small_number_of_one_unit_is_not_told_by_the_units_beside_it() -> None:
    cells = plain({("ward", "a"): 3, ("ward", "b"): 20, ("other", "a"): 9, ("other", "b"): 30})

    told = {(key[0], key[3]) for key, _ in hidden_of(cells) if key[1] == "own" and key[2] == "all"}

    assert told >= {("ward", "a"), ("ward", "b"), ("other", "a"), ("other", "b")}


@pytest.mark.parametrize("moved", [-1, 1])
def test_what_is_published_does_not_tell_which_of_two_cities_it_is(moved: int) -> None:
    one = {
        ("ward", "a"): 3,
        ("ward", "b"): 2,
        ("other", "a"): 2,
        ("other", "b"): 3,
        ("city", "a"): 9,
        ("city", "b"): 8,
    }
    other = one | {
        ("ward", "a"): 3 + moved,
        ("ward", "b"): 2 - moved,
        ("other", "a"): 2 - moved,
        ("other", "b"): 3 + moved,
    }

    assert plain(one) != plain(other)
    assert published(plain(one)) == published(plain(other))


def few_ratings(cells: Cells) -> set[Number]:
    return {(key, name) for key, cell in cells.items() for name in RATED if 1 <= cell[name] <= 4}


def solved_ratings(cells: Cells, kept: set[Number]) -> set[Number]:
    """What somebody finds who knows that nobody answers without rating, and that nobody unheard is solved."""
    untold = {(key, name) for key in cells for name in UNTOLD}
    return attack(cells, kept | untold, (*RATED, *UNTOLD)).solved() & few_ratings(cells)


@pytest.mark.parametrize("seed", range(12))
def test_ratings_by_aspect_keep_back_the_few_and_what_would_give_them_away(seed: int) -> None:
    cells = random_ratings(seed)

    kept = hidden_of(cells)

    assert few_ratings(cells)
    assert few_ratings(cells) - kept == set()
    assert solved_ratings(cells, kept) == set()
    followed = {key for key, name in kept if name == "ratings"}
    assert {(key, name) for key in followed for name in (*RATED, "rating_sum")} <= kept


def test_ratings_by_aspect_would_be_given_away_if_only_the_few_were_kept_back() -> None:
    found = [solved_ratings(cells, few_ratings(cells)) for cells in map(random_ratings, range(12))]

    assert len(set().union(*found)) > 50


@pytest.mark.parametrize("moved", [-1, 1])
def test_what_citizens_said_of_an_aspect_cannot_be_told_by_the_other_aspects(moved: int) -> None:
    def said(few: int, more: int) -> Cells:
        numbers = {"access": few, "staff": more, "result": 40}
        empty = dict.fromkeys(COUNTS, 0)
        told = {
            aspect: {"ratings": n, "rating_sum": 4 * n, "ratings_with_answer": n, "ratings_solved": n - 1}
            for aspect, n in numbers.items()
        }
        return rolled_up({("ward", each): dict.fromkeys(TWO, empty | of) for each, of in told.items()})

    one, other = said(3, 9), said(3 + moved, 9 - moved)

    assert one != other
    assert published(one) == published(other)


def columns_of(rows: list[tuple[str, str, dict[str, int]]]) -> dict[str, list[object]]:
    """Rows (unit, scope, numbers) of dimension '' over all time."""
    told: dict[str, list[object]] = {
        "unit_id": [unit for unit, _, _ in rows],
        "scope": [scope for _, scope, _ in rows],
        "period": ["all"] * len(rows),
        "value": [""] * len(rows),
    }
    return told | {name: [numbers.get(name, 0) for _, _, numbers in rows] for name in COUNTS}


def test_a_unit_s_split_by_an_attribute_is_hidden_when_either_part_is_small() -> None:
    numbers = {"received": 50, "received_digitised": 47, "received_vneid": 20, "received_fee_due": 30}
    rows = [("city", "own", numbers), ("city", "tree", numbers), ("*", "own", numbers)]

    bits = hidden_of_units(table(columns_of(rows), {"city": ""}, PERIODS), {})

    names = [[name for place, name in enumerate(COUNTS) if int(each) >> place & 1] for each in bits]
    assert names == [["received_digitised"]] * 3


def test_a_dimension_of_one_value_is_no_error() -> None:
    rows = [("city", scope, {"received": 3}) for scope in ("own", "tree")] + [("*", "own", {"received": 3})]

    bits = hidden(table(columns_of(rows), {"city": ""}, PERIODS), PERIODS.index("all"))

    assert np.all(bits & (1 << COUNTS.index("received")))


def test_ratings_of_cases_that_name_no_unit_stand_in_the_whole_city_alone_and_are_hidden() -> None:
    columns = columns_of([("*", "own", {"ratings": 3}), ("*", "own", {})]) | {"value": ["staff", ""]}

    bits = hidden(table(columns, {"city": ""}, PERIODS), PERIODS.index("all"), with_ledger=False)

    assert bits[0] & (1 << COUNTS.index("ratings"))
