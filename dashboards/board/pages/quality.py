"""How far the numbers can be trusted: what is fresh, what is missing, what does not fit, what was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from dashboards.board.language import WORKING_DAY_S
from dashboards.board.model.facts import WHOLE_CITY, Board, DeadLetters, Figures
from dashboards.board.pages.page import Asked, Page
from schemas import anomalies, dead_letter
from schemas.unit import Unit

CORRECTED_DAYS: Final = 30
LISTED: Final = 15
"""Rows of a list; how many there are more is said below it."""


class AnomalyRow(NamedTuple):
    """A kind of anomaly: how often, its share of all, what it means in Vietnamese and English."""

    kind: str
    n: int
    meaning_vi: str
    meaning_en: str


class UnitAnomalies(NamedTuple):
    """A unit whose events do not fit, and which kind is the most frequent."""

    unit: Unit
    n: int
    most: str


class Reason(NamedTuple):
    """Why records could not be read: how many, from which sources, what it means."""

    reason: str
    n: int
    sources: Sequence[DeadLetters]
    last_at: datetime
    meaning_vi: str
    meaning_en: str


class Corrected(NamedTuple):
    """A unit's days that changed after they were over: the newest change, and which days."""

    unit: Unit
    corrected_at: datetime
    days: Sequence[date]


class Balance(NamedTuple):
    """A unit whose ledger does not add up: by how many cases."""

    unit: Unit
    gap: int


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """All that was found wanting; what is in order is said too."""
    corrected, unit_anomalies = _corrected(board), _by_unit(board)
    unbalanced = _unbalanced(board, asked)
    city: Figures = board.period(WHOLE_CITY, "own", asked.period)
    return {
        "city": city,
        "sources": sorted(board.sources, key=lambda each: (not each.stale, -each.silence_s, each.source)),
        "stale": [each for each in board.sources if each.stale],
        "source_silence_s": board.silence.source_days * WORKING_DAY_S,
        "reporting": board.reporting,
        "unit_silence_s": board.silence.unit_days * WORKING_DAY_S,
        "anomalies": _anomalies(board),
        "by_unit": unit_anomalies[:LISTED],
        "by_unit_all": len(unit_anomalies),
        "reasons": _reasons(board.dead_letters),
        "dead_all": sum(each.n for each in board.dead_letters),
        "corrected": corrected[:LISTED],
        "corrected_all": len(corrected),
        "unbalanced": unbalanced[:LISTED],
        "unbalanced_all": len(unbalanced),
        "units_n": len(board.units),
    }


def _anomalies(board: Board) -> Sequence[AnomalyRow]:
    found = []
    for each in board.anomalies(WHOLE_CITY):
        known = anomalies.Anomaly(each.kind) if each.kind in set(anomalies.Anomaly) else None
        vi, en = anomalies.SENTENCES[known] if known else (each.kind, each.kind)
        found.append(AnomalyRow(each.kind, each.n, vi, en))
    return sorted(found, key=lambda row: -row.n)


def _by_unit(board: Board) -> Sequence[UnitAnomalies]:
    found = []
    for unit in board.units.values():
        own = board.anomalies(unit.code)
        if own:
            found.append(
                UnitAnomalies(unit, sum(each.n for each in own), max(own, key=lambda each: each.n).kind)
            )
    return sorted(found, key=lambda row: -row.n)


def _reasons(letters: Sequence[DeadLetters]) -> Sequence[Reason]:
    found = []
    for reason in dict.fromkeys(each.reason for each in letters):
        of_it = [each for each in letters if each.reason == reason]
        known = dead_letter.Reason(reason) if reason in set(dead_letter.Reason) else None
        vi, en = dead_letter.SENTENCES[known] if known else (reason, reason)
        last_at = max(each.last_at for each in of_it)
        found.append(Reason(reason, sum(each.n for each in of_it), of_it, last_at, vi, en))
    return sorted(found, key=lambda row: -row.n)


def _corrected(board: Board) -> Sequence[Corrected]:
    found = []
    for unit in board.units.values():
        days = board.corrections(unit.code, CORRECTED_DAYS)
        if days:
            found.append(Corrected(unit, max(at for _, at in days), [day for day, _ in days]))
    return sorted(found, key=lambda row: row.corrected_at, reverse=True)


def _unbalanced(board: Board, asked: Asked) -> Sequence[Balance]:
    found = []
    for unit in board.units.values():
        gap = board.period(unit.code, "own", asked.period).get("flow_gap")
        if gap is not None and gap.value:
            found.append(Balance(unit, int(gap.value)))
    return sorted(found, key=lambda row: -abs(row.gap))


PAGE: Final = Page(name="quality", path="/quality", context=context)
