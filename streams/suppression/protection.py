"""Hide the primary numbers and as many more as it takes until each of them is safe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streams.suppression.moves import Network
from streams.suppression.prices import Prices
from streams.suppression.relations import Bools, Cells, Ints, Numbers, Rule
from streams.suppression.rings import Rings
from streams.suppression.swaps import Swaps


class Columns(NamedTuple):
    """What is known of the columns of a table.

    Attributes:
        adds_up: by column, whether cells of units below add up to their tree's.
        rules: relations within a cell.
        follows: pairs of columns; the first is hidden where the second is.
        unpublished: columns that nobody publishes.
        weight: by column, how many numbers of others are hidden with one: stock is the same in all periods.
    """

    adds_up: Bools
    weight: Ints
    rules: Sequence[Rule]
    follows: Sequence[tuple[int, int]] = ()
    unpublished: Sequence[int] = ()


def protect(cells: Cells, counts: Ints, primary: Bools, columns: Columns) -> Bools:
    """Hide the primary numbers and as many more as it takes. No relation ties periods, so each is done by itself.

    Args:
        cells: the cells.
        counts: a row per cell, a column per number.
        primary: of the same shape, what must be hidden; only of numbers that are not 0.
        columns: what is known of the columns.

    Returns:
        What is hidden, of the shape of ``counts``.
    """
    hidden = np.zeros(counts.shape, np.bool_)
    for period in np.unique(cells.period).tolist():
        rows = np.flatnonzero(cells.period == period)
        part = cells._replace(node=cells.node[rows], period=np.zeros_like(rows), value=cells.value[rows])
        hidden[rows] = _protect_period(part, counts[rows], primary[rows], columns)
    return hidden


def _protect_period(cells: Cells, counts: Ints, primary: Bools, columns: Columns) -> Bools:
    told_by_totals = _told_by_totals(cells, counts, primary, columns.adds_up)
    secret = primary & ~told_by_totals
    if not secret.any():
        return primary
    hidden = _by_relations(cells, np.where(told_by_totals, 0, counts), secret, columns)
    hidden[:, list(columns.unpublished)] = True
    network = Network(cells, counts, columns.adds_up, columns.rules)
    city = _of_the_city(cells)
    for helper in (Swaps(network), Rings(network, city)):
        for follower, leader in columns.follows:
            hidden[:, follower] |= hidden[:, leader]
        told = secret & ~network.safe(hidden)
        if not told.any():
            break
        helper.protect(told, Prices(network, hidden, city[cells.node], columns.weight))
    return hidden | primary


def _by_relations(cells: Cells, counts: Ints, secret: Bools, columns: Columns) -> Bools:
    """What is hidden so that no relation by itself gives a secret away."""
    numbers = Numbers(cells, counts, secret, columns.adds_up, columns.rules, columns.weight)
    numbers.close()
    hidden = np.zeros(counts.shape, np.bool_)
    hidden[numbers.row[numbers.hidden], numbers.column[numbers.hidden]] = True
    return hidden


def _of_the_city(cells: Cells) -> Bools:
    """By node, whether its numbers are the whole city's."""
    nodes = np.arange(len(cells.member))
    found: Bools = (nodes == 0) | ((cells.member == 0) & cells.lone[0])
    return found


def _told_by_totals(cells: Cells, counts: Ints, primary: Bools, adds_up: Bools) -> Bools:
    """What is told by a total that is shown, whatever is hidden: all of it is in one cell, and everybody knows which.

    So it is of a unit's only cell, and of what in the whole city is of one value (all that wait for reception came
    online): the city's own numbers say so, where they are not hidden themselves.
    """
    only_cell: Bools = np.bincount(cells.node)[cells.node] == 1
    city = cells.node == 0
    only_value = ((counts[city] > 0).sum(axis=0) == 1) & ~primary[city].any(axis=0) & adds_up
    found: Bools = only_cell[:, None] | only_value
    return found
