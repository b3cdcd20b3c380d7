"""Moments: RFC 3339 strings to integer microseconds since the epoch (UTC), and back.

Only what RFC 3339 (and its note that a space may stand for the T) allows, with an offset, is a moment here:
a string without offset would be a guess. A fraction of any length is cut to microseconds. A leap second
(:60) is refused: it has no microsecond of its own.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
DAY_US: Final = 24 * HOUR_US
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
# Days from which an offset cannot lead out of what datetime can hold: the second to the last but one.
_FIRST_US: Final = (2 - EPOCH_DAY) * DAY_US
_LAST_US: Final = (date.max.toordinal() - 1 - EPOCH_DAY) * DAY_US

_SHAPE: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# Two look-ups of halves seen before, "2026-03-02T08" and ":15:30+07:00": a third of the cost of
# datetime.fromisoformat. Bounded, because they come from outside.
_MOST_HOURS: Final = 100_000
_MOST_TAILS: Final = 16_384
_hours: dict[str, int] = {}
_tails: dict[str, int] = {}


def parse_time(text: str) -> int:
    """Microseconds since the epoch of an RFC 3339 date-time with offset.

    Raises:
        ValueError: it is anything else. The message does not repeat the text.
    """
    try:
        return _hours[text[:13]] + _tails[text[13:]]
    except KeyError:
        return _parse_new(text)


def _parse_new(text: str) -> int:
    """Take a moment apart by the book, and remember its halves."""
    if text[19:20] == ".":
        offset = text[-1:] if text[-1:] in "Zz" else text[-6:]
        fraction = text[20 : -len(offset)]
        if fraction.isascii() and fraction.isdigit():
            return parse_time(text[:19] + offset) + int(fraction[:6].ljust(6, "0"))
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError("not an RFC 3339 date-time with offset")
    try:
        day = (date.fromisoformat(shape[1]).toordinal() - EPOCH_DAY) * DAY_US
    except ValueError:
        raise ValueError("not a day of the calendar") from None
    hour, minute, second = int(shape[2]), int(shape[3]), int(shape[4])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("not a time of the day")
    begun = day + hour * HOUR_US
    tail = (minute * 60 + second) * SECOND_US - _offset_us(shape[5])
    if not _FIRST_US <= day < _LAST_US:
        return _at_the_edge(begun + tail)
    _remember(_hours, text[:13], begun, _MOST_HOURS)
    _remember(_tails, text[13:], tail, _MOST_TAILS)
    return begun + tail


def _remember(known: dict[str, int], piece: str, value: int, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[piece] = value


def _at_the_edge(us: int) -> int:
    """A moment whose offset may carry it out of the years 1 to 9999: such days are never remembered."""
    if not _FIRST_US - DAY_US <= us < _LAST_US + 2 * DAY_US:
        raise ValueError("not within the years 1 to 9999 in UTC")
    return us


def _offset_us(text: str) -> int:
    """`Z` or `±hh:mm` in microseconds east of Greenwich."""
    if text in ("Z", "z"):
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("not an offset")
    size = (hours * 60 + minutes) * 60 * SECOND_US
    return -size if text[0] == "-" else size


def to_datetime(us: int, zone: tzinfo | None = None) -> datetime:
    """The aware datetime of a moment, in `zone` (None: UTC)."""
    moment = EPOCH + timedelta(microseconds=us)
    return moment if zone is None else moment.astimezone(zone)


def from_datetime(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    gap = moment - EPOCH
    return (gap.days * 86_400 + gap.seconds) * SECOND_US + gap.microseconds


def format_time(us: int, zone: tzinfo | None = None) -> str:
    """RFC 3339 of a moment; microseconds only when there are any; `Z` when no zone is given."""
    text = to_datetime(us, zone).isoformat()
    return text.removesuffix("+00:00") + "Z" if zone is None else text
