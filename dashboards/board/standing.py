"""State of a number, computed from thresholds that are the same for everyone (and stand on the methods page)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from dashboards.board.model.facts import Figure

State = Literal["good", "watch", "behind", "far_behind", "few"]
SHAPES: Final[Mapping[State, str]] = MappingProxyType(
    {"good": "✓", "watch": "●", "behind": "▲", "far_behind": "■", "few": "○"}
)
"""Each state has a shape and a word, so that none is told by colour alone."""
FEW: Final = 10
"""Built on fewer cases a share is not judged: chance alone would decide."""


class Thresholds(NamedTuple):
    """Limits between good, watch, behind and far behind; ``upwards``: more is better."""

    good: float
    watch: float
    behind: float
    upwards: bool


THRESHOLDS: Final[Mapping[str, Thresholds]] = MappingProxyType(
    {
        "on_time_rate": Thresholds(0.95, 0.90, 0.80, upwards=True),
        "on_time_rate_strict": Thresholds(0.95, 0.90, 0.80, upwards=True),
        "overdue_share": Thresholds(0.02, 0.05, 0.10, upwards=False),
        "late_first_promise_rate": Thresholds(0.05, 0.10, 0.20, upwards=False),
        "late_without_cause_share": Thresholds(0.10, 0.25, 0.50, upwards=False),
    }
)
"""By id of the number: fractions of 1, each limit belonging to the better side."""


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
