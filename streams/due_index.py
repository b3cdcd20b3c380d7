"""Which cases change by themselves, and when: the index of due moments of one partition.

Cases wait in buckets of a minute, as ids only: eight bytes a case. When a bucket's minute begins its cases are
asked for their exact moments. Nothing is ever taken out: a case that moved on is found unchanged when its old
moment comes, so the cost grows with what falls due, not with what is open.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import Final

MINUTE_US: Final = 60_000_000


class DueIndex:
    """Moments in µs UTC, cases by id."""

    def __init__(self) -> None:
        self._minutes: dict[int, list[str]] = {}
        self._order: list[int] = []
        self._soon: list[tuple[int, str]] = []
        self._opened = -1

    def add(self, moment: int, case_id: str) -> None:
        """Wake the case at ``moment`` (again); a moment already past is found at the next ``due``."""
        minute = moment // MINUTE_US
        if minute <= self._opened:
            heapq.heappush(self._soon, (moment, case_id))
            return
        bucket = self._minutes.get(minute)
        if bucket is None:
            self._minutes[minute] = [case_id]
            heapq.heappush(self._order, minute)
        else:
            bucket.append(case_id)

    def soonest(self) -> int | None:
        """No case changes before this moment; None when nothing waits."""
        moments = [self._soon[0][0]] if self._soon else []
        if self._order:
            moments.append(self._order[0] * MINUTE_US)
        return min(moments, default=None)

    def due(self, now: int, moment_of: Callable[[str], int]) -> Iterator[str]:
        """Ids of cases that may have changed up to ``now``, some more than once; each is given out once only.

        Args:
            now: µs UTC.
            moment_of: tells the exact moment of a case whose minute has begun.
        """
        this_minute = now // MINUTE_US
        while self._order and self._order[0] <= this_minute:
            minute = heapq.heappop(self._order)
            self._opened = max(self._opened, minute)
            cases = self._minutes.pop(minute)
            if minute < this_minute:
                yield from cases
                continue
            for case_id in cases:
                heapq.heappush(self._soon, (moment_of(case_id), case_id))
        self._opened = max(self._opened, this_minute)
        while self._soon and self._soon[0][0] <= now:
            yield heapq.heappop(self._soon)[1]
