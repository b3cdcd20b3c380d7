"""What it costs to hide more, and the cells where it is done."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from streams.suppression.moves import Move, Network
from streams.suppression.relations import Bools, Ints

Floats = npt.NDArray[np.float64]

_PRICE: Final = 4.0
_PRICE_OF_ZERO: Final = 12.0
"""What hiding a number costs beside the number itself: to hide a few cases more is better than one number more."""


class Prices:
    """What hiding costs: nothing where it is done, and endless where it must not be."""

    def __init__(self, network: Network, hidden: Bools, spared: Bools, weight: Ints) -> None:
        """As for what stands where.

        Args:
            network: the cells and their moves.
            hidden: by cell and column; changed.
            spared: by cell, whether nothing of it may be hidden for others.
            weight: by column, how many numbers of others are hidden with one.
        """
        self._network, self._hidden = network, hidden
        counts = network.counts
        price = np.where(counts > 0, _PRICE + counts, _PRICE_OF_ZERO) * weight
        price[spared] = np.inf
        price[hidden] = 0
        none = np.full((1, counts.shape[1]), np.inf)  # stands last, for row -1: a cell that is not there
        self._price = np.concatenate((price, none)).T.copy()

    def of(self, move: Move, rows: Ints) -> Floats:
        """What hiding a move's columns costs in cells; row -1: none is there."""
        found: Floats = np.sum([self._price[column][rows] for column in move.columns], axis=0)
        return found

    def of_both(self, move: Move, rows: Ints) -> tuple[Floats, Floats]:
        """The same where the move is added to the cells, and where it is taken from them."""
        price = self.of(move, rows)
        can_rise, can_fall = self._network.ways(move, rows)
        return np.where(can_rise, price, np.inf), np.where(can_fall, price, np.inf)

    def hide(self, move: Move, rows: Ints) -> None:
        """Hide a move's columns in cells."""
        for column in move.columns:
            self._hidden[rows, column] = True
            self._price[column, rows] = 0

    def cheapest_moves(self, row: Ints, column: Ints, count: int) -> Bools:
        """By number and move, whether it is one of the moves of the number that cost least in its own cell."""
        holds = self._network.holds[column]
        cost = np.full(holds.shape, np.inf)
        for place in np.flatnonzero(holds.any(axis=0)).tolist():
            mine = holds[:, place]
            cost[mine, place] = self.of(self._network.moves[place], row[mine])
        order = np.argsort(cost, axis=1, kind="stable")[:, :count]
        found = np.zeros(cost.shape, np.bool_)
        np.put_along_axis(found, order, np.isfinite(np.take_along_axis(cost, order, axis=1)), axis=1)
        return found
