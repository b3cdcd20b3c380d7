from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from schemas.calendar import SWAPPED, WEEKDAYS, CalendarSpec, Override, always, hanoi
from schemas.hours import Hours

TODAY = date(2026, 11, 24)
HANOI = hanoi(TODAY)
OFFICE = (Hours(480, 720), Hours(780, 1020))


def spec(**changes: object) -> CalendarSpec:
    content = {
        "name": "test",
        "zone": "Asia/Ho_Chi_Minh",
        "weekly": {"monday": ["08:00-12:00", "13:00-17:00"], "saturday": "08:00-11:30"},
        "holidays": "VN",
        "horizon": "2027-12-31",
    }
    return CalendarSpec.model_validate(content | changes)


def test_hanoi_works_eight_hours_from_monday_to_friday() -> None:
    week = [HANOI.hours_on(date(2026, 11, 30) + timedelta(days=day)) for day in range(7)]

    assert week == [(OFFICE, None)] * 5 + [((), None)] * 2


@pytest.mark.parametrize("day", [date(2024, 5, 4), date(2025, 4, 26), date(2026, 8, 22)])
def test_a_saturday_that_was_swapped_is_worked_at_mondays_hours(day: date) -> None:
    assert HANOI.hours_on(day) == (OFFICE, SWAPPED)
    assert spec().hours_on(day) == (OFFICE, SWAPPED)


@pytest.mark.parametrize(
    "day", [date(2024, 4, 29), date(2025, 5, 2), date(2026, 8, 31), date(2026, 2, 17), date(2026, 11, 24)]
)
def test_a_public_holiday_is_closed_and_has_a_name(day: date) -> None:
    hours, reason = HANOI.hours_on(day)

    assert hours == ()
    assert reason


def test_an_office_that_opens_on_saturdays_does_so_unless_it_is_a_holiday() -> None:
    assert spec().hours_on(date(2026, 11, 28)) == ((Hours(480, 690),), None)
    assert spec().hours_on(date(2026, 2, 14))[0] == ((Hours(480, 690),))
    assert spec().hours_on(date(2027, 1, 1))[0] == ()


def test_an_override_counts_before_library_and_week() -> None:
    calendar = spec(
        overrides={
            "2026-01-02": {"status": "closed", "reason": "Nghỉ bù"},
            "2026-01-11": {"status": "working", "reason": "Làm bù"},
            "2026-11-24": {"status": "working", "reason": "Trực"},
            "2026-12-05": {"status": "working", "reason": "Trực thứ Bảy"},
            "2026-12-24": {"status": "hours", "hours": ["08:00-24:00"], "reason": "Cao điểm"},
        }
    )

    assert calendar.hours_on(date(2026, 1, 2)) == ((), "Nghỉ bù")
    assert calendar.hours_on(date(2026, 1, 11)) == (OFFICE, "Làm bù")
    assert calendar.hours_on(date(2026, 11, 24)) == (OFFICE, "Trực")
    assert calendar.hours_on(date(2026, 12, 5)) == ((Hours(480, 690),), "Trực thứ Bảy")
    assert calendar.hours_on(date(2026, 12, 24)) == ((Hours(480, 1440),), "Cao điểm")


def test_the_shipped_calendar_is_known_to_the_end_of_next_year_which_is_provisional() -> None:
    assert HANOI.horizon == date(2027, 12, 31)
    assert HANOI.provisional_from == date(2027, 1, 1)


def test_always_never_closes_and_has_no_horizon() -> None:
    assert always().never_closes
    assert always().zone == "UTC"
    assert always("Asia/Ho_Chi_Minh").zone == "Asia/Ho_Chi_Minh"
    assert always().horizon == date.max
    assert not HANOI.never_closes


def test_the_version_follows_the_content_and_nothing_else() -> None:
    assert HANOI.version == hanoi(date(2026, 1, 1)).version
    assert len(HANOI.version) == 12
    assert spec().version == spec(weekly=dict(reversed(spec().weekly.items()))).version
    different = [
        spec(),
        spec(zone="UTC"),
        spec(holidays=None),
        spec(horizon="2026-12-31"),
        spec(weekly={"monday": ["08:00-12:00"]}),
        spec(overrides={"2026-01-02": {"status": "closed", "reason": "x"}}),
    ]
    assert len({each.version for each in different}) == len(different)


def test_a_calendar_is_written_as_it_is_read() -> None:
    calendar = spec(overrides={"2026-12-24": {"status": "hours", "hours": ["08:00-10:00"], "reason": "x"}})

    assert CalendarSpec.model_validate_json(calendar.model_dump_json()) == calendar
    assert calendar.model_dump(mode="json")["weekly"]["monday"] == ["08:00-12:00", "13:00-17:00"]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"weekly": {"monday": ["8-12"]}}, "write opening hours as 08:00-12:00"),
        ({"weekly": {"monday": ["08:60-12:00"]}}, "names a time that no day has"),
        ({"weekly": {"monday": ["08:00-24:01"]}}, "names a time that no day has"),
        ({"weekly": {"monday": ["12:00-08:00"]}}, "ends before it begins"),
        ({"weekly": {"monday": ["08:00-08:00"]}}, "ends before it begins"),
        ({"weekly": {"monday": ["08:00-12:00", "11:59-17:00"]}}, "overlap"),
        ({"weekly": {"funday": ["08:00-12:00"]}}, "is no weekday"),
        ({"weekly": {}}, "give one day hours"),
        ({"weekly": {"monday": []}}, "give one day hours"),
        ({"weekly": {"monday": 8}}, "tuple"),
        ({"zone": "Asia/Atlantis"}, "there is no time zone"),
        ({"zone": "../etc"}, "there is no time zone"),
        ({"holidays": "XX"}, "knows no country"),
        ({"horizon": "1999-12-31"}, "the horizon is before"),
        ({"overrides": {"2026-01-02": {"status": "closed"}}}, "reason"),
        ({"overrides": {"2026-01-02": {"status": "hours", "reason": "x"}}}, "goes with"),
        (
            {"overrides": {"2026-01-02": {"status": "closed", "hours": ["08:00-09:00"], "reason": "x"}}},
            "goes with",
        ),
        ({"holiday": "VN"}, "holiday"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused_with_a_hint(
    changes: dict[str, object], hint: str
) -> None:
    with pytest.raises(ValidationError, match=hint):
        spec(**changes)


def test_hours_of_a_day_are_put_in_order_and_may_touch() -> None:
    override = Override.model_validate(
        {"status": "hours", "hours": ["13:00-24:00", "00:00-13:00"], "reason": "x"}
    )

    assert override.hours == (Hours(0, 780), Hours(780, 1440))
    assert [str(each) for each in override.hours] == ["00:00-13:00", "13:00-24:00"]
    assert override.hours[1].closes_us == 86_400_000_000


def test_weekdays_stand_in_the_order_of_the_standard_library() -> None:
    assert [date(2026, 11, 23 + number).strftime("%A").lower() for number in range(7)] == list(WEEKDAYS)
