"""What panels say, in one language: titles and formulas from the registry, states and names from the board's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboards.board.words import catalogue
from dashboards.grafana.names import Language
from dashboards.limits import FEW, THRESHOLDS
from schemas.registry import REGISTRY

_OWN_TITLES: Final = {"overdue_share": "common.overdue_share"}
"""Numbers that pages derive themselves."""

_SHORT: Final[dict[str, tuple[str, str]]] = {
    "overdue_share": ("Tỷ lệ quá hạn", "Overdue share"),
    "overdue": ("Quá hạn", "Overdue"),
    "open": ("Đang xử lý", "Open"),
    "completed": ("n = đã xong", "n = completed"),
    "on_time_rate": ("Đúng hạn", "On time"),
    "on_time_rate_strict": ("Tỷ lệ chặt", "Strict rate"),
    "late_first_promise_rate": ("Trễ hẹn đầu", "Late, 1st promise"),
    "processing_p50_s": ("Trung vị, ngày", "Median, days"),
    "processing_p90_s": ("90 %, ngày", "90 %, days"),
    "holding_p50_s": ("Trung vị, ngày", "Median, days"),
    "holding_p90_s": ("90 %, ngày", "90 %, days"),
}
"""Headings of narrow columns; the panel's description says the whole title and the formula."""


class Text:
    """The words of a language.

    Args:
        language: vi or en.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, vi: str, en: str) -> str:
        """The one of two texts that is in this language."""
        return vi if self.language == "vi" else en

    def word(self, key: str) -> str:
        """A text of the board's words. Raises KeyError."""
        return catalogue()[key][self.language].replace(r"\_", " ")

    def title(self, number: str) -> str:
        """A number's title as everywhere. Raises KeyError for one that nobody defined."""
        if number in _OWN_TITLES:
            return self.word(_OWN_TITLES[number])
        entry = REGISTRY[number]
        return self(entry.title_vi, entry.title_en)

    def short(self, number: str) -> str:
        """A number's title where there is no room for it."""
        return self(*_SHORT[number]) if number in _SHORT else self.title(number)

    def formula(self, number: str) -> str:
        """How a number is made, in words."""
        if number == "overdue_share":
            return self("Quá hạn chia cho đang giải quyết.", "Overdue divided by open.")
        entry = REGISTRY[number]
        return self(entry.formula_vi, entry.formula_en)

    def describe(self, *numbers: str, note: str = "") -> str:
        """The description of a panel: each number with its formula and its limits, then what else is to be known."""
        said = [
            f"**{self.title(each)}**: {self.formula(each)} {self.limits(each)}".rstrip() for each in numbers
        ]
        return "\n\n".join([*said, *([note] if note else [])])

    def limits(self, number: str) -> str:
        """Where a number stops being good; empty: it has no limits."""
        limits = THRESHOLDS.get(number)
        if limits is None:
            return ""
        sign, over = ("≥", "<") if limits.upwards else ("≤", ">")
        good, watch, behind = (f"{each:.0%}" for each in limits[:3])
        return self(
            f"✓ tốt {sign} {good}, ● cần chú ý {sign} {watch}, ▲ chậm {sign} {behind}, ■ rất chậm {over} {behind}; "
            f"dưới {FEW} hồ sơ thì không xếp.",
            f"✓ good {sign} {good}, ● watch {sign} {watch}, ▲ behind {sign} {behind}, ■ far behind {over} {behind}; "
            f"built on fewer than {FEW} cases it is not judged.",
        )

    def names(self, words: str, values: Sequence[str]) -> dict[str, str]:
        """What values are called: ``unit.channel`` and ``online`` give the text of ``unit.channel_online``."""
        return {value: self.word(f"{words}_{value or 'none'}") for value in values}

    @property
    def nothing(self) -> str:
        """Where there is nothing to measure."""
        return self.word("common.nothing_why")

    @property
    def hidden_why(self) -> str:
        """Why a value is kept back (domain.md §7)."""
        return self.word("common.hidden_why")

    @property
    def working_days(self) -> str:
        """A unit of measure for Grafana: working days of eight hours, which its own "days" are not."""
        return self("suffix: ngày làm việc", "suffix: working days")
