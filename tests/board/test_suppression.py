"""A breakdown's cell of one to four cases is hidden, and so is whatever would give it away; the others are right."""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pytest

from schemas.period import Period
from tests.board.expected import Expected, is_near
from tests.board.product import Product
from tests.board.town import PARENTS, UNITS
from tests.oracle.model import words

FEWEST: Final = 5
PARTED: Final = ("procedure", "channel", "kind", "aspect")
"""Dimensions by which a case (a rating) counts in one cell as a whole: their cells add up to the unit's total."""
RATED: Final = words("ratings ratings_with_answer ratings_solved")
COUNTS: Final = words(
    "received reopened completed completed_early completed_on_time completed_late withdrawn open in_time due_soon "
    "overdue suspended no_deadline ratings rating_sum ratings_with_answer ratings_solved"
)
MEASURED: Final = words(
    "on_time_rate on_time_rate_strict processing_mean_s processing_p50_s rating_mean solved_share"
)
BANDS: Final = words(
    "overdue_to_1_day overdue_to_3_days overdue_to_10_days overdue_to_30_days overdue_over_30_days"
)
SUMS: Final = {
    "completed": ("completed_early", "completed_on_time", "completed_late"),
    "open": ("in_time", "due_soon", "overdue", "suspended", "no_deadline"),
    "overdue": tuple(BANDS),
}
"""A number and the parts it is the sum of."""
FAMILIES: Final = (
    ("received",),
    ("reopened",),
    ("withdrawn",),
    ("completed", *SUMS["completed"]),
    ("open", *SUMS["open"], *BANDS),
    tuple(RATED),
)
"""Numbers that hang together by sums, each family for itself."""

Row = Mapping[str, Any]


def answer_of(board: Product, unit: str, scope: str, period: Period) -> dict[str, Any]:
    found = board.get(f"/api/v1/units/{unit}?scope={scope}&period={period}")
    assert found.status == 200
    answer: dict[str, Any] = found.json()
    return answer


