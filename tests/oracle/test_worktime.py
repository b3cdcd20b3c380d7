"""The oracle against domain.md §4, worked out by hand.

March 2025: the 3rd is a Monday, no holidays. Times are Hanoi's; the office is open 08-12 and 13-17.
"""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.histories import (
    CALENDARS,
)
from tests.oracle.story import DAY_END, at, hours, received
from tests.oracle.worktime import SECOND, BeyondCalendarError, Calendar, allotted_due, always, vietnam

OFFICE = vietnam()


# §4 Working time.


def test_the_calendar_of_hanoi_knows_holidays_and_swapped_saturdays() -> None:
    closed = [date(2025, 1, 27), date(2025, 1, 31), date(2025, 5, 2), date(2026, 8, 31), date(2026, 11, 24)]
    worked = [date(2024, 5, 4), date(2025, 4, 26), date(2026, 8, 22), date(2025, 2, 3)]
    assert not any(OFFICE.is_working_day(day) for day in closed)
    assert all(OFFICE.open_hours(day) == [(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)] for day in worked)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2025-03-03 09:00", "2025-03-03 14:00", "4:00"),
        ("2025-03-03 12:00", "2025-03-03 13:00", "0:00"),
        ("2025-03-07 16:00", "2025-03-10 09:00", "2:00"),  # over a weekend
        ("2025-01-24 16:00", "2025-02-03 09:00", "2:00"),  # over Tết
        ("2025-04-25 16:00", "2025-04-28 09:00", "10:00"),  # over a Saturday that is worked
        ("2025-03-04 09:00", "2025-03-03 09:00", "0:00"),
    ],
)
def test_working_time_is_the_time_of_open_doors(begin: str, end: str, expected: str) -> None:
    assert OFFICE.working(at(begin), at(end)) == hours(expected)


@pytest.mark.parametrize(
    ("begin", "amount", "expected"),
    [
        ("2025-03-03 09:00", "3:00", "2025-03-03 12:00"),  # the earliest such moment, not 13:00
        ("2025-03-03 09:00", "4:00", "2025-03-03 14:00"),
        ("2025-03-08 09:00", "0:00", "2025-03-08 09:00"),
        ("2025-03-08 09:00", "0:30", "2025-03-10 08:30"),
        ("2025-01-24 16:00", "1:30", "2025-02-03 08:30"),
    ],
)
def test_advance_finds_the_earliest_moment(begin: str, amount: str, expected: str) -> None:
    assert OFFICE.advance(at(begin), hours(amount)) == at(expected)


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(sorted(CALENDARS)), st.integers(0, 72 * 60), st.integers(0, 12 * 60))
def test_working_time_equals_a_count_second_by_second(name: str, begin: int, length: int) -> None:
    """Around the night in which Europe's clocks go forward; each second's wall clock is looked up."""
    calendar = CALENDARS[name]
    a = at("2025-03-28 18:00") + begin * 60 * SECOND
    b = a + length * 60 * SECOND

    def is_open(t: int) -> bool:
        wall = calendar.local(t)
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        return any(opens <= second < closes for opens, closes in calendar.open_hours(wall.date()))

    counted = sum(is_open(t) for t in range(a, b, SECOND)) * SECOND
    assert calendar.working(a, b) == counted
    if counted:
        end = calendar.advance(a, counted)
        assert calendar.working(a, end) == counted
        assert calendar.working(a, end - 1) == counted - 1


def test_always_makes_working_time_equal_to_clock_time() -> None:
    a, b = at("2025-03-07 23:00"), at("2025-03-10 01:00")
    assert always().working(a, b) == b - a
    assert always("America/New_York").working(a, b) == b - a  # its clocks go forward in between
    assert always().advance(a, b - a) == b


def test_a_day_ends_one_microsecond_before_the_next_local_day() -> None:
    assert OFFICE.day_end(at("2025-03-03 09:00")) == at(f"2025-03-03 {DAY_END}")
    berlin = CALENDARS["berlin"]
    sunday = at("2025-03-30 12:00", "Europe/Berlin")
    assert berlin.day_end(sunday) == at("2025-03-31 00:00", "Europe/Berlin") - 1


