"""State of a number, computed from thresholds that are the same for everyone (and stand on the methods page)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from dashboards.board.model.facts import Figure
from dashboards.limits import FEW, THRESHOLDS

State = Literal["good", "watch", "behind", "far_behind", "few"]
SHAPES: Final[Mapping[State, str]] = MappingProxyType(
    {"good": "✓", "watch": "●", "behind": "▲", "far_behind": "■", "few": "○"}
)
"""Each state has a shape and a word, so that none is told by colour alone."""


def state(figure: Figure) -> State | None:
    """The state of a figure; None: it has no thresholds, nothing was measured, or it is hidden."""
    limits = THRESHOLDS.get(figure.id)
    if limits is None or figure.value is None or figure.hidden:
        return None
    if figure.n is not None and figure.n < FEW:
        return "few"
    sign = 1 if limits.upwards else -1
    value = figure.value * sign
    if value >= limits.good * sign:
        return "good"
    if value >= limits.watch * sign:
        return "watch"
    return "behind" if value >= limits.behind * sign else "far_behind"
