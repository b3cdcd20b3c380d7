"""Numbers that may be hidden and the relations in which they stand: hide one more, until no relation tells by itself.

Arrays all the way: a city has half a million cells with thirty numbers each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Cells(NamedTuple):
    """The cells of one dimension, a row each, by the places of their node (unit and scope), period and value.

    Attributes:
        node, period, value: places, of the same length.
        member: by node, the group of units whose cells it adds up with, -1: none.
        total: by node, the group whose sum it is, -1: none.
        lone: by group, whether it has one member: nothing stands below the unit.
    """

    node: Ints
    period: Ints
    value: Ints
    member: Ints
    total: Ints
    lone: Bools


class Rule(NamedTuple):
    """A relation that every cell has within itself: columns add up to another column, or to several."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]


def _twins(cells: Cells) -> Ints:
    """By cell, the cell that is the same because nothing stands below the unit: own and tree; -1: none."""
    group = np.where(cells.total >= 0, cells.total, cells.member)[cells.node]
    alone = (group >= 0) & cells.lone[np.maximum(group, 0)]
    width = int(cells.value.max(initial=0)) + 1
    key = group * width + cells.value
    order = np.lexsort((cells.node, key))
    same = (key[order][1:] == key[order][:-1]) & alone[order][1:]
    twin = np.full(len(key), -1)
    left, right = order[:-1][same], order[1:][same]
    twin[left], twin[right] = right, left
    return twin


