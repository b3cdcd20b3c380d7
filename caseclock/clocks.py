"""The two clocks of one path: real time, and the moment a replay stands for."""

import time


class WallClock:
    """Real time."""

    def wall(self) -> int:
        """Now, µs UTC."""
        return time.time_ns() // 1000

    def now(self) -> int:
        """The moment the numbers stand for: the same."""
        return self.wall()


class ReplayClock(WallClock):
    """Stands still at the moment a replay looks from; what happened later waits."""

    def __init__(self, as_of: int) -> None:
        self._as_of = as_of

    def now(self) -> int:
        """The moment of the replay, µs UTC."""
        return self._as_of
