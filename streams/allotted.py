"""The due time that a procedure's allotted time gives (domain.md §4).

A receipt outside opening hours, or after the procedure's cutoff, counts from the next opening. From there
working hours run on the clock of the office; the other units find a day first, then keep the time of day as
far as the hours of that day allow. The due time and its explanation are two views of the same `Landing`.
"""

from calendar import monthrange
from datetime import MAXYEAR, date, time
from typing import NamedTuple

from schemas.moment import DAY_US, EPOCH_DAY, HOUR_US, SECOND_US
from schemas.procedure import Allotted
from streams.worktime import BeyondCalendar, WorkingTime
from streams.worktime_days import Language
from streams.worktime_words import Step, render


class Landing(NamedTuple):
    """Where an allotted time leads. Moments are µs, days are days from 1970-01-01 of the local date."""

    begin: int
    """The moment from which the time counts."""
    found: int
    """The day that counting alone leads to."""
    day: int
    """The working day on which the due time stands: ``found``, or the first one after it."""
    due: int


def allotted_due(cal: WorkingTime, start: int, allotted: Allotted, cutoff: time | None = None) -> int:
    """Give the due time (µs) of a case received at ``start`` (µs); raises `BeyondCalendar`."""
    return land(cal, start, allotted, cutoff).due


def land(cal: WorkingTime, start: int, allotted: Allotted, cutoff: time | None = None) -> Landing:
    """Find the due time of a case received at ``start`` (µs), and the way there; raises `BeyondCalendar`."""
    begin = counts_from(cal, start, cutoff)
    amount, unit = allotted.amount, allotted.unit
    if unit == "working_hour":
        due = cal.advance(begin, amount * HOUR_US)
        day = cal.local_day(due)
        return Landing(begin, day, day, due)
    first, clock = divmod(cal.wall(begin), DAY_US)
    if unit == "working_day":
        found = day = cal.working_day_after(first, amount)
    else:
        found = first + amount if unit == "calendar_day" else months_after(first, amount)
        day = cal.next_working_day(found)
    return Landing(begin, found, day, within_hours(cal, day, clock))


def counts_from(cal: WorkingTime, start: int, cutoff: time | None = None) -> int:
    """Give the moment from which a receipt counts: itself, or the next opening; raises `BeyondCalendar`.

    After ``cutoff`` (local wall time) that is the next working day's opening, whatever this one has left.
    """
    if is_after_cutoff(cal, start, cutoff):
        return cal.opening_hours(cal.next_working_day(cal.local_day(start) + 1))[0][0]
    return cal.next_opening(start)


def is_after_cutoff(cal: WorkingTime, start: int, cutoff: time | None) -> bool:
    """Say whether the local time of a receipt is later than its procedure's cutoff; at it is in time."""
    return cutoff is not None and cal.wall(start) % DAY_US > _clock(cutoff)


def _clock(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND_US + at.microsecond


def months_after(day: int, months: int) -> int:
    """Give the same day of the month so many months on, or that month's last day if it has no such day."""
    begin = date.fromordinal(day + EPOCH_DAY)
    years, month = divmod(begin.month - 1 + months, 12)
    year = begin.year + years
    if year > MAXYEAR:
        raise BeyondCalendar
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(begin.day, last)).toordinal() - EPOCH_DAY


def within_hours(cal: WorkingTime, day: int, clock: int) -> int:
    """Move a time of day (µs from midnight) into the hours of a working day: the day itself is kept.

    Before an opening, or in a break: that opening. After the last closing: that closing.
    """
    t = cal.at(day, clock)
    if cal.is_open(t):
        return t
    for opens, closes in cal.opening_hours(day):
        if t < closes:
            return max(t, opens)
    return cal.closing_time(day)


def explain_allotted(
    cal: WorkingTime, start: int, allotted: Allotted, cutoff: time | None = None, language: Language = "vi"
) -> list[str]:
    """Say in words, one sentence per step, why a case received at ``start`` is due when `allotted_due` says.

    Raises `BeyondCalendar`.
    """
    return [render(step, cal, language) for step in allotted_steps(cal, start, allotted, cutoff, language)]


def allotted_steps(
    cal: WorkingTime, start: int, allotted: Allotted, cutoff: time | None = None, language: Language = "vi"
) -> list[Step]:
    """Give the way from receipt to due as (code, parameters): see `streams.worktime_words` for the codes.

    Moments are µs, days are days from 1970-01-01; ``language`` is that of the names of holidays.
    """
    way = land(cal, start, allotted, cutoff)
    first, clock = divmod(cal.wall(way.begin), DAY_US)
    steps: list[Step] = [("received", {"at": start})]
    if way.begin != start:
        if cutoff is not None and is_after_cutoff(cal, start, cutoff):
            steps.append(("after_cutoff", {"clock": _clock(cutoff)}))
        else:
            steps.append(("outside_hours", {}))
        steps += _skipped(cal, cal.local_day(start), first, language)
        steps.append(("counts_from", {"at": way.begin}))
    steps.append(("allotted", {"amount": allotted.amount, "unit": allotted.unit}))
    if allotted.unit in ("working_hour", "working_day"):
        steps += _skipped(cal, first + 1, way.day, language)
    else:
        if allotted.unit == "month" and _day_of_month(way.found) != _day_of_month(first):
            steps.append(("month_clamped", {"day": way.found}))
        if way.found != way.day:
            steps.append(("ends_on_day_off", {"day": way.found}))
            steps += _skipped(cal, way.found, way.day, language)
            steps.append(("next_working_day", {"day": way.day}))
    if allotted.unit != "working_hour" and cal.wall(way.due) % DAY_US != clock:
        steps.append(("time_moved", {"day": way.day, "clock": clock}))
    steps.append(("due", {"at": way.due}))
    return steps


def _day_of_month(day: int) -> int:
    return date.fromordinal(day + EPOCH_DAY).day


def _skipped(cal: WorkingTime, first: int, end: int, language: Language) -> list[Step]:
    # What is worth a word of the days in [first, end): each holiday, each day worked against the rule, and
    # how many common days off.
    steps: list[Step] = []
    common = 0
    for day in range(first, end):
        why = cal.why(day, language)
        worked = cal.is_working_day(day)
        if why is not None:
            steps.append(("worked" if worked else "day_off", {"day": day, "why": why}))
        elif not worked:
            common += 1
    if common:
        steps.append(("weekly_off", {"days": common}))
    return steps
