"""Times as sources write them, to microseconds: formats, time zones, changed clocks, dates without a time."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.moment import EPOCH_DAY, from_datetime, parse_time
from streams.worktime import BeyondCalendar, WorkingTime
from streams.worktime_zone import LocalDays

Parsed = int | datetime | date
"""Microseconds, a moment with or without an offset, or a day."""

_FIRST: Final = from_datetime(datetime(1000, 1, 1, tzinfo=UTC))
_LAST: Final = from_datetime(datetime(9000, 1, 1, tzinfo=UTC))
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:.*)?")
_PROBE: Final = datetime(2001, 12, 31, 22, 58, 59, tzinfo=UTC)
_REMEMBERED: Final = 8_192


class AmbiguousTimeError(ValueError):
    """A local time that came twice or never, where the mapping asks for a dead letter."""


def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}; write one like Asia/Ho_Chi_Minh or UTC") from None


def parser_of(format_: str) -> Callable[[str], Parsed]:
    """The parser of one format; it raises ValueError on a text of another format.

    `auto` is ISO 8601 with dashes: the T may be a space, seconds, fraction and offset may be missing, the
    offset may be short (`+00`). `epoch` and `epoch_ms` count from 1970 in UTC. Anything else is a `strptime`
    pattern.

    Raises:
        ValueError: the pattern is none, does not give a whole date, or has `%Z` (whose names nobody can
            rely on).
    """
    if format_ == "auto":
        return _parse_iso
    if format_ == "rfc3339":
        return parse_time
    if format_ in ("epoch", "epoch_ms"):
        unit = 1_000 if format_ == "epoch_ms" else 1_000_000
        return lambda text: _whole_number(text) * unit
    if "%" not in format_:
        raise ValueError(
            f"unknown format {format_!r}; write auto, rfc3339, epoch, epoch_ms or a pattern like %d/%m/%Y"
        )
    if "%Z" in format_:
        raise ValueError(f"{format_!r}: names of zones (%Z) cannot be read; leave it out and set 'zone'")
    try:
        back = datetime.strptime(_PROBE.strftime(format_), format_)  # noqa: DTZ007 - the zone is not the question
    except ValueError as error:
        raise ValueError(f"{format_!r} is no pattern: {error}") from None
    if back.date() != _PROBE.date():
        raise ValueError(f"{format_!r} does not give a whole date; it needs day, month and year")
    if not re.search(r"%[HIcX]", format_):
        return lambda text: datetime.strptime(text, format_).date()  # noqa: DTZ007 - a day has no zone
    return lambda text: datetime.strptime(text, format_)  # noqa: DTZ007 - a local time gets its zone later


def _parse_iso(text: str) -> Parsed:
    if _ISO.fullmatch(text) is None:
        raise ValueError("not ISO 8601 with dashes")
    if text.find(" ", 11) > 0:
        text = text[:11] + text[11:].replace(" UTC", "Z").replace(" ", "")
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _whole_number(text: str) -> int:
    if re.fullmatch(r"-?[0-9]{1,17}", text) is None:
        raise ValueError("not a whole number")
    return int(text)


class TimeReader:
    """Reads the times of one field, by the rules of its mapping (`caseclock.sources.mapping.TimeRules`)."""

    def __init__(
        self,
        formats: Sequence[str],
        zone: str,
        *,
        date_only: str = "closing",
        calendar: WorkingTime | None = None,
        ambiguous: str = "earlier",
        nonexistent: str = "forward",
    ) -> None:
        self._parsers = [parser_of(each) for each in formats]
        self._zone = zone_named(zone)
        self._date_only = date_only
        self._calendar = calendar
        self._days = calendar or LocalDays(self._zone)
        self._ambiguous = ambiguous
        self._nonexistent = nonexistent
        self.read: Callable[[str], int] = lru_cache(_REMEMBERED)(self._read)
        """Microseconds of a text; raises ValueError (`AmbiguousTimeError` for one that came twice or never).
        """

    def _read(self, text: str) -> int:
        for parse in self._parsers:
            try:
                parsed = parse(text)
            except (ValueError, OverflowError):
                continue
            us = self._moment(parsed)
            if not _FIRST <= us < _LAST:
                raise ValueError("outside of any calendar")
            return us
        raise ValueError("has none of the formats")

    def _moment(self, parsed: Parsed) -> int:
        if isinstance(parsed, int):
            return parsed
        if not isinstance(parsed, datetime):
            return self._day(parsed.toordinal() - EPOCH_DAY)
        return from_datetime(parsed) if parsed.tzinfo is not None else self._local(parsed)

    def _local(self, wall: datetime) -> int:
        """Give the moment of a local time: PEP 495 tells a time that came twice and one that never was."""
        first, second = wall.replace(tzinfo=self._zone), wall.replace(tzinfo=self._zone, fold=1)
        before, after = first.utcoffset(), second.utcoffset()
        if before == after or before is None or after is None:
            return from_datetime(first)
        rule = self._ambiguous if before > after else self._nonexistent
        if rule == "dead":
            raise AmbiguousTimeError("came twice" if before > after else "never was")
        return from_datetime(second if rule == "later" else first)

    def _day(self, day: int) -> int:
        """Give the moment that stands for a date without a time (domain.md §4: its closing time)."""
        if self._date_only == "dead":
            raise ValueError("a date without a time")
        if self._date_only == "closing":
            return self._calendar.closing_time(day) if self._calendar else self._days.day_end(day)
        hours: list[tuple[int, int]] = []
        if self._calendar is not None:
            try:
                hours = self._calendar.opening_hours(day)
            except BeyondCalendar:
                hours = []
        return hours[0][0] if hours else self._days.day_start(day)
