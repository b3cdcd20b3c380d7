"""Which parts of a MergeTree table have been read: what is new costs what is new, however big the table is.

A part never changes; its name says which inserted blocks it holds: ``all_<first>_<last>_<level>``. A merged
part of blocks that were all read holds nothing new, and one of an unread block is read for its newest rows only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MOST_NAMES: Final = 300


class PartsRead:
    """The blocks of one table that were read."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._spans: list[tuple[int, int]] = []

    def names(self) -> list[str]:
        """Parts that need not be named again: the latest seen."""
        return list(self._names)

    def unread(self, parts: Iterable[str]) -> tuple[list[str], list[str]]:
        """Of some parts those of one block that was not read, and merged ones that hold at least one such block."""
        whole: list[str] = []
        merged: list[str] = []
        for name in parts:
            first, last = _blocks(name)
            if not any(begin <= first and last <= end for begin, end in self._spans):
                (whole if first == last else merged).append(name)
        return whole, merged

    def take(self, parts: Iterable[str]) -> None:
        """These have been read."""
        for name in parts:
            self._names[name] = None
            self._join(*_blocks(name))
        while len(self._names) > _MOST_NAMES:
            del self._names[next(iter(self._names))]

    def _join(self, first: int, last: int) -> None:
        apart = [(begin, end) for begin, end in self._spans if end < first - 1 or last + 1 < begin]
        near = [span for span in self._spans if span not in apart]
        self._spans = [*apart, (min([first, *(b for b, _ in near)]), max([last, *(e for _, e in near)]))]


def _blocks(name: str) -> tuple[int, int]:
    _partition, first, last, *_ = name.split("_")
    return int(first), int(last)
