"""Somebody who knows every relation and everything that is shown, and solves for what is hidden."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.summary import COUNTS
from streams.suppression import hidden, table

PERIODS = ("7d", "all")
PARENTS = {"city": "", "ward": "city", "other": "city", "desk": "ward"}
STOCK = ("in_time", "due_soon", "overdue", "suspended", "no_deadline")
BANDS = ("overdue_to_1_day", "overdue_to_30_days")
ENDS = ("completed_early", "completed_on_time", "completed_late")
PLAIN = ("received", "reopened", "withdrawn", "ratings")
NOW = (*STOCK, *BANDS, "open")
LOOKED_AT = (*NOW, *ENDS, *PLAIN, "completed", "judged", "late_or_overdue", "completed_in_time")
RATED = ("ratings", "ratings_with_answer", "ratings_solved")
UNTOLD = ("unanswered", "unsolved")
"""What nobody publishes and everybody can name: at least 0, it lets one number of ratings bound another."""

Key = tuple[str, str, str, str]
"""unit, scope, period, value."""
Cells = dict[Key, dict[str, int]]
Number = tuple[Key, str]


def random_cells(seed: int) -> Cells:
    """The cells of a small city whose books are right."""
    chance = random.Random(seed)
    sizes = chance.choice(
        [(0, 0, 0, 1, 2, 9), (0, 1, 2, 3, 7, 20), (0, 0, 5, 9, 30, 3), (6, 9, 30, 2, 50, 40)]
    )
    values = "abcd"[: chance.randint(2, 4)]
    own = {(unit, value): unit_cells(chance, sizes) for unit in PARENTS for value in values}
    return rolled_up(own)


def unit_cells(chance: random.Random, sizes: tuple[int, ...]) -> dict[str, dict[str, int]]:
    """A unit's own numbers by period."""
    now = {name: chance.choice(sizes) for name in STOCK}
    short = chance.randint(0, now["overdue"])
    now |= {
        "overdue_to_1_day": short,
        "overdue_to_30_days": now["overdue"] - short,
        "open": sum(now.values()),
    }
    told = {}
    before = dict.fromkeys((*ENDS, "withdrawn", "ratings"), 0)
    for period in PERIODS:
        before = {name: n + chance.choice(sizes) for name, n in before.items()}
        done = sum(before[name] for name in ENDS)
        received = done + before["withdrawn"] + (now["open"] if period == "all" else chance.choice(sizes))
        told[period] = dict.fromkeys(COUNTS, 0) | now | before | {"completed": done, "received": received}
    return told


def random_ratings(seed: int) -> Cells:
    """Ratings by aspect in a small city: some say whether it was solved, some of these that it was."""
    chance = random.Random(seed)
    sizes = chance.choice([(0, 0, 1, 2, 9), (0, 1, 3, 7, 20), (0, 5, 9, 2), (6, 9, 30, 1, 40)])
    own = {}
    for unit, aspect in product(PARENTS, ("access", "result", "staff", "")[: chance.randint(2, 4)]):
        told, told_by = dict.fromkeys((*RATED, "rating_sum"), 0), {}
        for period in PERIODS:
            ratings = chance.choice(sizes)
            answered = chance.choice((0, ratings, chance.randint(0, ratings)))
            solved = chance.choice((0, answered, chance.randint(0, answered)))
            new = (ratings, answered, solved, sum(chance.randint(1, 5) for _ in range(ratings)))
            told = {name: n + more for (name, n), more in zip(told.items(), new, strict=True)}
            told_by[period] = dict.fromkeys(COUNTS, 0) | told
        own[unit, aspect] = told_by
    cells = rolled_up(own)
    for cell in cells.values():
        cell["unanswered"] = cell["ratings"] - cell["ratings_with_answer"]
        cell["unsolved"] = cell["ratings_with_answer"] - cell["ratings_solved"]
    return cells


def large_city(seed: int) -> tuple[Cells, dict[str, str]]:
    """The cells of a city of some hundred units in which most numbers are few, and its tree."""
    chance = random.Random(seed)
    parents = {"city": ""}
    for commune in range(40):
        parents[f"c{commune}"] = "city"
        parents |= {f"c{commune}.{desk}": f"c{commune}" for desk in range(chance.randint(0, 3))}
    own = {}
    for unit in parents:
        sizes = chance.choice([(0, 0, 0, 0, 1, 2), (0, 0, 1, 2, 3), (0, 1, 4, 9, 30)])
        for value in chance.sample("abcdef", chance.randint(3, 6)):
            own[unit, value] = unit_cells(chance, sizes)
    return rolled_up(own, parents), parents


