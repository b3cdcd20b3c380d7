"""Somebody who knows every relation and everything that is shown, and solves for what is hidden."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
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


def rolled_up(own: Mapping[tuple[str, str], Mapping[str, Mapping[str, int]]]) -> Cells:
    """Own cells, those of trees, and ``*``."""
    cells: Cells = {}
    for (unit, value), by_period in own.items():
        for period, numbers in by_period.items():
            for target in [(unit, "own"), ("*", "own"), *((above, "tree") for above in path(unit))]:
                cell = cells.setdefault((*target, period, value), dict.fromkeys(COUNTS, 0))
                for name, n in numbers.items():
                    cell[name] += n
    for cell in cells.values():
        cell["judged"] = cell["completed"] + cell["overdue"]
        cell["late_or_overdue"] = cell["completed_late"] + cell["overdue"]
        cell["completed_in_time"] = cell["completed_early"] + cell["completed_on_time"]
    return cells


def path(unit: str) -> Iterator[str]:
    while unit:
        yield unit
        unit = PARENTS[unit]


def hidden_of(cells: Cells) -> set[Number]:
    """What is kept back of them."""
    keys = sorted(cells)
    columns: dict[str, list[Any]] = {name: [cells[key][name] for key in keys] for name in COUNTS}
    for place, name in enumerate(("unit_id", "scope", "period", "value")):
        columns[name] = [key[place] for key in keys]
    bits = hidden(table(columns, PARENTS, PERIODS), PERIODS.index("all")).tolist()
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
    """The unknowns, and what all relations say of them: ``a @ unknowns == b``."""

    unknowns: list[Number]
    a: npt.NDArray[np.float64]
    b: npt.NDArray[np.float64]

    def solved(self) -> set[Number]:
        """The unknowns with one value left, by linear algebra or by bounds."""
        if not self.unknowns:
            return set()
        _, sizes, rows = np.linalg.svd(self.a)
        free = rows[int((sizes > 1e-9).sum()) :]
        moves = np.abs(free).max(axis=0) > 1e-7 if len(free) else np.zeros(len(self.unknowns), bool)
        low, high = self.bounds()
        return {
            each
            for each, can, lo, hi in zip(self.unknowns, moves, low, high, strict=True)
            if not can or lo >= hi
        }

    def bounds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        plus, minus = np.maximum(self.a, 0), np.minimum(self.a, 0)
        low, high = np.zeros(len(self.unknowns)), np.full(len(self.unknowns), 1e7)
        for _ in range(20):
            least, most = plus @ low + minus @ high, plus @ high + minus @ low
            for row, column in np.argwhere(self.a):
                sign = self.a[row, column]
                mine_least, mine_most = (low, high) if sign > 0 else (-high, -low)
                floor = self.b[row] - (most[row] - mine_most[column])
                ceiling = self.b[row] - (least[row] - mine_least[column])
                lower, upper = (floor, ceiling) if sign > 0 else (-ceiling, -floor)
                low[column], high[column] = max(low[column], lower), min(high[column], upper)
        return low, high


def attack(cells: Cells, kept: set[Number]) -> Attack:
    """Everything that can be known of what is kept back. Stock is one number for all periods."""
    unknowns: dict[Number, int] = {}
    equations: list[tuple[dict[int, int], int]] = []

    def known_as(key: Key, name: str) -> Number:
        return ((key[0], key[1], "all", key[3]) if name in NOW else key), name

    for key, name in sorted(kept):
        if name in LOOKED_AT:
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

    for relation in relations_of(cells):
        holds(*relation)
    a = np.zeros((len(equations), len(unknowns)))
    for row, (equation, _) in enumerate(equations):
        for column, sign in equation.items():
            a[row, column] = sign
    return Attack(list(unknowns), a, np.array([worth for _, worth in equations], float))


Relation = tuple[list[tuple[int, Key, str]], int]


def relations_of(cells: Cells) -> Iterator[Relation]:
    """Terms (sign, cell, number) and what they add up to."""
    nodes, values = sorted({key[:2] for key in cells}), sorted({key[3] for key in cells})
    for period, name in product(PERIODS, LOOKED_AT):
        for node in nodes:
            keys: list[Key] = [(*node, period, value) for value in values]
            yield [(1, key, name) for key in keys], sum(cells[key][name] for key in keys)
        for value in values:
            for unit in PARENTS:
                below = [(u, "tree", period, value) for u in PARENTS if PARENTS[u] == unit]
                own, tree = ((unit, scope, period, value) for scope in ("own", "tree"))
                yield [(1, own, name), (-1, tree, name), *((1, key, name) for key in below)], 0
            yield [(1, ("city", "tree", period, value), name), (-1, ("*", "own", period, value), name)], 0
    for key in cells:
        for whole, parts in SUMS.items():
            yield [(-1, key, whole), *((1, key, part) for part in parts)], 0
        if key[2] == "all":
            yield [(1, key, "received"), *((-1, key, n) for n in ("completed", "withdrawn", "open"))], 0


SUMS = {
    "open": STOCK,
    "overdue": BANDS,
    "completed": ENDS,
    "completed_in_time": ENDS[:2],
    "judged": ("completed", "overdue"),
    "late_or_overdue": ("completed_late", "overdue"),
}
