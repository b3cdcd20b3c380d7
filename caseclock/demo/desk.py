"""A case on somebody's desk: moments by the hours that are worked, and by the hours that people keep."""

from random import Random
from typing import Final

from caseclock.demo.paper import MINUTE_US, hour_of
from schemas.moment import DAY_US, HOUR_US
from streams.worktime import WorkingTime

_WAKES: Final = 7
_SLEEPS: Final = 23


class Desk:
    """Walks through a case in working time.

    Attributes:
        at: where it is (µs UTC).
    """

    __slots__ = ("_calendar", "_mark", "at")

    def __init__(self, calendar: WorkingTime, at: int) -> None:
        self._calendar = calendar
        self._mark = calendar.mark(at)
        self.at = at

    def work(self, us: float) -> int:
        """Go on by so much working time, at least a second; returns where it is then."""
        self._mark += max(1_000_000, int(us))
        self.at = self._calendar.moment(self._mark)
        return self.at

    def skip_to(self, at: int) -> int:
        """Wait until a moment; it must not be earlier. Returns where it is then."""
        self._mark = self._calendar.mark(at)
        self.at = at
        return at

    def left_until(self, at: int) -> int:
        """The working time from here to a moment; 0 when it is over."""
        return max(0, self._calendar.mark(at) - self._mark)


def when_awake(rng: Random, at: int) -> int:
    """A moment at which a person does something online: most people sleep from eleven to seven."""
    hour = hour_of(at)
    if _WAKES <= hour < _SLEEPS or rng.random() < 0.1:
        return at
    until_waking = (_WAKES - hour) % 24
    return at + int((until_waking + rng.random() * 3) * HOUR_US)


def some_days(rng: Random, mean: float) -> int:
    """A time that people take: days (µs) of clock time, some much longer than the mean."""
    return int(min(rng.expovariate(1 / mean), 12 * mean) * DAY_US) + 5 * MINUTE_US
