"""Working time the slow way: walk the days, and in each day its opening intervals (domain.md §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)
SECOND = 1_000_000
HOUR = 3600 * SECOND
FOREVER = 5000  # days to look for an opening before it is believed that there is none

Hours = Sequence[tuple[int, int]]  # opening intervals of a day, seconds from local midnight, [from, to)


class BeyondCalendarError(Exception):
    """Working time is asked for on days that the calendar does not know yet."""


@dataclass(frozen=True)
class Calendar:
    zone: str
    hours: Mapping[int, Hours] = field(default_factory=dict)  # weekday, Monday = 0 -> hours
    days: Mapping[date, Hours] = field(default_factory=dict)  # single days that differ, holidays among them
    always: bool = False  # 24 x 7: working time is clock time
    horizon: date | None = None  # the last known day
    _seen: dict[date, list[tuple[int, int]]] = field(default_factory=dict, repr=False, compare=False)

    def local(self, t: int) -> datetime:
        return (EPOCH + t * MICROSECOND).astimezone(ZoneInfo(self.zone))

    def local_date(self, t: int) -> date:
        return self.local(t).date()

    def time_of_day(self, t: int) -> int:
        """Microseconds on the office's wall clock since midnight."""
        wall = self.local(t).replace(tzinfo=None)
        return (wall - datetime.combine(wall.date(), time())) // MICROSECOND

    def instant(self, day: date, clock_us: int) -> int:
        """The moment at which the office's wall clock shows this day and time."""
        wall = datetime.combine(day, time()) + clock_us * MICROSECOND
        return (wall.replace(tzinfo=ZoneInfo(self.zone)) - EPOCH) // MICROSECOND

    def day_start(self, day: date) -> int:
        return self.instant(day, 0)

    def day_end(self, t: int) -> int:
        """The last microsecond of the local day of t."""
        return self.day_start(self.local_date(t) + ONE_DAY) - 1

    def open_hours(self, day: date) -> Hours:
        """What the door says, in seconds of the wall clock; a day after the horizon is not known."""
        if self.horizon is not None and day > self.horizon:
            raise BeyondCalendarError(day)
        if self.always:
            return [(0, 86400)]
        return self.days[day] if day in self.days else self.hours.get(day.weekday(), [])

    def intervals(self, day: date) -> list[tuple[int, int]]:
        """The opening intervals of a local day as moments [open, close)."""
        if day not in self._seen:
            hours = self.open_hours(day)
            self._seen[day] = [
                (self.instant(day, a * SECOND), self.instant(day, b * SECOND)) for a, b in hours
            ]
        return self._seen[day]

    def working(self, a: int, b: int) -> int:
        """Working microseconds in [a, b)."""
        total = 0
        day = self.local_date(a)
        while b > a and self.day_start(day) < b:
            for opening, closing in self.intervals(day):
                total += max(0, min(b, closing) - max(a, opening))
            day += ONE_DAY
        return total

    def advance(self, a: int, us: int) -> int:
        """The earliest moment b with working(a, b) = us."""
        if us == 0:
            return a
        day = self.local_date(a)
        for _ in range(FOREVER):
            for opening, closing in self.intervals(day):
                room = max(0, closing - max(a, opening))
                if us <= room:
                    return max(a, opening) + us
                us -= room
            day += ONE_DAY
        raise BeyondCalendarError(day)

    def is_open(self, t: int) -> bool:
        return any(opening <= t < closing for opening, closing in self.intervals(self.local_date(t)))

    def is_working_day(self, day: date) -> bool:
        return bool(self.intervals(day))

    def next_working_day(self, day: date) -> date:
        """The first working day from this one on, itself included."""
        for _ in range(FOREVER):
            if self.is_working_day(day):
                return day
            day += ONE_DAY
        raise BeyondCalendarError(day)

    def next_opening(self, t: int) -> int:
        """The moment itself while the office is open, else when it opens next (closing time is outside)."""
        day = self.local_date(t)
        for _ in range(FOREVER):
            for opening, closing in self.intervals(day):
                if t < closing:
                    return max(t, opening)
            day += ONE_DAY
        raise BeyondCalendarError(day)


def always(zone: str = "UTC") -> Calendar:
    return Calendar(zone, always=True)


@cache
def vietnam(zone: str = "Asia/Ho_Chi_Minh", horizon: date | None = date(2027, 12, 31)) -> Calendar:
    """The calendar `hanoi`: 08-12 and 13-17, Monday to Friday, holidays and swapped Saturdays 2023-2027."""
    open_day = [(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)]
    official = holidays.country_holidays("VN", years=range(2023, 2028))
    days: dict[date, Hours] = {}
    day = date(2023, 1, 1)
    while day.year < 2028:
        days[day] = open_day if official.is_working_day(day) else []
        day += ONE_DAY
    return Calendar(zone, dict.fromkeys(range(5), open_day), days, horizon=horizon)


def add_months(day: date, months: int) -> date:
    """The same day some months later, clamped to the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def allotted_due(calendar: Calendar, start: int, amount: int, unit: str, cutoff: time | None = None) -> int:
    """When a case received at start is due by its allotted time."""
    begin = calendar.next_opening(start)
    if (
        cutoff is not None and calendar.local(start).time() > cutoff
    ):  # too late in the day: tomorrow's opening
        tomorrow = calendar.day_start(calendar.local_date(start) + ONE_DAY)
        begin = max(begin, calendar.next_opening(tomorrow))
    day, clock = calendar.local_date(begin), calendar.time_of_day(begin)
    if unit == "working_hour":
        return calendar.advance(begin, amount * HOUR)
    if unit == "working_day":
        for _ in range(amount):
            day = calendar.next_working_day(day + ONE_DAY)
    elif unit == "calendar_day":
        day = calendar.next_working_day(day + amount * ONE_DAY)
    elif unit == "month":
        day = calendar.next_working_day(add_months(day, amount))
    else:
        raise ValueError(unit)
    due = calendar.instant(day, clock)
    for opening, closing in calendar.intervals(day):
        if due < closing:
            return max(due, opening)
    return calendar.intervals(day)[-1][1]