@pytest.mark.parametrize("period", ["7d", "30d", "all"])
@pytest.mark.parametrize("scope", ["own", "tree"])
def test_what_is_shown_of_a_breakdown_is_right_and_not_of_few(
    period: Period, scope: str, board: Product
) -> None:
    expected = Expected(board.events, time.time_ns() // 1000)
    wrong: list[str] = []
    shown, hidden = Counter[str](), Counter[str]()

    for unit in UNITS:
        breakdowns = answer_of(board, unit, scope, period)["breakdowns"]
        for dimension in PARTED:
            for cell in breakdowns[dimension]:
                value = cell[dimension]
                wanted = expected.cell(unit, scope, period, dimension, value)
                for name in (*COUNTS, *MEASURED):
                    where = f"{unit} {dimension} {value} {name}"
                    if name not in cell:
                        continue
                    if name in cell["suppressed"]:
                        hidden[dimension] += 1
                        if cell[name] is not None:
                            wrong.append(f"{where} is hidden, and {cell[name]}")
                        continue
                    shown[dimension] += 1
                    n = cell["n"].get(name, cell[name])
                    if n is not None and 0 < n < FEWEST and cell[name] is not None:
                        wrong.append(f"{where} is shown, of {n} cases")
                    if not is_near(name, cell[name], wanted[name]):
                        wrong.append(f"{where} is {cell[name]}, not {wanted[name]}")

    assert wrong == []
    assert min(shown[dimension] for dimension in PARTED if (dimension, period) != ("aspect", "7d")) > 10
    assert min(hidden[dimension] for dimension in PARTED) > 10


@pytest.mark.parametrize("period", ["30d", "all"])
@pytest.mark.parametrize("dimension", PARTED)
def test_nothing_of_few_can_be_computed_from_what_is_shown(
    dimension: str, period: Period, board: Product
) -> None:
    """All sums that a reader knows, solved together: what is hidden and has one solution is given away."""
    expected = Expected(board.events, time.time_ns() // 1000)
    answers = {(u, s): answer_of(board, u, s, period) for u in UNITS for s in ("own", "tree")}
    puzzles = [_puzzle(answers, dimension, family) for family in FAMILIES]
    solved = [place for puzzle in puzzles for place in puzzle.solved()]

    leaks = []
    for unit, scope, value, name in solved:
        n = expected.cell(unit, scope, period, dimension, value)[name]
        if 0 < n < FEWEST and not _is_of_one_value(answers, dimension, name):
            leaks.append(f"{unit} {scope} {value}: {name} is {n}")
    assert leaks == []
    assert sum(len(puzzle.hidden) for puzzle in puzzles) > 20
    assert bool(puzzles[-1].hidden) == (dimension == "aspect")


def _is_of_one_value(answers: Mapping[tuple[str, str], Row], dimension: str, name: str) -> bool:
    """Whether the city's own numbers, which are shown, say that all of it has one value: then a total tells it."""
    tops = [unit for unit in UNITS if not PARENTS[unit]]
    shown = [
        cell
        for unit in tops
        for cell in answers[unit, "tree"]["breakdowns"][dimension]
        if cell.get(name) != 0
    ]
    return len({cell[dimension] for cell in shown}) == 1 and all(cell.get(name) for cell in shown)


def _puzzle(answers: Mapping[tuple[str, str], Row], dimension: str, family: tuple[str, ...]) -> "Puzzle":
    """All that a reader knows of numbers that hang together."""
    puzzle = Puzzle(family)
    for (unit, scope), answer in answers.items():
        cells = answer["breakdowns"][dimension]
        for cell in cells:
            puzzle.see((unit, scope, cell[dimension]), cell)
        for name in (each for each in family if each in COUNTS):
            puzzle.adds_up(answer["unit"][name], [(unit, scope, cell[dimension], name) for cell in cells])
    for unit in UNITS:
        below = [child for child, parent in PARENTS.items() if parent == unit]
        for cell in answers[unit, "tree"]["breakdowns"][dimension]:
            value = cell[dimension]
            for name in family:
                parts = [(unit, "own", value, name), *((child, "tree", value, name) for child in below)]
                puzzle.adds_up((unit, "tree", value, name), parts)
    return puzzle


Place = tuple[str, str, str, str]
"""A number: unit, scope, value of the dimension, id."""


class Puzzle:
    """What a reader knows of the numbers that are kept back: sums. Cells that are not there are 0."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.hidden: dict[Place, int] = {}
        self._names = names
        self._rows: list[dict[int, int]] = []

    def see(self, where: tuple[str, str, str], cell: Row) -> None:
        """A cell, and the sums within it."""
        for name in self._names:
            if name in cell["suppressed"]:
                self.hidden.setdefault((*where, name), len(self.hidden))
        for whole, parts in SUMS.items():
            if whole in self._names and all(name in cell for name in (whole, *parts)):
                self.adds_up((*where, whole), [(*where, part) for part in parts])

    def adds_up(self, whole: Place | int, parts: list[Place]) -> None:
        """Tell that parts add up to a whole."""
        row: dict[int, int] = {}
        for place, sign in [(whole, 1), *((part, -1) for part in parts)]:
            if isinstance(place, tuple) and place in self.hidden:
                row[self.hidden[place]] = row.get(self.hidden[place], 0) + sign
        if row:
            self._rows.append(row)

    def solved(self) -> list[Place]:
        """The hidden numbers that have one value only: those that no direction of freedom moves."""
        matrix = np.zeros((len(self._rows), len(self.hidden)))
        for at, row in enumerate(self._rows):
            matrix[at, list(row)] = list(row.values())
        _, sizes, directions = (
            np.linalg.svd(matrix) if self._rows else (None, np.zeros(0), np.eye(len(self.hidden)))
        )
        free = directions[int((sizes > 1e-9).sum()) :]
        stuck = np.abs(free).max(axis=0, initial=0) < 1e-9
        return [place for place, at in self.hidden.items() if stuck[at]]


def test_a_number_that_is_hidden_alone_would_be_found() -> None:
    puzzle = Puzzle(("open",))
    for value, hidden in (("a", ["open"]), ("b", ["open"]), ("c", [])):
        puzzle.see(("U", "own", value), {"suppressed": hidden, "open": None if hidden else 9})
    puzzle.adds_up(12, [("U", "own", value, "open") for value in "abc"])
    together = puzzle.solved()

    puzzle.adds_up(2, [("U", "own", "a", "open")])

    assert together == []
    assert puzzle.solved() == [("U", "own", "a", "open"), ("U", "own", "b", "open")]
