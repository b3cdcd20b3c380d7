"""What leaves the case's clock alone: opinions asked, ratings, corrected attributes."""

from __future__ import annotations

from streams.case import ENDED, Case
from streams.effects.common import Fields, backdated, see_unit


def amended(_case: Case, _at: int, _e: Fields) -> None:
    """Its values count for the whole case and were taken before the first event was applied."""


def consulted(case: Case, at: int, e: Fields) -> None:
    """Another unit is asked: a clock of its own on that unit (domain §5.9)."""
    if case.phase == ENDED:
        case.anomalies.append("after_end")
    elif e["request_id"] in case.consultations:
        case.anomalies.append("consulted_twice")
    else:
        see_unit(case, e["unit_id"])
        case.consultations[e["request_id"]] = [e["unit_id"], at, e.get("due_at", 0), 0]


def answered(case: Case, at: int, e: Fields) -> None:
    """The asked unit answered; the first answer counts."""
    consultation = case.consultations.get(e["request_id"])
    if consultation is None or consultation[3]:
        case.anomalies.append("answered_without_consultation")
        return
    consultation[3] = at
    if consultation[2]:
        backdated(case, at, e, consultation[2])


def rated(case: Case, _at: int, e: Fields) -> None:
    """How satisfied the applicant was."""
    case.ratings.append((e["score"], e.get("solved"), e.get("aspect", "")))
