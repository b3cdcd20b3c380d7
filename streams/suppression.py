"""Which numbers of the summaries the public may not see (domain.md §7). Pure; no clock, no I/O.

A *cell* is a unit's (or a tree's, or everything's) numbers for one value of a dimension over one period. A number of
a cell that is built on 1 to 4 cases is *primary*: it is hidden. Unit totals (dimension ``''``) are shown, and so is 0;
so a hidden number could be computed where it is the only unknown of a relation. Therefore every relation that holds a
hidden number gets a second one, the next smallest, again and again until each has none, or at least two with room:

- along the dimension: the cells of one unit add up to its total;
- across units: a unit's own cell and the trees below it add up to its tree, the uppermost trees to ``*``;
- within a cell: completed is early + on time + late; open is the sum of five; the overdue are the sum of their bands;
  and over all time what came in less what went out is open.

A unit's own split in two by an attribute, or into late cases with and without a cause, is treated like cells. Where a
total is all in one cell, a 0 beside it is hidden: the only case in which one is.

What it guarantees: no relation by itself gives a primary number away, neither as its only unknown nor because all that
is hidden in it must be 1, nor do relations one after the other; rates and quantiles follow what they are built on.
Nor do all relations taken together, as far as they are looked at (streams/given_away.py): completely where some
thousands of numbers are hidden in a dimension; above it less and less, and then it is not excluded that a few in a
thousand can be computed by somebody who solves systems of hundreds of equations.
Periods are judged each for itself: hidden numbers of nested periods bound each other (today is at most the last 7
days), but no relation holds one period's number and nothing else of that period.

What it does not: a unit with one cell only tells it by its total. The difference of two periods that are both shown (30
days less 7 days) may be small; it is no cell. Pairs of units, anomalies and sources are no cells either. What somebody
knows of cases of his own he can take away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from schemas.registry import OVERDUE_BANDS, STOCK_PARTS
from schemas.summary import COUNTS
from streams.given_away import search
from streams.hiding import Bools, Cells, Ints, Rule

__all__ = ["Bools", "Ints", "Table", "hidden", "hidden_of_units", "table"]

LARGEST_HIDDEN: Final = 4
"""Numbers built on 1 to 4 cases are hidden (domain.md §7)."""

_ENDS: Final = ("completed_early", "completed_on_time", "completed_late")
_STOCK: Final = (
    "open",
    *STOCK_PARTS,
    *OVERDUE_BANDS,
    "suspended_beyond_limit",
    "awaiting",
    "awaiting_overdue",
    "waiting_on_others",
    "inherited_overdue",
)
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
    "ratings",
    "ratings_with_answer",
    "ratings_solved",
    "ends_solved",
    "late_without_cause",
    *_ATTRIBUTES,
    "processing_n",
    "holding_n",
)
_BORDER: Final = frozenset({"transferred_in", "transferred_out", "sent_back_and_forth"})
"""Do not add up: of a tree only what crosses its border, of a case sent back twice only the case."""
_FOLLOWS: Final = {
    "judged": ("completed", "overdue"),
    "late_or_overdue": ("completed_late", "overdue"),
    "processing_n": ("completed",),
    "rating_sum": ("ratings",),
}
"""Sums of others, hidden when one of these is."""
_BIT: Final = {name: 1 << place for place, name in enumerate(COUNTS)}
EVERYTHING: Final = "*"


class Table(NamedTuple):
    """The cells of one dimension as they come from the store."""

    cells: Cells
    columns: Mapping[str, Ints]


def table(columns: Mapping[str, Sequence[Any]], parents: Mapping[str, str], periods: Sequence[str]) -> Table:
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


def _places(names: Sequence[str]) -> tuple[int, ...]:
    return tuple(map(_FLOW.index, names))


def _few(n: Ints) -> Bools:
    few: Bools = (n > 0) & (n <= LARGEST_HIDDEN)
    return few


def _solve(part: Table, names: Sequence[str], rules: Sequence[Rule]) -> Bools:
    columns = part.columns
    counts = np.stack([columns[name] for name in names], axis=1)
    primary = _few(counts)
    for name, whole in _ATTRIBUTES.items():
        if name in names:
            place = names.index(name)
            primary[:, place] |= (counts[:, place] > 0) & _few(columns[whole] - columns[name])
    adds_up = np.array([name not in _BORDER for name in names])
    return search(part.cells, counts, primary, adds_up, rules)


def _sum(names: Sequence[str], parts: Sequence[str], whole: str) -> Rule:
    return Rule(tuple(map(names.index, parts)), (names.index(whole),))


def hidden(part: Table, all_time: int, *, with_ledger: bool = True) -> Ints:
    """What of the cells of a dimension must be hidden.

    Args:
        part: the cells of a dimension other than ``''``.
        all_time: the place of the period that holds everything: its stock is that of every period.
        with_ledger: whether over all time in less out is open (not by step: it changes).

    Returns:
        By cell a bit for each of COUNTS.
    """
    cells = part.cells
    whole_time = np.flatnonzero(cells.period == all_time)
    now = Table(
        cells._replace(
            node=cells.node[whole_time],
            period=np.zeros(len(whole_time), np.int64),
            value=cells.value[whole_time],
        ),
        {name: column[whole_time] for name, column in part.columns.items()},
    )
    stock_rules = [_sum(_STOCK, STOCK_PARTS, "open"), _sum(_STOCK, OVERDUE_BANDS, "overdue")]
    stock_now = _solve(now, _STOCK, stock_rules)
    width = int(cells.value.max(initial=0)) + 1
    key, keys_now = cells.node * width + cells.value, now.cells.node * width + now.cells.value
    order = np.argsort(keys_now)
    found = np.minimum(np.searchsorted(keys_now[order], key), len(order) - 1)
    there = keys_now[order][found] == key
    stock = stock_now[order][found] & there[:, None]
    rules = [
        _sum(_FLOW, ("completed_in_time", "completed_late"), "completed"),
        _sum(_FLOW, ("completed_early", "completed_on_time"), "completed_in_time"),
    ]
    if with_ledger:
        open_hidden = np.where(cells.period == all_time, stock[:, 0].astype(np.int64), -1)
        rules.append(Rule(_places(_IN), _places(_OUT), ledger=True, beside=open_hidden))
    flow = _solve(part, _FLOW, rules)
    return _bits({**dict(zip(_STOCK, stock.T, strict=True)), **dict(zip(_FLOW, flow.T, strict=True))}, part)


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
    found = search(several, counts, _few(counts), np.ones(1, np.bool_), ())
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
