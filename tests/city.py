"""The oracle's small city in the project's own terms."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from schemas.calendar import CalendarSpec, Override, always
from schemas.city import City
from schemas.hours import Hours
from schemas.procedure import Allotted, Procedure
from schemas.profile import PROFILES
from schemas.thresholds import Thresholds
from schemas.unit import Unit
from streams.rules import Rules
from tests.oracle import histories
from tests.oracle.worktime import Hours as OracleHours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _hours(intervals: OracleHours) -> tuple[Hours, ...]:
    return tuple(Hours(start // 60, end // 60) for start, end in intervals)


def _calendars() -> dict[str, CalendarSpec]:
    office = _hours([(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)])

    def vietnam(name: str, horizon: date) -> CalendarSpec:
        week = dict.fromkeys(WEEKDAYS[:5], office)
        return CalendarSpec(name=name, zone="Asia/Ho_Chi_Minh", weekly=week, holidays="VN", horizon=horizon)

    berlin = histories.CALENDARS["berlin"]
    return {
        "hanoi": vietnam("hanoi", histories.CALENDARS["hanoi"].horizon or date(2027, 12, 31)),
        "ends_soon": vietnam("ends_soon", date(2025, 5, 2)),
        "always": always(),
        "always_new_york": always("America/New_York"),
        "berlin": CalendarSpec(
            name="berlin",
            zone=berlin.zone,
            weekly={WEEKDAYS[day]: _hours(hours) for day, hours in berlin.hours.items()},
            overrides={
                day: Override(status="hours", hours=_hours(hours), reason="other hours")
                if hours
                else Override(status="closed", reason="closed")
                for day, hours in berlin.days.items()
            },
            horizon=berlin.horizon or date(2027, 12, 31),
        ),
    }


def small_city() -> City:
    """Units, procedures and calendars of ``tests.oracle.histories``."""
    units = tuple(
        Unit(code=code, name=code.title(), kind="other", parent=parent, calendar=calendar)
        for code, (parent, calendar) in histories.UNITS.items()
    )
    procedures: list[Procedure] = []
    for code, versions in histories.PROCEDURES.items():
        if not versions:
            procedures.append(Procedure(code=code, name=code))
        for version in versions:
            allotted = Allotted(amount=version.amount, unit=version.unit)
            procedures.append(
                Procedure(
                    code=code,
                    name=code,
                    allotted=allotted,
                    cutoff=version.cutoff,
                    valid_from=version.valid_from,
                )
            )
    return City(
        calendars=MappingProxyType(_calendars()),
        units=units,
        procedures=tuple(procedures),
        thresholds=Thresholds(reception_hours={"task": {"normal": 2}}),
    )


CITY = small_city()
RULES = {name: Rules(CITY, profile) for name, profile in PROFILES.items()}
