"""One unit: its ledger, where its cases wait, why they are late, and its numbers beside the city's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from dashboards.board.model.facts import (
    WHOLE_CITY,
    Board,
    Cell,
    Dimension,
    Figure,
    Figures,
    Pair,
    Scope,
)
from dashboards.board.pages.cells import Cells
from dashboards.board.pages.page import Asked, Page
from dashboards.board.pages.tables import is_former, share, successor
from dashboards.board.pages.voice import voice
from dashboards.limits import FEW
from schemas.registry import LEDGER_IN, LEDGER_OUT, OVERDUE_BANDS
from schemas.unit import Unit

AGES: Final = ("open_age_p50_s", "open_age_p90_s", "oldest_open_s", "worst_overdue_s")
COMPARED: Final = (
    "on_time_rate",
    "on_time_rate_strict",
    "overdue_share",
    "late_first_promise_rate",
    "processing_p50_s",
    "processing_p90_s",
)
TREND_DAYS: Final = 30


class Below(NamedTuple):
    """A unit directly below, with its numbers and those of all below it."""

    unit: Unit
    figures: Figures
    overdue_share: Figure | None
    former: bool


class Compared(NamedTuple):
    """A number of the unit beside the city's.

    Attributes:
        way: how the unit's value stands to the city's; ``few``: built on too few cases to say.
        is_time: its difference is working time; else percentage points.
        difference: how far they are apart; None where nothing can be said.
    """

    id: str
    here: Figure
    city: Figure
    way: Literal["higher", "lower", "same", "few", "nothing"]
    is_time: bool
    difference: float | None


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """Everything about one unit. Raises KeyError for one that nobody knows."""
    code, scope = asked.unit_id, asked.scope
    unit = board.units[code]
    figures, now = board.period(code, scope, asked.period), board.now(code, scope)
    city, bands = board.period(WHOLE_CITY, "own", asked.period), board.bands(code, scope)
    waits, waited_for = _pairs(board, code, scope)
    missing = {each.unit.code: each for each in board.reporting.missing}

    def cells(dimension: Dimension) -> Sequence[Cell]:
        return board.breakdown(code, scope, dimension, asked.period)

    return {
        "unit": unit,
        "above": [board.units[each] for each in reversed(board.path(code)[1:])],
        "former": is_former(unit, board.today),
        "successor": successor(board, unit),
        "silent": missing.get(code),
        "last_event_at": board.last_event_at(code),
        "figures": figures,
        "now": now,
        "overdue_share": share("overdue_share", figures.get("overdue"), figures.get("open")),
        "days": board.trend(code, scope, TREND_DAYS),
        "ledger_in": LEDGER_IN,
        "ledger_out": LEDGER_OUT,
        "overdue_bands": [bands[name] for name in OVERDUE_BANDS if name in bands],
        "ages": [now[name] for name in AGES if name in now],
        "by_procedure": cells("procedure"),
        "by_channel": cells("channel"),
        "by_kind": cells("kind"),
        "by_step": cells("step"),
        "by_cause": [cell for cell in cells("cause") if _any(cell)],
        "cells": Cells(asked.language, board.zone),
        "waits": waits,
        "waited_for": waited_for,
        "compared": _compared(figures, city),
        "city": city,
        "below": _below(board, asked),
        **voice(board, code, scope, asked.period),
    }


def _any(cell: Cell) -> bool:
    """Whether a cause was named at all, be it for so few cases that their number is hidden."""
    late = cell.figures.get("late_by_cause")
    return late is not None and (late.hidden or bool(late.value))


def _below(board: Board, asked: Asked) -> Sequence[Below]:
    found = []
    for code in board.children(asked.unit_id):
        figures = board.period(code, "tree", asked.period)
        overdue_share = share("overdue_share", figures.get("overdue"), figures.get("open"))
        found.append(
            Below(board.units[code], figures, overdue_share, is_former(board.units[code], board.today))
        )
    return sorted(found, key=lambda below: below.former)


def _pairs(board: Board, code: str, scope: Scope) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """For whom the unit waits or asks, and who waits for it; with units below, those of theirs too."""
    members = {code}
    if scope != "own" and board.children(code):
        members = {each for each in board.units if code in board.path(each)}
    found = [(each, pair) for each in members for pair in board.pairs(each)]
    waits = [pair for each, pair in found if pair.unit_id == each]
    waited_for = [pair for each, pair in found if pair.other_id == each and pair.unit_id not in members]
    return sorted(waits, key=_weight), sorted(waited_for, key=_weight)


def _weight(pair: Pair) -> tuple[int, bool, int, str, str]:
    """The most waiting first, then those whose number is hidden."""
    return -pair.waiting, "waiting" not in pair.hidden, -pair.asked_open, pair.unit_id, pair.other_id


def _compared(here: Figures, city: Figures) -> Sequence[Compared]:
    both = [dict(here), dict(city)]
    for figures in both:
        overdue_share = share("overdue_share", figures.get("overdue"), figures.get("open"))
        if overdue_share is not None:
            figures["overdue_share"] = overdue_share
    return [
        _beside(name, both[0][name], both[1][name]) for name in COMPARED if all(name in each for each in both)
    ]


def _beside(name: str, here: Figure, city: Figure) -> Compared:
    is_time = name.endswith("_s")
    if here.value is None or city.value is None:
        return Compared(name, here, city, "nothing", is_time, None)
    if (here.n or 0) < FEW:
        return Compared(name, here, city, "few", is_time, None)
    difference = here.value - city.value
    # what the reader sees has one decimal of a per cent, and whole minutes: equal there is equal
    near = 60 if is_time else 0.0005
    way: Literal["higher", "lower", "same"] = "higher" if difference > 0 else "lower"
    return Compared(name, here, city, "same" if abs(difference) < near else way, is_time, abs(difference))


PAGE: Final = Page(name="unit", path="/units/{unit_id}", context=context)
