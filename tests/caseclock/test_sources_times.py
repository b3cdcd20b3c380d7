from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseclock.sources.times import AmbiguousTimeError, TimeReader, parser_of
from schemas.calendar import hanoi
from schemas.decode import format_time, parse_time
from schemas.moment import to_datetime
from streams.worktime import WorkingTime

HANOI = WorkingTime.compile(hanoi(date(2026, 11, 24)))


def utc(text: str, zone: str = "Asia/Ho_Chi_Minh", formats: tuple[str, ...] = ("auto",)) -> str:
    return format_time(TimeReader(formats, zone).read(text))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-08-01 06:35:06.539+00", "2025-08-01T06:35:06.539000Z"),
        ("2011-12-06 13:41:31.788000+01:00", "2011-12-06T12:41:31.788000Z"),
        ("2025-08-01T06:35:06Z", "2025-08-01T06:35:06Z"),
        ("2025-08-01 06:35:06 +0700", "2025-07-31T23:35:06Z"),
        ("2025-08-01 06:35:06.5 UTC", "2025-08-01T06:35:06.500000Z"),
        ("2025-08-01 06:35:06.123456789+07:00", "2025-07-31T23:35:06.123456Z"),
        ("2025-08-01 06:35", "2025-07-31T23:35:00Z"),
        ("2025-08-01T06:35:06", "2025-07-31T23:35:06Z"),
        ("2025-08-01", "2025-08-01T16:59:59.999999Z"),
    ],
)
def test_auto_reads_what_looks_like_iso_8601(text: str, moment: str) -> None:
    assert utc(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "20250801",
        "2025-8-1",
        "01/08/2025",
        "2025-13-01",
        "2025-08-01 25:00",
        "2025-W31-5",
        "2025-08-01x",
        "2025-08-01 06:35 EST",
    ],
)
def test_auto_guesses_at_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="none of the formats"):
        utc(text)


def test_the_first_format_that_fits_is_taken() -> None:
    formats = ("%d/%m/%Y %H:%M", "%d/%m/%y", "rfc3339", "epoch_ms", "epoch")

    assert utc("05/01/2026 09:30", formats=formats) == "2026-01-05T02:30:00Z"
    assert utc("05/01/26", formats=formats) == "2026-01-05T16:59:59.999999Z"
    assert utc("2026-01-05T09:30:00+07:00", formats=formats) == "2026-01-05T02:30:00Z"
    assert utc("1767580200123", formats=formats) == "2026-01-05T02:30:00.123000Z"
    assert utc("1767580200", formats=("epoch",)) == "2026-01-05T02:30:00Z"


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "0001-01-01 00:00+07:00"])
def test_a_time_outside_of_any_calendar_has_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        utc(text)


@pytest.mark.parametrize("text", ["99999999999999999", "1e9", "-"])
def test_a_number_that_is_no_time_has_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"outside|none"):
        utc(text, formats=("epoch",))


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("text", "ambiguous", "moment"),
    [
        ("2025-11-02 01:30", "earlier", "2025-11-02T05:30:00Z"),
        ("2025-11-02 01:30", "later", "2025-11-02T06:30:00Z"),
        ("2025-11-02 00:59", "later", "2025-11-02T04:59:00Z"),
        ("2025-11-02 02:00", "earlier", "2025-11-02T07:00:00Z"),
        ("2025-03-09 02:30", "later", "2025-03-09T07:30:00Z"),  # 02:30 never was: read as 03:30, summer time
        ("2025-03-09 03:30", "earlier", "2025-03-09T07:30:00Z"),
    ],
)
def test_a_local_time_when_clocks_change_follows_the_rule(text: str, ambiguous: str, moment: str) -> None:
    assert format_time(TimeReader(["auto"], NEW_YORK, ambiguous=ambiguous).read(text)) == moment


@pytest.mark.parametrize("text", ["2025-11-02 01:30", "2025-03-09 02:30"])
def test_the_rule_may_be_a_dead_letter(text: str) -> None:
    with pytest.raises(AmbiguousTimeError):
        TimeReader(["auto"], NEW_YORK, ambiguous="dead", nonexistent="dead").read(text)


def test_a_time_with_an_offset_is_never_ambiguous() -> None:
    reader = TimeReader(["auto"], NEW_YORK, ambiguous="dead", nonexistent="dead")

    assert format_time(reader.read("2025-11-02 01:30-05:00")) == "2025-11-02T06:30:00Z"


@pytest.mark.parametrize(
    ("day", "rule", "local"),
    [
        ("2026-03-05", "closing", "2026-03-05T17:00:00+07:00"),
        ("2026-03-05", "opening", "2026-03-05T08:00:00+07:00"),
        (
            "2026-03-07",
            "closing",
            "2026-03-07T23:59:59.999999+07:00",
        ),  # a Saturday: the office does not close
        ("2026-03-07", "opening", "2026-03-07T00:00:00+07:00"),
        ("2050-03-07", "closing", "2050-03-07T23:59:59.999999+07:00"),  # past what the calendar knows
        ("2050-03-07", "opening", "2050-03-07T00:00:00+07:00"),
    ],
)
def test_a_date_without_a_time_is_a_moment_of_its_calendar(day: str, rule: str, local: str) -> None:
    reader = TimeReader(["auto"], "Asia/Ho_Chi_Minh", calendar=HANOI, date_only=rule)

    assert format_time(reader.read(day), HANOI.zone) == local


def test_a_date_without_a_time_may_be_refused() -> None:
    with pytest.raises(ValueError, match="without a time"):
        TimeReader(["auto"], "UTC", date_only="dead").read("2026-03-05")


@pytest.mark.parametrize(
    ("format_", "words"),
    [
        ("iso", "write auto, rfc3339"),
        ("%d/%m", "whole date"),
        ("%d/%m/%Y %Q", "is no pattern"),
        ("%d/%m/%Y %Z", "leave it out and set 'zone'"),
        ("%H:%M", "whole date"),
    ],
)
def test_a_format_that_cannot_work_is_refused_at_once(format_: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parser_of(format_)


@given(
    st.integers(0, 2_000_000_000_000_000),
    st.sampled_from(["UTC", NEW_YORK, "Asia/Ho_Chi_Minh", "Asia/Kathmandu"]),
)
def test_what_is_written_with_an_offset_is_read_back(us: int, zone: str) -> None:
    text = format_time(us, TimeReader(["auto"], zone)._zone)

    assert TimeReader(["auto"], "Europe/Paris").read(text) == us
    assert parse_time(text) == us


@given(st.integers(0, 2_000_000_000_000_000), st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Asia/Gaza"]))
def test_a_local_time_is_read_back_by_one_of_the_two_rules(us: int, zone: str) -> None:
    readers = [TimeReader(["auto"], zone, ambiguous=rule) for rule in ("earlier", "later")]
    text = to_datetime(us, readers[0]._zone).replace(tzinfo=None).isoformat(" ")

    found = [reader.read(text) for reader in readers]

    assert us in found
    assert found[0] <= found[1]
