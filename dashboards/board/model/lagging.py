"""Which units lag, and why: the strongest reason that the numbers show, with its cases.

A reason's strength is its share: of the open cases (waiting, supplements), of the overdue (inherited, step), of the
late and overdue (causes), or of what came in (inflow). The strongest from a fifth on counts; below that, and where
nothing else is known, that nobody named a cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from dashboards.board.model.facts import LagReason, Pair
from schemas.registry import LEDGER_IN, LEDGER_OUT
from sinks.clickhouse.board_summaries import CellRow

LEAST_OPEN: Final = 5
_STRONG: Final = 0.2


class Reason(NamedTuple):
    """Why a unit lags; see facts.Lagging."""

    reason: LagReason
    about: str
    n: int
    of_n: int

    @property
    def share(self) -> float:
        """Its strength."""
        return self.n / self.of_n if self.of_n else 0.0


class Known(NamedTuple):
    """What is known of one unit.

    Attributes:
        ledger: numbers of its period, by name of counts.PERIOD.
        cell: its summary; None: there is none.
        pairs: in which it is the one that waits.
        causes, steps: its cells by these dimensions.
    """

    ledger: Mapping[str, int]
    cell: CellRow | None
    pairs: Sequence[Pair]
    causes: Sequence[CellRow]
    steps: Sequence[CellRow]


def by_unit(rows: Iterable[CellRow]) -> Mapping[str, Sequence[CellRow]]:
    """Cells by their unit."""
    found: dict[str, list[CellRow]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(row)
    return found


def worst(ledgers: Mapping[str, Mapping[str, int]], most: int) -> Sequence[str]:
    """Codes of the units with the greatest share of overdue among the open, of those with enough open."""
    shares = [
        (-ledger["overdue"] / ledger["open"], code)
        for code, ledger in ledgers.items()
        if ledger["open"] >= LEAST_OPEN and ledger["overdue"]
    ]
    return [code for _, code in sorted(shares)[:most]]


def reason(known: Known) -> Reason:
    """The strongest reason."""
    found = max(_reasons(known), key=lambda each: each.share, default=None)
    if found is not None and found.share >= _STRONG:
        return found
    unnamed = _count(known.cell, "late_without_cause")
    if known.cell is not None and unnamed is not None:
        return Reason("no_cause", "", unnamed, max(unnamed, int(known.cell.numbers["late_or_overdue"] or 0)))
    return found or Reason("unknown", "", 0, 0)


def _reasons(known: Known) -> Iterator[Reason]:
    ledger = known.ledger
    waiting = max(known.pairs, key=lambda pair: pair.waiting, default=None)
    if waiting is not None and waiting.waiting:
        yield Reason("waiting_on", waiting.other_id, waiting.waiting, max(ledger["open"], waiting.waiting))
    others = _count(known.cell, "waiting_on_others")
    if others is not None and ledger["suspended"] > others:
        yield Reason("supplements", "", ledger["suspended"] - others, ledger["open"])
    came, went = sum(ledger[name] for name in LEDGER_IN), sum(ledger[name] for name in LEDGER_OUT)
    if came > went:
        yield Reason("inflow", "", came - went, came)
    inherited = _count(known.cell, "inherited_overdue")
    if inherited:
        yield Reason("inherited", "", inherited, max(ledger["overdue"], inherited))
    named = [row for row in known.causes if row.value and row.numbers["late_or_overdue"]]
    if named and known.cell is not None and (of_n := _count(known.cell, "late_or_overdue")):
        cause = max(named, key=lambda row: row.numbers["late_or_overdue"] or 0)
        yield Reason("cause", cause.value, int(cause.numbers["late_or_overdue"] or 0), of_n)
    stays = [row for row in known.steps if row.value and row.numbers["holding_p90_s"]]
    if len(stays) > 1:
        step = max(stays, key=lambda row: row.numbers["holding_p90_s"] or 0)
        if overdue := _count(step, "overdue"):
            yield Reason("step", step.value, overdue, max(ledger["overdue"], overdue))


def _count(row: CellRow | None, name: str) -> int | None:
    value = None if row is None else row.numbers[name]
    return None if value is None else int(value)
