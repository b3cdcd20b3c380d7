"""Calendars: when an office works, as data (domain.md §4).

Weekly hours, public holidays from the library `holidays`, and a table of days that differ, each with its
reason. The library is asked through `is_working_day`, which alone knows the working Saturdays that Vietnam
swaps for bridge days. `CalendarSpec.hours_on` is the one place that decides what holds on a day.
"""

from datetime import date
from functools import cache, cached_property
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.hours import DayHours, Hours
from schemas.version import content_version

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST_DAY: Final = date(2000, 1, 1)
"""No event is older, so no calendar begins earlier."""
NO_HORIZON: Final = date.max
"""The horizon of a calendar that needs no knowledge of the future."""
SWAPPED: Final = "Ngày làm việc hoán đổi"
"""Why a day off of the week is worked, when the library of holidays says so."""
OFFICE_HOURS: Final = (Hours(8 * 60, 12 * 60), Hours(13 * 60, 17 * 60))

Weekly = Annotated[
    dict[str, DayHours], Field(description="Opening hours by weekday; a day left out is closed.")
]


class Override(BaseModel):
    """One day that differs: closed, working (its own or else Monday's hours), or open at other hours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["closed", "working", "hours"]
    hours: DayHours = ()
    reason: str = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _hours_fit_status(self) -> Self:
        if (self.status == "hours") != bool(self.hours):
            raise ValueError("`hours` goes with `status: hours`, and only with it")
        return self


def _zone(value: object) -> object:
    """A name of the time zone database."""
    if isinstance(value, str):
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError):
            raise ValueError(f"there is no time zone {value!r}; write one like Asia/Ho_Chi_Minh") from None
    return value


def _country(value: object) -> object:
    """A country that the library `holidays` knows."""
    if isinstance(value, str) and value not in holidays.list_supported_countries(include_aliases=True):
        raise ValueError(
            f"the library `holidays` knows no country {value!r}; write a code like VN, or leave it out"
        )
    return value


@cache
def public_holidays(country: str) -> "holidays.HolidayBase":
    """The library's table of a country, in its own language; years are added as they are asked for."""
    # Left to itself the library names days in the language of the process's environment.
    language = holidays.country_holidays(country).default_language
    return holidays.country_holidays(country, language=language)


class CalendarSpec(BaseModel):
    """One calendar. Days are local dates of `zone`; the horizon is the last day that is known.

    After `provisional_from` the days off are not decreed yet and may change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Lịch làm việc / Calendar")

    name: str = Field(min_length=1, max_length=200)
    zone: Annotated[str, BeforeValidator(_zone)]
    weekly: Weekly
    holidays: Annotated[str | None, BeforeValidator(_country)] = None
    overrides: dict[date, Override] = Field(default_factory=dict)
    horizon: date
    provisional_from: date | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        wrong = [day for day in self.weekly if day not in WEEKDAYS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no weekday; write {', '.join(WEEKDAYS)}")
        if not any(self.weekly.values()):
            raise ValueError(
                "a calendar without opening hours would never let a clock run; give one day hours"
            )
        if self.horizon < FIRST_DAY:
            raise ValueError(f"the horizon is before {FIRST_DAY}; give the last day that the calendar knows")
        return self

    @cached_property
    def by_weekday(self) -> tuple[tuple[Hours, ...], ...]:
        """The weekly hours from Monday to Sunday."""
        return tuple(self.weekly.get(day, ()) for day in WEEKDAYS)

    @cached_property
    def never_closes(self) -> bool:
        """Whether working time is clock time."""
        whole = (Hours(0, 24 * 60),)
        return not self.holidays and not self.overrides and all(hours == whole for hours in self.by_weekday)

    def hours_on(self, day: date) -> tuple[tuple[Hours, ...], str | None]:
        """The opening hours of a day (none = closed), and why, where it is no common day of the week.

        An override counts before the library, the library before the week. A day off of the week that is
        worked (a swapped Saturday, an override) has Monday's hours.
        """
        common = self.by_weekday[day.weekday()]
        override = self.overrides.get(day)
        if override is not None:
            if override.status == "closed":
                return (), override.reason
            worked = override.hours or common or self.by_weekday[0]
            return worked, override.reason
        if self.holidays is None:
            return common, None
        table = public_holidays(self.holidays)
        if table.is_working_day(day):
            swapped = table.is_weekend(day)
            return (self.by_weekday[0], SWAPPED) if swapped else (common, None)
        if day in table:
            return (), str(table.get(day))
        # A plain weekend day of the country: offices that open on it anyway say so in their week.
        return common, None

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of the content, the days that the library of holidays moves included."""
        content = self.model_dump(mode="json", exclude={"name"})
        content["special_days"] = [] if self.holidays is None else self._special_days()
        return content_version(content)

    def _special_days(self) -> list[str]:
        """The library's days off and swapped days up to the horizon: a new library may know others."""
        table = public_holidays(str(self.holidays))
        for year in range(FIRST_DAY.year, self.horizon.year + 1):
            table.is_working_day(date(year, 1, 1))
        swapped = {day for day in table.weekend_workdays if day <= self.horizon}
        off = {day for day in table if FIRST_DAY <= day <= self.horizon}
        return sorted(f"{day}+" for day in swapped) + sorted(f"{day}-" for day in off)


def end_of_next_year(today: date) -> date:
    """The horizon of the shipped calendars: what is decreed, and a year that is provisional."""
    return date(today.year + 1, 12, 31)


def hanoi(today: date) -> CalendarSpec:
    """The shipped calendar of Hanoi's offices, known to the end of next year, which is provisional."""
    horizon = end_of_next_year(today)
    return CalendarSpec(
        name="hanoi",
        zone="Asia/Ho_Chi_Minh",
        weekly=dict.fromkeys(WEEKDAYS[:5], OFFICE_HOURS),
        holidays="VN",
        horizon=horizon,
        provisional_from=date(horizon.year, 1, 1),
    )


def always(zone: str = "UTC") -> CalendarSpec:
    """Open day and night without end: working time is clock time. It has no horizon."""
    whole = (Hours(0, 24 * 60),)
    return CalendarSpec(name="always", zone=zone, weekly=dict.fromkeys(WEEKDAYS, whole), horizon=NO_HORIZON)
