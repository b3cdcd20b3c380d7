"""The units in their places: the order they are told in, who is above whom, and sums over everything below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from schemas.city import City
from schemas.unit import Unit

N = TypeVar("N", bound=np.generic)


class Places:
    """Immutable. A unit's place is its row in every array; places of known units never change.

    Args:
        city: its list of units comes first.
        others: codes that are known from cases only, in the order in which they became known.
    """

    def __init__(self, city: City, others: Iterable[str] = ()) -> None:
        self.city = city
        self.others = tuple(code for code in dict.fromkeys(others) if code not in city.by_code)
        self.codes: tuple[str, ...] = (*city.by_code, *self.others)
        self.of: Mapping[str, int] = MappingProxyType({code: at for at, code in enumerate(self.codes)})
        pairs = sorted(
            (self.of[above], at) for at, code in enumerate(self.codes) for above in self.path(code)
        )
        self._below = np.array([below for _, below in pairs], np.intp)
        self._starts = np.searchsorted(np.array([above for above, _ in pairs]), np.arange(len(self.codes)))

    def __len__(self) -> int:
        return len(self.codes)

    def with_others(self, codes: Iterable[str]) -> Places:
        """The same with units that have become known; itself when there are none."""
        new = [code for code in codes if code not in self.of]
        return Places(self.city, (*self.others, *new)) if new else self

    def path(self, code: str) -> tuple[str, ...]:
        """A unit's code and those of all above it, upwards. An unlisted unit stands alone."""
        return (code, *self.city.above(code))

    def children(self, code: str | None) -> Sequence[str]:
        """Codes of the units directly below; None: of those without a parent."""
        if code is not None:
            return self.city.children.get(code, ())
        return [
            each for each in self.codes if each not in self.city.by_code or not self.city.by_code[each].parent
        ]

    def unit(self, code: str) -> Unit:
        """The unit of the list, or one made up for a code that only cases name."""
        return self.city.by_code.get(code) or _unlisted(code)

    def tree(self, own: npt.NDArray[N]) -> npt.NDArray[Any]:
        """Rows of units summed with the rows of all below them; shape as given."""
        if not len(self.codes):
            return own
        summed: npt.NDArray[Any] = np.add.reduceat(own[self._below], self._starts, axis=0)
        return summed

    def highest(self, own: npt.NDArray[N]) -> npt.NDArray[Any]:
        """The greatest of a unit's row and the rows of all below it."""
        if not len(self.codes):
            return own
        found: npt.NDArray[Any] = np.maximum.reduceat(own[self._below], self._starts, axis=0)
        return found


@lru_cache(maxsize=10_000)
def _unlisted(code: str) -> Unit:
    return Unit(code=code, name=code, kind="other")


def in_being(unit: Unit, today: date) -> bool:
    """Whether a unit is valid on a day."""
    return (unit.valid_from or today) <= today <= (unit.valid_to or today)
