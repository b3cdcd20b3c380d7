"""How the invented city's totals are split: in proportion, exactly, and with the small cells hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from dashboards.board.model.facts import Cell, Dimension, Figure

PARTS: Final[Mapping[Dimension, Mapping[str, int]]] = {
    "procedure": {
        "1.900001": 46, "1.900002": 31, "1.900003": 11, "1.900004": 8, "1.900005": 3, "1.900006": 1,
    },
    "channel": {"online": 61, "counter": 35, "post": 4},
    "kind": {"dossier": 88, "feedback": 10, "task": 2},
    "step": {"Tiếp nhận": 40, "Thẩm định": 38, "Ký duyệt": 16, "Trả kết quả": 6},
    "cause": {"workload": 34, "missing_documents": 22, "other_agency": 17, "field_check": 3, "": 24},
    "aspect": {"staff": 31, "result": 24, "access": 17, "procedure": 5, "": 23},
}  # fmt: skip
"""Shares in hundredths of what a dimension is split into; the cause or aspect "" is none."""

HOURS: Final[Mapping[str, float]] = {
    "1.900001": 6, "1.900002": 2.5, "1.900003": 96, "1.900004": 58, "1.900005": 130, "1.900006": 150,
    "Tiếp nhận": 1.5, "Thẩm định": 19, "Ký duyệt": 7, "Trả kết quả": 2,
}  # fmt: skip
"""Typical working hours of a procedure or a step."""


def split(total: int, shares: Sequence[int]) -> list[int]:
    """A total in proportion to shares (that sum to 100): whole numbers that sum to it."""
    ends = [0, *(total * sum(shares[: at + 1]) // 100 for at in range(len(shares)))]
    return [after - before for before, after in pairwise(ends)]


def count(name: str, value: int, as_of: datetime) -> Figure:
    """A count, its own n."""
    return Figure(name, value, None, as_of)


def rate(name: str, above: int, below: int, as_of: datetime) -> Figure:
    """A fraction of 1; None where there is nothing to divide by."""
    return Figure(name, round(above / below, 6) if below else None, below, as_of)


def quantile(name: str, hours: float, n: int, as_of: datetime) -> Figure:
    """Seconds; None where nothing was measured."""
    return Figure(name, round(hours * 3600) if n else None, n, as_of)


def hide_small(cells: Sequence[Cell], basis: str) -> list[Cell]:
    """Cells built on 1 to 4 cases hidden, and with one alone the next smallest, as domain.md §7 asks."""

    def cases(cell: Cell) -> int:
        return int(cell.figures[basis].value or 0)

    small = {cell.value for cell in cells if 1 <= cases(cell) <= 4}
    others = sorted((cell for cell in cells if cases(cell) > 4), key=cases)
    if len(small) == 1 and others:
        small.add(others[0].value)
    return [_hidden(cell) if cell.value in small else cell for cell in cells]


def _hidden(cell: Cell) -> Cell:
    hidden = {
        name: Figure(name, None, None, figure.as_of, hidden=True) for name, figure in cell.figures.items()
    }
    return Cell(cell.value, hidden)
