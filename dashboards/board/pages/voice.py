"""What citizens say, and how cases are handed in: two blocks that the city and a unit have alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dashboards.board.model.facts import Board, Cell, Scope
from schemas.period import Period

HANDED_IN: Final = ("online_share", "digitised_share", "cashless_share", "vneid_share")


def voice(board: Board, unit_id: str, scope: Scope, period: Period) -> Mapping[str, Any]:
    """What ``voice.html`` wants beside the figures: the aspects that anybody rated, and the shares."""
    found = [cell for cell in board.breakdown(unit_id, scope, "aspect", period) if _rated(cell)]
    unnamed_last = sorted(found, key=lambda cell: cell.value == "")
    return {"by_aspect": unnamed_last, "handed_in_by": HANDED_IN}


def _rated(cell: Cell) -> bool:
    """Be it so seldom that the number is hidden."""
    ratings = cell.figures["ratings"]
    return ratings.hidden or bool(ratings.value)
