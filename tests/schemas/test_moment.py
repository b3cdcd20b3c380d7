from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import moment
from schemas.moment import DAY_US, format_time, from_datetime, parse_time, to_datetime

FIRST = from_datetime(datetime.min.replace(tzinfo=UTC))
LAST = from_datetime(datetime.max.replace(tzinfo=UTC))
YEAR_US = 365 * DAY_US
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.integers(FIRST, LAST))
def test_a_moment_that_is_written_in_utc_is_read_as_itself(us: int) -> None:
    assert parse_time(format_time(us)) == us


@given(
    st.datetimes(
        to_datetime(FIRST + YEAR_US).replace(tzinfo=None), to_datetime(LAST - YEAR_US).replace(tzinfo=None)
    ),
    OFFSETS,
)
def test_reading_agrees_with_the_standard_library_whatever_the_offset(
    naive: datetime, zone: timezone
) -> None:
    local = naive.replace(tzinfo=zone)

    assert parse_time(local.isoformat()) == from_datetime(local)
    assert to_datetime(parse_time(local.isoformat())) == local


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-02t08:15:30z", "2026-03-02T08:15:30Z"),
        ("2026-03-02 08:15:30-00:00", "2026-03-02T08:15:30Z"),
        ("2026-03-02T08:15:30.1Z", "2026-03-02T08:15:30.100000Z"),
        ("2026-03-02T08:15:30.1234567891234567890Z", "2026-03-02T08:15:30.123456Z"),
        ("2026-03-02T08:15:30.9999999Z", "2026-03-02T08:15:30.999999Z"),
        ("2024-02-29T23:59:59+23:59", "2024-02-29T00:00:59Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
    ],
)
def test_every_shape_that_rfc_3339_allows_is_read(text: str, same: str) -> None:
    assert format_time(parse_time(text)) == same
    assert format_time(parse_time(text)) == same  # again, from what was remembered


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02",
        "2026-03-02T08:15:30",
        "2026-03-02T08:15Z",
        "2026-03-02T08:15:30+07",
        "2026-03-02T08:15:30+0700",
        "2026-03-02T08:15:30 +07:00",
        "2026-03-02T08:15:30,5Z",
        "2026-03-02T08:15:30.Z",
        "2026-03-02T08:15:60Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T08:60:00Z",
        "2026-02-29T08:15:30Z",
        "2026-13-01T08:15:30Z",
        "2026-00-01T08:15:30Z",
        "0000-01-01T00:00:00Z",
        "2026-3-2T08:15:30Z",
        "20260302T081530Z",
        "2026-W10-1T08:15:30Z",
        "2026-03-02T08:15:30+24:00",
        "2026-03-02T08:15:30+07:60",
        "2026-03-02_08:15:30Z",
        "٢٠٢٦-03-02T08:15:30Z",
        "2026-03-02T08:15:30Z\n",
        " 2026-03-02T08:15:30Z",
        "+2026-03-02T08:15:30Z",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:00:00-07:00",
        "",
    ],
)
def test_nothing_else_is_a_moment_and_the_error_does_not_repeat_it(text: str) -> None:
    parse_time("2026-03-02T08:15:30+07:00")  # its pieces are remembered, and must not help

    with pytest.raises(ValueError, match="not") as caught:
        parse_time(text)

    assert not text.strip() or text not in str(caught.value)


def test_moments_are_written_in_the_zone_that_is_asked_for() -> None:
    us = parse_time("2026-03-02T01:15:30.000001Z")

    assert format_time(us, ZoneInfo("Asia/Ho_Chi_Minh")) == "2026-03-02T08:15:30.000001+07:00"
    assert format_time(us, UTC) == "2026-03-02T01:15:30.000001+00:00"


def test_what_is_remembered_of_moments_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "_MOST_TAILS", 10)
    monkeypatch.setattr(moment, "_MOST_HOURS", 10)

    for each in range(50):
        text = f"2026-01-{each % 28 + 1:02}T00:00:{each:02}+00:{each:02}"
        assert parse_time(text) == from_datetime(datetime.fromisoformat(text))

    assert len(moment._tails) <= 10
    assert len(moment._hours) <= 10