def rolled_up(
    own: Mapping[tuple[str, str], Mapping[str, Mapping[str, int]]], parents: Mapping[str, str] = PARENTS
) -> Cells:
    """Own cells, those of trees, and ``*``."""
    cells: Cells = {}
    for (unit, value), by_period in own.items():
        for period, numbers in by_period.items():
            for target in [(unit, "own"), ("*", "own"), *((above, "tree") for above in path(unit, parents))]:
                cell = cells.setdefault((*target, period, value), dict.fromkeys(COUNTS, 0))
                for name, n in numbers.items():
                    cell[name] += n
    for cell in cells.values():
        cell["judged"] = cell["completed"] + cell["overdue"]
        cell["late_or_overdue"] = cell["completed_late"] + cell["overdue"]
        cell["completed_in_time"] = cell["completed_early"] + cell["completed_on_time"]
    return cells


def path(unit: str, parents: Mapping[str, str]) -> Iterator[str]:
    while unit:
        yield unit
        unit = parents[unit]


def hidden_of(cells: Cells, parents: Mapping[str, str] = PARENTS) -> set[Number]:
    """What is kept back of them."""
    keys = sorted(cells)
    columns: dict[str, list[Any]] = {name: [cells[key][name] for key in keys] for name in COUNTS}
    for place, name in enumerate(("unit_id", "scope", "period", "value")):
        columns[name] = [key[place] for key in keys]
    bits = hidden(table(columns, parents, PERIODS), PERIODS.index("all")).tolist()
    return {
        (key, name)
        for key, mine in zip(keys, bits, strict=True)
        for place, name in enumerate(COUNTS)
        if mine >> place & 1
    }


def published(cells: Cells) -> dict[Number, int | None]:
    """What the public sees."""
    kept = hidden_of(cells)
    return {
        (key, name): None if (key, name) in kept else n for key, c in cells.items() for name, n in c.items()
    }


@dataclass
class Attack:
    """The unknowns, and what all relations say of them.

    In relation ``relation`` stands unknown ``place`` with ``sign``, an element each for all that stands in one; each
    relation adds up to ``worth``.
    """

    unknowns: list[Number]
    relation: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    sign: npt.NDArray[np.float64]
    worth: npt.NDArray[np.float64]

    def solved(self) -> set[Number]:
        """The unknowns with one value left, by linear algebra or by bounds."""
        if not self.unknowns:
            return set()
        moves = self._moved_by_all() if len(self.unknowns) < 2_000 else self._moved_by_some()
        low, high = self.bounds()
        left = zip(self.unknowns, moves, low, high, strict=True)
        return {each for each, can, lo, hi in left if not can or lo >= hi}

    def _moved_by_all(self) -> npt.NDArray[np.bool_]:
        """Which unknowns some solution of the homogeneous relations moves."""
        matrix = np.zeros((len(self.worth), len(self.unknowns)))
        np.add.at(matrix, (self.relation, self.place), self.sign)
        _, sizes, rows = np.linalg.svd(matrix)
        free = rows[int((sizes > 1e-9).sum()) :]
        moved: npt.NDArray[np.bool_] = np.abs(free).max(axis=0, initial=0) > 1e-7
        return moved

    def _moved_by_some(self) -> npt.NDArray[np.bool_]:
        """The same for thousands of unknowns, by two random solutions: conjugate gradients until they converge."""
        moved = [np.abs(self._solution(seed)) > 1e-6 for seed in (1, 2)]
        return moved[0] | moved[1]

    def _solution(self, seed: int) -> npt.NDArray[np.float64]:
        count = len(self.worth)
        weight = self.sign / np.sqrt(np.bincount(self.relation, minlength=count))[self.relation]
        z = np.random.default_rng(seed).uniform(1, 2, len(self.unknowns))
        s = np.bincount(self.relation, weight * z[self.place], count)
        p, gamma = s, float(s @ s)
        enough = gamma * 1e-22
        for _ in range(20_000):
            q = np.bincount(self.place, weight * p[self.relation], len(z))
            step = gamma / float(q @ q)
            z = z - step * q
            s = np.bincount(self.relation, weight * z[self.place], count)
            old, gamma = gamma, float(s @ s)
            if gamma <= enough:
                return z
            p = s + gamma / old * p
        raise AssertionError("it does not converge")

    def bounds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """What each can be at least and at most."""
        low, high = np.zeros(len(self.unknowns)), np.full(len(self.unknowns), 1e7)
        positive, count = self.sign > 0, len(self.worth)
        for _ in range(20):
            least = np.where(positive, low[self.place], -high[self.place])
            most = np.where(positive, high[self.place], -low[self.place])
            floor, ceiling = (
                self.worth[self.relation] - (np.bincount(self.relation, each, count)[self.relation] - each)
                for each in (most, least)
            )
            np.maximum.at(low, self.place, np.where(positive, floor, -ceiling))
            np.minimum.at(high, self.place, np.where(positive, ceiling, -floor))
        return low, high


