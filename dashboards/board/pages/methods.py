"""How every number is made: the registry, in words, with where it comes from and what it cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from dashboards.board.model.facts import WHOLE_CITY, Board, Figures
from dashboards.board.pages.page import Asked, Page
from dashboards.limits import FEW, THRESHOLDS
from schemas.number import Number
from schemas.profile import PROFILES
from schemas.registry import REGISTRY

FORMULAS: Final = ("on_time_rate", "on_time_rate_strict")
"""The two answers to "how many are on time", explained side by side."""

_REPORT: Final = (
    "carried_over",
    "received",
    "completed",
    "completed_early",
    "completed_on_time",
    "completed_late",
    "open",
    "in_time",
    "overdue",
    "suspended",
    "withdrawn",
    "declined",
    "on_time_rate",
    "processing_mean_s",
)
_DECISION_766: Final = {
    "completed_in_time": "progress",
    "received_online": "online",
    "online_share": "online",
    "received_fee_due": "payment",
    "received_cashless": "payment",
    "cashless_share": "payment",
    "received_digitised": "digitised",
    "digitised_share": "digitised",
    "ratings": "voice",
    "rating_mean": "voice",
    "solved_share": "voice",
    "received_vneid": "portal",
    "vneid_share": "portal",
}
SOURCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_REPORT, "report"),
    **_DECISION_766,
    "awaiting_overdue": "reception",
    "worst_overdue_days": "working_day",
    "late_first_promise": "apology",
    "late_first_promise_rate": "apology",
    "on_time_rate_strict": "strict",
}
"""Where a number comes from: a key of the words; what is not named here is a definition of Caseclock's own."""

_SKETCHED: Final = tuple(name for name in REGISTRY if "_p50_" in name or "_p90_" in name)
LIMITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_SKETCHED, "sketch"),
    "on_time_rate": "closed_only",
    "completed_in_time": "no_due_counts",
    "completed_on_time": "no_due_counts",
    "on_time_rate_strict": "mixed",
    "judged": "mixed",
    "completed": "ends_rewritten",
    "overdue": "moved_promise",
    "completed_late": "moved_promise",
    "late_first_promise": "first_known",
    "late_first_promise_rate": "first_known",
    "processing_mean_s": "mean",
    "clock_mean_s": "mean",
    "rating_mean": "volunteers",
    "ratings": "volunteers",
    "solved_share": "volunteers",
    "late_by_cause": "named_by_office",
    "late_without_cause": "named_by_office",
    "late_without_cause_share": "named_by_office",
    "waiting_on_others": "named_by_office",
    "consultations_overdue": "due_needed",
    "consultations_answered_late": "due_needed",
    "source_silence_s": "silence",
    "awaiting": "registered_needed",
    "awaiting_overdue": "registered_needed",
}
"""What a number cannot say: a key of the words; what is not named here has no limit of its own."""


class Method(NamedTuple):
    """A number with the keys of the words about its source and its limit ("" for none)."""

    number: Number
    source: str
    limit: str


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """The registry group by group, the profile in force, and the city's figures of both formulas."""
    figures: Figures = board.period(WHOLE_CITY, "own", asked.period)
    groups: dict[str, list[Method]] = {}
    for number in REGISTRY.values():
        method = Method(number, SOURCES.get(number.id, "own"), LIMITS.get(number.id, ""))
        groups.setdefault(number.group, []).append(method)
    return {
        "groups": groups,
        "profile_in_force": PROFILES.get(board.profile),
        "profile_name": board.profile,
        "formulas": [(REGISTRY[name], figures.get(name)) for name in FORMULAS],
        "figures": figures,
        "thresholds": THRESHOLDS,
        "few": FEW,
        "parts": parts(figures),
    }


def parts(figures: Figures) -> Sequence[str]:
    """The counts that both formulas are made of, those that there are, in the order of the sum."""
    return [
        name for name in ("completed_in_time", "completed_late", "completed", "overdue") if name in figures
    ]


PAGE: Final = Page(name="methods", path="/methods", context=context)
