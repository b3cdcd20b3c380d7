"""`caseclock check`: the lists of the city, each by itself, and how far its calendars reach."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from caseclock.checks.finding import Finding, note, ok, wrong
from caseclock.city import city_of
from caseclock.settings import Settings
from schemas.calendar import CalendarSpec, always, hanoi
from schemas.city_lists import CityError, read_calendars, read_procedures, read_thresholds, read_units

NOTICE: Final = timedelta(days=60)
"""So long before a calendar ends somebody should know: cases received today fall due after it."""


def city(settings: Settings) -> Iterator[Finding]:
    """Units, procedures, calendars, thresholds."""
    today = datetime.now(UTC).date()
    folder = settings.city.folder
    if folder is None:
        yield note("no city: CASECLOCK_CITY__FOLDER names no folder, so no unit and no procedure is known")
    else:
        problems = list(_lists(folder, today))
        yield from problems
        if problems:
            return
    found = city_of(settings)
    if folder is not None:
        yield ok(f"city {folder}: {len(found.units)} units, {len(found.procedures)} procedures")
        if not found.units:
            yield note(f"{folder / 'units.csv'} is empty or not there: every unit is taken as it comes")
        if not found.procedures:
            yield note(f"{folder / 'procedures.csv'} is empty or not there: no allotted time is known")
    used = {found.default_calendar, *(unit.calendar for unit in found.units)}
    for name, calendar in found.calendars.items():
        if name in used:
            yield reach(name, calendar, today)


def _lists(folder: Path, today: date) -> Iterator[Finding]:
    """What is wrong with each list; none is hidden by another."""
    calendars = {each.name: each for each in (hanoi(today), always())}
    problems = list(_wrong(lambda: calendars.update(read_calendars(folder / "calendars", today))))
    yield from problems
    yield from _wrong(lambda: read_procedures(folder / "procedures.csv"))
    yield from _wrong(lambda: read_thresholds(folder / "thresholds.yaml"))
    if not problems:  # units name calendars
        yield from _wrong(lambda: read_units(folder / "units.csv", calendars))


def _wrong(read: Callable[[], object]) -> Iterator[Finding]:
    try:
        read()
    except CityError as error:
        yield wrong(str(error))


def reach(name: str, calendar: CalendarSpec, today: date) -> Finding:
    """How far a calendar is known."""
    if calendar.horizon <= today:
        return wrong(
            f"calendar {name} has ended on {calendar.horizon}: no due time is found; give it a new horizon"
        )
    if calendar.horizon <= today + NOTICE:
        return note(f"calendar {name} ends on {calendar.horizon}; add the next year and move its horizon")
    if calendar.provisional_from and calendar.provisional_from <= today + NOTICE:
        since = calendar.provisional_from
        return note(
            f"calendar {name} is provisional from {since} on; compare it with the decree when there is one"
        )
    return ok(f"calendar {name}: known to {calendar.horizon}")
