"""All units in one table: where cases stand, how fast they are decided, whether promises are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from dashboards.board.model.facts import Board, Silent
from dashboards.board.pages.page import Asked, Page
from dashboards.board.pages.tables import (
    ORDERS,
    Column,
    Order,
    asked_order,
    by_name,
    headings,
    in_order,
    is_former,
    name_of,
    share,
    successor,
    value,
)
from dashboards.board.pages.unit_rows import UnitRow, UnitRows
from schemas.unit import UNIT_KINDS, Unit

COLUMNS: Final = (
    Column("name", descending=False),
    Column("open"),
    Column("overdue"),
    Column("overdue_share"),
    Column("due_soon"),
    Column("completed"),
    Column("on_time_rate", descending=False),
    Column("on_time_rate_strict", descending=False),
    Column("processing_p50_s"),
    Column("processing_p90_s"),
    Column("worst_overdue_s"),
    Column("overdue_change"),
)
DEFAULT_SORT: Final = "overdue"
TREND_DAYS: Final = 30
STEP_DAYS: Final = 3
"""The sparkline has a point every three days: finer ones weigh more than they show at this size."""
SPARK_HEIGHT: Final = 9
_MOVES: Final = {down: f"l4 {down}" for down in range(-SPARK_HEIGHT, SPARK_HEIGHT + 1)}


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """The rows in the order that was asked for, former units apart; what to filter by."""
    order = asked_order(COLUMNS, asked.query, DEFAULT_SORT)
    kind, parent = asked.query.get("kind", ""), asked.query.get("parent", "")
    chosen = [
        unit
        for unit in board.units.values()
        if kind in {"", unit.kind} and (not parent or parent in board.path(unit.code)[1:])
    ]
    missing = {each.unit.code: each for each in board.reporting.missing}
    found = (_row(board, asked, unit, missing.get(unit.code)) for unit in chosen)
    rows = in_order(found, _key(order, asked), order)
    parents = dict.fromkeys(unit.parent for unit in board.units.values() if unit.parent)
    return {
        "rows": [row for row in rows if not row.former],
        "former_rows": [row for row in rows if row.former],
        "headings": headings(COLUMNS, order),
        "order": order,
        "kind": kind,
        "parent": parent,
        "parent_unit": board.units.get(parent),
        "kinds": [each for each in UNIT_KINDS if any(unit.kind == each for unit in board.units.values())],
        "parents": [board.units[code] for code in parents if code in board.units],
        "reporting": board.reporting,
        "unit_rows": UnitRows,
        "filtered": len(chosen) < len(board.units),
    }


def _row(board: Board, asked: Asked, unit: Unit, silent: Silent | None) -> UnitRow:
    figures = board.period(unit.code, asked.scope, asked.period)
    overdue = board.series(unit.code, asked.scope, "overdue", TREND_DAYS)
    return UnitRow(
        unit=unit,
        figures=figures,
        worst=figures.get("worst_overdue_s"),
        overdue_share=share("overdue_share", figures.get("overdue"), figures.get("open")),
        change=overdue[-1] - overdue[0] if overdue else 0,
        spark=spark_path(overdue),
        former=is_former(unit, board.today),
        successor=successor(board, unit),
        silent=silent is not None,
        last_event_at=silent.last_event_at if silent else None,
    )


def spark_path(days: Sequence[int]) -> str:
    """A line of one point every three days, the last one today, 4 wide each, highest = most.

    Relative moves of one digit: 700 of them must fit into a page.
    """
    return _path(tuple(days[::-1][::STEP_DAYS][::-1]))


@lru_cache(maxsize=16_384)
def _path(points: tuple[int, ...]) -> str:
    """The days of most units are those of the board before, whatever period is asked for."""
    most = max(points, default=0)
    if not most:
        return ""
    heights = [round(point * SPARK_HEIGHT / most) for point in points]
    moves = [_MOVES[before - after] for before, after in pairwise(heights)]
    return f"M0 {SPARK_HEIGHT - heights[0]}{''.join(moves)}"


def _key(order: Order, asked: Asked) -> Callable[[UnitRow], float | str | None]:
    def key(row: UnitRow) -> float | str | None:
        match order.column:
            case "name":
                return by_name(name_of(row.unit, asked.language))
            case "overdue_share":
                return None if row.overdue_share is None else row.overdue_share.value
            case "worst_overdue_s":
                return None if row.worst is None else row.worst.value
            case "overdue_change":
                return row.change
            case column:
                return value(row.figures, column)

    return key


PAGE: Final = Page(
    name="units",
    path="/units",
    context=context,
    choices={
        "sort": tuple(column.id for column in COLUMNS),
        "order": ORDERS,
        "kind": UNIT_KINDS,
        "parent": None,
    },
)
