"""The board's facts as records of the API and the open data. Field names are those of units.csv.

Flow, promise, speed, voice, attributes and causes are counted over the period asked for; stock, ages of open cases
and anomalies are what they are now, for which no period can be asked. Flow counts every end, also one after which a
case was reopened, with ``period=all`` too; units.csv and ``v_units_now`` count each case once, as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from dashboards.board.model.facts import (
    WHOLE_CITY,
    Board,
    Cell,
    Dimension,
    Figure,
    Figures,
    Pair,
    Scope,
)
from schemas.period import Period
from schemas.registry import REGISTRY, UNIT_NUMBERS

OF_NOW: Final = frozenset(
    {number.id for number in REGISTRY.values() if number.group in {"stock", "data_quality"}}
    | {"open_age_p50_s", "open_age_p90_s", "consultations_open", "consultations_overdue", "waiting_on_others"}
)
"""Numbers that stand for the moment, whatever the period."""
LEDGER: Final = ("carried_over", "flow_gap")
UNIT_COLUMNS: Final = (*UNIT_NUMBERS, *LEDGER)
"""The numbers of a unit in a list: those of units.csv, and what makes the period's ledger add up."""
WHOLE_CITY_NAME: Final = ("Toàn thành phố", "The whole city")

Record = dict[str, Any]


def moment(at: datetime | None, board: Board) -> str | None:
    """RFC 3339 in the calendar's zone."""
    return at.astimezone(board.zone).isoformat() if at else None


def heading(board: Board, period: Period, scope: Scope) -> Record:
    """What every answer says of itself."""
    return {
        "as_of": moment(board.as_of, board),
        "generated_at": moment(board.generated_at, board),
        "summaries_at": moment(board.summaries_at, board),
        "period": period,
        "scope": scope,
        "profile": board.profile,
        "time_zone": board.zone.key,
        "invented": board.demo,
    }


def scope_of(unit_id: str, scope: Scope) -> Scope:
    """Everything together is counted under the scope ``own``."""
    return "own" if unit_id == WHOLE_CITY else scope


def scopes_of(unit_id: str) -> tuple[Scope, ...]:
    """The scopes under which a unit is counted."""
    return ("own",) if unit_id == WHOLE_CITY else ("own", "tree")


def known_figures(board: Board, unit_id: str, scope: Scope, period: Period) -> tuple[Figures, Figures]:
    """A unit's numbers of now and of the period; which of the two a number is taken from, `figure_of` says."""
    scope = scope_of(unit_id, scope)
    return board.now(unit_id, scope), board.period(unit_id, scope, period)


def figure_of(name: str, known: tuple[Figures, Figures], period: Period) -> Figure | None:
    """A number for now or for the period, as its kind is; None: it was not computed (yet)."""
    now, counted = known
    if name in OF_NOW:
        return now.get(name) or counted.get(name)
    return counted.get(name) or (now.get(name) if period == "all" else None)


def numbers(names: Iterable[str], figure: Callable[[str], Figure | None]) -> Record:
    """Values by name; ``suppressed`` names those that are kept back, ``n`` says on how many a rate is built."""
    record: Record = {}
    hidden: list[str] = []
    built_on: dict[str, int] = {}
    corrected: dict[str, str] = {}
    for name in names:
        found = figure(name)
        record[name] = value_of(found)
        if found is None:
            continue
        if found.hidden:
            hidden.append(name)
        elif found.n is not None:
            built_on[name] = found.n
        if found.corrected_at is not None:
            corrected[name] = found.corrected_at.isoformat()
    return {**record, "n": built_on, "suppressed": hidden, "corrected": corrected}


def value_of(figure: Figure | None) -> int | float | None:
    """As it is published: rates to 6 decimals, nothing of what is hidden."""
    if figure is None or figure.hidden:
        return None
    return round(figure.value, 6) if isinstance(figure.value, float) else figure.value


def unit_keys(board: Board, unit_id: str) -> Record:
    """Which unit it is; a unit that is no longer names its successor."""
    if unit_id == WHOLE_CITY:
        name, name_en = WHOLE_CITY_NAME
        return {
            "unit_id": unit_id, "unit_name": name, "unit_name_en": name_en, "parent_id": None, "kind": None,
            "valid_to": None, "succeeded_by": None, "last_event_at": moment(board.last_event_at(unit_id), board),
        }  # fmt: skip
    unit = board.units[unit_id]
    return {
        "unit_id": unit.code,
        "unit_name": unit.name,
        "unit_name_en": unit.name_en,
        "parent_id": unit.parent,
        "kind": unit.kind,
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
        "succeeded_by": unit.succeeded_by,
        "last_event_at": moment(board.last_event_at(unit_id), board),
    }


def unit_row(
    board: Board, unit_id: str, scope: Scope, period: Period, names: Iterable[str] = UNIT_COLUMNS
) -> Record:
    """A unit with its numbers."""
    known = known_figures(board, unit_id, scope, period)
    return {**unit_keys(board, unit_id), **numbers(names, lambda name: figure_of(name, known, period))}


def whole_row(board: Board, unit_id: str, scope: Scope, period: Period) -> Record:
    """A unit with every number there is."""
    now, counted = known = known_figures(board, unit_id, scope, period)
    there = now.keys() | counted.keys()
    names = (*UNIT_COLUMNS, *(name for name in REGISTRY if name in there and name not in UNIT_COLUMNS))
    return {**unit_keys(board, unit_id), **numbers(names, lambda name: figure_of(name, known, period))}


def cells(board: Board, unit_id: str, scope: Scope, dimension: Dimension, period: Period) -> list[Record]:
    """A unit's numbers by a dimension; every cell has the same fields."""
    found = board.breakdown(unit_id, scope_of(unit_id, scope), dimension, period)
    names = columns_of(found)
    return [{dimension: cell.value, **numbers(names, cell.figures.get)} for cell in found]


def columns_of(found: Iterable[Cell]) -> list[str]:
    """The numbers that any of the cells has, in the registry's order."""
    there = {name for cell in found for name in cell.figures}
    return [name for name in REGISTRY if name in there]


def pair(each: Pair) -> Record:
    """Who waits for whom; what is kept back is null and named."""
    record = each._asdict()
    hidden = sorted(record.pop("hidden"))
    return {**record, **dict.fromkeys(hidden), "suppressed": hidden}


def bands(board: Board, unit_id: str, scope: Scope) -> Record:
    """The overdue by delay, and how old the oldest are."""
    figures = board.bands(unit_id, scope_of(unit_id, scope))
    return numbers([name for name in REGISTRY if name in figures], figures.get)