def attack(
    cells: Cells,
    kept: set[Number],
    names: Sequence[str] = LOOKED_AT,
    parents: Mapping[str, str] = PARENTS,
) -> Attack:
    """Everything that can be known of what is kept back. Stock is one number for all periods."""
    unknowns: dict[Number, int] = {}
    equations: list[tuple[dict[int, int], int]] = []

    def known_as(key: Key, name: str) -> Number:
        return ((key[0], key[1], "all", key[3]) if name in NOW else key), name

    for key, name in sorted(kept):
        if name in names:
            unknowns.setdefault(known_as(key, name), len(unknowns))

    def holds(terms: list[tuple[int, Key, str]], is_worth: int = 0) -> None:
        equation: dict[int, int] = {}
        for sign, key, name in terms:
            place = unknowns.get(known_as(key, name))
            if place is None:
                is_worth -= sign * cells[key][name]
            else:
                equation[place] = equation.get(place, 0) + sign
        if equation:
            equations.append((equation, is_worth))

    for relation in relations_of(cells, names, parents):
        holds(*relation)
    terms = [
        (number, place, sign) for number, (each, _) in enumerate(equations) for place, sign in each.items()
    ]
    columns = np.array(terms, np.int64).reshape(-1, 3).T
    worth = np.array([each for _, each in equations], float)
    return Attack(list(unknowns), columns[0], columns[1], columns[2].astype(float), worth)


Relation = tuple[list[tuple[int, Key, str]], int]


def relations_of(cells: Cells, names: Sequence[str], parents: Mapping[str, str]) -> Iterator[Relation]:
    """Terms (sign, cell, number) and what they add up to; cells that are not there are 0."""
    by_node: dict[tuple[str, str, str], list[Key]] = {}
    for key in sorted(cells):
        by_node.setdefault(key[:3], []).append(key)
    below: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        below.setdefault(parent, []).append(unit)
    values = sorted({key[3] for key in cells})
    for name in names:
        for keys in by_node.values():
            yield [(1, key, name) for key in keys], sum(cells[key][name] for key in keys)
        for period, value, unit in product(PERIODS, values, parents):
            parts = [(unit, "own", period, value), *((u, "tree", period, value) for u in below.get(unit, ()))]
            tree = (unit, "tree", period, value)
            terms = [(1, each, name) for each in parts if each in cells]
            yield terms + [(-1, tree, name)] * (tree in cells), 0
        for period, value in product(PERIODS, values):
            tree, everything = ("city", "tree", period, value), ("*", "own", period, value)
            if everything in cells:
                yield [(1, tree, name), (-1, everything, name)], 0
    for key in cells:
        for whole, its in SUMS.items():
            if {whole, *its} <= {*names}:
                yield [(-1, key, whole), *((1, key, part) for part in its)], 0
        if key[2] == "all" and "received" in names:
            yield [(1, key, "received"), *((-1, key, n) for n in ("completed", "withdrawn", "open"))], 0


SUMS = {
    "open": STOCK,
    "overdue": BANDS,
    "completed": ENDS,
    "completed_in_time": ENDS[:2],
    "judged": ("completed", "overdue"),
    "late_or_overdue": ("completed_late", "overdue"),
    "ratings": ("ratings_with_answer", "unanswered"),
    "ratings_with_answer": ("ratings_solved", "unsolved"),
}
