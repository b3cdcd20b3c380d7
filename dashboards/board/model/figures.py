"""Figures of one unit, made when a page asks for them: 700 units have 50 000, of which a page shows a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from dashboards.board.model.facts import Figure
from schemas.registry import REGISTRY
from schemas.summary import RATES, TIMES

Value = int | float | None

_BUILT_ON: Final[Mapping[str, str]] = {
    **{name: below for name, (_, below) in RATES.items()},
    **TIMES,
    "worst_overdue_days": "overdue",
}


class Part(NamedTuple):
    """Numbers of one unit from one source.

    Attributes:
        ids: the numbers that are there.
        values: of them, and of helpers that are none of the registry's (``processing_n``).
        as_of: up to when they count everything.
        hidden: ids of those kept back.
        corrected_at, corrected: when late events last changed those of ``corrected``.
    """

    ids: frozenset[str]
    values: Mapping[str, Value]
    as_of: datetime
    hidden: frozenset[str] = frozenset()
    corrected_at: datetime | None = None
    corrected: frozenset[str] = frozenset()

    def figure(self, name: str) -> Figure:
        """One of ``ids``; a rate that is not among the values is divided."""
        if name in self.hidden:
            return Figure(name, None, None, self.as_of, hidden=True)
        values, built_on = self.values, _BUILT_ON.get(name)
        n = None if built_on is None else values.get(built_on)
        value = values[name] if name in values else self._quotient(name, n)
        corrected_at = self.corrected_at if name in self.corrected else None
        n = None if n is None else int(n)
        # by place: named arguments take twice as long, ten thousand times a page
        return Figure(name, value, n, self.as_of, False, corrected_at)

    def _quotient(self, name: str, below: Value) -> float | None:
        above = self.values.get(RATES[name][0])
        return round(above / below, 6) if below and above is not None else None


class Row(Mapping[str, Figure]):
    """Figures by id, of parts of which the first that has a number tells it."""

    __slots__ = ("_made", "_parts")

    def __init__(self, *parts: Part) -> None:
        self._parts = parts
        self._made: dict[str, Figure] = {}

    def __getitem__(self, name: str) -> Figure:
        figure: Figure | None = self.get(name)
        if figure is None:
            raise KeyError(name)
        return figure

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # as Mapping has it
        """The figure, or the default where none of the parts has it."""
        made = self._made.get(name)
        if made is not None:
            return made
        for part in self._parts:
            if name in part.ids:
                made = self._made[name] = part.figure(name)
                return made
        return default

    def __contains__(self, name: object) -> bool:
        return any(name in part.ids for part in self._parts)

    def __iter__(self) -> Iterator[str]:
        return iter(_in_order(tuple(part.ids for part in self._parts)))

    def __len__(self) -> int:
        return len(_in_order(tuple(part.ids for part in self._parts)))


@lru_cache(maxsize=64)
def _in_order(ids: tuple[frozenset[str], ...]) -> Sequence[str]:
    """Of several sets each id once, in the order of the registry."""
    together = frozenset().union(*ids)
    return tuple(name for name in REGISTRY if name in together)
