"""Which hidden numbers could be others and all that is shown the same: exact for each number that stands for itself.

A *move* changes columns of a cell by 1 each so that the sums within the cell still hold (one more late, one fewer in
time). The relations between cells make a network of a move's cells: an own cell leads from its unit to the unit's
value, a tree's cell from there to the value of the unit above, that of ``*`` out of it. A move along a cycle of cells
whose numbers are hidden leaves all that is shown as it is, if none of them falls below 0. So a number is safe when its
cell lies on such a cycle: in a strongly connected part, for a 0 can only grow, and there on no bridge (D. Gusfield,
"A graph theoretic approach to statistical data security", SIAM J. Comput. 17, 1988).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from streams.suppression.graphs import bridges, components, strong_components
from streams.suppression.relations import Bools, Cells, Ints, Rule


class Move(NamedTuple):
    """Columns that change together, and each one's change, 1 or -1."""

    columns: tuple[int, ...]
    signs: tuple[int, ...]


def moves_of(width: int, rules: Sequence[Rule]) -> list[Move]:
    """The smallest moves that keep the rules: rules and columns are a network themselves, moves are its cycles.

    Args:
        width: how many columns there are.
        rules: of which at most two hold the same column.
    """
    outside = len(rules)
    signs = [
        {
            place: 1 if column in rule.plus else -1
            for place, rule in enumerate(rules)
            if column in (*rule.plus, *rule.minus)
        }
        for column in range(width)
    ]
    ends = [(*places, *(outside,) * (2 - len(places))) for places in signs]
    free = (Move((column,), (1,)) for column in range(width) if not signs[column])
    found: dict[tuple[int, ...], Move] = {move.columns: move for move in free}
    for cycle in _cycles(ends):
        found.setdefault(tuple(sorted(cycle)), Move(cycle, _signs(cycle, signs)))
    return list(found.values())


