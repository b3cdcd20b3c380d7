"""A number is safe exactly when there is another city that shows the same: against all cities there can be."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from streams.suppression.moves import Network, moves_of
from streams.suppression.relations import Bools, Cells, Ints, Rule

SUMS = [Rule((0, 1), (2,)), Rule((3, 4), (0,)), Rule((5, 2), (6, 7))]
"""0 + 1 = 2, 3 + 4 = 0, 5 + 2 = 6 + 7; 8 stands for itself."""


def test_moves_keep_the_rules_and_none_holds_another() -> None:
    moves = moves_of(9, SUMS)

    for move in moves:
        change = dict(zip(move.columns, move.signs, strict=True))
        for rule in SUMS:
            assert sum(change.get(each, 0) for each in rule.plus) == sum(
                change.get(each, 0) for each in rule.minus
            )
    sets = [set(move.columns) for move in moves]
    assert len({frozenset(each) for each in sets}) == len(sets)
    assert not any(one < other for one in sets for other in sets)
    assert set().union(*sets) == set(range(9))


def test_columns_of_one_rule_move_two_by_two() -> None:
    moves = moves_of(3, [Rule((0, 1), (2,))])

    found = {
        frozenset(zip(move.columns, (sign * move.signs[0] for sign in move.signs), strict=True))
        for move in moves
    }
    assert found == {frozenset(each) for each in ([(0, 1), (1, -1)], [(0, 1), (2, 1)], [(1, 1), (2, 1)])}


def town(values: int) -> Cells:
    """A city with two units below it. Nodes: ``*``, then of each of the three its own and its tree."""
    member = np.array([-1, 1, 0, 2, 1, 3, 1])
    total = np.array([0, -1, 1, -1, 2, -1, 3])
    nodes, of = np.divmod(np.arange(7 * values), values)
    return Cells(nodes, np.zeros_like(nodes), of, member, total, np.array([True, False, True, True]))


def rolled_up(own: Ints) -> Ints:
    """The cells of a town by node and value, of its units' own (the city's, then those below)."""
    everything = own.sum(axis=0)
    return np.stack((everything, own[0], everything, own[1], own[1], own[2], own[2]))


def others(own: Ints, hidden: Bools) -> Iterator[Ints]:
    """Every town that has the same totals of units and shows the same; its cells."""
    cells = rolled_up(own)
    rows = [
        [row for row in product(range(int(each.sum()) + 1), repeat=len(each)) if sum(row) == each.sum()]
        for each in own
    ]
    for choice in product(*rows):
        found = rolled_up(np.array(choice))
        if np.array_equal(found[~hidden], cells[~hidden]):
            yield found


@pytest.mark.parametrize("seed", range(60))
def test_a_number_is_safe_if_and_only_if_another_town_shows_the_same(seed: int) -> None:
    chance = random.Random(seed)
    values = chance.choice((2, 3))
    own = np.array([[chance.choice((0, 0, 1, 1, 2)) for _ in range(values)] for _ in range(3)])
    hidden = np.array([[chance.random() < 0.8 for _ in range(values)] for _ in range(7)])
    hidden[2], hidden[4], hidden[6] = (
        hidden[0],
        hidden[3],
        hidden[5],
    )  # the same number, hidden in one is no secret

    network = Network(town(values), rolled_up(own).reshape(-1, 1), np.ones(1, np.bool_), ())
    safe = network.safe(hidden.reshape(-1, 1)).reshape(hidden.shape)

    alternatives = np.stack(list(others(own, hidden)))
    assert np.array_equal(safe, (alternatives != rolled_up(own)).any(axis=0))
