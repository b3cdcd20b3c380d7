"""The rows of ``unit_days`` as they were last read, by day: what a new row is compared with.

A row is absolute for its unit, day and Kafka partition; the difference to the one before goes into the day's sums.
Rows may come twice and in any order: the highest version counts. Not for several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboards.board.model.days import Counts, DayCounts, Days, nothing
from dashboards.board.model.places import Places
from schemas.columns import FLOWS
from sinks.clickhouse.board_reader import BeforeRow, DayRows

_PARTITION_BITS = 16


class _Rows(NamedTuple):
    """The rows of one day, by key (place and partition), in the order of their keys."""

    keys: npt.NDArray[np.int64]
    versions: npt.NDArray[np.uint64]
    numbers: DayCounts


_NONE = _Rows(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty((0, len(FLOWS)), np.int32))


class DayTable:
    """Makes ``Days`` of rows.

    Args:
        first: the first day that is kept, in days since 1970-01-01.
        places: known units; grows with the rows.

    Attributes:
        first, places: as above.
    """

    def __init__(self, first: int, places: Places) -> None:
        self.places = places
        self.first = first
        self._rows: dict[int, _Rows] = {}
        self._sums: dict[int, DayCounts] = {}
        self._corrected: dict[int, Counts] = {}
        self._before = nothing(len(places))
        self._total = nothing(len(places))
        self._snapshot: Days | None = None

    def take(self, pieces: Iterable[DayRows]) -> set[str]:
        """Take rows as read.

        Returns:
            Units of which a day changed that is not kept; ask for their sums before and ``put_before`` them.
        """
        far: set[str] = set()
        pieces = list(pieces)
        self.know(piece.unit_id for piece in pieces)
        if not pieces:
            return far
        rows = np.concatenate([piece.rows for piece in pieces])
        places = np.repeat([self.places.of[piece.unit_id] for piece in pieces], [len(p.rows) for p in pieces])
        kept = rows["day"] >= self.first
        if not kept.all():
            far = {self.places.codes[place] for place in np.unique(places[~kept])}
            rows, places = rows[kept], places[kept]
        order = np.argsort(rows["day"], kind="stable")
        rows, places = rows[order], places[order]
        days, starts = np.unique(rows["day"], return_index=True)
        for day, some, where in zip(
            days.tolist(), np.split(rows, starts[1:]), np.split(places, starts[1:]), strict=False
        ):
            self._take_day(day, some, where)
        return far

    def put_before(self, rows: Iterable[BeforeRow]) -> None:
        """Replace the sums before the kept days of some units."""
        rows = list(rows)
        self.know(row.unit_id for row in rows)
        if rows:
            self._before, self._total = self._before.copy(), self._total.copy()
            for row in rows:
                place = self.places.of[row.unit_id]
                self._total[place] += row.numbers - self._before[place]
                self._before[place] = row.numbers
            self._snapshot = None

    def know(self, codes: Iterable[str]) -> None:
        """Give new units their places."""
        places = self.places.with_others(codes)
        more = len(places) - len(self.places)
        if more:
            self.places = places
            self._before, self._total = _padded(self._before, more), _padded(self._total, more)
            self._sums = {day: _padded(sums, more) for day, sums in self._sums.items()}
            self._corrected = {day: _padded(at, more) for day, at in self._corrected.items()}
            self._snapshot = None

    def days(self) -> Days:
        """As it stands; the same object as long as nothing changed."""
        if self._snapshot is None:
            span = range(self.first, max(self._rows, default=self.first - 1) + 1)
            self._snapshot = Days(
                self.first,
                self._before,
                tuple(self._sums.get(day) for day in span),
                tuple(self._corrected.get(day) for day in span),
                self._total,
            )
        return self._snapshot

    def _take_day(self, day: int, rows: npt.NDArray[Any], places: npt.NDArray[np.intp]) -> None:
        known = self._rows.get(day, _NONE)
        new = _newest(places, rows)
        at = np.searchsorted(known.keys, new.keys)
        inside = np.minimum(at, max(0, len(known.keys) - 1))
        there = known.keys[inside] == new.keys if len(known.keys) else np.zeros(len(at), bool)
        if there.any():
            later = there.copy()
            later[there] = new.versions[there] > known.versions[inside[there]]
        else:
            later = there
        self._correct(day, rows, places)
        changed = later | ~there
        if not changed.any():
            return
        delta = new.numbers[changed].astype(np.int64)
        delta[later[changed]] -= known.numbers[inside[later]]
        known.versions[inside[later]] = new.versions[later]
        known.numbers[inside[later]] = new.numbers[later]
        if not there.all():
            self._rows[day] = _joined(known, new, at, ~there)
        self._add(day, (new.keys[changed] >> _PARTITION_BITS).astype(np.intp), delta)

    def _add(self, day: int, places: npt.NDArray[np.intp], delta: Counts) -> None:
        if not delta.any() and day in self._sums:
            return
        sums = self._sums[day].copy() if day in self._sums else nothing(len(self.places)).astype(np.int32)
        np.add.at(sums, places, delta.astype(np.int32))
        self._sums[day] = sums
        self._total = self._total.copy()
        np.add.at(self._total, places, delta)
        self._snapshot = None

    def _correct(self, day: int, rows: npt.NDArray[Any], places: npt.NDArray[np.intp]) -> None:
        if not rows["corrected_at"].any():
            return
        known = self._corrected.get(day)
        corrected = np.zeros(len(self.places), np.int64) if known is None else known.copy()
        np.maximum.at(corrected, places, rows["corrected_at"])
        if known is None or (corrected != known).any():
            self._corrected[day] = corrected
            self._snapshot = None


def _newest(places: npt.NDArray[np.intp], rows: npt.NDArray[Any]) -> _Rows:
    """Each key once, with its highest version, in the order of the keys."""
    keys = places.astype(np.int64) << _PARTITION_BITS | rows["partition"].astype(np.int64)
    order = np.lexsort((rows["version"], keys))
    keys = keys[order]
    last = np.append(keys[1:] != keys[:-1], True)
    chosen = order[last]
    return _Rows(keys[last], rows["version"][chosen], rows["numbers"][chosen])


def _joined(known: _Rows, new: _Rows, at: npt.NDArray[np.intp], which: npt.NDArray[np.bool_]) -> _Rows:
    places = at[which]
    return _Rows(
        np.insert(known.keys, places, new.keys[which]),
        np.insert(known.versions, places, new.versions[which]),
        np.insert(known.numbers, places, new.numbers[which], axis=0),
    )


def _padded(counts: npt.NDArray[Any], more: int) -> npt.NDArray[Any]:
    return np.concatenate([counts, np.zeros((more, *counts.shape[1:]), counts.dtype)])
