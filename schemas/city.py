"""The city: its units, procedures, calendars and thresholds as one immutable object."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from schemas.calendar import CalendarSpec, always, hanoi
from schemas.city_lists import CityError, read_calendars, read_procedures, read_thresholds, read_units
from schemas.procedure import Procedure
from schemas.thresholds import Thresholds
from schemas.unit import Unit
from schemas.version import content_version

__all__ = ["DEFAULT_CALENDAR", "City", "CityError", "load_city"]

DEFAULT_CALENDAR: Final = "hanoi"


@dataclass(frozen=True)
class City:
    """What is known of a city. An empty list of units (procedures) knows no unknown codes.

    `procedures` holds every version, by code and beginning. `calendars` always holds `default_calendar`, by
    which units without a calendar and unknown units run.
    """

    calendars: Mapping[str, CalendarSpec]
    units: tuple[Unit, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)
    default_calendar: str = DEFAULT_CALENDAR

    @classmethod
    def empty(cls, calendar: CalendarSpec) -> Self:
        """A city of which only the calendar is known."""
        return cls(calendars=MappingProxyType({calendar.name: calendar}), default_calendar=calendar.name)

    @property
    def due_soon_hours(self) -> float:
        """Working hours to the effective due from which a case is due soon."""
        return self.thresholds.due_soon_hours

    def reception_limit_hours(self, kind: str, priority: str | None) -> float:
        """Working hours within which a registered case must be received or declined (domain.md §5.8)."""
        return self.thresholds.reception_limit_hours(kind, priority)

    def suspension_limit_us(self, reason: str) -> int:
        """Working microseconds for which a suspension of this reason may last."""
        return self.thresholds.suspension_limit_us(reason)

    @cached_property
    def by_code(self) -> Mapping[str, Unit]:
        """The units by code."""
        return MappingProxyType({unit.code: unit for unit in self.units})

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """The codes of the units directly below each unit that has any, in the order of the list."""
        below: dict[str, list[str]] = {}
        for unit in self.units:
            if unit.parent:
                below.setdefault(unit.parent, []).append(unit.code)
        return MappingProxyType({code: tuple(codes) for code, codes in below.items()})

    def above(self, code: str) -> Iterator[str]:
        """The codes of the units above a unit, nearest first; none for an unknown one."""
        unit = self.by_code.get(code)
        while unit is not None and unit.parent:
            yield unit.parent
            unit = self.by_code.get(unit.parent)

    def calendar_of(self, code: str) -> CalendarSpec:
        """The calendar by which a unit works: its own, else the default."""
        unit = self.by_code.get(code)
        return self.calendars[(unit.calendar if unit else None) or self.default_calendar]

    def procedure(self, code: str, day: int) -> Procedure | None:
        """The version of a procedure in force on a local day (days since 1970-01-01); None without one."""
        begun = [each for each in self._versions.get(code, ()) if each.in_force_on(day)]
        return begun[-1] if begun else None

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Procedure, ...]]:
        found: dict[str, tuple[Procedure, ...]] = {}
        for each in self.procedures:
            found[each.code] = (*found.get(each.code, ()), each)
        return found

    def only_calendar(self, name: str) -> Self:
        """The same city with one calendar for every unit (`--calendar`).

        Raises:
            CityError: there is no such calendar.
        """
        without = tuple(unit.model_copy(update={"calendar": None}) for unit in self.units)
        return replace(self.with_default(name), units=without)

    def with_default(self, name: str) -> Self:
        """The same city with another calendar for units that name none.

        Raises:
            CityError: there is no such calendar.
        """
        if name not in self.calendars:
            known = ", ".join(sorted(self.calendars))
            raise CityError(f"there is no calendar {name!r}; choose one of {known}")
        return replace(self, default_calendar=name)

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of all that is known of the city."""
        return content_version(
            {
                "calendars": {name: spec.version for name, spec in self.calendars.items()},
                "units": [unit.version for unit in self.units],
                "procedures": [procedure.version for procedure in self.procedures],
                "thresholds": self.thresholds.version,
                "default_calendar": self.default_calendar,
            }
        )


def load_city(folder: Path | str | None, today: date, default_calendar: str = DEFAULT_CALENDAR) -> City:
    """The city in a folder; None is the city of which nothing is known but the shipped calendars.

    Args:
        folder: holds units.csv, procedures.csv, calendars/*.yaml, thresholds.yaml, each of them optional.
        today: the shipped calendars, and those without a horizon, are known to the end of the next year.
        default_calendar: by which units without a calendar run.

    Raises:
        CityError: a list is wrong, or the folder is not there.
    """
    calendars = {each.name: each for each in (hanoi(today), always())}
    if folder is None:
        return City(calendars=MappingProxyType(calendars)).with_default(default_calendar)
    base = Path(folder)
    if not base.is_dir():
        raise CityError(f"{base}: there is no such folder; create it or correct CASECLOCK_CITY__FOLDER")
    calendars |= read_calendars(base / "calendars", today)
    city = City(
        calendars=MappingProxyType(calendars),
        units=read_units(base / "units.csv", calendars),
        procedures=read_procedures(base / "procedures.csv"),
        thresholds=read_thresholds(base / "thresholds.yaml"),
    )
    return city.with_default(default_calendar)
