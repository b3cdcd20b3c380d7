"""The agent `units`: partitions' snapshots become the numbers of units, written as they change.

``UnitBoard`` is the pure part: it keeps the newest snapshots of every partition and gives the rows of units that
changed. The loop around it writes them and only then goes on, so that a message counts as done when its rows are
durable. Nothing of it must survive: after every assignment the partitions tell all their units anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.unit_partial import UnitPartial
from streams import numbers
from streams.ports import Row
from streams.rules import Rules


class UnitBoard:
    """The newest snapshots of all partitions."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._epochs: dict[int, int] = {}
        self._units: dict[int, dict[str, Mapping[str, Any]]] = {}
        self._as_of: dict[int, int] = {}
        self._changed: set[str] = {unit.code for unit in rules.city.units}
        self._names = {unit.code: unit.name for unit in rules.city.units}

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
            units[code] = snapshot.model_dump()
            self._changed.add(code)
        self._as_of[number] = partial.as_of

    @property
    def changed(self) -> bool:
        """Whether ``rows`` would give any."""
        return bool(self._changed)

    def rows(self, computed_at: int) -> tuple[list[Row], int]:
        """Rows of ``unit_now`` of the units that changed, of those above them and of everything.

        Returns:
            The rows, and how many of these units' ledgers do not add up.
        """
        totals = numbers.merge(self._units.values())
        as_of = max(self._as_of.values(), default=0)
        touched = {above for code in self._changed if code for above in self._rules.path(code)}
        below: dict[str, list[numbers.Totals]] = {}
        for code, own in totals.items():
            for above in self._rules.path(code):
                below.setdefault(above, []).append(own)
        rows = []
        nothing = numbers.Totals()
        for code in sorted(touched):
            own_numbers = numbers.own(totals.get(code, nothing))
            rows.append(self._row(code, "own", own_numbers, as_of, computed_at))
            rows.append(
                self._row(code, "tree", numbers.tree(code, below.get(code, ()), totals), as_of, computed_at)
            )
        rows.append(self._row(numbers.EVERYTHING, "own", numbers.whole(totals.values()), as_of, computed_at))
        self._changed.clear()
        return rows, sum(own.imbalance() != 0 for own in totals.values())

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
