"""Local days and wall clocks of a time zone, in whole microseconds and fast enough for every event.

``zoneinfo`` answers in about a microsecond and needs a ``datetime``; this asks it once for all changes of
the zone's offset between 2000 and 2101 and answers by bisection from then on. Days may have 23 or 25 hours,
start at 01:00 (clocks put forward at midnight) or not exist at all (Apia, 30 December 2011).
"""

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from schemas.moment import DAY_US, SECOND_US

_FIRST_S: Final = int(datetime(1999, 12, 25, tzinfo=UTC).timestamp())
_LAST_S: Final = int(datetime(2101, 1, 10, tzinfo=UTC).timestamp())
_FAR: Final = 1 << 62


def _offset_s(zone: tzinfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


@lru_cache(maxsize=64)
def offset_changes(zone: tzinfo) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give the moments (µs) at which the zone's offset changes from 2000 to 2101, and its offsets.

    Offsets (µs east of UTC) are one more than changes: ``offsets[k]`` holds from ``changes[k - 1]`` on. Two
    changes within one day that cancel each other would be missed; the tz database has none after 1999.
    """
    changes: list[int] = []
    offsets = [_offset_s(zone, _FIRST_S)]
    for second in range(_FIRST_S, _LAST_S, 86_400):
        offset = _offset_s(zone, second + 86_400)
        if offset == offsets[-1]:
            continue
        before, after = second, second + 86_400
        while after - before > 1:
            middle = (before + after) // 2
            if _offset_s(zone, middle) == offsets[-1]:
                before = middle
            else:
                after = middle
        changes.append(after * SECOND_US)
        offsets.append(offset)
    return tuple(changes), tuple(offset * SECOND_US for offset in offsets)


class LocalDays:
    """The local days of one time zone. A day is an int: days from 1970-01-01 to the local date.

    Right from 2000 to 2101; before and after, the nearest known offset goes on.
    """

    __slots__ = ("_changes", "_offsets", "_reached", "_resumed", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        changes, offsets = offset_changes(zone)
        self._changes = list(changes)
        self._offsets = list(offsets)
        # The wall times that each change comes at and goes on from. Where clocks go back over midnight a date
        # returns for an hour: its first moment is found by the former, its last by the latter.
        self._reached = [t + offset for t, offset in zip(changes, offsets, strict=False)]
        self._resumed = [t + offset for t, offset in zip(changes, offsets[1:], strict=True)]

    def wall(self, t: int) -> int:
        """Give the wall clock at moment ``t``: µs from 1970-01-01 00:00 local, by the local calendar."""
        return t + self._offsets[bisect_right(self._changes, t)]

    def local_day(self, t: int) -> int:
        """Give the local day of moment ``t`` (µs)."""
        return (t + self._offsets[bisect_right(self._changes, t)]) // DAY_US

    def at(self, day: int, clock: int) -> int:
        """Give the moment (µs) at which the clock of ``day`` shows ``clock`` µs from midnight.

        A time that comes twice is its first coming; one that is jumped over is read with the offset before
        the jump, so 02:30 becomes 03:30 (RFC 5545 §3.3.5).
        """
        wall = day * DAY_US + clock
        k = bisect_right(self._reached, wall)
        t = wall - self._offsets[k]
        return wall - self._offsets[k - 1] if k and t < self._changes[k - 1] else t

    def day_start(self, day: int) -> int:
        """Give the first moment (µs) of a local day; of a day that does not exist, the jump over it."""
        wall = day * DAY_US
        k = bisect_right(self._reached, wall)
        t = wall - self._offsets[k]
        return max(t, self._changes[k - 1]) if k else t

    def day_end(self, day: int) -> int:
        """Give the last microsecond of a local day; of one that comes back for an hour, of that hour."""
        wall = (day + 1) * DAY_US
        k = bisect_left(self._resumed, wall)
        t = wall - self._offsets[k]
        return (t if k == len(self._changes) else min(t, self._changes[k])) - 1

    def spans(self, day: int, opens: int, closes: int) -> list[tuple[int, int]]:
        """Give the moments at which the wall clock of ``day`` shows a time in [opens, closes).

        ``opens`` and ``closes`` are µs from midnight, ``closes`` at most 24 hours. The spans are half-open:
        one on common days; none if the clocks jump over them all; two where a part of them comes twice.
        """
        lo, hi = day * DAY_US + opens, day * DAY_US + closes
        changes, offsets = self._changes, self._offsets
        found: list[tuple[int, int]] = []
        for k in range(bisect_right(changes, lo - DAY_US), bisect_right(changes, hi + DAY_US) + 1):
            start = max(lo - offsets[k], changes[k - 1] if k else -_FAR)
            end = min(hi - offsets[k], changes[k] if k < len(changes) else _FAR)
            if start >= end:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        return found