def test_beyond_the_horizon_nothing_is_known() -> None:
    calendar = vietnam(horizon=date(2025, 3, 5))
    assert calendar.working(at("2025-03-05 09:00"), at("2025-03-06 00:00")) == hours("7:00")
    with pytest.raises(BeyondCalendarError):
        calendar.working(at("2025-03-05 09:00"), at("2025-03-06 00:00") + 1)
    with pytest.raises(BeyondCalendarError):
        calendar.advance(at("2025-03-05 09:00"), hours("7:01"))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2025-03-03 09:00", 6, "working_hour", "2025-03-03 16:00"),
        ("2025-03-03 17:00", 1, "working_hour", "2025-03-04 09:00"),  # 17:00 sharp is outside
        ("2025-03-03 09:00", 1, "working_day", "2025-03-04 09:00"),
        ("2025-03-03 16:59", 5, "working_day", "2025-03-10 16:59"),
        ("2025-03-03 12:30", 1, "working_day", "2025-03-04 13:00"),
        ("2025-03-03 17:00", 1, "working_day", "2025-03-05 08:00"),
        ("2025-03-08 10:00", 1, "working_day", "2025-03-11 08:00"),
        ("2025-01-24 09:00", 1, "working_day", "2025-02-03 09:00"),
        ("2025-04-25 09:00", 1, "working_day", "2025-04-26 09:00"),  # the swapped Saturday
        ("2025-03-03 09:00", 4, "calendar_day", "2025-03-07 09:00"),
        ("2025-03-03 09:00", 5, "calendar_day", "2025-03-10 09:00"),  # a Saturday
        ("2025-03-08 09:00", 1, "calendar_day", "2025-03-11 08:00"),  # counts from Monday 08:00
        ("2024-12-31 09:00", 2, "month", "2025-02-28 09:00"),
        ("2025-01-31 07:00", 1, "month", "2025-03-03 08:00"),  # Tết: counts from 3 February
        ("2025-02-07 09:00", 1, "month", "2025-03-07 09:00"),
        ("2025-02-08 09:00", 1, "month", "2025-03-10 08:00"),
    ],
)
def test_allotted_time_by_hand(start: str, amount: int, unit: str, expected: str) -> None:
    assert allotted_due(OFFICE, at(start), amount, unit) == at(expected)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2025-03-03 15:00", "2025-03-04 15:00"),
        ("2025-03-03 15:01", "2025-03-05 08:00"),
        ("2025-03-07 15:01", "2025-03-11 08:00"),
        ("2025-03-08 15:01", "2025-03-11 08:00"),  # Saturday counts from Monday anyway
        ("2025-03-04 06:00", "2025-03-05 08:00"),
    ],
)
def test_a_receipt_after_the_cutoff_counts_from_the_next_day(start: str, expected: str) -> None:
    assert allotted_due(OFFICE, at(start), 1, "working_day", time(15)) == at(expected)


def test_the_day_found_is_kept_when_its_hours_differ() -> None:
    short = Calendar("Asia/Ho_Chi_Minh", OFFICE.hours, {date(2025, 3, 4): [(9 * 3600, 11 * 3600)]})
    assert allotted_due(short, at("2025-03-03 08:30"), 1, "working_day") == at("2025-03-04 09:00")
    assert allotted_due(short, at("2025-03-03 10:00"), 1, "working_day") == at("2025-03-04 10:00")
    assert allotted_due(short, at("2025-03-03 16:00"), 1, "working_day") == at("2025-03-04 11:00")


def test_the_version_in_force_at_the_receipt_counts() -> None:
    before = received(None, "2025-04-25 09:00", procedure_code="P-versions").at("2025-04-29 09:00")
    after = received(None, "2025-04-28 09:00", procedure_code="P-versions").at("2025-04-29 09:00")
    assert before.due_at == at("2025-05-06 09:00")  # 26 (swapped), 28, 29 April, 5, 6 May
    assert after.due_at == at("2025-04-29 09:00")


def test_where_the_calendar_ends_a_case_keeps_its_last_due() -> None:
    story = received("2031-01-01 09:00", "2025-04-28 09:00", unit_id="short")
    far = story.at("2025-04-28 10:00")
    assert (far.due_at, far.column, far.anomalies) == (at("2031-01-01 09:00"), "in_time", [])
    moved = (
        story.then("suspended", "2025-04-28 10:00").then("resumed", "2025-04-28 11:00").at("2025-04-28 12:00")
    )
    assert (moved.due_at, moved.anomalies) == (at("2031-01-01 09:00"), ["beyond_calendar"])
    late = story.at("2025-05-06 09:00")
    assert (late.elapsed_us, late.anomalies) == (
        hours("14:00"),
        ["beyond_calendar"],
    )  # 28 (7 h less 1) and 29 April


def test_a_statutory_due_beyond_the_calendar_is_no_due() -> None:
    case = received(None, "2025-04-28 09:00", unit_id="short", procedure_code="P-days").at("2025-04-28 10:00")
    assert (case.due_at, case.legal_due_at, case.column) == (None, None, "no_deadline")
    assert case.anomalies == ["beyond_calendar"]
