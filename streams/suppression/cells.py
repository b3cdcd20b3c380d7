"""The cells of a dimension: which of their numbers are small, how they hang together, what is hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.registry import OVERDUE_BANDS, STOCK_PARTS
from schemas.summary import COUNTS, STOCK
from streams.suppression.protection import Columns, protect
from streams.suppression.relations import Bools, Cells, Ints, Rule

LARGEST_HIDDEN: Final = 4
"""Numbers built on 1 to 4 cases are hidden (domain.md §7)."""

_ENDS: Final = ("completed_early", "completed_on_time", "completed_late")
_IN: Final = ("received", "reopened", "transferred_in")
_OUT: Final = ("transferred_out", "completed", "withdrawn", "declined", "stopped")
_ATTRIBUTES: Final = {
    "received_online": "received",
    "received_digitised": "received",
    "received_fee_due": "received",
    "received_cashless": "received_fee_due",
    "received_vneid": "received",
}
"""Splits in two: what is left of the whole is a part, too."""
_FLOW: Final = (
    *_IN,
    *_OUT,
    *_ENDS,
    "completed_in_time",
    "late_first_promise",
    "handovers",
    "sent_back_and_forth",
    "ends_solved",
    "late_without_cause",
    *_ATTRIBUTES,
    "processing_n",
    "holding_n",
)
_VOICE: Final = ("ratings", "ratings_with_answer", "ratings_solved")
_UNTOLD: Final = {
    "unanswered": ("ratings", "ratings_with_answer"),
    "unsolved": ("ratings_with_answer", "ratings_solved"),
}
"""What is left of a whole less its part. Nobody publishes it, but anybody can name it, and it adds up as they do."""
_BORDER: Final = frozenset({"transferred_in", "transferred_out", "sent_back_and_forth"})
"""Do not add up: of a tree only what crosses its border, of a case sent back twice only the case."""
_FOLLOWS: Final = {
    "judged": ("completed", "overdue"),
    "late_or_overdue": ("completed_late", "overdue"),
    "processing_n": ("completed",),
    "rating_sum": ("ratings",),
    "ratings_with_answer": ("ratings",),
    "ratings_solved": ("ratings_with_answer",),
}
"""Hidden when one of these is: sums of others, and what bounds them (who answered has rated)."""
_BIT: Final = {name: 1 << place for place, name in enumerate(COUNTS)}
EVERYTHING: Final = "*"


class Table(NamedTuple):
    """The cells of one dimension as they come from the store."""

    cells: Cells
    columns: Mapping[str, Ints]


def table(
    columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]],
    parents: Mapping[str, str],
    periods: Sequence[str],
) -> Table:
    """Put cells in their places.

    Args:
        columns: unit_id, scope, period, value, and COUNTS, a list each.
        parents: by unit, the one above it, '' or missing: none.
        periods: all periods.
    """
    units = sorted({*columns["unit_id"], *parents.values()} - {EVERYTHING, ""})
    group = {EVERYTHING: 0} | {code: 1 + place for place, code in enumerate(units)}
    node = {(EVERYTHING, "own"): 0}
    member, total = [-1], [0]
    for code in units:
        node[code, "own"], node[code, "tree"] = len(node), len(node) + 1
        member += [group[code], group[parents.get(code) or EVERYTHING]]
        total += [-1, group[code]]
    values = {value: place for place, value in enumerate(sorted(set(columns["value"])))}
    names = {period: place for place, period in enumerate(periods)}
    members = np.bincount([each for each in member if each >= 0], minlength=len(group))
    cells = Cells(
        node=np.array(
            [node[key] for key in zip(columns["unit_id"], columns["scope"], strict=True)], np.int64
        ),
        period=np.array([names[each] for each in columns["period"]], np.int64),
        value=np.array([values[each] for each in columns["value"]], np.int64),
        member=np.array(member, np.int64),
        total=np.array(total, np.int64),
        lone=members == 1,
    )
    return Table(cells, {name: np.array(columns[name], np.int64) for name in COUNTS})


def _few(n: Ints) -> Bools:
    few: Bools = (n > 0) & (n <= LARGEST_HIDDEN)
    return few


def _solve(part: Table, names: Sequence[str], rules: Sequence[Rule], periods: int = 1) -> dict[str, Bools]:
    """What must be hidden of some numbers, by name; ``periods``: in how many the stock is shown."""
    columns = part.columns
    counts = np.stack([columns[name] for name in names], axis=1)
    primary = _few(counts) & np.array([name not in _UNTOLD for name in names])
    for name, whole in _ATTRIBUTES.items():
        if name in names:
            place = names.index(name)
            primary[:, place] |= (counts[:, place] > 0) & _few(columns[whole] - columns[name])
    known = Columns(
        adds_up=np.array([name not in _BORDER for name in names]),
        weight=np.array([periods if name in STOCK else 1 for name in names]),
        rules=rules,
        follows=[
            (names.index(name), names.index(other))
            for name, others in _FOLLOWS.items()
            for other in others
            if name in names and other in names
        ],
        unpublished=[place for place, name in enumerate(names) if name in _UNTOLD],
    )
    found = protect(part.cells, counts, primary, known)
    return dict(zip(names, found.T, strict=True))


def _sum(names: Sequence[str], parts: Sequence[str], *wholes: str) -> Rule:
    return Rule(tuple(map(names.index, parts)), tuple(map(names.index, wholes)))


def _rows(part: Table, rows: Ints) -> Table:
    cells = part.cells
    return Table(
        cells._replace(node=cells.node[rows], period=cells.period[rows], value=cells.value[rows]),
        {name: column[rows] for name, column in part.columns.items()},
    )


def hidden(part: Table, all_time: int, *, with_ledger: bool = True) -> Ints:
    """What of the cells of a dimension must be hidden.

    Args:
        part: the cells of a dimension other than ``''``.
        all_time: the place of the period that holds everything: its stock is that of every period.
        with_ledger: whether over all time in less out is open (not by step or aspect: these have no flow).

    Returns:
        By cell a bit for each of COUNTS.
    """
    cells = part.cells
    ever = np.flatnonzero(cells.period == all_time)
    before = np.flatnonzero(cells.period != all_time)
    periods = len(np.unique(cells.period))
    books = _books(_rows(part, ever), with_ledger, periods)
    flow = _solve(_rows(part, before), _FLOW, _sums_of_flow(_FLOW))
    found = {name: _of_now(cells, ever, books[name]) for name in STOCK}
    for name in _FLOW:
        found[name] = np.zeros(len(cells.node), np.bool_)
        found[name][ever], found[name][before] = books[name], flow[name]
    return _bits(found | _voice(part), part)


def _books(ever: Table, with_ledger: bool, periods: int) -> dict[str, Bools]:
    """What must be hidden of stock and of the flow of all time, which are tied to each other."""
    names = (*STOCK, *_FLOW)
    rules = [_sum(names, STOCK_PARTS, "open"), _sum(names, OVERDUE_BANDS, "overdue"), *_sums_of_flow(names)]
    if with_ledger:
        rules.append(_sum(names, _IN, *_OUT, "open"))
    return _solve(ever, names, rules, periods)


def _sums_of_flow(names: Sequence[str]) -> list[Rule]:
    return [
        _sum(names, ("completed_in_time", "completed_late"), "completed"),
        _sum(names, ("completed_early", "completed_on_time"), "completed_in_time"),
    ]


def _of_now(cells: Cells, ever: Ints, found: Bools) -> Bools:
    """By cell, what was found of the cell of all time with the same node and value; False where there is none."""
    width = int(cells.value.max(initial=0)) + 1
    key = cells.node * width + cells.value
    order = ever[np.argsort(key[ever])]
    place = np.minimum(np.searchsorted(key[order], key), max(0, len(order) - 1))
    now = np.zeros(len(key), np.bool_)
    now[ever] = found
    same: Bools = now[order][place] & (key[order][place] == key)
    return same


def _voice(part: Table) -> dict[str, Bools]:
    """What must be hidden of what citizens say; who did not answer has rated, so one number bounds another."""
    columns = part.columns
    untold = {name: columns[whole] - columns[told] for name, (whole, told) in _UNTOLD.items()}
    names = (*_VOICE, *_UNTOLD)
    rules = [_sum(names, (told, name), whole) for name, (whole, told) in _UNTOLD.items()]
    found = _solve(Table(part.cells, {**columns, **untold}), names, rules)
    return {name: found[name] for name in _VOICE}


def hidden_of_units(units: Table, splits: Mapping[str, Bools]) -> Ints:
    """What of a unit's own numbers must be hidden: the parts of a split in two, as its cells would be.

    Args:
        units: the cells of dimension ``''``.
        splits: by number, whether a cell that is the same number is hidden.
    """
    cells, columns = units.cells, units.columns
    twice = {"received_digitised": "received", "received_vneid": "received"}
    found = dict(splits)
    for name, whole in twice.items():
        found[name] = _split(cells, (columns[name], columns[whole] - columns[name]))[0]
    fee, paid = columns["received_fee_due"], columns["received_cashless"]
    cashless, other, free = _split(cells, (paid, fee - paid, columns["received"] - fee))
    found["received_cashless"] = cashless | other
    found["received_fee_due"] = free | (found["received_cashless"] & _few(fee))
    bits = np.zeros(len(cells.node), np.int64)
    for name, mine in found.items():
        bits |= np.where(mine, _BIT[name], 0)
    return bits


def _split(cells: Cells, parts: Sequence[Ints]) -> list[Bools]:
    """What must be hidden of the parts into which each cell of ``''`` is split."""
    rows = len(cells.node)
    several = Cells(
        node=np.tile(cells.node, len(parts)),
        period=np.tile(cells.period, len(parts)),
        value=np.repeat(np.arange(len(parts)), rows),
        member=cells.member,
        total=cells.total,
        lone=cells.lone,
    )
    counts = np.concatenate(parts)[:, None]
    found = protect(several, counts, _few(counts), Columns(np.ones(1, np.bool_), np.ones(1, np.int64), ()))
    return np.split(found[:, 0], len(parts))


def _bits(found: dict[str, Bools], part: Table) -> Ints:
    for name, others in _FOLLOWS.items():
        mine = found.get(name, np.zeros(len(part.cells.node), np.bool_))
        for other in others:
            mine = mine | found[other]
        found[name] = mine
    found["late_or_overdue"] = found["late_or_overdue"] | _few(part.columns["late_or_overdue"])
    bits = np.zeros(len(part.cells.node), np.int64)
    for name, mine in found.items():
        bits |= np.where(mine, _BIT[name], 0)
    return bits
