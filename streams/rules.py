"""Everything a fold needs besides the events: profile, calendars, procedures, units.

One object, compiled once from the city's lists, immutable; its ``version`` names what a row was computed with.
"""

from __future__ import annotations

from typing import Final

from schemas.city import City
from schemas.procedure import Procedure
from schemas.profile import Profile
from schemas.stored import RulePart
from schemas.version import content_version
from streams.allotted import allotted_due
from streams.worktime import WorkingTime

HOUR_US: Final = 3_600_000_000


class Rules:
    """The compiled rules of one city under one profile (precision, meaning of ``stopped``, ... as data)."""

    def __init__(self, city: City, profile: Profile) -> None:
        self.city = city
        self.profile = profile
        self.dates_only = profile.precision == "date"
        self.stopped_pauses = profile.stopped == "pauses"
        self.second_supplement_late = profile.second_supplement == "late"
        self.statutory = profile.no_due == "statutory"
        self.due_soon_us = int(city.due_soon_hours * HOUR_US)
        default = city.calendars[city.default_calendar]
        of_unit = {unit.code: city.calendar_of(unit.code) for unit in city.units}
        used = {spec.version: spec for spec in (default, *of_unit.values())}
        compiled = {version: WorkingTime.compile(spec) for version, spec in used.items()}
        self.default_calendar = compiled[default.version]
        self._calendars = {code: compiled[spec.version] for code, spec in of_unit.items()}
        self._procedures = frozenset(procedure.code for procedure in city.procedures)
        self._paths: dict[str, tuple[str, ...]] = {}
        self.version = content_version([city.version, profile.version])

    def parts(self) -> list[RulePart]:
        """Everything that numbers depend on beside the events, with its version (domain §5)."""
        city = self.city
        return [
            RulePart("profile", "", self.profile.version),
            RulePart("thresholds", "", city.thresholds.version),
            RulePart("units", "", content_version([unit.version for unit in city.units])),
            RulePart("procedures", "", content_version([each.version for each in city.procedures])),
            *(RulePart("calendar", name, spec.version) for name, spec in sorted(city.calendars.items())),
        ]

    def calendars(self) -> list[WorkingTime]:
        """Every calendar a case may run by, each once, the default first."""
        unique = {self.default_calendar.version: self.default_calendar}
        unique.update((calendar.version, calendar) for calendar in self._calendars.values())
        return list(unique.values())

    def calendar_of(self, unit: str) -> WorkingTime:
        """The calendar a case received by ``unit`` runs by; the default one for an unknown unit."""
        return self._calendars.get(unit, self.default_calendar)

    def knows_unit(self, code: str) -> bool:
        """Whether the code is in the list of units; an empty list knows every code."""
        return not self._calendars or code in self._calendars

    def knows_procedure(self, code: str) -> bool:
        """Whether the code is in the list of procedures; an empty list knows every code."""
        return not self._procedures or code in self._procedures

    def path(self, unit: str) -> tuple[str, ...]:
        """The unit and all units above it, nearest first."""
        path = self._paths.get(unit)
        if path is None:
            path = self._paths[unit] = (unit, *self.city.above(unit))
        return path

    def reception_limit_us(self, kind: str, priority: str | None) -> int:
        """Working time within which a registered case must be received or declined (domain §5.8)."""
        return int(self.city.reception_limit_hours(kind, priority) * HOUR_US)

    def statutory_due(self, procedure_code: str, calendar: WorkingTime, received_at: int) -> int | None:
        """The allotted time of the version in force at the receipt, as a moment; None without one (§4).

        Raises:
            BeyondCalendar: the answer needs working time beyond the calendar's horizon.
        """
        procedure = self.procedure_in_force(procedure_code, calendar, received_at)
        if procedure is None or procedure.allotted is None:
            return None
        return allotted_due(calendar, received_at, procedure.allotted, procedure.cutoff)

    def procedure_in_force(
        self, procedure_code: str, calendar: WorkingTime, received_at: int
    ) -> Procedure | None:
        """The version of a procedure in force on the local day of the receipt; None without one."""
        if procedure_code not in self._procedures:
            return None
        return self.city.procedure(procedure_code, calendar.local_day(received_at))
