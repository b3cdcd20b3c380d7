"""Local days and wall clocks: days of 23 and 25 hours, midnights that are missing, days that never were."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.moment import DAY_US, EPOCH_DAY, HOUR_US, SECOND_US, from_datetime, parse_time
from streams.worktime_zone import LocalDays

MINUTE_US = 60 * SECOND_US
PLAIN_ZONES = ("Asia/Ho_Chi_Minh", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC")
ODD_ZONES = ("America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Africa/Casablanca", "Asia/Gaza")

years_2000_to_2100 = st.integers(
    from_datetime(datetime(2000, 1, 2, tzinfo=UTC)), from_datetime(datetime(2100, 12, 31, tzinfo=UTC))
)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_DAY


@pytest.mark.parametrize("zone", PLAIN_ZONES + ODD_ZONES)
@given(t=years_2000_to_2100)
@settings(max_examples=100, deadline=None)
def test_days_and_clocks_are_those_of_the_time_zone_database(zone: str, t: int) -> None:
    days = LocalDays(ZoneInfo(zone))
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t)).astimezone(ZoneInfo(zone))
    clock = local.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)

    assert days.local_day(t) == local.date().toordinal() - EPOCH_DAY
    assert days.wall(t) == clock // timedelta(microseconds=1)


@pytest.mark.parametrize("zone", PLAIN_ZONES + ODD_ZONES)
@given(t=years_2000_to_2100)
@settings(max_examples=100, deadline=None)
def test_a_day_begins_where_the_one_before_has_ended(zone: str, t: int) -> None:
    days = LocalDays(ZoneInfo(zone))
    today = days.local_day(t)

    assert days.day_start(today) <= t <= days.day_end(today)
    assert days.day_end(today - 1) == days.day_start(today) - 1
    assert days.local_day(days.day_start(today)) == days.local_day(days.day_end(today)) == today


@pytest.mark.parametrize("zone", PLAIN_ZONES)
@given(t=years_2000_to_2100, clock=st.integers(0, DAY_US - 1))
@settings(max_examples=100, deadline=None)
def test_a_wall_time_is_the_moment_that_the_standard_library_finds(zone: str, t: int, clock: int) -> None:
    days = LocalDays(ZoneInfo(zone))
    today = days.local_day(t)
    naive = datetime.fromordinal(today + EPOCH_DAY) + timedelta(microseconds=clock)

    assert days.at(today, clock) == from_datetime(naive.replace(tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("zone", "text", "hours"),
    [
        ("Europe/Amsterdam", "2026-03-28", 24),
        ("Europe/Amsterdam", "2026-03-29", 23),
        ("Europe/Amsterdam", "2026-10-25", 25),
        ("America/New_York", "2099-03-08", 23),
        ("America/New_York", "2099-11-01", 25),
        ("Asia/Ho_Chi_Minh", "2099-03-08", 24),
    ],
)
def test_a_day_has_23_or_25_hours_when_the_clocks_change(zone: str, text: str, hours: int) -> None:
    days = LocalDays(ZoneInfo(zone))

    assert days.day_end(day(text)) + 1 - days.day_start(day(text)) == hours * HOUR_US


def test_a_day_whose_midnight_is_jumped_over_starts_at_one() -> None:
    days = LocalDays(ZoneInfo("America/Sao_Paulo"))

    assert days.day_start(day("2018-11-04")) == parse_time("2018-11-04T01:00:00-02:00")
    assert days.day_end(day("2018-11-03")) == parse_time("2018-11-04T01:00:00-02:00") - 1


def test_a_day_that_comes_back_for_an_hour_ends_with_that_hour() -> None:
    # On 7 November 2010, one minute after midnight, Newfoundland went back to 23:01 of the 6th.
    days = LocalDays(ZoneInfo("America/St_Johns"))

    assert days.day_start(day("2010-11-07")) == parse_time("2010-11-07T00:00:00-02:30")
    assert days.day_end(day("2010-11-06")) == parse_time("2010-11-07T00:00:00-03:30") - 1


def test_a_day_that_never_was_has_no_moment() -> None:
    # Samoa went from 29 to 31 December 2011.
    days = LocalDays(ZoneInfo("Pacific/Apia"))
    never = day("2011-12-30")

    assert days.day_start(never) == days.day_end(never) + 1 == days.day_start(never + 1)
    assert days.spans(never, 0, DAY_US) == []


def test_an_hour_that_is_jumped_over_is_read_an_hour_later_and_one_that_comes_twice_at_its_first() -> None:
    days = LocalDays(ZoneInfo("Europe/Amsterdam"))
    half_past_two = 150 * MINUTE_US

    assert days.at(day("2026-03-29"), half_past_two) == parse_time("2026-03-29T03:30:00+02:00")
    assert days.at(day("2026-10-25"), half_past_two) == parse_time("2026-10-25T02:30:00+02:00")


def test_hours_over_a_change_of_the_clocks_are_those_the_wall_clock_shows() -> None:
    days = LocalDays(ZoneInfo("Europe/Amsterdam"))
    spring, autumn = day("2026-03-29"), day("2026-10-25")

    over_the_gap = days.spans(spring, 90 * MINUTE_US, 240 * MINUTE_US)
    in_the_gap = days.spans(spring, 130 * MINUTE_US, 170 * MINUTE_US)
    from_within_the_hour_that_returns = days.spans(autumn, 150 * MINUTE_US, 240 * MINUTE_US)

    assert over_the_gap == [
        (parse_time("2026-03-29T01:30:00+01:00"), parse_time("2026-03-29T04:00:00+02:00"))
    ]
    assert in_the_gap == []
    assert from_within_the_hour_that_returns == [
        (parse_time("2026-10-25T02:30:00+02:00"), parse_time("2026-10-25T02:00:00+01:00")),
        (parse_time("2026-10-25T02:30:00+01:00"), parse_time("2026-10-25T04:00:00+01:00")),
    ]
