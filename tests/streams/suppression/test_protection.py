"""What is hidden beside a number so that it is safe: the cheapest swap, else a ring, and nothing of the city's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from schemas.summary import COUNTS
from streams.suppression import table
from streams.suppression.moves import Network
from streams.suppression.prices import Prices
from streams.suppression.relations import Bools
from streams.suppression.rings import Rings
from streams.suppression.swaps import Swaps

CITY = (("*", "own"), ("city", "tree"))
"""The nodes whose numbers are the whole city's."""
Numbers = Mapping[tuple[str, str], int]
"""By unit and value."""


class Town:
    """A city with units below it, of which one number is told; which cells are hidden, the number's among them."""

    def __init__(self, own: Numbers, told: tuple[str, str]) -> None:
        everything: dict[tuple[str, str, str], int] = {}
        for (unit, value), n in own.items():
            for node in {(unit, "own"), (unit, "tree"), *CITY}:
                everything[(*node, value)] = everything.get((*node, value), 0) + n
        self.keys = sorted(everything)
        columns = {
            "unit_id": [unit for unit, _, _ in self.keys],
            "scope": [scope for _, scope, _ in self.keys],
            "value": [value for _, _, value in self.keys],
            "period": ["all"] * len(self.keys),
        } | {name: [everything[key] for key in self.keys] for name in COUNTS}
        units = {unit for unit, _ in own} - {"city"}
        cells = table(columns, dict.fromkeys(units, "city") | {"city": ""}, ["all"]).cells
        counts = np.array([[everything[key]] for key in self.keys])
        self.network = Network(cells, counts, np.ones(1, np.bool_), ())
        self.told: Bools = np.array([[(unit, value) == told] for unit, _, value in self.keys])
        self.hidden = self.told.copy()
        spared = np.array([key[:2] in CITY for key in self.keys])
        self.city: Bools = np.isin(np.arange(len(cells.member)), cells.node[spared])
        self.prices = Prices(self.network, self.hidden, spared, np.ones(1, np.int64))

    def kept(self) -> set[tuple[str, str, str]]:
        """Which cells are hidden."""
        return {key for key, is_hidden in zip(self.keys, self.hidden[:, 0], strict=True) if is_hidden}

    def is_safe(self) -> bool:
        """Whether the number that was told is told no more."""
        return bool(self.network.safe(self.hidden)[self.told].all())


def all_of(*own: tuple[str, str]) -> set[tuple[str, str, str]]:
    """Units' own cells and their trees', which are the same."""
    return {(unit, scope, value) for unit, value in own for scope in ("own", "tree")}


def test_the_cheapest_of_all_swaps_is_hidden() -> None:
    ward, other, third = ({"a": 2, "b": 9, "c": 6}, {"a": 30, "b": 7, "c": 50}, {"a": 8, "b": 7, "c": 9})
    units = {"ward": ward, "other": other, "third": third}
    town = Town({(unit, value): n for unit, of in units.items() for value, n in of.items()}, ("ward", "a"))

    Swaps(town.network).protect(town.told, town.prices)

    assert town.is_safe()
    assert town.kept() == all_of(("ward", "a"), ("ward", "c"), ("third", "a"), ("third", "c"))


def test_a_zero_is_hidden_where_it_can_grow_and_not_where_it_would_have_to_fall() -> None:
    town = Town({("ward", "a"): 2, ("ward", "b"): 0, ("other", "a"): 30, ("other", "b"): 7}, ("ward", "a"))
    stuck = Town({("ward", "a"): 2, ("ward", "b"): 0, ("other", "a"): 30, ("other", "b"): 0}, ("ward", "a"))

    for each in (town, stuck):
        Swaps(each.network).protect(each.told, each.prices)

    assert town.is_safe()
    assert stuck.kept() == all_of(("ward", "a"))


def test_where_no_two_units_have_two_values_a_ring_is_hidden() -> None:
    pairs = {"ward": "ab", "other": "bc", "third": "ca", "fourth": "de"}
    town = Town({(unit, value): 5 for unit, values in pairs.items() for value in values}, ("ward", "a"))

    Swaps(town.network).protect(town.told, town.prices)
    after_swaps = town.kept()
    Rings(town.network, town.city).protect(town.told, town.prices)

    assert after_swaps == all_of(("ward", "a"))
    assert town.is_safe()
    assert town.kept() == all_of(
        *((unit, value) for unit in ("ward", "other", "third") for value in pairs[unit])
    )


def test_a_swap_goes_through_the_trees_between_two_units_and_never_through_the_city() -> None:
    town = Town({("ward", "a"): 2, ("ward", "b"): 40, ("city", "a"): 50, ("city", "b"): 60}, ("ward", "a"))

    Swaps(town.network).protect(town.told, town.prices)

    assert town.is_safe()
    assert town.kept() == all_of(("ward", "a"), ("ward", "b")) | {("city", "own", "a"), ("city", "own", "b")}
