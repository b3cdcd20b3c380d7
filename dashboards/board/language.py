"""One language of the board: its words, and how it writes numbers, dates, durations and ages.

Pages get one `Speech` per rendering. Separators and calendar words come from CLDR (Babel).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from markupsafe import Markup, escape

from dashboards.board.model.facts import Figure
from dashboards.board.words import catalogue
from schemas.number import MeasuredIn
from schemas.registry import REGISTRY
from schemas.thresholds import HOURS_OF_WORKING_DAY

if TYPE_CHECKING:
    from dashboards.board.pages.page import Language  # pages write figures with what stands here

MINUTE_S: Final = 60
HOUR_S: Final = 3600
WORKING_DAY_S: Final = HOURS_OF_WORKING_DAY * HOUR_S
DAY_S: Final = 24 * HOUR_S
WHOLE_DAYS_FROM: Final = 10
"""From so many days on the hours say nothing."""
NBSP: Final = "\N{NO-BREAK SPACE}"
_DAY: Final = {"vi": "dd/MM/y", "en": "d MMM y"}
_SHORT_DAY: Final = {"vi": "dd/MM", "en": "d MMM"}
_MOMENT: Final = {"vi": "dd/MM/y HH:mm", "en": "d MMM y, HH:mm"}


class Named(Protocol):
    """A unit or a procedure."""

    @property
    def name(self) -> str:
        """Vietnamese."""
        ...

    @property
    def name_en(self) -> str | None:
        """English, where there is one."""
        ...


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)


@cache
def _text(language: Language, key: str) -> Markup:
    return escape(catalogue()[key][language])


class Speech:
    """What is said in one language, in one time zone.

    Args:
        language: vi or en.
        zone: in which days and times of day are told.
    """

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self.language: Language = language
        self.zone = zone
        symbols = _locale(language).number_symbols["latn"]
        self._group, self._point = str(symbols["group"]), str(symbols["decimal"])

    # words

    def t(self, key: str, **values: object) -> Markup:
        """The words of a key, escaped, with ``{places}`` filled in as `shown` writes them.

        Raises:
            KeyError: a key or a place that is not there.
        """
        text = _text(self.language, key)
        if not values:
            return text
        # Not Markup.format: it does the same in Python, and a table of 700 units has thousands of words.
        return Markup(str.format(text, **{name: escape(self.shown(value)) for name, value in values.items()}))  # noqa: S704

    def plain(self, key: str, **values: object) -> str:
        """The same as text, not yet escaped: for what becomes part of another text."""
        return catalogue()[key][self.language].format(
            **{name: str(self.shown(value)) for name, value in values.items()}
        )

    def shown(self, value: object) -> object:
        """Any value of a page as text; text stays as it is."""
        match value:
            case str():
                return value
            case Figure():
                return self.figure(value)
            case bool():
                raise TypeError("a truth value has no words of its own")
            case int():
                return self.count(value)
            case float():
                return self.decimal(value)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case _:
                raise TypeError(f"{type(value).__name__} cannot be written")

    def name(self, named: Named) -> str:
        """A unit's or procedure's name; the Vietnamese one where there is no other."""
        return named.name if self.language == "vi" else named.name_en or named.name

    def title(self, number: str) -> str:
        """A number's title: the registry's, or the common words' for what pages derive themselves."""
        entry = REGISTRY.get(number)
        if entry is None:
            return self.plain(f"common.{number}")
        return entry.title_vi if self.language == "vi" else entry.title_en

    # numbers

    def count(self, value: float) -> str:
        """A whole number, grouped by thousands: 12.345 / 12,345."""
        return f"{round(value):,}".replace("-", "−").replace(",", self._group)

    def decimal(self, value: float, places: int = 1) -> str:
        """A number with decimals: 4,2 / 4.2."""
        whole, _, rest = f"{value:,.{places}f}".replace("-", "−").partition(".")
        return whole.replace(",", self._group) + (self._point + rest if rest else "")

    def signed(self, value: int) -> str:
        """A change: +12, −3, 0."""
        return f"+{self.count(value)}" if value > 0 else self.count(value)

    def share(self, fraction: float) -> str:
        """A fraction of 1 in percent with one decimal.

        Never rounded to what it is not: 100 % is every single one, 0 % is none; between stand "> 99,9 %" and
        "< 0,1 %".
        """
        gap = NBSP if self.language == "vi" else ""
        if fraction in {0, 1}:
            return f"{round(fraction * 100)}{gap}%"
        tenths = round(abs(fraction) * 1000)
        if 0 < fraction < 1 and tenths in {0, 1000}:
            side, edge = ("<", 0.1) if tenths == 0 else (">", 99.9)
            return f"{side}{NBSP}{self.decimal(edge)}{gap}%"
        return f"{self.decimal(fraction * 100)}{gap}%"

    def working(self, seconds: float) -> str:
        """Working time: 3 ngày làm việc 2 giờ / 3 working days 2 h; a working day has 8 hours."""
        return self._duration(seconds, WORKING_DAY_S, "working_day")

    def clock(self, seconds: float) -> str:
        """Time by the clock: 3 ngày 2 giờ / 3 days 2 h."""
        return self._duration(seconds, DAY_S, "day")

    def _duration(self, seconds: float, day_s: int, unit: str) -> str:
        minutes = round(seconds / MINUTE_S)
        if minutes < 1:
            return self.plain("common.under_minute")
        days, rest = divmod(minutes, day_s // MINUTE_S)
        hours, minutes = divmod(rest, 60)
        if days >= WHOLE_DAYS_FROM:
            days, hours = days + (2 * rest >= day_s // MINUTE_S), 0
        elif days:
            hours += minutes >= 30
            days, hours = days + hours // (day_s // HOUR_S), hours % (day_s // HOUR_S)
        parts = []
        if days:
            parts.append(self.plain(f"common.{unit}" if days == 1 else f"common.{unit}s", n=days))
        if hours:
            parts.append(self.plain("common.hours", n=hours))
        if minutes and not days:
            parts.append(self.plain("common.minutes", n=minutes))
        return " ".join(parts)

    def figure(self, figure: Figure) -> str:
        """A figure as text: its value in its unit of measure, or why there is none."""
        if figure.hidden:
            return self.plain("common.hidden")
        if figure.value is None:
            return self.plain("common.nothing")
        entry = REGISTRY.get(figure.id)
        return self.measured(figure.value, entry.unit if entry else _guess(figure.value))

    def measured(self, value: float, unit: MeasuredIn) -> str:
        """A value in a unit of measure of the registry."""
        match unit:
            case "fraction":
                return self.share(value)
            case "working_seconds":
                return self.working(value)
            case "seconds":
                return self.clock(value)
            case "working_days":
                return self.plain("common.working_days", n=self.decimal(value))
            case "score" if isinstance(value, float):
                return self.decimal(value)
            case _:
                return self.count(value)

    # times

    def day(self, day: date) -> str:
        """24/11/2026 / 24 Nov 2026."""
        return format_date(day, _DAY[self.language], locale=_locale(self.language))

    def short_day(self, day: date) -> str:
        """24/11 / 24 Nov."""
        return format_date(day, _SHORT_DAY[self.language], locale=_locale(self.language))

    def moment(self, at: datetime) -> str:
        """24/11/2026 15:04 / 24 Nov 2026, 15:04."""
        return format_datetime(at, _MOMENT[self.language], tzinfo=self.zone, locale=_locale(self.language))

    def hour(self, at: datetime) -> str:
        """15:04."""
        return format_time(at, "HH:mm", tzinfo=self.zone, locale=_locale(self.language))

    def age(self, at: datetime, now: datetime) -> str:
        """How long ago: 12 giây trước / 12 seconds ago. At least a second, whatever clocks say."""
        past = min(at - now, timedelta(seconds=-1))
        return format_timedelta(past, add_direction=True, threshold=1.5, locale=_locale(self.language))


def _guess(value: float) -> MeasuredIn:
    return "fraction" if isinstance(value, float) else "cases"