def _cycles(ends: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """Cycles of edges, each once for every way round; the first edge leads away from the greatest vertex.

    Args:
        ends: by edge, its two vertices.
    """

    def walk(path: tuple[int, ...], seen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        for edge, (one, other) in enumerate(ends):
            if edge in path or seen[-1] not in (one, other) or one == other:
                continue
            there = other if seen[-1] == one else one
            if there == seen[0] and path:
                yield (*path, edge)
            elif there not in seen and there < seen[0]:
                yield from walk((*path, edge), (*seen, there))

    for vertex in range(1 + max((max(each) for each in ends), default=-1)):
        yield from walk((), (vertex,))


def _signs(cycle: Sequence[int], signs: Sequence[dict[int, int]]) -> tuple[int, ...]:
    found = [1]
    for one, other in pairwise(cycle):
        rule = next(iter(signs[one].keys() & signs[other].keys()))
        found.append(-found[-1] * signs[one][rule] * signs[other][rule])
    return tuple(found)


class Network:
    """The cells of a table in one period as edges, for every move.

    Attributes:
        cells: the cells.
        counts: a row per cell, a column per number.
        moves: all moves that there can be.
        holds: by column and move, whether the move changes the column.
        row: by node and value the cell, -1: none is there.
    """

    def __init__(self, cells: Cells, counts: Ints, adds_up: Bools, rules: Sequence[Rule]) -> None:
        """As for ``protect`` (protection.py)."""
        self.cells, self.counts = cells, counts
        some: Bools = np.any(counts, axis=0)  # what is 0 everywhere has nothing that could move
        self.moves = [move for move in moves_of(counts.shape[1], rules) if some[list(move.columns)].all()]
        self.holds = np.array(
            [[each in move.columns for move in self.moves] for each in range(counts.shape[1])], np.bool_
        )
        self.row = np.full((len(cells.member), int(cells.value.max(initial=0)) + 1), -1)
        self.row[cells.node, cells.value] = np.arange(len(cells.node))
        self._adds = {move: bool(adds_up[list(move.columns)].any()) for move in self.moves}
        self._some = (counts > 0).T.copy()
        self._ends = {adds: self._vertices(adds) for adds in (True, False)}

    def adds(self, move: Move) -> bool:
        """Whether a move is bound by the relations between units."""
        return self._adds[move]

    def linked(self, adds: bool) -> Bools:
        """By group, whether its members' cells add up to its total's: so they do if it has one only."""
        return self.cells.lone | adds

    def _vertices(self, adds: bool) -> tuple[Ints, Ints]:
        """By cell, from where to where it leads, a cell that is in one relation only: outside.

        A tree's total needs no vertex: the relations of the others imply it.
        """
        cells, linked = self.cells, self.linked(adds)
        member, total = cells.member[cells.node], cells.total[cells.node]
        nodes, values = self.row.shape
        above = (member >= 0) & linked[member]
        below = (total >= 0) & linked[total]
        outside = nodes + cells.node
        head = np.where(above, 2 * nodes + member * values + cells.value, cells.node)
        tail = np.where(below, 2 * nodes + total * values + cells.value, np.where(above, cells.node, outside))
        return tail, head

    def ways(self, move: Move, rows: Ints) -> tuple[Bools, Bools]:
        """Whether a move can be added to cells, and taken from them: no number falls below 0."""
        some = self._some
        can_rise = np.ones(rows.shape, np.bool_)
        can_fall = np.ones(rows.shape, np.bool_)
        for column, sign in zip(move.columns, move.signs, strict=True):
            if sign > 0:
                can_fall &= some[column][rows]
            else:
                can_rise &= some[column][rows]
        return can_rise, can_fall

    def safe(self, hidden: Bools) -> Bools:
        """The hidden numbers that could be others: of each there are two values at least with which all is as shown.

        Args:
            hidden: by cell and column.

        Returns:
            Of the same shape.
        """
        found = np.zeros(hidden.shape, np.bool_)
        if not self.moves:
            return found
        edges = [self._edges(place, move, hidden) for place, move in enumerate(self.moves)]
        place, row, tail, head, can_rise, can_fall = (
            np.concatenate(each) for each in zip(*edges, strict=True)
        )
        vertices, ends = np.unique(np.concatenate((tail, head)), return_inverse=True)
        tail, head = ends[: len(row)], ends[len(row) :]
        safe = _on_cycles(
            np.where(can_rise, tail, head), np.where(can_rise, head, tail), can_rise & can_fall, len(vertices)
        )
        begin = np.searchsorted(place, np.arange(len(self.moves) + 1))
        for move, (first, last) in zip(self.moves, pairwise(begin), strict=True):
            found[row[first:last][safe[first:last], None], move.columns] = True
        return found

    def _edges(self, place: int, move: Move, hidden: Bools) -> tuple[Ints, Ints, Ints, Ints, Bools, Bools]:
        """A move's edges: its place, cells, from where, to where, and the ways it can go."""
        rows = np.flatnonzero(hidden[:, list(move.columns)].all(axis=1))
        can_rise, can_fall = self.ways(move, rows)
        can = can_rise | can_fall
        rows = rows[can]
        tail, head = (ends[rows] * len(self.moves) + place for ends in self._ends[self.adds(move)])
        return np.full(len(rows), place), rows, tail, head, can_rise[can], can_fall[can]


def _on_cycles(tail: Ints, head: Ints, both: Bools, count: int) -> Bools:
    """Which edges lie on a cycle that goes each edge at most once, and only those of ``both`` against their direction.

    In a strongly connected mixed graph these are all but its bridges (F. Boesch and R. Tindell, 1980).
    """
    label = components(tail[both], head[both], count)
    arcs = np.unique(np.stack((label[tail[~both]], label[head[~both]])), axis=1)
    parts, place = np.unique(arcs, return_inverse=True)
    place = place.reshape(arcs.shape)
    strong = np.arange(count)
    strong[parts] = count + strong_components(place[0], place[1], len(parts))
    part = strong[label]
    inside = np.flatnonzero(part[tail] == part[head])
    found = np.zeros(len(tail), np.bool_)
    found[inside] = ~bridges(tail[inside], head[inside], count)
    return found
