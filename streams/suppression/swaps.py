"""Hiding as little as it takes to make a number safe: the cheapest swap of two values between two units.

A swap is a cycle of the network (moves.py): two values, and two units with all trees between them; what a move
adds to one value here it takes from the other, and there the other way round. Where the city's own two values are
hidden, one unit and all trees above it are a cycle, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from streams.suppression.moves import Move, Network
from streams.suppression.prices import Floats, Prices
from streams.suppression.relations import Bools, Cells, Ints

_MOVES: Final = 3
"""So many moves are tried for a number, those that cost least in its own cell."""
_PARTNERS: Final = 16
"""With so many values it is tried to swap."""
_LARGEST: Final = 4_000_000
"""Nodes times moves times partners that are looked at together: it bounds the memory."""
_WORK: Final = 100_000_000
"""The same over all that is tried in a period, some half a minute: then what is left stays as it is."""
_FAR: Final = 1e6
"""More than a partner that is there costs."""


class _Level(NamedTuple):
    """Groups of the same depth: their members one group after the other, where each begins, and their sums."""

    groups: Ints
    members: Ints
    of: Ints
    begin: Ints
    totals: Ints


class _Tree:
    """The nodes that have cells of one value, by their places, and which adds up to which.

    Behind the last is one for all that are not there.
    """

    def __init__(self, cells: Cells, depth: Ints, nodes: Ints) -> None:
        place = np.full(len(cells.member), len(nodes))
        place[nodes] = np.arange(len(nodes))
        self.nodes, self.place = nodes, place
        total_of = np.full(len(cells.lone), len(nodes))
        above = nodes[cells.total[nodes] >= 0]
        total_of[cells.total[above]] = place[above]
        self.group = np.append(cells.member[nodes], -1)
        self.below = np.append(cells.total[nodes], -1)
        self.total_of = total_of
        members = np.flatnonzero(self.group >= 0)
        members = members[np.argsort(self.group[members], kind="stable")]
        self.levels = []
        for level in range(int(depth.max()), -1, -1):
            mine = members[depth[self.group[members]] == level]
            groups, begin, of = np.unique(self.group[mine], return_index=True, return_inverse=True)
            if len(groups):
                self.levels.append(_Level(groups, mine, of, begin, total_of[groups]))


class _Paths:
    """What the cheapest swap through each node costs.

    Costs have three axes: whether a move is added to the value or taken from it, the place of the node, and the option.
    """

    def __init__(self, tree: _Tree, linked: Bools, pair: Floats) -> None:
        """As for what they cost.

        Args:
            tree: the nodes.
            linked: by group, whether its members add up to its sum.
            pair: what hiding both values costs there.
        """
        self._tree, self._linked, self._pair = tree, linked, pair
        shape = (2, len(linked), pair.shape[2])
        self._best, self._second = np.full(shape, np.inf), np.full(shape, np.inf)
        self._who, self._next = np.full(shape, -1), np.full(shape, -1)
        self._inner, self._outer = pair.copy(), np.zeros(pair.shape)
        for level in tree.levels:
            self._go_in(level)
        for level in reversed(tree.levels):
            self._go_out(level)
        self.cost = self._inner + self._outer

    def _go_in(self, level: _Level) -> None:
        cost, node = self._inner[:, level.members], level.members[:, None]
        for value, who in ((self._best, self._who), (self._second, self._next)):
            least = np.minimum.reduceat(cost, level.begin, axis=1)
            mine = np.where(cost == least[:, level.of], node, self._pair.shape[1])
            first = np.minimum.reduceat(mine, level.begin, axis=1)
            value[:, level.groups], who[:, level.groups] = least, first
            cost = np.where(first[:, level.of] == node, np.inf, cost)
        linked = self._linked[level.groups][:, None]
        self._inner[:, level.totals] += np.where(linked, self._best[:, level.groups], 0)

    def _go_out(self, level: _Level) -> None:
        above = self._pair[:, level.totals] + self._outer[:, level.totals]
        best, second, who = (
            each[::-1, level.groups][:, level.of] for each in (self._best, self._second, self._who)
        )
        beside = np.where(who == level.members[:, None], second, best)
        linked = self._linked[level.groups][level.of][:, None]
        self._outer[:, level.members] = np.where(linked, np.minimum(beside, above[:, level.of]), 0)

    def through(self, way: int, node: int, option: int) -> Iterator[int]:
        """The nodes of the cheapest swap through one."""
        yield from self._inside(way, node, option)
        group = self._tree.group[node]
        while group >= 0 and self._linked[group]:
            best = self._best if self._who[1 - way, group, option] != node else self._second
            other = self._who if best is self._best else self._next
            above = self._tree.total_of[group]
            if (
                best[1 - way, group, option]
                <= self._pair[way, above, option] + self._outer[way, above, option]
            ):
                yield from self._inside(1 - way, int(other[1 - way, group, option]), option)
                return
            yield above
            node, group = above, self._tree.group[above]

    def _inside(self, way: int, node: int, option: int) -> Iterator[int]:
        yield node
        group = self._tree.below[node]
        while group >= 0 and self._linked[group]:
            node = int(self._who[way, group, option])
            yield node
            group = self._tree.below[node]


class _Option(NamedTuple):
    """The place of a move, and the value with which one is swapped."""

    move: int
    partner: int


class Swaps:
    """Hides swaps beside numbers."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._depth = _depths(network.cells)
        self._left = _WORK

    def protect(self, told: Bools, prices: Prices) -> None:
        """Hide beside each of these numbers the cheapest swap, if there is one; ``told``: by cell and column."""
        self._prices = prices
        rows = np.flatnonzero(told.any(axis=1))
        value_of = self._network.cells.value[rows]
        for value in np.unique(value_of).tolist():
            self._protect_value(value, rows[value_of == value], told)

    def _protect_value(self, value: int, rows: Ints, told: Bools) -> None:
        """Hide swaps of one value; ``rows``: the cells of this value that have a number among those told."""
        tree = _Tree(self._network.cells, self._depth, np.flatnonzero(self._network.row[:, value] >= 0))
        place, column = np.nonzero(told[rows])
        row = rows[place]
        wanted = self._prices.cheapest_moves(row, column, _MOVES)
        used = np.flatnonzero(wanted.any(axis=0)).tolist()
        together = max(1, _LARGEST // (_PARTNERS * len(tree.place)))
        done = np.zeros(len(row), np.bool_)
        for adds in (True, False):
            moves = [each for each in used if self._network.adds(self._network.moves[each]) == adds]
            for first in range(0, len(moves), together):
                some = moves[first : first + together]
                mine = wanted[:, some].any(axis=1) & ~done
                if mine.any() and self._left > 0:
                    linked = self._network.linked(adds)
                    done[mine] = self._swap(value, tree, linked, some, row[mine], wanted[mine])

    def _swap(
        self, value: int, tree: _Tree, linked: Bools, moves: list[int], row: Ints, wanted: Bools
    ) -> Bools:
        """Hide the cheapest swaps of numbers of a value, each by one of the moves wanted; returns which had one."""
        node = self._network.cells.node
        options: list[_Option] = []
        pairs: list[Floats] = []
        for place in moves:
            move = self._network.moves[place]
            partners = self._choose(move, value, node[row[wanted[:, place]]])
            options += [_Option(place, each) for each in partners.tolist()]
            pairs.append(self._pair(move, value, tree, partners))
        if not options:
            return np.zeros(len(row), np.bool_)
        pair = np.concatenate(pairs, axis=2)
        self._left -= pair.size
        paths = _Paths(tree, linked, pair)
        here = tree.place[node[row]]
        allowed = wanted[:, [option.move for option in options]]
        cost = np.where(allowed, paths.cost[:, here], np.inf).transpose(1, 0, 2).reshape(len(row), -1)
        found: Bools = np.any(np.isfinite(cost), axis=1)
        for number in np.flatnonzero(found).tolist():
            way, option = divmod(int(cost[number].argmin()), len(options))
            nodes = tree.nodes[list(paths.through(way, int(here[number]), option))]
            cells = self._network.row[nodes[:, None], [value, options[option].partner]].ravel()
            self._prices.hide(self._network.moves[options[option].move], cells)
        return found

    def _choose(self, move: Move, value: int, nodes: Ints) -> Ints:
        """The values with which it may cost least to swap."""
        price = self._prices.of(move, self._network.row[nodes])
        price[:, value] = np.inf
        possible = np.flatnonzero(np.isfinite(price).any(axis=0))
        total = np.minimum(price[:, possible], _FAR).sum(axis=0)
        return possible[np.argsort(total, kind="stable")[:_PARTNERS]]

    def _pair(self, move: Move, value: int, tree: _Tree, partners: Ints) -> Floats:
        """What it costs to hide both values at each node, for each way and partner; the last node is not there."""
        add, take = self._prices.of_both(move, self._network.row[tree.nodes, value][:, None])
        add_other, take_other = self._prices.of_both(move, self._network.row[tree.nodes[:, None], partners])
        pair = np.full((2, len(tree.nodes) + 1, len(partners)), np.inf)
        pair[0, :-1], pair[1, :-1] = add + take_other, take + add_other
        return pair


def _depths(cells: Cells) -> Ints:
    """By group, over how many sums it is part of everything."""
    total_of = np.zeros(len(cells.lone), np.int64)
    total_of[cells.total[cells.total >= 0]] = np.flatnonzero(cells.total >= 0)
    above = cells.member[total_of]
    depth = np.zeros(len(above), np.int64)
    while True:
        new = np.where(above >= 0, depth[above] + 1, 0)
        if (new == depth).all():
            return depth
        depth = new
