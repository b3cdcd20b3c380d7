"""Hiding for the numbers that no swap makes safe: rings of more than two values.

In each of several units one case becomes one of the next value, from the last value on to the first again. All trees
between the units and the city are hidden with them, so it costs more than a swap, and is tried where there is none.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from streams.suppression.moves import Move, Network
from streams.suppression.prices import Floats, Prices
from streams.suppression.relations import Bools, Cells, Ints

_FIRST: Final = 4
"""So many moves of a number are tried first, those that cost least in its own cell."""
_LONGEST: Final = 4
"""A ring has so many values more than two, at most."""
_LOOKS: Final = 8
"""Finding the ring of a number takes as long as looking at so many units."""
_TOGETHER: Final = 64
"""So many numbers are looked at together: it bounds the memory."""
_WORK: Final = 500_000_000
"""Units and numbers, times values squared, that are looked at in a period: then what is left stays as it is."""
_Ring = list[tuple[int, int, int]]
"""Units, and between which values each steps."""


class _Steps(NamedTuple):
    """By value from which and value to which: which unit steps at least cost, at which, and the same of the next."""

    who: Ints
    cost: Floats
    next_who: Ints
    next_cost: Floats


class Rings:
    """Hides rings beside numbers."""

    def __init__(self, network: Network, of_the_city: Bools) -> None:
        """``of_the_city``: by node."""
        self._network = network
        self._chain, self._left = _chains(network.cells, of_the_city), _WORK
        node, unit = self._chain.ravel(), np.repeat(np.arange(len(self._chain)), self._chain.shape[1])
        order = np.argsort(node, kind="stable")
        self._below, self._begin = unit[order], np.searchsorted(node[order], np.arange(len(network.row) + 1))

    def protect(self, told: Bools, prices: Prices) -> None:
        """Hide beside each of these numbers a ring, if there is one; ``told``: by cell and column."""
        row, column = np.nonzero(told)
        # the city's own: no unit's chain has it
        done = np.diff(self._begin)[self._network.cells.node[row]] == 0
        for count in (_FIRST, len(self._network.moves)):
            wanted = prices.cheapest_moves(row, column, count)
            for place in np.flatnonzero(wanted[~done].any(axis=0)).tolist():
                move, mine = self._network.moves[place], wanted[:, place] & ~done
                if mine.any() and self._network.adds(move) and self._may(len(self._chain)):
                    done[mine] = self._protect_by(move, row[mine], prices)

    def _may(self, looks: int) -> bool:
        """Whether so many looks at all steps from value to value are still within what may be done."""
        self._left -= looks * self._network.row.shape[1] ** 2
        return self._left >= 0

    def _protect_by(self, move: Move, rows: Ints, prices: Prices) -> Bools:
        """Hide rings of a move; returns for which of the cells there was one."""
        table, chain = self._network.row, self._chain
        add, take = prices.of_both(move, np.append(table, np.full((1, table.shape[1]), -1), axis=0))
        add[-1], take[-1] = 0, 0  # nothing is above the uppermost tree of a chain
        add, take = add[chain].sum(axis=1), take[chain].sum(axis=1)
        steps = _steps(add, take)
        done = np.zeros(len(rows), np.bool_)
        possible = np.flatnonzero(np.isfinite(steps.cost[self._network.cells.value[rows]]).any(axis=1))
        for first in range(0, len(possible), _TOGETHER):
            part = possible[first : first + _TOGETHER]
            if not self._may(_LOOKS * len(part)):
                break
            for place, ring in zip(part, self._rings(rows[part], add, take, steps), strict=True):
                for unit, *values in ring:
                    nodes = chain[unit][chain[unit] < len(table)]
                    prices.hide(move, table[nodes[:, None], values].ravel())
                done[place] = bool(ring)
        return done

    def _rings(self, rows: Ints, add: Floats, take: Floats, steps: _Steps) -> list[_Ring]:
        """The cheapest ring through each of some cells, empty where there is none.

        Args:
            rows: the cells.
            add: by unit and value, what it costs to step there.
            take: and to step from there.
            steps: the cheapest of them.
        """
        node, value = self._network.cells.node[rows], self._network.cells.value[rows]
        begin, sizes = self._begin[node], self._begin[node + 1] - self._begin[node]
        starts = np.cumsum(sizes) - sizes
        cell = np.repeat(np.arange(len(rows)), sizes)
        unit = self._below[np.arange(len(cell)) - starts[cell] + begin[cell]]
        away, back = take[unit, value[cell], None] + add[unit], add[unit, value[cell], None] + take[unit]
        own = np.stack((away, back))
        own[:, np.arange(len(cell)), value[cell]] = np.inf
        cost, who = self._others(node, steps)
        ways = [_shortest(cost, value), _shortest(cost.swapaxes(1, 2), value)]
        total = np.minimum.reduceat(own, starts, axis=1) + np.stack([length for length, _ in ways])
        found: list[_Ring] = []
        for place in range(len(rows)):
            way, at = divmod(int(total[:, place].argmin()), add.shape[1])
            if not np.isfinite(total[way, place, at]):
                found.append([])
                continue
            first = int(own[way, cell == place, at].argmin() + starts[place])
            ring = [(int(unit[first]), int(value[place]), at)]
            while at != value[place]:
                to = int(ways[way][1][place, at])
                ring.append((int(who[place][(at, to) if way == 0 else (to, at)]), at, to))
                at = to
            found.append(ring)
        return found

    def _others(self, node: Ints, steps: _Steps) -> tuple[Floats, Ints]:
        """For each node the cheapest steps of units that are not below it, and who makes them."""
        first, second = (
            (self._chain[who] == node[:, None, None, None]).any(axis=3) for who in (steps.who, steps.next_who)
        )
        cost = np.where(first, np.where(second, np.inf, steps.next_cost), steps.cost)
        return cost, np.where(first, steps.next_who, steps.who)


def _chains(cells: Cells, of_the_city: Bools) -> Ints:
    """By unit, its own node and all trees above it but the city's; filled up with a node that is not there."""
    none = len(cells.member)
    total_of = np.full(len(cells.lone), none)
    total_of[cells.total[cells.total >= 0]] = np.flatnonzero(cells.total >= 0)
    above = np.append(np.where(cells.member >= 0, total_of[cells.member], none), none)
    above[np.append(of_the_city, True)[above]] = none
    chain = [np.flatnonzero((cells.total < 0) & (cells.member >= 0))]
    while (chain[-1] < none).any():
        chain.append(above[chain[-1]])
    return np.stack(chain, axis=1)


