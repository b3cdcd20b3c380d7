"""The words of the demo's table, and how it writes numbers: Vietnamese first, English beside it."""

from typing import Final, Literal

from caseclock.grouping import grouped

Language = Literal["vi", "en"]

CAUSES: Final[dict[str, dict[Language, str]]] = {
    "workload": {"vi": "quá tải", "en": "overload"},
    "missing_documents": {"vi": "thiếu giấy tờ", "en": "missing documents"},
    "other_agency": {"vi": "chờ cơ quan khác", "en": "other offices"},
    "field_check": {"vi": "xác minh thực địa", "en": "checks on site"},
    "legal_unclear": {"vi": "vướng quy định", "en": "unclear rules"},
    "system_outage": {"vi": "sự cố hệ thống", "en": "system outage"},
    "absence": {"vi": "thiếu cán bộ", "en": "staff absent"},
    "other": {"vi": "lý do khác", "en": "other causes"},
}
"""What delays a case (``schemas.events.CAUSES``), in as few words as can be."""

NOT_NAMED: Final[dict[Language, str]] = {"vi": "chưa nêu lý do", "en": "no cause named"}


def count(number: float) -> str:
    """A whole number, thousands apart in a way that neither language misreads: 15 233."""
    return grouped(number)


def decimal(number: float, language: Language = "vi") -> str:
    """One decimal: 0,4 or 0.4."""
    text = f"{number:.1f}"
    return text.replace(".", ",") if language == "vi" else text


def percent(share: float | None, language: Language = "vi") -> str:
    """A share of 1: 97,5 %; a dash where there is nothing to measure."""
    return "–" if share is None else f"{decimal(100 * share, language)} %"


def days(working_s: float | None, language: Language = "vi") -> str:
    """Working seconds as working days of eight hours; a dash where there is nothing to measure."""
    return "–" if working_s is None else decimal(working_s / 28_800, language)
