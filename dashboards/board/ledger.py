"""The two sides of the ledger (domain.md §6): what came in and what went out between two stocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboards.board.model.facts import Figures

CAME: Final = ("received", "reopened", "transferred_in")
WENT: Final = ("completed", "withdrawn", "declined", "stopped", "transferred_out")


def came(figures: Figures) -> int:
    """Cases that came in during the period."""
    return _sum(figures, CAME)


def went(figures: Figures) -> int:
    """Cases that went out during the period."""
    return _sum(figures, WENT)


def _sum(figures: Figures, names: Sequence[str]) -> int:
    return sum(int(figures[name].value or 0) for name in names if name in figures)
