"""Opening hours: intervals of one day, written `08:00-12:00`."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import pairwise
from typing import Annotated, Final, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

MINUTE_US: Final = 60_000_000
_SHAPE: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")


class Hours(NamedTuple):
    """One interval [opens, closes) of a day, in minutes from local midnight: 0 <= opens < closes <= 1440."""

    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HH:MM-HH:MM`; the end may be 24:00. Raises ValueError with what to write instead."""
        shape = _SHAPE.fullmatch(text.strip())
        if shape is None:
            raise ValueError(f"write opening hours as 08:00-12:00, not {text!r}")
        opens_h, opens_m, closes_h, closes_m = map(int, shape.groups())
        opens, closes = opens_h * 60 + opens_m, closes_h * 60 + closes_m
        if opens_m > 59 or closes_m > 59 or closes > 24 * 60:
            raise ValueError(f"{text!r} names a time that no day has; write 00:00 to 24:00")
        if opens >= closes:
            raise ValueError(f"{text!r} ends before it begins; split hours over midnight into two days")
        return cls(opens, closes)

    @property
    def opens_us(self) -> int:
        """Opening, in microseconds from local midnight."""
        return self.opens * MINUTE_US

    @property
    def closes_us(self) -> int:
        """Closing, in microseconds from local midnight."""
        return self.closes * MINUTE_US

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


def _read(value: object) -> object:
    """A list of texts (or one text) to intervals; anything else is left for pydantic to refuse."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Iterable):
        return tuple(Hours.parse(each) if isinstance(each, str) else each for each in value)
    return value


def _apart(intervals: tuple[Hours, ...]) -> tuple[Hours, ...]:
    """In order, without overlap. Intervals that touch stay two: it changes no working time."""
    ordered = tuple(sorted(intervals))
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise ValueError(
                f"opening hours {earlier} and {later} overlap; write them as one interval or apart"
            )
    return ordered


DayHours = Annotated[
    tuple[Hours, ...],
    BeforeValidator(_read),
    AfterValidator(_apart),
    PlainSerializer(lambda intervals: [str(each) for each in intervals], return_type=list[str]),
]
"""The opening hours of one day: intervals in order, not overlapping; none = closed."""


def closing_time(intervals: tuple[Hours, ...]) -> time | None:
    """When such a day closes (24:00 as the last microsecond); None for a day that never opens."""
    if not intervals:
        return None
    closes = intervals[-1].closes
    return time.max if closes == 24 * 60 else time(closes // 60, closes % 60)
