"""When people come to the simulated offices: by the hour, the day of the week, the calendar of holidays."""

from bisect import bisect
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final

from caseclock.demo.paper import day_start
from schemas.moment import EPOCH_DAY, HOUR_US
from streams.worktime import WorkingTime

_WEEK: Final = (1.3, 1.05, 1.0, 0.95, 0.9, 1.0, 1.0)
"""What a working day brings, Monday to Sunday, against the mean; a swapped Saturday is a common day."""
_OFF: Final = 0.2
"""What a day off brings: people hand in online and send feedback."""
_IN_HOURS: Final = 0.8
"""The share of a working day's cases that come while the counters are open."""
# From midnight on, for what comes outside opening hours: people sleep, and sit down in the evening.
_BY_HOUR: Final = (2, 1, 1, 1, 1, 2, 4, 8, 8, 8, 8, 9, 12, 8, 8, 8, 8, 12, 13, 14, 16, 15, 10, 5)
_HOURS: Final = list(accumulate(_BY_HOUR))


def arrivals(rng: Random, calendar: WorkingTime, day: int, mean: float) -> Iterator[int]:
    """The moments (µs UTC, in no order) at which cases come on a local day.

    Args:
        rng: chance.
        calendar: of the wards.
        day: days since 1970-01-01.
        mean: cases on a working day.
    """
    opening_hours = calendar.opening_hours(day)
    if opening_hours:
        after_days_off = 0 if calendar.is_working_day(day - 1) else 0.1
        weight = _WEEK[date.fromordinal(day + EPOCH_DAY).weekday()] + after_days_off
    else:
        weight = _OFF
    expected = mean * weight
    for _ in range(max(0, round(rng.gauss(expected, expected**0.5)))):
        if opening_hours and rng.random() < _IN_HOURS:
            opens, closes = opening_hours[0] if rng.random() < 0.58 else opening_hours[-1]
            early = min(rng.random(), rng.random() + 0.2)
            yield opens + int((closes - opens) * early)
        else:
            hour = bisect(_HOURS, rng.random() * _HOURS[-1])
            yield day_start(day) + int((min(hour, 23) + rng.random()) * HOUR_US)
