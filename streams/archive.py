"""Which cases have left memory: a set of 64-bit hashes of their ids, eight bytes each.

A collision costs one needless question to the store and nothing else.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import xxhash

_MERGE_AT: Final = 100_000


def id_hash(case_id: str) -> int:
    """The hash ClickHouse's ``xxh3`` gives of the same string."""
    return xxhash.xxh3_64_intdigest(case_id.encode())


class Archive:
    """A growing set of case ids that can be asked, not listed."""

    def __init__(self, hashes: npt.ArrayLike = ()) -> None:
        self._sorted: npt.NDArray[np.uint64] = np.sort(np.asarray(hashes, np.uint64))
        self._new: set[int] = set()

    def __len__(self) -> int:
        return len(self._sorted) + len(self._new)

    def add(self, case_id: str) -> None:
        """Remember an id."""
        self._new.add(id_hash(case_id))
        if len(self._new) >= _MERGE_AT:
            self._sorted = np.union1d(self._sorted, np.fromiter(self._new, np.uint64))
            self._new.clear()

    def among(self, case_ids: list[str]) -> list[str]:
        """Those of the ids that may have been added."""
        if not len(self) or not case_ids:
            return []
        hashes = np.fromiter((id_hash(case_id) for case_id in case_ids), np.uint64, len(case_ids))
        places = np.searchsorted(self._sorted, hashes)
        if len(self._sorted):
            found = self._sorted[np.minimum(places, len(self._sorted) - 1)] == hashes
        else:
            found = np.zeros(len(case_ids), bool)
        return [
            case_id
            for case_id, old, value in zip(case_ids, found.tolist(), hashes.tolist(), strict=True)
            if old or value in self._new
        ]