class Numbers:
    """The numbers of one period that may be hidden, and the relations in which each stands."""

    def __init__(
        self, cells: Cells, counts: Ints, primary: Bools, adds_up: Bools, rules: Sequence[Rule], weight: Ints
    ) -> None:
        """As for ``protect`` (protection.py)."""
        self._cells, self._counts, self._adds_up, self._rules = cells, counts, adds_up, rules
        self._weight = weight
        self._width = (int(cells.value.max(initial=0)) + 1) * counts.shape[1]
        self._across = len(cells.member) * counts.shape[1]
        self._within = self._across + len(cells.lone) * self._width
        row, column = np.nonzero(counts)
        self.row, self.column = row.astype(np.int64), column.astype(np.int64)
        self.hidden: Bools = primary[row, column]
        self._twin = _twins(cells)
        self._family = self._family_of(np.arange(len(cells.node)))
        member = cells.member[cells.node[row]]
        spot = member * self._width + self._spot(row, column)
        self._common = np.unique(spot[member >= 0], return_counts=True)
        self._relate()

    def _spot(self, row: Ints, column: Ints) -> Ints:
        cells = self._cells
        found: Ints = cells.value[row] * self._counts.shape[1] + column
        return found

    def _family_of(self, row: Ints) -> Ints:
        """The group in which a cell, or the tree that is the same, is one of several."""
        cells = self._cells
        own, twin = cells.node[row], cells.node[np.maximum(self._twin[row], 0)]
        tree = np.where(self._twin[row] >= 0, np.maximum(own, twin), own)  # a unit's tree comes after its own
        family: Ints = cells.member[tree]
        return family

    def along(self, row: Ints, column: Ints) -> Ints:
        """The relation along the dimension in which a number stands."""
        cells = self._cells
        found: Ints = cells.node[row] * self._counts.shape[1] + column
        return found

    def _relate(self) -> None:
        """Which number stands in which relation, and whether as its sum."""
        cells, row, column = self._cells, self.row, self.column
        every = np.arange(len(row))
        found = [(self.along(row, column), every, np.zeros(len(row), np.bool_))]
        place = self._spot(row, column)
        for groups, is_sum in ((cells.member, False), (cells.total, True)):
            group = groups[cells.node[row]]
            holds = (group >= 0) & (self._adds_up[column] | cells.lone[np.maximum(group, 0)])
            relation = self._across + group[holds] * self._width + place[holds]
            found.append((relation, every[holds], np.full(len(relation), is_sum)))
        for number, rule in enumerate(self._rules):
            holds = np.isin(column, (*rule.plus, *rule.minus))
            relation = self._within + number * len(cells.node) + row[holds]
            found.append((relation, every[holds], np.isin(column[holds], rule.minus)))
        relations, places, sums = (np.concatenate(each) for each in zip(*found, strict=True))
        self.n = self._counts[row, column]
        self.names, self.of = np.unique(relations, return_inverse=True)
        self.place, self.is_sum = places, sums

    def in_danger(self) -> Bools:
        """The relations that give away what is hidden in them: it stands alone, or each of it must be 1."""
        count = len(self.names)
        seen = self.hidden[self.place]
        unknown = np.bincount(self.of[seen], minlength=count)
        summand = seen & ~self.is_sum
        total = np.bincount(self.of[summand], self.n[self.place[summand]], count)
        no_sum = np.bincount(self.of[seen & self.is_sum], minlength=count) == 0
        not_zero = np.bincount(self.of[seen & (self.n[self.place] > 0)], minlength=count)
        every_one = no_sum & (unknown > 1) & (not_zero == unknown) & (total == unknown)
        danger: Bools = (unknown == 1) | every_one
        return danger

    def hide_next(self, danger: Bools) -> Bools:
        """Hide the smallest number still shown of each relation in danger; those that close a ring come first.

        Returns the relations that had none.
        """
        may = np.flatnonzero(danger[self.of] & ~self.hidden[self.place])
        in_need = np.bincount(self.place[danger[self.of]], minlength=len(self.n))
        cost = (
            self.n[self.place[may]]
            * self._weight[self.column[self.place[may]]]
            / (1 + 2 * (in_need[self.place[may]] > 1))
        )
        order = np.lexsort((self.place[may], cost, self.of[may]))
        relations, first = np.unique(self.of[may][order], return_index=True)
        self.hidden[self.place[may][order][first]] = True
        left = danger.copy()
        left[relations] = False
        return left

    def close(self) -> None:
        """Hide until no relation gives away what is hidden in it."""
        while True:
            before = int(self.hidden.sum())
            left = self.hide_next(self.in_danger())
            if int(self.hidden.sum()) == before and not self.hide_zeros(left):
                break

    def _hide_all(self, row: Ints, column: Ints) -> None:
        width = self._counts.shape[1]
        known = np.isin(self.row * width + self.column, row * width + column)
        self.hidden |= known
        new = ~np.isin(row * width + column, self.row * width + self.column)
        if new.any():
            self.row = np.concatenate((self.row, row[new]))
            self.column = np.concatenate((self.column, column[new]))
            self.hidden = np.concatenate((self.hidden, np.ones(int(new.sum()), np.bool_)))
            self._relate()

    def hide_zeros(self, danger: Bools) -> bool:
        """Hide a 0 of each relation along the dimension that nothing else can help: the total is its only cell's.

        Returns whether there was one.
        """
        mine = self.hidden & danger[self.of[: len(self.n)]]  # every number's first relation is the one along
        if not mine.any():
            return False
        cells = self._cells
        key = cells.node
        order = np.argsort(key, kind="stable")
        wanted, column = np.unique(np.stack((key[self.row[mine]], self.column[mine])), axis=1)
        begin, end = (np.searchsorted(key[order], wanted, side) for side in ("left", "right"))
        of = np.repeat(np.arange(len(begin)), end - begin)
        offset = np.arange(len(of)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin)
        rows, columns = order[begin[of] + offset], column[of]
        width = self._counts.shape[1]
        taken = self.row[self.hidden] * width + self.column[self.hidden]
        may = np.flatnonzero((self._counts[rows, columns] == 0) & ~np.isin(rows * width + columns, taken))
        # of a value that units beside it have: then theirs can be hidden, too, and the 0 is not told by them
        spot = self._family[rows[may]] * self._width + self._spot(rows[may], columns[may])
        spots, numbers = self._common
        found = np.searchsorted(spots, spot)
        common = np.where(np.isin(spot, spots), np.append(numbers, 0)[found], 0)
        may = may[np.lexsort((-common, of[may]))]
        first = np.unique(of[may], return_index=True)[1]
        chosen = np.concatenate((rows[may][first], self._twin[rows[may][first]]))
        which = np.concatenate((columns[may][first], columns[may][first]))
        self._hide_all(chosen[chosen >= 0], which[chosen >= 0])
        return bool(len(first))
