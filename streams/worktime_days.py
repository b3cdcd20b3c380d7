"""The days of one office: which are worked, at which hours, and why not (domain.md §4).

What holds on a day is decided by `CalendarSpec.hours_on` alone. It is asked once for each day up to the
horizon; only days that differ from their weekday are kept (some hundreds of ten thousand).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

import holidays

from schemas.calendar import FIRST_DAY as FIRST_DATE
from schemas.calendar import CalendarSpec
from schemas.moment import EPOCH_DAY
from streams.worktime_zone import LocalDays

FIRST_DAY: Final = FIRST_DATE.toordinal() - EPOCH_DAY
"""The first day of every calendar as days from 1970-01-01."""

WallHours = tuple[tuple[int, int], ...]
"""The hours of one day: (opening, closing) in µs from local midnight, in order, closing at most 24:00."""

Language = Literal["vi", "en"]
SWAPPED: Final[dict[Language, str]] = {"vi": "Ngày làm bù", "en": "Working day swapped for a day off"}


class BeyondCalendar(Exception):  # noqa: N818 - it is nobody's error; the anomaly has this name
    """The answer needs working time after the calendar's horizon, which nobody knows yet."""


@lru_cache(maxsize=32)
def _names(country: str, language: Language) -> "holidays.HolidayBase":
    # Left to itself the library names days in the language of the process's environment.
    spoken = holidays.country_holidays(country)
    known = [each for each in spoken.supported_languages if each.startswith(language)]
    return holidays.country_holidays(country, language=known[0] if known else spoken.default_language)


class OfficeDays(LocalDays):
    """The local days of one calendar. Past its horizon only the zone's own days are known."""

    __slots__ = ("_apart", "_reasons", "_weekly", "_working_days", "horizon_day", "spec")

    def __init__(self, spec: CalendarSpec) -> None:
        super().__init__(ZoneInfo(spec.zone))
        self.spec = spec
        self.horizon_day = spec.horizon.toordinal() - EPOCH_DAY
        self._weekly = [tuple((each.opens_us, each.closes_us) for each in day) for day in spec.by_weekday]
        self._apart: dict[int, WallHours] = {}
        self._reasons: dict[int, str] = {}
        days = range(FIRST_DAY, self.horizon_day + 1)
        self._working_days: Sequence[int] = days
        if not spec.never_closes:
            self._ask(days)
            self._working_days = [day for day in days if self._hours(day)]

    def _ask(self, days: Sequence[int]) -> None:
        common = self.spec.by_weekday
        for day in days:
            found, reason = self.spec.hours_on(date.fromordinal(day + EPOCH_DAY))
            if reason is not None:
                self._reasons[day] = reason
            if found is not common[(day + 3) % 7]:  # 1970-01-01 was a Thursday
                self._apart[day] = tuple((each.opens_us, each.closes_us) for each in found)

    def _hours(self, day: int) -> WallHours:
        hours = self._apart.get(day)
        return self._weekly[(day + 3) % 7] if hours is None else hours

    def wall_hours(self, day: int) -> WallHours:
        """Give a local day's hours as µs from its midnight, empty on a day off; raises `BeyondCalendar`."""
        if day > self.horizon_day:
            raise BeyondCalendar
        return self._hours(day) if day >= FIRST_DAY else ()

    def opening_hours(self, day: int) -> list[tuple[int, int]]:
        """Give a local day's spans of work as moments (µs), empty on a day off; raises `BeyondCalendar`."""
        return sorted(
            span for opens, closes in self.wall_hours(day) for span in self.spans(day, opens, closes)
        )

    def closing_time(self, day: int) -> int:
        """Give the moment a local day's work ends: what a date without a time means (domain.md §4).

        Never outside the day: its last µs where work goes on till midnight, on a day off, past the horizon.
        """
        last = self.day_end(day)
        if day > self.horizon_day:
            return last
        return min(last, max((end for _, end in self.opening_hours(day)), default=last))

    def is_working_day(self, day: int) -> bool:
        """Say whether a local day has any opening hours; raises `BeyondCalendar` past the horizon."""
        return bool(self.wall_hours(day))

    def next_working_day(self, day: int) -> int:
        """Give the first working day from ``day`` on, itself included; raises `BeyondCalendar`."""
        i = bisect_left(self._working_days, day)
        if i == len(self._working_days):
            raise BeyondCalendar
        return self._working_days[i]

    def working_day_after(self, day: int, n: int) -> int:
        """Give the n-th working day after ``day``, which is not counted itself; raises `BeyondCalendar`.

        With n = 0: the last working day up to ``day``, so ``day`` itself where it is one.
        """
        i = bisect_right(self._working_days, day) - 1 + n
        if not 0 <= i < len(self._working_days):
            raise BeyondCalendar
        return self._working_days[i]

    def why(self, day: int, language: Language = "vi") -> str | None:
        """Name what sets a local day apart: a holiday, a swapped working day, the reason of an override.

        A holiday unknown in ``language`` has its name in the country's own.
        None for a common day of the week, a weekend too, and for any day the calendar does not know.
        """
        if day not in self._reasons:
            return None
        date_ = date.fromordinal(day + EPOCH_DAY)
        if date_ in self.spec.overrides or self.spec.holidays is None:
            return self._reasons[day]
        if self._hours(day):
            return SWAPPED[language]
        return str(_names(self.spec.holidays, language).get(date_) or self._reasons[day])