def _steps(add: Floats, take: Floats) -> _Steps:
    """The cheapest steps from value to value."""
    units, values = add.shape
    who, after = np.zeros((2, values, values), np.int64)
    cost, next_cost = np.full((2, values, values), np.inf)
    into, every = add.T.copy(), np.arange(values)
    for value in range(values if units else 0):
        step = into + take[:, value]
        step[value] = np.inf
        for which, least in ((who, cost), (after, next_cost)):
            which[value] = step.argmin(axis=1)
            least[value] = step[every, which[value]]
            step[every, which[value]] = np.inf
    return _Steps(who, cost, after, next_cost)


def _shortest(cost: Floats, value: Ints) -> tuple[Floats, Ints]:
    """By number and value, how far it is from there to the number's own value, and to which value one goes first.

    Args:
        cost: of a step, by number, value from which, and value to which.
        value: by number, its own.
    """
    length = np.full(cost.shape[:2], np.inf)
    length[np.arange(len(value)), value] = 0
    via = np.repeat(value[:, None], cost.shape[1], axis=1)
    for _ in range(_LONGEST):
        over = cost + length[:, None, :]
        best = over.argmin(axis=2)
        new = np.take_along_axis(over, best[:, :, None], axis=2)[:, :, 0]
        via, length = np.where(new < length, best, via), np.minimum(new, length)
    return length, via
