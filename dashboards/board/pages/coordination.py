"""Between units: who waits for whom, who answers late, who hands over what was late already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest
from typing import Any, Final, NamedTuple

from dashboards.board.model.facts import WHOLE_CITY, Board, Figures, Pair
from dashboards.board.pages.cells import Cells
from dashboards.board.pages.page import Asked, Page
from dashboards.board.pages.tables import count_of

MATRIX: Final = 8
"""Units that wait, and units waited for, in the matrix: as many as fit on a page that is read."""
LISTED: Final = 15
"""Pairs of a list; the rest is named with its number and stands in the open data."""
ASKED: Final = (
    "consultations_overdue",
    "consultations_answered_late",
    "consultations_open",
    "consultations_answered",
)
NUMBERS: Final = (
    "waiting_on_others",
    "consultations_open",
    "consultations_overdue",
    "consultations_answered_late",
    "inherited_overdue",
    "sent_back_and_forth",
)


class Answers(NamedTuple):
    """A unit that was asked for its opinion, and its own numbers of consultations."""

    unit_id: str
    figures: Figures


class Matrix(NamedTuple):
    """Open cases that wait, by who waits (rows) and for whom (columns): the ones that are most."""

    waiting: Sequence[str]
    waited_for: Sequence[str]
    pairs: Mapping[tuple[str, str], Pair]
    most: int


class Listed(NamedTuple):
    """The greatest rows of a list, and how many rows there are."""

    rows: Sequence[Any]
    all: int


def context(board: Board, asked: Asked) -> Mapping[str, Any]:
    """Pairs by what is between them, the most first, and the city's sums."""
    pairs, city = board.pairs(), board.period(WHOLE_CITY, "own", asked.period)
    waiting = _greatest(pairs, "waiting")
    answers = _answers(board, asked)
    return {
        "figures": city,
        "numbers": [name for name in NUMBERS if name in city],
        "matrix": _matrix(waiting),
        "waiting": Listed(waiting[:LISTED], len(waiting)),
        "answers": Listed(answers[:LISTED], len(answers)),
        "inherited": _listed(pairs, "inherited_overdue"),
        "back": _listed(pairs, "handed_back"),
        "any_hidden": any(pair.hidden for pair in pairs),
        "cells": Cells(asked.language, board.zone),
    }


def _greatest(pairs: Sequence[Pair], name: str) -> Sequence[Pair]:
    """Those that have any of it, the greatest first; those whose number is hidden are small, and come last."""
    return sorted(_with(pairs, name), key=_by(name))


def _listed(pairs: Sequence[Pair], name: str) -> Listed:
    found = _with(pairs, name)
    return Listed(nsmallest(LISTED, found, key=_by(name)), len(found))


def _with(pairs: Sequence[Pair], name: str) -> Sequence[Pair]:
    return [pair for pair in pairs if getattr(pair, name) or name in pair.hidden]


def _by(name: str) -> Callable[[Pair], tuple[int, str, str]]:
    return lambda pair: (-getattr(pair, name), pair.unit_id, pair.other_id)


def _answers(board: Board, asked: Asked) -> Sequence[Answers]:
    """By asked unit, those with the most overdue questions first. A unit's own totals: none of them is hidden."""
    found = [Answers(code, board.period(code, "own", asked.period)) for code in board.units]
    some = [each for each in found if any(count_of(each.figures, name) for name in ASKED)]
    return sorted(some, key=lambda each: [-count_of(each.figures, name) for name in ASKED])


def _matrix(waiting: Sequence[Pair]) -> Matrix:
    """Room is given pair by pair, the greatest first: what waits most is always in it."""
    rows: dict[str, None] = {}
    columns: dict[str, None] = {}
    for pair in waiting:
        room = pair.unit_id in rows or len(rows) < MATRIX, pair.other_id in columns or len(columns) < MATRIX
        if all(room):
            rows[pair.unit_id] = columns[pair.other_id] = None
    shown = {
        (pair.unit_id, pair.other_id): pair
        for pair in waiting
        if pair.unit_id in rows and pair.other_id in columns
    }
    return Matrix(list(rows), list(columns), shown, max((each.waiting for each in shown.values()), default=0))


PAGE: Final = Page(name="coordination", path="/coordination", context=context)
