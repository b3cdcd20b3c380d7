"""The screen of a hall: the city in one sentence, four numbers, who lags most, how old it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dashboards.board.model.facts import WHOLE_CITY, Board
from dashboards.board.pages.city import behind
from dashboards.board.pages.page import Asked, Page

NUMBERS: Final = ("open", "overdue", "due_soon", "completed")
LISTED: Final = 5


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """The city's figures of the period and the units that lag most."""
    return {
        "figures": board.period(WHOLE_CITY, "own", asked.period),
        "numbers": NUMBERS,
        "lagging": [behind(each) for each in board.lagging(asked.period, LISTED)],
    }


PAGE: Final = Page(name="wall", path="/wall", context=context)
