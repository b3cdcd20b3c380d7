"""What the tables of several pages share: order by links, empty values last, and how a share is made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeVar

from dashboards.board.model.facts import Board, Figure, Figures
from dashboards.board.pages.page import Language
from schemas.unit import Unit

Row = TypeVar("Row")
ORDERS: tuple[str, ...] = ("asc", "desc")


class Column(NamedTuple):
    """A column that a table can be ordered by.

    Attributes:
        id: of the registry, or of the page's own words.
        descending: which way it is ordered when it is chosen first: numbers begin with what wants attention.
    """

    id: str
    descending: bool = True


class Heading(NamedTuple):
    """A column's heading as a link: where it stands now, and what its link asks for."""

    id: str
    state: Literal["ascending", "descending", "none"]
    sort: str
    order: str


class Order(NamedTuple):
    """By which column a table is ordered, and which way."""

    column: str
    descending: bool


def asked_order(columns: Sequence[Column], query: Mapping[str, str], default: str) -> Order:
    """The order that a reader asked for by ``sort`` and ``order``; without a word, that of ``default``."""
    natural = {column.id: column.descending for column in columns}
    chosen = query.get("sort", default)
    chosen = chosen if chosen in natural else default
    given = query.get("order")
    return Order(chosen, natural[chosen] if given is None else given == "desc")


def headings(columns: Sequence[Column], order: Order) -> dict[str, Heading]:
    """By column: choosing the one in force again turns it round."""
    found = {}
    for column in columns:
        active = column.id == order.column
        state: Literal["ascending", "descending", "none"] = "none"
        if active:
            state = "descending" if order.descending else "ascending"
        descending = not order.descending if active else column.descending
        found[column.id] = Heading(column.id, state, column.id, "desc" if descending else "asc")
    return found


def in_order(rows: Iterable[Row], key: Callable[[Row], float | str | None], order: Order) -> list[Row]:
    """Rows by a key; those without one come last either way, and equal ones keep their order."""
    keyed = [(key(row), row) for row in rows]
    known = [(value, row) for value, row in keyed if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.descending)
    return [row for _value, row in known] + [row for value, row in keyed if value is None]


def share(name: str, above: Figure | None, below: Figure | None) -> Figure | None:
    """A part of a whole as a fraction of 1; nothing where one is hidden, missing, or the whole is 0."""
    if above is None or below is None:
        return None
    hidden = above.hidden or below.hidden
    whole = below.value
    part = None if hidden or above.value is None or not whole else above.value / whole
    n = None if hidden or whole is None else int(whole)
    return Figure(name, part, n, min(above.as_of, below.as_of), hidden=hidden)


def value(figures: Figures, name: str) -> float | None:
    """A figure's value; None: there is none, it is hidden, or nothing was measured."""
    figure = figures.get(name)
    return None if figure is None else figure.value


def count_of(figures: Figures, name: str) -> int:
    """A count; 0 where there is none to show."""
    return int(value(figures, name) or 0)


def by_name(name: str) -> str:
    """A key that orders names as people expect: marks count least, đ stands after d, 2 before 10."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d\uffff"))
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), letters) + plain


def name_of(unit: Unit, language: Language) -> str:
    """The unit's name in a language; the Vietnamese one where there is no other."""
    return unit.name if language == "vi" else unit.name_en or unit.name


def is_former(unit: Unit, today: date) -> bool:
    """Whether a unit has ceased to be."""
    return unit.valid_to is not None and unit.valid_to < today


def successor(board: Board, unit: Unit) -> Unit | None:
    """The unit that took over; None: nobody is named, or one that the lists do not know."""
    return board.units.get(unit.succeeded_by) if unit.succeeded_by else None
