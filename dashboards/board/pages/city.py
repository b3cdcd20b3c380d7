"""The city: kept promises and open delays in one sentence, the ledger, how late, who lags and why, what people say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from dashboards.board.model.facts import WHOLE_CITY, Board, Figure, Figures, Lagging
from dashboards.board.pages.cells import Cells
from dashboards.board.pages.page import Asked, Page
from dashboards.board.pages.tables import share
from dashboards.board.pages.voice import voice
from schemas.registry import LEDGER_IN, LEDGER_OUT, OVERDUE_BANDS, STOCK_PARTS

MEASURES: Final = ("open", "overdue", "due_soon", "received", "completed")
"""Each with its trend and the way down to the units."""
TREND_DAYS: Final = 30
LAGGING: Final = 8
MISSING: Final = 8
"""Silent units named on the page; the others are counted, and stand on the page of data quality."""


class Behind(NamedTuple):
    """A unit that lags, with the share of overdue among its open cases."""

    lagging: Lagging
    share: Figure | None


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """Everything about the city as a whole."""
    figures = board.period(WHOLE_CITY, "own", asked.period)
    causes = board.breakdown(WHOLE_CITY, "own", "cause", asked.period)
    overdue = board.bands(WHOLE_CITY, "own")
    missing = board.reporting.missing
    return {
        "figures": figures,
        "now": board.now(WHOLE_CITY, "own"),
        "days": board.trend(WHOLE_CITY, "own", TREND_DAYS),
        "measures": MEASURES,
        "stock": STOCK_PARTS,
        "ledger_in": _moved(figures, LEDGER_IN),
        "ledger_out": _moved(figures, LEDGER_OUT),
        "overdue_bands": [overdue[name] for name in OVERDUE_BANDS if name in overdue],
        "lagging": [behind(each) for each in board.lagging(asked.period, LAGGING)],
        "cells": Cells(asked.language, board.zone),
        "causes": [cell for cell in causes if "late_by_cause" in cell.figures],
        "missing": missing[:MISSING],
        "missing_more": max(0, len(missing) - MISSING),
        **voice(board, WHOLE_CITY, "own", asked.period),
    }


def behind(lagging: Lagging) -> Behind:
    """With its share as a figure, which has a state."""
    figures = lagging.figures
    return Behind(lagging, share("overdue_share", figures.get("overdue"), figures.get("open")))


def _moved(figures: Figures, names: tuple[str, ...]) -> list[str]:
    """Sides of the ledger; hand-overs stay within the city, and stand here only should they not."""
    return [
        name
        for name in names
        if name in figures and (figures[name].value or not name.startswith("transferred"))
    ]


PAGE: Final = Page(name="city", path="/", context=context)
