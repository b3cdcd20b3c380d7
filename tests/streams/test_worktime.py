"""Working time: facts of Vietnam's calendar, the horizon, calendars that never close."""

from datetime import date

import numpy as np
import pytest

from schemas.calendar import WEEKDAYS, CalendarSpec, Override, always
from schemas.hours import Hours
from schemas.moment import DAY_US, EPOCH_DAY, HOUR_US, SECOND_US, parse_time
from streams.worktime import BeyondCalendar, WorkingTime

OFFICE = (Hours(480, 720), Hours(780, 1020))


def vietnam(overrides: dict[date, Override] | None = None, horizon: date = date(2026, 12, 31)) -> WorkingTime:
    weekly = dict.fromkeys(WEEKDAYS[:5], OFFICE)
    return WorkingTime.compile(
        CalendarSpec(
            name="hanoi",
            zone="Asia/Ho_Chi_Minh",
            weekly=weekly,
            holidays="VN",
            overrides=overrides or {},
            horizon=horizon,
        )
    )


HANOI = vietnam()
AMSTERDAM = WorkingTime.compile(always("Europe/Amsterdam"))


def at(text: str) -> int:
    return parse_time(f"{text}+07:00")


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_DAY


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2025-03-03T08:00:00", "2025-03-03T17:00:00", 8),  # a Monday
        ("2025-03-03T12:00:00", "2025-03-03T13:00:00", 0),  # lunch
        ("2025-03-07T16:00:00", "2025-03-10T09:00:00", 2),  # over a weekend
        ("2024-02-07T16:00:00", "2024-02-15T09:00:00", 2),  # Tết 2024, seven days off
        ("2025-01-24T16:00:00", "2025-02-03T09:00:00", 2),  # Tết 2025
        ("2026-02-13T16:00:00", "2026-02-23T09:00:00", 2),  # Tết 2026
        ("2024-05-03T16:00:00", "2024-05-06T09:00:00", 10),  # the worked Saturday 4 May 2024
        ("2025-04-25T16:00:00", "2025-04-28T09:00:00", 10),  # 26 April 2025
        ("2026-08-21T16:00:00", "2026-08-24T09:00:00", 10),  # 22 August 2026
        ("2024-04-26T16:00:00", "2024-05-02T09:00:00", 2),  # off in return: 29 April
        ("2026-08-28T16:00:00", "2026-09-03T09:00:00", 2),  # off in return: 31 August
        ("2026-11-23T16:00:00", "2026-11-25T09:00:00", 2),  # Vietnam Cultural Day
    ],
)
def test_working_hours_of_hanoi(start: str, end: str, hours: int) -> None:
    assert HANOI.working(at(start), at(end)) == hours * HOUR_US


def test_a_span_of_one_microsecond_is_one_microsecond() -> None:
    closing = at("2025-03-03T17:00:00")

    assert HANOI.working(closing - 1, closing) == 1
    assert HANOI.working(closing, closing + 1) == 0


def test_advance_ends_at_the_closing_and_retreat_at_the_opening() -> None:
    monday = at("2025-03-03T08:00:00")

    assert HANOI.advance(monday, 8 * HOUR_US) == at("2025-03-03T17:00:00")
    assert HANOI.advance(monday, 4 * HOUR_US) == at("2025-03-03T12:00:00")
    assert HANOI.advance(monday, 4 * HOUR_US + 1) == at("2025-03-03T13:00:00") + 1
    assert HANOI.retreat(at("2025-03-04T08:00:00"), 8 * HOUR_US) == monday
    assert HANOI.retreat(at("2025-03-03T17:00:00"), 4 * HOUR_US) == at("2025-03-03T13:00:00")


def test_a_closed_moment_moved_by_nothing_stays_where_it_is() -> None:
    sunday = at("2025-03-02T11:00:00")

    assert HANOI.advance(sunday, 0) == sunday
    assert HANOI.retreat(sunday, 0) == sunday


def test_the_closing_moment_is_outside_opening_hours() -> None:
    friday = at("2025-03-07T17:00:00")

    assert HANOI.next_opening(friday - 1) == friday - 1
    assert HANOI.next_opening(friday) == at("2025-03-10T08:00:00")
    assert HANOI.next_opening(at("2025-03-07T12:00:00")) == at("2025-03-07T13:00:00")
    assert not HANOI.is_open(friday)
    assert HANOI.is_open(at("2025-03-07T13:00:00"))


def test_days_name_what_sets_them_apart() -> None:
    cal = vietnam({date(2026, 1, 2): Override(status="closed", reason="Nghỉ hoán đổi")})

    assert cal.why(day("2026-02-17")) == "Tết Nguyên Đán"
    assert cal.why(day("2026-02-17"), "en") == "Lunar New Year"
    assert cal.why(day("2024-04-29")) == "Ngày nghỉ (thay cho ngày 04/05/2024)"
    assert cal.why(day("2024-05-04")) == "Ngày làm bù"
    assert cal.why(day("2026-01-02")) == "Nghỉ hoán đổi"
    assert cal.why(day("2026-03-03")) is None
    assert cal.why(day("2026-03-07")) is None
    assert cal.why(day("2031-01-01")) is None


