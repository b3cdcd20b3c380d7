"""One generation of summaries: what a page asks of it is read when it is asked, once, and kept while the generation is.

While the database does not answer nothing is asked of it: what was not read yet is not there then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, TypeVar, get_args

from dashboards.board.model.facts import WHOLE_CITY, Anomaly, Dimension, Pair
from schemas.period import Period
from schemas.stored import Unavailable
from schemas.summary import PAIR_NUMBERS
from sinks.clickhouse.board_summaries import CellRow, Generation, SummaryReader

T = TypeVar("T")
_MOST_KEPT: Final = 400
_DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
_PAIRS_OF: Final[Period] = "all"


class Summaries:
    """Immutable to whoever asks; several threads may.

    Args:
        reader: where it reads.
        generation: which one this is.
        is_away: whether the database is known not to answer.

    Attributes:
        pairs: all pairs of all time, those with the most waiting first; a case without a unit makes none.

    Raises:
        Unavailable: the database is away; what every page needs is read at once.
    """

    def __init__(
        self, reader: SummaryReader, generation: Generation, is_away: Callable[[], bool] = lambda: False
    ) -> None:
        self.generation = generation
        self.last_events: Mapping[str, int] = reader.last_events()
        self._reader, self._is_away = reader, is_away
        self._units: dict[tuple[str, Period], Mapping[str, CellRow]] = {}
        self._kept: OrderedDict[tuple[tuple[str, ...], str, Period], Sequence[CellRow]] = OrderedDict()
        self._anomalies: dict[str, list[Anomaly]] = {}
        pairs = [_pair(row) for row in reader.pairs(_PAIRS_OF)]
        pairs = [pair for pair in pairs if pair.unit_id and pair.other_id]
        self.pairs: Sequence[Pair] = sorted(pairs, key=lambda p: (-p.waiting, p.unit_id, p.other_id))
        for unit, kind, n in reader.anomalies():
            self._anomalies.setdefault(unit, []).append(Anomaly(kind, n))

    @cached_property
    def named(self) -> frozenset[str]:
        """Units that a pair names; some of them only cases know."""
        return frozenset(code for pair in self.pairs for code in pair[:2])

    def warm(self, before: Summaries | None) -> None:
        """Read what pages asked of the generation before, so that the first to ask this one does not wait."""
        for scope, period in list(before._units) if before else ():
            self.units(scope, period)
        for units, scope, period in list(before._kept) if before else ():
            if units == (WHOLE_CITY,):
                self._parts(units, scope, period)

    def units(self, scope: str, period: Period) -> Mapping[str, CellRow] | None:
        """Every unit's cell by code; None: not to be had now."""
        key = (scope, period)
        if key not in self._units:
            rows = self._ask(lambda: self._reader.units(scope, period))
            if rows is None:
                return None
            self._units[key] = {row.unit_id: row for row in rows}
        return self._units[key]

    def breakdown(self, unit_id: str, scope: str, dimension: Dimension, period: Period) -> Sequence[CellRow]:
        """A unit's cells of a dimension; all dimensions are read with the first that is asked."""
        return [row for row in self._parts((unit_id,), scope, period) if row.dimension == dimension]

    def breakdowns(self, units: Sequence[str], period: Period) -> Sequence[CellRow]:
        """The cells of some units' own cases, of every dimension."""
        return self._parts(tuple(units), "own", period) if units else ()

    def _parts(self, units: tuple[str, ...], scope: str, period: Period) -> Sequence[CellRow]:
        key = (units, scope, period)
        found = self._kept.get(key)
        if found is None:
            found = self._ask(lambda: self._reader.parts(units, scope, _DIMENSIONS, period))
            if found is None:
                return ()
            self._kept[key] = found
            if len(self._kept) > _MOST_KEPT:
                with suppress(KeyError):  # another thread was quicker
                    self._kept.popitem(last=False)
        return found

    def anomalies(self, unit_id: str) -> Sequence[Anomaly]:
        """By kind, the most first."""
        return self._anomalies.get(unit_id, ())

    def _ask(self, read: Callable[[], T]) -> T | None:
        if self._is_away():
            return None
        try:
            return read()
        except Unavailable:
            return None


def _pair(row: Sequence[Any]) -> Pair:
    unit, other, *numbers, hidden = row
    named = dict(zip(PAIR_NUMBERS, numbers, strict=True))
    counts = {name: value if name == "waiting_worst_s" else value or 0 for name, value in named.items()}
    return Pair(unit, other, **counts, hidden=frozenset(hidden.split()))
