"""What people apply for: the time that the law allots to it, and the time that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dashboards.board.model.facts import WHOLE_CITY, Board, Figures
from dashboards.board.pages.page import Asked, Language, Page
from dashboards.board.pages.procedure_rows import ProcedureRow, ProcedureRows
from dashboards.board.pages.tables import (
    ORDERS,
    Column,
    Order,
    asked_order,
    by_name,
    headings,
    in_order,
    value,
)
from schemas.procedure import Allotted, Procedure
from schemas.registry import REGISTRY
from schemas.thresholds import HOURS_OF_WORKING_DAY

COLUMNS: Final = (
    Column("name", descending=False),
    Column("allotted", descending=False),
    Column("received"),
    Column("completed"),
    Column("on_time_rate", descending=False),
    Column("processing_p50_s"),
    Column("processing_p90_s"),
    Column("open"),
    Column("overdue"),
)
DEFAULT_SORT: Final = "received"
_SHOWN: Final = tuple(column.id for column in COLUMNS if column.id in REGISTRY)
DRAWN: Final = 50
"""Procedures drawn, the first in the table's order: of more bars nobody sees anything."""
HOUR_S: Final = 3600
DAYS_OF: Final = {"calendar_day": 5 / 7, "month": 21.75}
"""Working days of a calendar day and of a month, on average: to order by and to draw, never to judge by."""


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """Procedures with cases in the period in the order asked for, and those without."""
    order = asked_order(COLUMNS, asked.query, DEFAULT_SORT)
    cells = board.breakdown(WHOLE_CITY, "own", "procedure", asked.period)
    found = [_row(board, cell.value, cell.figures) for cell in cells]
    known = {row.code for row in found}
    rows = in_order(found, _key(order, asked.language), order)
    drawn = [row for row in rows if row.longest_s and not row.hidden]
    return {
        "rows": rows,
        "unused": [each for code, each in board.procedures.items() if code not in known],
        "headings": headings(COLUMNS, order),
        "order": order,
        "any_hidden": any(row.hidden for row in rows),
        "drawn": drawn[:DRAWN],
        "drawn_more": max(0, len(drawn) - DRAWN),
        "rows_of": ProcedureRows(asked.language, board.zone),
    }


def allotted_seconds(allotted: Allotted | None) -> float | None:
    """Working seconds; exact for working hours and days, an average for calendar days and months."""
    if allotted is None:
        return None
    if allotted.unit == "working_hour":
        return allotted.amount * HOUR_S
    return allotted.amount * DAYS_OF.get(allotted.unit, 1) * HOURS_OF_WORKING_DAY * HOUR_S


def _row(board: Board, code: str, figures: Figures) -> ProcedureRow:
    procedure = board.procedures.get(code)
    allotted = procedure.allotted if procedure else None
    seconds, p90 = allotted_seconds(allotted), value(figures, "processing_p90_s")
    exact = allotted is not None and allotted.unit in {"working_hour", "working_day"}
    return ProcedureRow(
        code=code,
        procedure=procedure,
        figures=figures,
        allotted_s=seconds,
        exact=exact,
        longest_s=max(p90, seconds or 0) if p90 is not None else 0,
        beyond=exact and seconds is not None and p90 is not None and p90 > seconds,
        hidden=any(figures[name].hidden for name in _SHOWN if name in figures),
    )


def _key(order: Order, language: Language) -> Callable[[ProcedureRow], float | str | None]:
    def key(row: ProcedureRow) -> float | str | None:
        match order.column:
            case "name":
                return by_name(procedure_name(row.procedure, row.code, language))
            case "allotted":
                return row.allotted_s
            case column:
                return value(row.figures, column)

    return key


def procedure_name(procedure: Procedure | None, code: str, language: Language) -> str:
    """Its name in a language, the Vietnamese one where there is no other; its code where nobody knows it."""
    if procedure is None:
        return code
    return procedure.name if language == "vi" else procedure.name_en or procedure.name


PAGE: Final = Page(
    name="procedures",
    path="/procedures",
    context=context,
    choices={"sort": tuple(column.id for column in COLUMNS), "order": ORDERS},
)
