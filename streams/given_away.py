"""What is hidden and can be computed all the same, by all relations together; and hiding until nothing is.

Two ways to compute it are tried: linear algebra, which no bounds of the numbers enter, and bounds drawn from bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.hiding import Bools, Cells, Ints, Numbers, Rule

_STEPS: Final = 3_000_000
"""Numbers times rounds that the algebra may take: small tables are solved, in large ones it finds less."""
_ROUNDS: Final = 300
_REPAIRS: Final = 20
_WORK: Final = 40_000
"""So many hidden numbers are looked at over all repairs of a table; in a table of more there is none."""
_NOTHING: Final = 1e-6


def given_away(numbers: Numbers) -> Bools:
    """The hidden numbers that all relations together fix to one value, by linear algebra or by their bounds."""
    hidden = np.flatnonzero(numbers.hidden)
    seen = numbers.hidden[numbers.place]
    seen &= numbers.beside[numbers.of] == 0
    variable = np.full(len(numbers.n), -1)
    variable[hidden] = np.arange(len(hidden))
    of = np.unique(numbers.of[seen], return_inverse=True)[1]
    place, sign = variable[numbers.place[seen]], np.where(numbers.is_sum[seen], -1.0, 1.0)
    told = np.zeros(len(numbers.n), np.bool_)
    told[hidden] = _no_way_out(of, place, sign, len(hidden)) | _pinned(of, place, sign, numbers.n[hidden])
    return told


def _no_way_out(of: Ints, place: Ints, sign: npt.NDArray[np.float64], size: int) -> Bools:
    """Which variables no solution of the homogeneous relations moves.

    A random vector is projected on the space of these solutions (conjugate gradients on the normal equations); a
    variable that can move at all moves in it, but for one chance in a million.
    """
    count = int(of.max(initial=-1)) + 1
    weight = sign / np.sqrt(np.bincount(of, minlength=count))[of]
    z = np.random.default_rng(7).uniform(1.0, 2.0, size)
    s = np.bincount(of, weight * z[place], count)
    p, gamma = s, float(s @ s)
    enough = gamma * 1e-18
    for _ in range(min(_ROUNDS, _STEPS // max(1, size))):
        if gamma <= enough:
            break
        q = np.bincount(place, weight * p[of], size)
        alpha = gamma / float(q @ q)
        z = z - alpha * q
        s = np.bincount(of, weight * z[place], count)
        old, gamma = gamma, float(s @ s)
        p = s + (gamma / old) * p
    still: Bools = np.abs(z) < _NOTHING
    return still


def _pinned(of: Ints, place: Ints, sign: npt.NDArray[np.float64], n: Ints) -> Bools:
    """Which variables have one value left when the bounds of each are drawn from those of the others."""
    count = int(of.max(initial=-1)) + 1
    result = np.bincount(of, sign * n[place], count)
    low, high = np.zeros(len(n)), np.full(len(n), 1e9)
    for _ in range(20):
        least = np.where(sign > 0, low[place], -high[place])
        most = np.where(sign > 0, high[place], -low[place])
        floor = result[of] - (np.bincount(of, most, count)[of] - most)
        ceiling = result[of] - (np.bincount(of, least, count)[of] - least)
        before = float(low.sum() - high.sum())
        np.maximum.at(low, place, np.where(sign > 0, floor, -ceiling))
        np.minimum.at(high, place, np.where(sign > 0, ceiling, -floor))
        if float(low.sum() - high.sum()) == before:
            break
    fixed: Bools = low >= high - 0.5
    return fixed


def search(cells: Cells, counts: Ints, primary: Bools, adds_up: Bools, rules: Sequence[Rule]) -> Bools:
    """Hide the primary numbers and as many more as it takes.

    Args:
        cells: the cells.
        counts: a row per cell, a column per number.
        primary: of the same shape, what must be hidden; only of numbers that are not 0.
        adds_up: by column, whether cells of units below add up to their tree's.
        rules: relations within a cell.

    Returns:
        What is hidden, of the shape of ``counts``.
    """
    numbers = Numbers(cells, counts, primary, adds_up, rules)
    key = cells.node * (int(cells.period.max(initial=0)) + 1) + cells.period
    only_cell = np.bincount(key)[key] == 1  # its unit's total tells it, whatever is hidden beside it
    numbers.close()
    for _ in range(min(_REPAIRS, _WORK // max(1, int(numbers.hidden.sum())))):
        told = given_away(numbers) & primary[numbers.row, numbers.column] & ~only_cell[numbers.row]
        if not told.any() or not numbers.protect(told):
            break
        numbers.close()
    result = np.zeros(counts.shape, np.bool_)
    result[numbers.row[numbers.hidden], numbers.column[numbers.hidden]] = True
    return result