def test_holidays_unknown_in_vietnamese_have_the_name_of_their_country(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    spec = HANOI.spec.model_copy(update={"holidays": "NL", "zone": "Europe/Amsterdam"})

    assert WorkingTime.compile(spec).why(day("2026-04-27")) == "Koningsdag"


def test_an_override_beats_the_holiday_and_the_week() -> None:
    cal = vietnam(
        {
            date(2026, 2, 17): Override(status="working", reason="Trực Tết"),
            date(2026, 1, 10): Override(status="working", reason="Làm bù"),
            date(2026, 8, 22): Override(status="closed", reason="Bỏ làm bù"),
            date(2026, 3, 3): Override(status="hours", hours=(Hours(480, 690),), reason="Họp chiều"),
        }
    )

    assert cal.working(at("2026-02-17T00:00:00"), at("2026-02-18T00:00:00")) == 8 * HOUR_US
    assert cal.working(at("2026-01-10T00:00:00"), at("2026-01-11T00:00:00")) == 8 * HOUR_US
    assert not cal.is_working_day(day("2026-08-22"))
    assert cal.opening_hours(day("2026-03-03")) == [(at("2026-03-03T08:00:00"), at("2026-03-03T11:30:00"))]


def test_a_swapped_saturday_has_the_hours_of_monday_even_where_saturdays_have_their_own() -> None:
    weekly = {"monday": (Hours(420, 660),), "tuesday": OFFICE, "saturday": (Hours(480, 720),)}
    spec = HANOI.spec.model_copy(update={"weekly": weekly})
    cal = WorkingTime.compile(CalendarSpec.model_validate(spec.model_dump()))

    assert cal.opening_hours(day("2026-08-22")) == [(at("2026-08-22T07:00:00"), at("2026-08-22T11:00:00"))]
    assert cal.opening_hours(day("2026-08-15")) == [(at("2026-08-15T08:00:00"), at("2026-08-15T12:00:00"))]
    assert cal.opening_hours(day("2024-02-10")) == []  # Tết on a Saturday


def test_working_days_are_found_and_counted() -> None:
    friday = day("2026-02-13")

    assert HANOI.next_working_day(friday) == friday
    assert HANOI.next_working_day(friday + 1) == day("2026-02-23")
    assert HANOI.working_day_after(friday, 1) == day("2026-02-23")
    assert HANOI.working_day_after(friday + 1, 1) == day("2026-02-23")
    assert HANOI.working_day_after(friday, 0) == friday
    assert HANOI.working_day_after(friday + 1, 0) == friday


def test_a_day_closes_with_its_hours_and_within_itself() -> None:
    assert HANOI.closing_time(day("2026-03-03")) == at("2026-03-03T17:00:00")
    assert HANOI.closing_time(day("2026-03-08")) == at("2026-03-09T00:00:00") - 1
    assert HANOI.closing_time(day("2031-03-03")) == at("2031-03-04T00:00:00") - 1
    assert AMSTERDAM.closing_time(day("2026-03-29")) == parse_time("2026-03-30T00:00:00+02:00") - 1


def test_the_day_of_the_horizon_is_the_last_that_can_be_used() -> None:
    closing, end = at("2026-12-31T17:00:00"), at("2027-01-01T00:00:00")

    assert HANOI.advance(closing - HOUR_US, HOUR_US) == closing
    assert HANOI.horizon_us == end
    assert HANOI.mark(end) == HANOI.mark(closing) == HANOI.last_mark
    assert HANOI.moment(HANOI.last_mark) == closing
    assert HANOI.retreat(end, HOUR_US) == closing - HOUR_US
    assert HANOI.next_working_day(day("2026-12-31")) == day("2026-12-31")
    assert HANOI.is_working_day(day("2026-12-31"))
    assert HANOI.opening_hours(day("2026-12-31"))[-1] == (closing - 4 * HOUR_US, closing)
    assert HANOI.closing_time(day("2026-12-31")) == closing
    assert not HANOI.is_open(end)


def test_what_needs_working_time_past_the_horizon_says_so() -> None:
    closing, past = at("2026-12-31T17:00:00"), at("2027-01-01T00:00:00") + 1
    far = at("2080-01-01T00:00:00")

    for ask in (
        lambda: HANOI.mark(past),
        lambda: HANOI.mark(far),
        lambda: HANOI.working(closing, past),
        lambda: HANOI.working(past, far),
        lambda: HANOI.advance(closing - HOUR_US, HOUR_US + 1),
        lambda: HANOI.advance(past, 1),
        lambda: HANOI.retreat(past, 1),
        lambda: HANOI.moment(HANOI.last_mark + 1),
        lambda: HANOI.next_opening(closing),
        lambda: HANOI.next_opening(far),
        lambda: HANOI.is_open(past),
        lambda: HANOI.is_working_day(day("2027-01-04")),
        lambda: HANOI.opening_hours(day("2027-01-04")),
        lambda: HANOI.next_working_day(day("2027-01-01")),
        lambda: HANOI.working_day_after(day("2026-12-31"), 1),
        lambda: HANOI.marks(np.array([closing, past])),
        lambda: HANOI.advances(np.array([closing - HOUR_US]), HOUR_US + 1),
        lambda: HANOI.retreats(np.array([past]), 1),
    ):
        with pytest.raises(BeyondCalendar):
            ask()


def test_what_needs_no_working_time_is_answered_past_the_horizon() -> None:
    past = at("2031-03-03T10:00:00")

    assert HANOI.advance(past, 0) == HANOI.retreat(past, 0) == past
    assert HANOI.working(past, past) == HANOI.working(past, past - DAY_US) == 0
    assert HANOI.mark_within(past) == HANOI.last_mark
    assert HANOI.local_day(past) == day("2031-03-03")
    assert HANOI.day_start(day("2031-03-03")) == at("2031-03-03T00:00:00")
    assert HANOI.advances(np.array([past]), 0).tolist() == [past]


def test_moments_before_2000_count_as_the_calendars_first() -> None:
    early, first = at("1999-06-01T10:00:00"), at("2000-01-01T00:00:00")
    opening = at("2000-01-04T08:00:00")  # the 3rd is off, New Year having been a Saturday

    assert HANOI.start == first
    assert HANOI.mark(early) == HANOI.mark(first) == 0
    assert HANOI.moment(0) == first
    assert HANOI.working(early, opening + 5) == 5
    assert HANOI.working(early, early + DAY_US) == 0
    assert HANOI.advance(early, HOUR_US) == opening + HOUR_US
    assert HANOI.retreat(opening + 5, 6) == first
    assert HANOI.retreat(early, 6) == early
    assert HANOI.retreats(np.array([opening + 5, early]), 6).tolist() == [first, early]
    assert HANOI.opening_hours(day("1999-06-01")) == []
    assert HANOI.working_day_after(day("1999-06-01"), 1) == day("2000-01-04")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Ho_Chi_Minh"])
def test_where_work_never_stops_working_time_is_clock_time(zone: str) -> None:
    cal = WorkingTime.compile(always(zone))
    a, b = parse_time("2026-03-20T11:22:33Z"), parse_time("2099-11-20T01:02:03Z")

    assert cal.working(a, b) == b - a
    assert cal.advance(a, b - a) == b
    assert cal.retreat(b, b - a) == a
    assert cal.mark(a) == a - cal.start
    assert cal.next_opening(a) == a
    assert cal.working_day_after(day("2026-03-20"), 3_650) == day("2026-03-20") + 3_650
    assert cal.opening_hours(day("2026-03-29")) == [
        (cal.day_start(day("2026-03-29")), cal.day_end(day("2026-03-29")) + 1)
    ]


def test_the_hours_of_a_day_stay_in_order_where_an_hour_comes_twice() -> None:
    weekly = {"sunday": (Hours(0, 150), Hours(150, 300))}
    spec = CalendarSpec(name="x", zone="Europe/Amsterdam", weekly=weekly, horizon=date(2027, 12, 31))
    cal = WorkingTime.compile(spec)
    autumn = day("2026-10-25")

    hours = cal.opening_hours(autumn)

    assert hours == sorted(hours)
    assert len(hours) == 4
    assert sum(end - start for start, end in hours) == cal.working(cal.day_start(autumn), cal.day_end(autumn))
    assert sum(end - start for start, end in hours) == 6 * HOUR_US


def test_the_intervals_of_a_table_add_up_to_the_marks() -> None:
    opens, closes, before = HANOI.intervals()
    t = at("2026-03-03T10:00:00")

    i = int(np.searchsorted(opens, t, side="right")) - 1

    assert HANOI.mark(t) == int(before[i] + min(t, int(closes[i])) - opens[i])
    assert len(opens) == len(closes) == len(before)
    assert int(before[-1] + closes[-1] - opens[-1]) == HANOI.last_mark


def test_negative_times_are_refused() -> None:
    t = at("2026-03-03T10:00:00")

    for ask in (
        lambda: HANOI.advance(t, -1),
        lambda: HANOI.retreat(t, -SECOND_US),
        lambda: HANOI.moment(-1),
        lambda: HANOI.advances(np.array([t]), -1),
        lambda: HANOI.retreats(np.array([t]), -1),
    ):
        with pytest.raises(ValueError, match="negative"):
            ask()


def test_an_empty_column_gives_an_empty_column() -> None:
    nothing = np.array([], dtype=np.int64)

    assert HANOI.marks(nothing).tolist() == []
    assert HANOI.advances(nothing, HOUR_US).tolist() == []
    assert HANOI.retreats(nothing, HOUR_US).tolist() == []
