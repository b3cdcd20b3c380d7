"""An explanation in words: a sentence for each fact, Vietnamese and English, times in the case's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from schemas.anomalies import SENTENCES as ANOMALIES
from schemas.anomalies import Anomaly
from schemas.moment import EPOCH_DAY, to_datetime
from schemas.registry import REGISTRY
from schemas.vocabulary import TITLES
from streams.explain import TIME, Explanation, Span, Step
from streams.explain_facts import WAY, Fact, Param
from streams.explain_sentences import CODES, SENTENCES
from streams.worktime import WorkingTime
from streams.worktime_days import Language
from streams.worktime_words import render as render_way

_TIME: Final = ("Thời gian trôi qua", "Time passed")
_HEADS: Final = (
    ("Hồ sơ", "tính đến", "Sự kiện", "Sổ đồng hồ", "Đồng hồ chưa chạy.", "Kết quả"),
    ("Case", "as of", "Events", "Ledger of the clock", "The clock has not run.", "Result"),
)
_DATES: Final = ("%d/%m/%Y", "%Y-%m-%d")
_LANGUAGES: Final[tuple[Language, Language]] = ("vi", "en")
_DAY_US: Final = 8 * 3_600_000_000


def duration(us: int, language: Language) -> str:
    """Working time as hours and minutes, and in working days of eight hours.

    >>> duration(9 * 3_600_000_000, "en")
    '9:00 h (1.1 working days)'
    """
    minutes, tenths = (us + 30_000_000) // 60_000_000, (us * 10 + _DAY_US // 2) // _DAY_US
    clock, point = f"{minutes // 60}:{minutes % 60:02}", "." if language == "en" else ","
    days = f"{tenths // 10}{point}{tenths % 10}"
    return f"{clock} h ({days} working days)" if language == "en" else f"{clock} giờ ({days} ngày làm việc)"


class Teller:
    """Tells an explanation in one language."""

    def __init__(self, explanation: Explanation, language: Language) -> None:
        self._told, self._language = explanation, language
        self._calendar: WorkingTime = explanation.calendar
        self._n = _LANGUAGES.index(language)

    def lines(self, case_id: str) -> Iterator[str]:
        """All of it: what happened, the ledger of the clock, the result."""
        case, as_of, events, ledger, never_ran, result = _HEADS[self._n]
        yield f"{case} {case_id}, {as_of} {self.moment(self._told.now)}"
        yield f"\n{events}"
        for step in self._told.steps:
            yield from (f"  {line}" for line in self.step(step))
        yield f"\n{ledger}"
        yield from (f"  {self.span(span)}" for span in self._told.spans)
        if not self._told.spans:
            yield f"  {never_ran}"
        yield f"\n{result}"
        yield from (f"  {self.sentence(each)}" for each in self._told.result)

    def step(self, step: Step) -> Iterator[str]:
        """A step's heading, and a line for each of its facts."""
        what = _TIME[self._n] if step.type == TIME else f"{TITLES[step.type][self._n]} ({step.type})"
        name = f" [{step.event_id}]" if step.event_id else ""
        yield f"{self._day_first(step.at)}  {what}{name}{CODES['fate'][step.fate][self._n]}"
        yield from (f"    {self.sentence(each)}" for each in step.facts)

    def span(self, span: Span) -> str:
        """A line of the ledger of the clock."""
        began, until = self._day_first(span.began), self._day_first(span.until)
        kind = CODES["span"][span.kind][self._n]
        return f"{began} – {until}: {kind}, {duration(span.working_us, self._language)}"

    def sentence(self, told: Fact) -> str:
        """One fact as a sentence."""
        if told.code.startswith(WAY):
            params = dict(told.params)
            english = params.pop("why_en", None)
            if english is not None and self._language == "en":
                params["why"] = english
            return render_way((told.code.removeprefix(WAY), params), self._calendar, self._language)
        said = {name: self._say(name, value) for name, value in told.params.items()}
        return SENTENCES[told.code][self._n].format_map(said)

    def moment(self, us: int) -> str:
        """A moment as it stands in a sentence: 09:00 20/01/2025."""
        at = self._local(us)
        return f"{self._clock(at)} {at.strftime(_DATES[self._n])}"

    def _day_first(self, us: int) -> str:
        at = self._local(us)
        return f"{at.strftime(_DATES[self._n])} {self._clock(at)}"

    def _local(self, us: int) -> datetime:
        return to_datetime(us, self._calendar.zone)

    @staticmethod
    def _clock(at: datetime) -> str:
        return at.strftime("%H:%M:%S" if at.second else "%H:%M")

    def _say(self, name: str, value: Param) -> str:
        if isinstance(value, str):
            if name == "column":
                number = REGISTRY[value]
                return (number.title_vi, number.title_en)[self._n]
            if name == "anomaly":
                return f"{value}: {ANOMALIES[Anomaly(value)][self._n]}"
            known = CODES.get(name, {}).get(value)
            return known[self._n] if known else value
        if name == "at" or name.endswith("_at"):
            return self.moment(value)
        if name.endswith("_us"):
            return duration(value, self._language)
        if name == "day":
            return date.fromordinal(value + EPOCH_DAY).strftime(_DATES[self._n])
        return str(value)
