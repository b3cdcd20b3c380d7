"""Working time: how long an office worked between two moments, and when it will have worked so long.

A calendar is compiled once into one sorted list of the moments at which work starts or stops, with the
working time done by then; every question is one or two bisections in it (domain.md §4). A calendar that never
closes is a single interval, so clock time needs no code of its own.

A calendar begins on 2000-01-01, 00:00 local: earlier moments count as that one. It knows nothing past its
horizon, the last day it may be asked about: `BeyondCalendar` says so instead of guessing.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from schemas.calendar import CalendarSpec
from streams.worktime_days import FIRST_DAY, BeyondCalendar, OfficeDays

__all__ = ["BeyondCalendar", "Column", "WorkingTime"]

Column = NDArray[np.int64]
"""A column of moments or durations in µs."""


class WorkingTime(OfficeDays):
    """One compiled calendar, immutable. Moments and durations are int µs, local days ints from 1970-01-01."""

    __slots__ = (
        "_cells",
        "_columns",
        "_done",
        "_edges",
        "_opens",
        "_shift",
        "_totals",
        "horizon_us",
        "last_mark",
        "start",
        "version",
    )

    start: int
    """The calendar's first moment: 2000-01-01, 00:00 local."""
    horizon_us: int
    """The first moment after the horizon's day."""
    last_mark: int
    """The working time from the calendar's first moment to its horizon."""

    @classmethod
    def compile(cls, spec: CalendarSpec) -> Self:
        """Compile a calendar (some 50 ms for 2000 to 2027): do it once and keep it."""
        return cls(spec)

    def __init__(self, spec: CalendarSpec) -> None:
        super().__init__(spec)
        self.version = spec.version
        self.start = self.day_start(FIRST_DAY)
        self.horizon_us = self.day_end(self.horizon_day) + 1
        intervals = [(self.start, self.horizon_us)] if spec.never_closes else self._intervals()
        self._opens = [start for start, _ in intervals]
        self._totals = [0, *accumulate(end - start for start, end in intervals)]
        # Opening, closing, opening, ... and the first moment past the horizon. Before edge i the working time
        # done at t is done[i] where i is even (closed), t - done[i] where it is odd (open); no entry: beyond.
        self._edges: list[int] = []
        self._done: list[int] = []
        for (start, end), total in zip(intervals, self._totals, strict=False):
            self._edges += (start, end)
            self._done += (total, start - total)
        self._edges.append(self.horizon_us + 1)
        self.last_mark = self._totals[-1]
        self._done.append(self.last_mark)
        # Time in equal cells with about two edges each, and the number of edges up to each cell's start:
        # bisecting inside the moment's own cell takes a third off the whole question.
        span = self._edges[-1] - self.start
        self._shift = (span // len(self._edges)).bit_length() + 1
        cells = [self.start + (n << self._shift) for n in range((span >> self._shift) + 2)]
        self._cells = [bisect_left(self._edges, cell) for cell in cells]
        self._columns = [
            np.array(each, dtype=np.int64) for each in (self._edges, self._done, self._opens, self._totals)
        ]

    def _intervals(self) -> list[tuple[int, int]]:
        spans = sorted(
            span
            for day in self._working_days
            for opens, closes in self._hours(day)
            for span in self.spans(day, opens, closes)
        )
        merged: list[tuple[int, int]] = []
        for start, end in spans:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        return merged

    def mark(self, t: int) -> int:
        """Give the working time (µs) from the calendar's first moment to ``t``; raises `BeyondCalendar`."""
        if t <= self.start:
            return 0
        cell = (t - self.start) >> self._shift
        try:
            i = bisect_right(self._edges, t, self._cells[cell], self._cells[cell + 1])
            return t - self._done[i] if i & 1 else self._done[i]
        except IndexError:
            raise BeyondCalendar from None

    def mark_within(self, t: int) -> int:
        """Give ``mark(t)``, or the last mark where ``t`` lies past the horizon."""
        try:
            return self.mark(t)
        except BeyondCalendar:
            return self.last_mark

    def moment(self, mark: int) -> int:
        """Give the earliest moment with this mark: of a closing and the next opening, the closing."""
        if mark <= 0:
            if mark < 0:
                raise ValueError("a mark is never negative")
            return self.start
        i = bisect_left(self._totals, mark) - 1
        try:
            return self._opens[i] + mark - self._totals[i]
        except IndexError:
            raise BeyondCalendar from None

    def working(self, a: int, b: int) -> int:
        """Give the working time (µs) in [a, b); 0 when b <= a. Raises `BeyondCalendar` when b is past it."""
        if b <= a:
            return 0
        edges, done, cells, start, shift = self._edges, self._done, self._cells, self.start, self._shift
        if a <= start:
            return self.mark(b)
        cell = (a - start) >> shift
        try:
            i = bisect_right(edges, a, cells[cell], cells[cell + 1])
            cell = (b - start) >> shift
            j = bisect_right(edges, b, cells[cell], cells[cell + 1])
            return (b - done[j] if j & 1 else done[j]) - (a - done[i] if i & 1 else done[i])
        except IndexError:
            raise BeyondCalendar from None

    def advance(self, a: int, us: int) -> int:
        """Give the earliest moment b with ``working(a, b) == us``; ``advance(a, 0) == a`` wherever a lies."""
        if us <= 0:
            if us < 0:
                raise ValueError("cannot advance by a negative time")
            return a
        mark = self.mark(a) + us
        i = bisect_left(self._totals, mark) - 1
        try:
            return self._opens[i] + mark - self._totals[i]
        except IndexError:
            raise BeyondCalendar from None

    def retreat(self, b: int, us: int) -> int:
        """Give the latest moment a with ``working(a, b) == us``: the mirror of `advance`.

        Where less than ``us`` was worked since the calendar began, its first moment (or b, if earlier).
        """
        if us <= 0:
            if us < 0:
                raise ValueError("cannot retreat by a negative time")
            return b
        mark = self.mark(b) - us
        if mark < 0:
            return min(b, self.start)
        i = bisect_right(self._totals, mark) - 1
        return self._opens[i] + mark - self._totals[i]

    def is_open(self, t: int) -> bool:
        """Say whether work is being done at ``t``; the closing moment is outside. Raises `BeyondCalendar`."""
        i = bisect_right(self._edges, t)
        if i == len(self._edges):
            raise BeyondCalendar
        return bool(i & 1)

    def next_opening(self, t: int) -> int:
        """Give ``t`` itself inside opening hours, else when work begins next; raises `BeyondCalendar`."""
        i = bisect_right(self._edges, t)
        if i & 1 and i < len(self._edges):
            return t
        if i >= len(self._opens) * 2:
            raise BeyondCalendar
        return self._edges[i]

    def marks(self, t: ArrayLike) -> Column:
        """Give `mark` of every moment of a column; one past the horizon raises `BeyondCalendar` for all."""
        edges, done, _, _ = self._columns
        moments = np.asarray(t, dtype=np.int64)
        i = np.searchsorted(edges, moments, side="right")
        if np.any(i == len(edges)):
            raise BeyondCalendar
        return np.where(i & 1, moments - done[i], done[i])

    def advances(self, a: ArrayLike, us: ArrayLike) -> Column:
        """Give `advance` of every pair of two columns (or of a column and one value)."""
        _, _, opens, totals = self._columns
        start, more = np.broadcast_arrays(np.asarray(a, dtype=np.int64), np.asarray(us, dtype=np.int64))
        if np.any(more < 0):
            raise ValueError("cannot advance by a negative time")
        moved = more > 0
        mark = self.marks(start[moved]) + more[moved]
        i = np.searchsorted(totals, mark, side="left") - 1
        if np.any(i == len(opens)):
            raise BeyondCalendar
        found = start.copy()
        found[moved] = opens[i] + mark - totals[i]
        return found

    def retreats(self, b: ArrayLike, us: ArrayLike) -> Column:
        """Give `retreat` of every pair of two columns (or of a column and one value)."""
        _, _, opens, totals = self._columns
        end, less = np.broadcast_arrays(np.asarray(b, dtype=np.int64), np.asarray(us, dtype=np.int64))
        if np.any(less < 0):
            raise ValueError("cannot retreat by a negative time")
        moved = less > 0
        mark = self.marks(end[moved]) - less[moved]
        known = mark >= 0
        i = np.searchsorted(totals, mark[known], side="right") - 1
        latest = np.minimum(end[moved], self.start)
        latest[known] = opens[i] + mark[known] - totals[i]
        found = end.copy()
        found[moved] = latest
        return found

    def intervals(self) -> tuple[Column, Column, Column]:
        """Give all spans of work as columns: openings, closings, and the working time done before each (µs).

        Touching spans are one. For tables that answer in SQL: working time at t is the work before the last
        opening up to t, plus what of t less that opening lies before its closing.
        """
        edges, _, opens, totals = self._columns
        return opens.copy(), edges[1:-1:2].copy(), totals[:-1].copy()
