"""One generation of summaries, kept while it is the newest.

What any page may need of all units and of the whole city is read before a board shows it; parts of one unit are read
when somebody asks, once. While the database does not answer nothing is asked of it: what was not read yet is not
there then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar, get_args

from dashboards.board.model.facts import WHOLE_CITY, Anomaly, Dimension, Pair
from schemas.period import PERIODS, Period
from schemas.stored import Unavailable
from schemas.summary import PAIR_NUMBERS
from sinks.clickhouse.board_summaries import CellRow, Generation, SummaryReader

T = TypeVar("T")
_MOST_KEPT: Final = 400
_DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
_REASONS: Final[tuple[Dimension, ...]] = ("cause", "step")
_PAIRS_OF: Final[Period] = "all"


class Summaries:
    """Immutable to whoever asks; several threads may.

    Args:
        reader: where it reads.
        generation: which one this is.
        is_away: whether the database is known not to answer.

    Attributes:
        last_events: when something last happened at each unit itself, µs.
        pairs: all pairs of all time, those with the most waiting first; a case without a unit makes none.

    Raises:
        Unavailable: the database is away; what every page needs is read at once.
    """

    def __init__(
        self, reader: SummaryReader, generation: Generation, is_away: Callable[[], bool] = lambda: False
    ) -> None:
        self.generation = generation
        self._reader, self._is_away = reader, is_away
        self._units, self.last_events = reader.units()
        self._city = reader.parts((WHOLE_CITY,), "own", _DIMENSIONS, PERIODS)
        self._kept: OrderedDict[tuple[str, str, Period], Sequence[CellRow]] = OrderedDict()
        self._why: dict[tuple[str, str], Sequence[CellRow]] = {}
        self._anomalies: dict[str, list[Anomaly]] = {}
        pairs = [_pair(row) for row in reader.pairs(_PAIRS_OF)]
        pairs = [pair for pair in pairs if pair.unit_id and pair.other_id]
        self.pairs: Sequence[Pair] = sorted(pairs, key=lambda p: (-p.waiting, p.unit_id, p.other_id))
        self._pairs_of: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            for unit in dict.fromkeys((pair.unit_id, pair.other_id)):
                self._pairs_of.setdefault(unit, []).append(pair)
        for unit, kind, n in reader.anomalies():
            self._anomalies.setdefault(unit, []).append(Anomaly(kind, n))

    @property
    def named(self) -> Collection[str]:
        """Units that a pair names; some of them only cases know."""
        return self._pairs_of.keys()

    def pairs_of(self, unit_id: str) -> Sequence[Pair]:
        """The pairs that name a unit, in the order of ``pairs``."""
        return self._pairs_of.get(unit_id, ())

    def units(self, scope: str, period: Period) -> Mapping[str, CellRow] | None:
        """Every unit's cell by code; None: none were written in the form that the board reads."""
        return self._units.get((scope, period), {}) if self._units else None

    def breakdown(self, unit_id: str, scope: str, dimension: Dimension, period: Period) -> Sequence[CellRow]:
        """A unit's cells of a dimension; all dimensions are read with the first that is asked."""
        rows = self._city[period] if unit_id == WHOLE_CITY else self._parts(unit_id, scope, period)
        return [row for row in rows if row.dimension == dimension]

    def why(self, units: Sequence[str], period: Period) -> Sequence[CellRow]:
        """The causes and steps of some units' own cases; what ``know_why`` has not read is read now."""
        missing = [unit for unit in units if (unit, period) not in self._why]
        if missing and (read := self._ask(lambda: self._reader.parts(missing, "own", _REASONS, (period,)))):
            self._take_why(missing, read)
        return [row for unit in units for row in self._why.get((unit, period), ())]

    def know_why(self, units: Sequence[str]) -> None:
        """Read the causes and steps of some units now, for every period.

        Raises:
            Unavailable: the database is away.
        """
        self._take_why(units, self._reader.parts(units, "own", _REASONS, PERIODS))

    def _take_why(self, units: Sequence[str], read: Mapping[str, Sequence[CellRow]]) -> None:
        for period, rows in read.items():
            found: dict[str, list[CellRow]] = {unit: [] for unit in units}
            for row in rows:
                found[row.unit_id].append(row)
            self._why.update({(unit, period): each for unit, each in found.items()})

    def _parts(self, unit: str, scope: str, period: Period) -> Sequence[CellRow]:
        key = (unit, scope, period)
        found = self._kept.get(key)
        if found is None:
            read = self._ask(lambda: self._reader.parts((unit,), scope, _DIMENSIONS, (period,)))
            if read is None:
                return ()
            found = self._kept[key] = read[period]
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
