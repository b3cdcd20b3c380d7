"""The answers of the API, made of one board each. Pure: from facts to records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from dashboards.board.model.facts import WHOLE_CITY, Board, Day, Dimension, Reporting, Scope
from dashboards.board.web.records import (
    Record,
    bands,
    cells,
    heading,
    moment,
    pair,
    scope_of,
    unit_row,
    whole_row,
)
from schemas.period import Period
from schemas.registry import REGISTRY

_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the API; everything in it was checked. ``unit_id`` ``*``: everything together."""

    period: Period
    scope: Scope
    unit_id: str = WHOLE_CITY


def city(board: Board, asked: Question) -> Record:
    """Everything together."""
    return {
        **_head(board, asked),
        "city": whole_row(board, WHOLE_CITY, "own", asked.period),
        "bands": bands(board, WHOLE_CITY, "own"),
        "breakdowns": _breakdowns(board, asked),
        "days": [_day(board, each) for each in board.trend(WHOLE_CITY, "own", _DAYS)],
        "reporting": _reporting(board, board.reporting),
        "sources": _sources(board),
    }


def units(board: Board, asked: Question) -> Record:
    """Every unit, in the order of the lists."""
    head = heading(board, asked.period, asked.scope)
    return {**head, "units": [unit_row(board, each, asked.scope, asked.period) for each in board.units]}


def unit(board: Board, asked: Question) -> Record:
    """One unit with all that is known of it."""
    code, scope = asked.unit_id, asked.scope
    return {
        **heading(board, asked.period, scope),
        "unit": whole_row(board, code, scope, asked.period),
        "path": list(board.path(code)),
        "children": list(board.children(code)),
        "bands": bands(board, code, scope),
        "breakdowns": _breakdowns(board, asked),
        "anomalies": _anomalies(board, code),
        "days": [_day(board, each) for each in board.trend(code, scope, _DAYS)],
    }


def procedures(board: Board, asked: Question) -> Record:
    """By procedure."""
    return {
        **_head(board, asked),
        "unit_id": asked.unit_id,
        "procedures": _procedures(board, asked),
    }


def coordination(board: Board, asked: Question) -> Record:
    """Who waits for whom."""
    found = board.pairs(None if asked.unit_id == WHOLE_CITY else asked.unit_id)
    return {**_head(board, asked), "unit_id": asked.unit_id, "pairs": [pair(each) for each in found]}


def methods(board: Board, asked: Question) -> Record:
    """The registry."""
    return {**_head(board, asked), "numbers": [each.model_dump(mode="json") for each in REGISTRY.values()]}


def quality(board: Board, asked: Question) -> Record:
    """How good the data is."""
    return {
        **_head(board, asked),
        "anomalies": _anomalies(board, asked.unit_id),
        "dead_letters": [
            {**each._asdict(), "last_at": moment(each.last_at, board)} for each in board.dead_letters
        ],
        "sources": _sources(board),
        "reporting": _reporting(board, board.reporting),
    }


def _day(board: Board, each: Day) -> Record:
    numbers, corrected_at = dict(each.numbers), moment(each.corrected_at, board)
    return {"day": each.day.isoformat(), "numbers": numbers, "corrected_at": corrected_at}


def _head(board: Board, asked: Question) -> Record:
    return heading(board, asked.period, scope_of(asked.unit_id, asked.scope))


def _breakdowns(board: Board, asked: Question) -> Record:
    code, scope = asked.unit_id, scope_of(asked.unit_id, asked.scope)
    return {
        dimension: _procedures(board, asked)
        if dimension == "procedure"
        else cells(board, code, scope, dimension, asked.period)
        for dimension in get_args(Dimension)
    }


def _procedures(board: Board, asked: Question) -> list[Record]:
    found = cells(board, asked.unit_id, asked.scope, "procedure", asked.period)
    return [{**_named(board, cell["procedure"]), **cell} for cell in found]


def _named(board: Board, code: str) -> Mapping[str, Any]:
    known = board.procedures.get(code)
    return {
        "procedure_name": known.name if known else code,
        "procedure_name_en": known.name_en if known else None,
        "authority_level": known.authority_level if known else None,
        "field": known.field if known else None,
    }


def _anomalies(board: Board, unit_id: str) -> list[Record]:
    return [{"anomaly": each.kind, "n": each.n} for each in board.anomalies(unit_id)]


def _sources(board: Board) -> list[Record]:
    return [{**each._asdict(), "last_event_at": moment(each.last_event_at, board)} for each in board.sources]


def _reporting(board: Board, state: Reporting) -> Record:
    return {
        "reporting": state.reporting,
        "expected": state.expected,
        "missing": [
            {
                "unit_id": each.unit.code,
                "unit_name": each.unit.name,
                "last_event_at": moment(each.last_event_at, board),
                "open": each.open,
            }
            for each in state.missing
        ],
    }


MAKERS: Final[Mapping[str, Callable[[Board, Question], Record]]] = {
    "city": city,
    "units": units,
    "unit": unit,
    "procedures": procedures,
    "coordination": coordination,
    "methods": methods,
    "quality": quality,
}
"""By the name of the operation."""
