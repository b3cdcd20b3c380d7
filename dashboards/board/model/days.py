"""Flow and stock changes by local day: one array per day, units × columns of ``FLOWS``, shared by all boards.

A day's array is never changed once a board has it: a change makes a new one for that day. So a board costs what has
changed, and whoever holds an older one goes on seeing it as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from dashboards.board.model.places import Places
from schemas.columns import FLOW, FLOWS

Counts = npt.NDArray[np.int64]
DayCounts = npt.NDArray[np.int32]
_CROSSING: Final = [FLOW["transferred_in"], FLOW["transferred_out"]]
_CROSSING_TREE: Final = [FLOW["transferred_in_tree"], FLOW["transferred_out_tree"]]


@dataclass(frozen=True, slots=True)
class Days:
    """Immutable.

    Attributes:
        first: the first kept day, in days since 1970-01-01.
        before: sums of all days before it, units × columns.
        days: from ``first`` on, each units × columns; None: nothing happened.
        corrected: when each unit's day was corrected, µs (0: never); None: none of them.
        total: the sums of everything.
    """

    first: int
    before: Counts
    days: tuple[DayCounts | None, ...]
    corrected: tuple[Counts | None, ...]
    total: Counts

    def since(self, day: int) -> Counts:
        """Sums from a day on, of units' own cases.

        Raises:
            IndexError: that day is not kept.
        """
        if day < self.first:
            msg = f"day {day} lies before the days that are kept ({self.first})"
            raise IndexError(msg)
        found = np.zeros_like(self.total)
        for counts in self.days[day - self.first :]:
            if counts is not None:
                found += counts
        return found

    def on(self, day: int) -> DayCounts | None:
        """What happened on a day; None: nothing, or it is not kept."""
        at = day - self.first
        return self.days[at] if 0 <= at < len(self.days) else None

    def corrected_on(self, day: int) -> Counts | None:
        """When each unit's day was corrected."""
        at = day - self.first
        return self.corrected[at] if 0 <= at < len(self.corrected) else None

    def corrected_since(self, day: int, until: int) -> Counts:
        """When each unit's days from ``day`` to the one before ``until`` were last corrected, µs; 0: never."""
        found = np.zeros(len(self.total), np.int64)
        for at in range(max(0, day - self.first), min(len(self.corrected), until - self.first)):
            if (corrected := self.corrected[at]) is not None:
                np.maximum(found, corrected, out=found)
        return found


def nothing(units: int) -> Counts:
    """Zeros, units × columns."""
    return np.zeros((units, len(FLOWS)), np.int64)


def in_tree(places: Places, own: npt.NDArray[Any]) -> Counts:
    """Units' own sums with everything below them; of hand-overs only those across their border."""
    summed: Counts = places.tree(own.astype(np.int64))
    summed[:, _CROSSING] = own[:, _CROSSING_TREE]
    return summed


def of_all(own: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The sums over all units, by column; nothing crosses the border of the whole."""
    summed: npt.NDArray[np.int64] = own.sum(axis=0, dtype=np.int64)
    summed[_CROSSING] = 0
    return summed
