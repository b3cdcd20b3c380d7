"""Who reports and who is silent, in working time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import pytest

from dashboards.board.model.day_table import DayTable
from dashboards.board.model.facts import Reporting
from dashboards.board.model.places import Places
from dashboards.board.model.silence import (
    WorkingHours,
    last_days,
    last_events,
    reporting,
    sources,
)
from dashboards.limits import SilenceLimits
from schemas.calendar import always, hanoi
from schemas.city import City
from schemas.columns import FLOW
from schemas.moment import from_datetime
from schemas.unit import Unit
from sinks.clickhouse.board_reader import ROW, DayRows, to_number
from sinks.clickhouse.board_summaries import Hours, SourceRow
from streams.worktime import WorkingTime

HANOI: Final = hanoi(date(2027, 12, 31))
DUTY: Final = always("Asia/Ho_Chi_Minh")
CITY: Final = City(
    calendars={"hanoi": HANOI, "duty": DUTY},
    units=(
        Unit(code="city", name="City", kind="city"),
        Unit(code="ward", name="Ward", kind="ward", parent="city"),
        Unit(code="desk", name="Desk", kind="centre", parent="city", calendar="duty"),
        Unit(code="gone", name="Gone", kind="ward", parent="city", valid_to=date(2026, 10, 31)),
        Unit(code="coming", name="Coming", kind="ward", parent="city", valid_from=date(2027, 1, 1)),
    ),
)


def hours_of(calendar: WorkingTime) -> Hours:
    starts, stops, before = (np.array(column, np.int64) for column in calendar.intervals())
    return Hours(starts, stops, before)


CALENDARS: Final = {spec.version: WorkingTime.compile(spec) for spec in (HANOI, DUTY)}
WORKING: Final = WorkingHours({version: hours_of(calendar) for version, calendar in CALENDARS.items()})
DAYS: Final = DayTable(to_number(date(2026, 11, 1)), Places(CITY)).days()


def us(text: str) -> int:
    return from_datetime(datetime.fromisoformat(f"{text}+07:00"))


def report(last: Mapping[str, int], now: str, city: City = CITY) -> Reporting:
    moment = us(now)
    today = datetime.fromisoformat(now).date()
    return reporting(Places(city), DAYS, last, WORKING, SilenceLimits(), now=moment, today=today)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-11-20 16:00", "2026-11-23 09:00"),
        ("2026-11-21 10:00", "2026-11-22 10:00"),
        ("2026-11-24 11:59", "2026-11-24 13:01"),
        ("2026-08-31 16:00", "2026-09-03 09:00"),
    ],
)
def test_working_time_from_the_stored_marks_is_that_of_the_calendar(begin: str, end: str) -> None:
    for version, calendar in CALENDARS.items():
        assert WORKING.between(version, us(begin), us(end)) == calendar.working(us(begin), us(end))


def test_working_time_of_a_calendar_that_nobody_stored_is_a_third_of_the_clock() -> None:
    assert WORKING.between("unheard of", us("2026-11-20 00:00"), us("2026-11-21 00:00")) == 8 * 3_600_000_000


def test_a_unit_reports_for_three_working_days_over_a_weekend() -> None:
    last = {"ward": us("2026-11-12 10:00"), "desk": us("2026-11-17 09:00")}

    still, no_more = report(last, "2026-11-17 10:00"), report(last, "2026-11-17 10:01")

    assert (still.reporting, still.expected, list(still.missing)) == (2, 2, [])
    assert (no_more.reporting, [silent.unit.code for silent in no_more.missing]) == (1, ["ward"])
    assert no_more.missing[0].last_event_at == datetime(2026, 11, 12, 3, 0, tzinfo=UTC)


def test_a_desk_that_never_closes_is_missed_after_a_day() -> None:
    last = {"ward": us("2026-11-20 16:00"), "desk": us("2026-11-21 10:00")}

    found = report(last, "2026-11-22 11:00")

    assert [silent.unit.code for silent in found.missing] == ["desk"]


def test_units_from_which_nothing_ever_came_come_first_and_former_and_future_ones_are_not_expected() -> None:
    found = report({"desk": us("2026-11-02 10:00")}, "2026-11-24 10:00")

    assert (found.reporting, found.expected) == (0, 2)
    assert [(silent.unit.code, silent.last_event_at is None, silent.open) for silent in found.missing] == [
        ("ward", True, None),
        ("desk", False, 0),
    ]


def test_a_unit_above_others_is_expected_once_it_had_something_itself() -> None:
    last = {"ward": us("2026-11-24 09:00"), "desk": us("2026-11-24 09:00"), "city": us("2026-11-02 10:00")}

    assert [silent.unit.code for silent in report(last, "2026-11-24 10:00").missing] == ["city"]


def with_a_division(open_cases: int, last: Mapping[str, int]) -> Reporting:
    division = Unit(code="ward.1", name="Division", kind="division", parent="ward")
    places = Places(City(calendars=CITY.calendars, units=(*CITY.units, division)))
    rows = np.zeros(1, ROW)
    rows["day"], rows["version"] = to_number(date(2026, 11, 2)), 1
    rows["numbers"][0, FLOW["in_time"]] = open_cases
    table = DayTable(to_number(date(2026, 11, 1)), places)
    table.take([DayRows("ward.1", rows)])
    now, today = us("2026-11-24 10:00"), date(2026, 11, 24)
    return reporting(places, table.days(), last, WORKING, SilenceLimits(), now=now, today=today)


def test_a_division_is_missed_while_it_has_open_cases() -> None:
    last = {"ward.1": us("2026-11-02 10:00"), "ward": us("2026-11-24 09:00"), "desk": us("2026-11-24 09:00")}

    busy, idle = with_a_division(2, last), with_a_division(0, last)

    assert (busy.expected, [(each.unit.code, each.open) for each in busy.missing]) == (3, [("ward.1", 2)])
    assert (idle.expected, list(idle.missing)) == (2, [])


def test_what_happens_below_an_office_is_its_own_sign_of_life() -> None:
    now = us("2026-11-24 09:00")

    assert list(with_a_division(0, {"ward.1": now, "desk": now}).missing) == []


def test_without_lists_every_unit_that_is_known_is_expected() -> None:
    city = City.empty(HANOI)
    places = Places(city, ["a", "b"])
    days = DayTable(to_number(date(2026, 11, 1)), places).days()
    now = us("2026-11-24 10:00")

    found = reporting(places, days, {"a": now}, WORKING, SilenceLimits(), now=now, today=date(2026, 11, 24))

    assert (found.reporting, found.expected) == (1, 2)


def test_a_source_is_stale_after_a_working_day_of_silence() -> None:
    rows = [SourceRow("one", us("2026-11-20 16:00"), 9), SourceRow("two", us("2026-11-20 16:01"), 7)]

    found = sources(rows, WORKING, HANOI.version, SilenceLimits(), us("2026-11-23 16:00") + 30_000_000)

    assert [(each.source, each.stale, each.events) for each in found] == [("one", True, 9), ("two", False, 7)]
    assert found[0].silence_s == 3 * 86_400 + 30


def test_what_happened_later_than_the_summaries_know_is_told_by_its_day() -> None:
    places = Places(CITY)
    table = DayTable(to_number(date(2026, 11, 1)), places)
    rows = np.zeros(3, ROW)
    rows["day"] = [to_number(date(2026, 11, day)) for day in (3, 20, 24)]
    rows["numbers"][:2, 0] = 1  # received
    rows["numbers"][2, -1] = 1  # a clock moved, nothing happened
    rows["version"] = 1
    table.take([DayRows("ward", rows)])
    exact = {"ward": us("2026-11-03 11:00"), "desk": us("2026-11-23 11:00")}

    days = last_days(table.days(), places)

    assert days == {"ward": to_number(date(2026, 11, 20))}
    found = last_events(exact, days, places, {day: us("2026-11-20 00:00") for day in days.values()})
    assert found == {"ward": us("2026-11-20 00:00"), "desk": us("2026-11-23 11:00")}
