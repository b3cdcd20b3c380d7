"""How long records wait until their effect is durable: what `/healthz/fresh` judges by.

The age of the newest event says little: an office enters at five what happened at eight, and at night nothing
happens at all. So it is looked now and then where partitions end and how far they are done with; a look that
was made long ago and whose end is still not reached shows a record that has waited since then.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

_MOST_LOOKS: Final = 512


class Place(NamedTuple):
    """Where a partition stands: the offset up to which everything is durable, and the one where it ends."""

    durable: int
    end: int


class Freshness:
    """Looks at the partitions of a worker, the newest of each kept, those that are reached forgotten.

    Args:
        now: seconds of any clock that only goes forward. Until the first look the worker sees nothing.
    """

    def __init__(self, now: float) -> None:
        self._unreached: dict[int, deque[tuple[float, int]]] = {}
        self._places: Mapping[int, Place] = {}
        self._blind_since: float | None = now

    def look(self, now: float, places: Mapping[int, Place]) -> None:
        """Note where all partitions of the worker stand at ``now``; others are not its own any more."""
        self._blind_since = None
        self._places = dict(places)
        self._unreached = {number: self._unreached.get(number, deque()) for number in places}
        for number, place in places.items():
            looks = self._unreached[number]
            while looks and looks[0][1] <= place.durable:
                looks.popleft()
            if place.end > max(place.durable, looks[-1][1] if looks else -1):
                looks.append((now, place.end))
            if len(looks) > _MOST_LOOKS:  # bounded, at the price of knowing some waits less exactly
                self._unreached[number] = deque(list(looks)[::2])

    def blind(self, now: float) -> None:
        """Note that at ``now`` the worker has not taken up all its partitions."""
        if self._blind_since is None:
            self._blind_since = now

    def waited(self, now: float) -> float:
        """Seconds since the oldest record that is not durable was seen, or since the worker saw nothing."""
        since = [looks[0][0] for looks in self._unreached.values() if looks]
        if self._blind_since is not None:
            since.append(self._blind_since)
        return max(0.0, now - min(since, default=now))

    def lag(self) -> dict[int, int]:
        """By partition the records that are not durable yet, as of the last look."""
        return {number: max(place.end - place.durable, 0) for number, place in self._places.items()}
