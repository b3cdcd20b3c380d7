"""The agent `units`: partitions' snapshots become the numbers of units, written as they change.

``UnitBoard`` is the pure part: it keeps the newest snapshots of every partition and gives the rows of units that
changed. Only those are added up anew over the partitions, and then the trees they stand in, from below. The loop around
it writes the rows and only then goes on, so that a message counts as done when they are durable. Nothing of it must
survive: after every assignment the partitions tell all their units anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from schemas.unit_partial import UnitPartial
from streams import numbers
from streams.numbers import Totals
from streams.ports import Row
from streams.rules import Rules

_NOTHING: Final = Totals()
_NO_UNIT: Final = ""
"""Where cases count that no event gave a unit: among everything, but it has no rows of its own."""


class UnitBoard:
    """The newest snapshots of all partitions."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._epochs: dict[int, int] = {}
        self._units: dict[int, dict[str, Mapping[str, Any]]] = {}
        self._as_of: dict[int, int] = {}
        self._changed: set[str] = {unit.code for unit in rules.city.units}
        self._names = {unit.code: unit.name for unit in rules.city.units}
        self._own: dict[str, Totals] = {}
        self._trees: dict[str, Totals] = {}
        self._below: dict[str, set[str]] = {}
        self._tops: set[str] = set()

    def take(self, partial: UnitPartial) -> None:
        """Take one message; one of an older epoch than known says nothing any more."""
        number = partial.partition
        known = self._epochs.get(number, -1)
        if partial.epoch < known:
            return
        if partial.epoch > known or partial.full:
            self._epochs[number] = partial.epoch
            self._changed.update(self._units.pop(number, {}))
        units = self._units.setdefault(number, {})
        for code, snapshot in partial.units.items():
            units[code] = dict(snapshot)
            self._changed.add(code)
        self._as_of[number] = partial.as_of

    @property
    def changed(self) -> bool:
        """Whether ``rows`` would give any."""
        return bool(self._changed)

    def rows(self, computed_at: int) -> tuple[list[Row], int]:
        """Rows of ``unit_now`` of the units that changed, of those above them and of everything.

        Returns:
            The rows, and how many units' ledgers do not add up.
        """
        for code in self._changed:
            self._add_up(code)
        touched = {above for code in self._changed for above in self._rules.path(code)}
        for code in sorted(touched, key=self._depth, reverse=True):
            self._trees[code] = self._tree(code)
        as_of = max(self._as_of.values(), default=0)
        rows = []
        for code in sorted(touched - {_NO_UNIT}):
            own = numbers.own(self._own.get(code, _NOTHING))
            tree = numbers.tree(code, [self._trees[code]], self._own)
            rows.append(self._row(code, "own", own, as_of, computed_at))
            rows.append(self._row(code, "tree", tree, as_of, computed_at))
        everything = numbers.whole(self._trees[top] for top in self._tops)
        rows.append(self._row(numbers.EVERYTHING, "own", everything, as_of, computed_at))
        self._changed.clear()
        return rows, sum(own.imbalance() != 0 for own in self._own.values())

    def _add_up(self, code: str) -> None:
        """A unit's own totals over all partitions, and its place among the others."""
        snapshots = ({code: units[code]} for units in self._units.values() if code in units)
        self._own[code] = numbers.merge(snapshots).get(code, _NOTHING)
        path = self._rules.path(code)
        for below, above in pairwise(path):
            self._below.setdefault(above, set()).add(below)
        self._tops.add(path[-1])

    def _tree(self, code: str) -> Totals:
        """A unit's totals with those of the trees right below it, which must be there."""
        below = self._below.get(code, ())
        return numbers.together((self._own.get(code, _NOTHING), *(self._trees[each] for each in below)))

    def _depth(self, code: str) -> int:
        return len(self._rules.path(code))

    def _row(self, code: str, scope: str, told: numbers.Numbers, as_of: int, computed_at: int) -> Row:
        path = self._rules.path(code)
        parent = path[1] if len(path) > 1 else ""
        return (
            code,
            scope,
            self._names.get(code, ""),
            parent,
            *told.values(),
            as_of,
            computed_at,
            computed_at,
        )


def read_all(board: UnitBoard, messages: Iterable[bytes]) -> None:
    """Take messages as they stand in the topic."""
    for message in messages:
        board.take(UnitPartial.model_validate_json(message))
