"""Due times of allotted times: four units, cutoffs, half days, and why."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calendar import WEEKDAYS, CalendarSpec, Override, always
from schemas.hours import Hours
from schemas.moment import EPOCH_DAY, parse_time
from schemas.procedure import ALLOTTED_UNITS, Allotted, AllottedUnit
from streams.allotted import allotted_due, allotted_steps, explain_allotted
from streams.worktime import BeyondCalendar, WorkingTime
from tests.streams.test_worktime_oracle import HOUR, MINUTE, OFFICES, Office, Oracle, moments

OFFICE = (Hours(480, 720), Hours(780, 1020))
HANOI = WorkingTime.compile(
    CalendarSpec(
        name="hanoi",
        zone="Asia/Ho_Chi_Minh",
        weekly=dict.fromkeys(WEEKDAYS[:5], OFFICE),
        holidays="VN",
        overrides={
            date(2026, 3, 13): Override(status="hours", hours=(Hours(480, 690),), reason="Họp chiều"),
            date(2026, 3, 20): Override(status="hours", hours=(Hours(840, 960),), reason="Mất điện"),
        },
        horizon=date(2026, 12, 31),
    )
)


def at(text: str) -> int:
    return parse_time(f"{text}+07:00")


def due(start: str, amount: int, unit: AllottedUnit, cutoff: time | None = None) -> int:
    return allotted_due(HANOI, at(start), Allotted(amount=amount, unit=unit), cutoff)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2026-03-02T10:00:00", 4, "working_hour", "2026-03-02T15:00:00"),
        ("2026-03-02T09:00:00", 7, "working_hour", "2026-03-02T17:00:00"),  # the earliest moment: at closing
        ("2026-03-02T16:00:00", 8, "working_hour", "2026-03-03T16:00:00"),
        ("2026-03-02T10:00:00", 3, "working_day", "2026-03-05T10:00:00"),
        ("2026-03-05T10:00:00", 3, "working_day", "2026-03-10T10:00:00"),
        ("2026-02-13T10:00:00", 1, "working_day", "2026-02-23T10:00:00"),  # over Tết
        ("2024-05-03T10:00:00", 1, "working_day", "2024-05-04T10:00:00"),  # a worked Saturday counts
        ("2026-08-21T10:00:00", 2, "working_day", "2026-08-24T10:00:00"),
        ("2026-03-02T10:00:00", 7, "calendar_day", "2026-03-09T10:00:00"),
        ("2026-03-02T10:00:00", 5, "calendar_day", "2026-03-09T10:00:00"),  # a Saturday: to Monday
        ("2026-02-11T10:00:00", 5, "calendar_day", "2026-02-23T10:00:00"),  # within Tết
        ("2026-08-07T10:00:00", 15, "calendar_day", "2026-08-22T10:00:00"),  # a worked Saturday is no day off
        ("2026-03-05T10:00:00", 1, "month", "2026-04-06T10:00:00"),  # 5 April is a Sunday
        (
            "2025-03-31T10:00:00",
            1,
            "month",
            "2025-05-05T10:00:00",
        ),  # 30 April to 2 May are off, then a weekend
        ("2025-07-31T10:00:00", 2, "month", "2025-09-30T10:00:00"),
        ("2025-10-31T10:00:00", 1, "month", "2025-12-01T10:00:00"),  # 30 November is a Sunday
        ("2024-01-30T10:00:00", 1, "month", "2024-02-29T10:00:00"),  # leap year
        ("2025-11-28T10:00:00", 3, "month", "2026-03-02T10:00:00"),  # over the year's end, to a Saturday
    ],
)
def test_the_due_time_of_a_receipt_within_opening_hours(
    start: str, amount: int, unit: AllottedUnit, expected: str
) -> None:
    assert due(start, amount, unit) == at(expected)


@pytest.mark.parametrize("unit", ALLOTTED_UNITS)
@pytest.mark.parametrize(
    ("start", "opening"),
    [
        ("2026-03-02T17:00:00", "2026-03-03T08:00:00"),  # closing time sharp is outside
        ("2026-03-02T12:00:00", "2026-03-02T13:00:00"),
        ("2026-03-02T06:30:00", "2026-03-02T08:00:00"),
        ("2026-03-07T10:00:00", "2026-03-09T08:00:00"),  # a Saturday
        ("2026-02-15T23:59:59", "2026-02-23T08:00:00"),  # Tết
    ],
)
def test_a_receipt_outside_opening_hours_counts_from_the_next_opening(
    start: str, opening: str, unit: AllottedUnit
) -> None:
    assert due(start, 2, unit) == due(opening, 2, unit)


@pytest.mark.parametrize("unit", ALLOTTED_UNITS)
@pytest.mark.parametrize(
    ("start", "counts_from"),
    [
        ("2026-03-02T15:00:00", "2026-03-02T15:00:00"),  # at the cutoff is in time
        ("2026-03-02T15:00:01", "2026-03-03T08:00:00"),
        ("2026-03-02T18:00:00", "2026-03-03T08:00:00"),
        ("2026-03-06T16:00:00", "2026-03-09T08:00:00"),
        ("2026-03-07T16:00:00", "2026-03-09T08:00:00"),  # no second day is lost on a Saturday
        ("2026-02-13T16:00:00", "2026-02-23T08:00:00"),
    ],
)
def test_a_receipt_after_the_cutoff_counts_from_the_next_working_day(
    start: str, counts_from: str, unit: AllottedUnit
) -> None:
    assert due(start, 2, unit, time(15)) == due(counts_from, 2, unit)


def test_a_cutoff_in_the_morning_costs_the_afternoon() -> None:
    assert due("2026-03-02T10:00:00", 1, "working_hour", time(9, 30)) == at("2026-03-03T09:00:00")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-12T10:00:00", "2026-03-13T10:00:00"),
        ("2026-03-12T16:00:00", "2026-03-13T11:30:00"),  # after the closing of a half day: its closing
        ("2026-03-12T11:45:00", "2026-03-13T11:30:00"),
        ("2026-03-19T10:00:00", "2026-03-20T14:00:00"),  # before its opening: its opening
        ("2026-03-19T16:30:00", "2026-03-20T16:00:00"),
    ],
)
@pytest.mark.parametrize("unit", ["working_day", "calendar_day"])
def test_the_day_found_is_kept_and_the_time_moved_into_its_hours(
    start: str, expected: str, unit: AllottedUnit
) -> None:
    assert due(start, 1, unit) == at(expected)


def test_a_time_within_the_break_of_the_day_found_moves_to_its_end() -> None:
    spec = HANOI.spec.model_copy(
        update={
            "overrides": {date(2026, 3, 3): Override(status="hours", hours=(Hours(480, 1020),), reason="x")}
        }
    )
    cal = WorkingTime.compile(spec)

    landed = allotted_due(cal, at("2026-03-03T12:20:00"), Allotted(amount=1, unit="working_day"))

    assert landed == at("2026-03-04T13:00:00")


def test_where_work_never_stops_days_and_months_are_plain() -> None:
    cal = WorkingTime.compile(always("Europe/Amsterdam"))
    start = parse_time("2026-03-28T02:30:00+01:00")

    def landed(amount: int, unit: AllottedUnit, cutoff: time | None = None) -> int:
        return allotted_due(cal, start, Allotted(amount=amount, unit=unit), cutoff)

    assert landed(24, "working_hour") == parse_time("2026-03-29T03:30:00+02:00")
    assert landed(1, "calendar_day") == parse_time("2026-03-29T03:30:00+02:00")  # 02:30 was jumped over
    assert landed(2, "working_day") == parse_time("2026-03-30T02:30:00+02:00")
    assert landed(12, "month") == parse_time("2027-03-28T03:30:00+02:00")
    assert landed(1, "working_hour", time(2)) == parse_time("2026-03-29T01:00:00+01:00")


@pytest.mark.parametrize("unit", ALLOTTED_UNITS)
def test_a_due_time_past_the_horizon_is_not_guessed(unit: AllottedUnit) -> None:
    with pytest.raises(BeyondCalendar):
        due("2026-12-31T16:00:00", 10_000, unit)
    with pytest.raises(BeyondCalendar):
        due("2026-12-31T17:00:00", 1, unit)
    with pytest.raises(BeyondCalendar):
        due("2026-12-31T15:00:00", 1, unit, time(14))


def slowly(oracle: Oracle, start: int, amount: int, unit: AllottedUnit, cutoff: time | None) -> int:
    """The same rules, walked minute by minute and day by day."""
    begin = start
    received = oracle.local(start).replace(microsecond=start % 1_000_000)
    if cutoff is not None and received.time() > cutoff:
        begin = start // MINUTE * MINUTE
        while oracle.local(begin).date() <= received.date():
            begin += MINUTE
    begin = oracle.next_opening(begin)
    if unit == "working_hour":
        return oracle.advance(begin, amount * 60 * MINUTE)
    wall = oracle.local(begin)
    day = wall.date()
    if unit == "working_day":
        for _ in range(amount):
            day = next_worked(oracle, day + timedelta(days=1))
    elif unit == "calendar_day":
        day = next_worked(oracle, day + timedelta(days=amount))
    else:
        day = next_worked(oracle, some_months_on(day, amount))
    return into_hours(oracle, begin, wall.hour * 60 + wall.minute, day)


def next_worked(oracle: Oracle, day: date) -> date:
    while not oracle.hours(day):
        day += timedelta(days=1)
    return day


def some_months_on(day: date, months: int) -> date:
    for number in range(day.day, 0, -1):
        try:
            return date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError


def into_hours(oracle: Oracle, begin: int, clock: int, day: date) -> int:
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=oracle.zone).timestamp()) * 1_000_000
    minutes = [m for m in range(noon - 15 * HOUR, noon + 15 * HOUR, MINUTE) if oracle.local(m).date() == day]
    clocks = [oracle.local(m).hour * 60 + oracle.local(m).minute for m in minutes]
    if clock not in clocks:  # jumped over: as much later as was jumped
        clock += max(b - a for a, b in pairwise(clocks)) - 1
    first = clocks.index(clock)
    if oracle.is_open(minutes[first]):
        return minutes[first] + begin % MINUTE
    opened = [m for m in minutes if oracle.is_open(m)]
    return next((m for m in opened if m > minutes[first]), opened[-1] + MINUTE)


PLACES = {
    name: OFFICES[name] for name in ("Hanoi", "Amsterdam", "New York at night", "Lord Howe, half an hour")
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@given(
    data=st.data(),
    amount=st.integers(1, 8),
    unit=st.sampled_from(ALLOTTED_UNITS),
    cutoff=st.none() | st.sampled_from((time(9), time(12), time(16, 30))),
)
@settings(max_examples=100, deadline=None)
def test_due_times_are_those_found_by_walking_the_calendar(
    place: Office, data: st.DataObject, amount: int, unit: AllottedUnit, cutoff: time | None
) -> None:
    start = data.draw(moments(place))
    expected = slowly(place.oracle, start, amount, unit, cutoff)

    if expected > place.compiled.horizon_us:  # where the oracle's table of days has ended too
        with pytest.raises(BeyondCalendar):
            allotted_due(place.compiled, start, Allotted(amount=amount, unit=unit), cutoff)
    else:
        landed = allotted_due(place.compiled, start, Allotted(amount=amount, unit=unit), cutoff)
        assert landed == expected


def test_the_explanation_names_every_day_that_was_skipped_or_worked_against_the_rule() -> None:
    told = explain_allotted(HANOI, at("2024-04-26T17:00:00"), Allotted(amount=5, unit="working_day"))

    assert told == [
        "Tiếp nhận lúc 17:00 26/04/2024.",
        "Ngoài giờ làm việc: tính từ giờ mở cửa kế tiếp.",
        "Không tính 29/04/2024: Ngày nghỉ (thay cho ngày 04/05/2024).",
        "Không tính 30/04/2024: Ngày Chiến thắng.",
        "Không tính 01/05/2024: Ngày Quốc tế Lao động.",
        "Không tính 2 ngày nghỉ hằng tuần.",
        "Tính từ 08:00 02/05/2024.",
        "Thời hạn giải quyết: 5 ngày làm việc.",
        "Có làm việc 04/05/2024: Ngày làm bù.",
        "Không tính 1 ngày nghỉ hằng tuần.",
        "Hẹn trả lúc 08:00 08/05/2024.",
    ]


def test_the_explanation_tells_in_english_why_a_month_ended_later() -> None:
    told = explain_allotted(
        HANOI, at("2025-03-31T15:30:00"), Allotted(amount=1, unit="month"), time(15), language="en"
    )

    assert told == [
        "Received at 15:30 2025-03-31.",
        "After the cutoff at 15:00: counts from the opening of the next working day.",
        "Counts from 08:00 2025-04-01.",
        "Allotted time: 1 month.",
        "Ends on a day off, 2025-05-01: moves to the next working day.",
        "Not counted: 2025-05-01, International Labor Day.",
        "Not counted: 2025-05-02, Day off (substituted from 04/26/2025).",
        "Not counted: weekly days off (2).",
        "The next working day: 2025-05-05.",
        "Due at 08:00 2025-05-05.",
    ]


def test_the_explanation_names_a_clamped_month_and_a_moved_time() -> None:
    clamped = allotted_steps(HANOI, at("2024-01-31T10:00:00"), Allotted(amount=1, unit="month"))
    moved = explain_allotted(HANOI, at("2026-03-12T16:00:05"), Allotted(amount=1, unit="working_day"))

    leap_day = date(2024, 2, 29).toordinal() - EPOCH_DAY
    assert ("month_clamped", {"day": leap_day}) in clamped
    assert moved[-2:] == [
        "16:00:05 không trong giờ làm việc của ngày 13/03/2026: chuyển vào giờ làm việc.",
        "Hẹn trả lúc 11:30 13/03/2026.",
    ]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@given(data=st.data(), amount=st.integers(1, 3), unit=st.sampled_from(ALLOTTED_UNITS))
@settings(max_examples=40, deadline=None)
def test_the_explanation_ends_with_the_due_time_that_counts(
    place: Office, data: st.DataObject, amount: int, unit: AllottedUnit
) -> None:
    start, allotted = data.draw(moments(place)), Allotted(amount=amount, unit=unit)

    steps = allotted_steps(place.compiled, start, allotted, time(16))

    assert steps[-1] == ("due", {"at": allotted_due(place.compiled, start, allotted, time(16))})
    assert all(explain_allotted(place.compiled, start, allotted, time(16), language="en"))
