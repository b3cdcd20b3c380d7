"""Who is silent: units that should report and do not, sources from which nothing has come for too long.

Silence is counted in working time: of the unit's own calendar for a unit, of the default calendar for a source. So
nobody is silent over a weekend or over Tết, and a duty desk that is open day and night is missed within the day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from dashboards.board.model.counts import moment
from dashboards.board.model.days import Days
from dashboards.board.model.facts import Reporting, Silent, Source
from dashboards.board.model.places import Places, in_being
from dashboards.limits import SilenceLimits
from schemas.columns import FIRST_STOCK, FLOW
from schemas.moment import HOUR_US, SECOND_US, to_datetime
from schemas.registry import STOCK_PARTS
from schemas.thresholds import HOURS_OF_WORKING_DAY
from sinks.clickhouse.board_summaries import Hours, SourceRow

_STOCK: Final = [FLOW[name] for name in STOCK_PARTS]


class WorkingHours:
    """How much working time lies between two moments, by version of a calendar."""

    def __init__(self, hours: Mapping[str, Hours]) -> None:
        # as lists: single moments are found in them in a tenth of the time that arrays take
        self._hours = {
            version: _Marks(*(each.tolist() for each in marks)) for version, marks in hours.items()
        }

    @property
    def known(self) -> bool:
        """Whether any calendar is."""
        return bool(self._hours)

    def between(self, calendar: str, begin: int, end: int) -> int:
        """Working µs; of a calendar that the database does not know a third of the clock time."""
        hours = self._hours.get(calendar)
        if hours is None or not hours.starts:
            return max(0, end - begin) * HOURS_OF_WORKING_DAY // 24
        return max(0, _mark(hours, end) - _mark(hours, begin))


class _Marks(NamedTuple):
    """The columns of ``Hours``."""

    starts: list[int]
    stops: list[int]
    before: list[int]


def _mark(hours: _Marks, at: int) -> int:
    """Working time from the calendar's first moment to another."""
    place = bisect_right(hours.starts, at) - 1
    if place < 0:
        return 0
    return hours.before[place] + min(at, hours.stops[place]) - hours.starts[place]


def last_days(days: Days, places: Places) -> Mapping[str, int]:
    """The last kept day on which something came in, went out or changed hands at each unit itself."""
    found: dict[str, int] = {}
    waiting = np.arange(len(places))
    for at in range(len(days.days) - 1, -1, -1):
        counts = days.days[at]
        if counts is not None:
            new = counts[waiting, :FIRST_STOCK].any(axis=1)
            found |= dict.fromkeys((places.codes[place] for place in waiting[new]), days.first + at)
            waiting = waiting[~new]
            if not len(waiting):
                break
    return found


def last_events(
    exact: Mapping[str, int], days: Mapping[str, int], places: Places, day_start_us: Mapping[int, int]
) -> Mapping[str, int]:
    """When something last happened at each unit, µs: the exact moment, or the beginning of a later day."""
    found = dict(exact)
    for code, day in days.items():
        if code in places.of:
            found[code] = max(found.get(code, 0), day_start_us[day])
    return found


def reporting(
    places: Places,
    days: Days,
    last: Mapping[str, int],
    working: WorkingHours,
    limits: SilenceLimits,
    *,
    now: int,
    today: date,
) -> Reporting:
    """Which units in being are silent.

    Expected are the units of the lists (without lists: all) that are valid today: an office, by itself or by the units
    below it; a division only while it has open cases, for who has none has nothing to tell; the city only if it ever
    had something of its own.
    """
    limit = int(limits.unit_days * HOURS_OF_WORKING_DAY * HOUR_US)
    stock = days.total[:, _STOCK].sum(axis=1)
    below = places.highest(np.array([last.get(code, 0) for code in places.codes], np.int64))
    expected, missing = 0, []
    for code in places.city.by_code or places.codes:
        unit, place = places.unit(code), places.of[code]
        at = last.get(code) if unit.kind in {"city", "division"} else int(below[place]) or None
        idle = (unit.kind == "division" and stock[place] == 0) or (unit.kind == "city" and at is None)
        if not in_being(unit, today) or idle:
            continue
        expected += 1
        calendar = places.city.calendar_of(code).version
        if at is None or working.between(calendar, at, now) > limit:
            missing.append((at or 0, Silent(unit, moment(at or 0), int(stock[place]) if at else None)))
    missing.sort(key=lambda each: (each[0], each[1].unit.code))
    return Reporting(expected - len(missing), expected, [silent for _, silent in missing])


def sources(
    rows: Sequence[SourceRow], working: WorkingHours, calendar: str, limits: SilenceLimits, now: int
) -> Sequence[Source]:
    """The sources, with their silence up to now."""
    limit = int(limits.source_days * HOURS_OF_WORKING_DAY * HOUR_US)
    return [
        Source(
            row.source,
            to_datetime(row.last_us),
            max(0, now - row.last_us) // SECOND_US,
            working.between(calendar, row.last_us, now) > limit,
            row.events,
        )
        for row in rows
    ]
