"""The two sides of the ledger (domain.md §6): what came in and what went out between two stocks."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.board.model.facts import Figures
from schemas.registry import LEDGER_IN, LEDGER_OUT


def came(figures: Figures) -> int:
    """Cases that came in during the period."""
    return _sum(figures, LEDGER_IN)


def went(figures: Figures) -> int:
    """Cases that went out during the period."""
    return _sum(figures, LEDGER_OUT)


def _sum(figures: Figures, names: Sequence[str]) -> int:
    return sum(int(figures[name].value or 0) for name in names if name in figures)
