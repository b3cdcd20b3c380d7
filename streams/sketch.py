"""Quantiles that merge and take back: counts and sums in buckets of less than 1 % width.

A bucket is found with integer arithmetic alone (exponent and the next seven bits), so that every machine
agrees; a bucket answers with the mean of what is in it, so that one value alone is given back exactly.
Values are whole µs >= 0. The order of additions and removals never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

_BITS = 8


def bucket_of(value: int) -> int:
    """The bucket of a value: equal to it below 256, then 128 buckets for each doubling.

    >>> bucket_of(0), bucket_of(255), bucket_of(256), bucket_of(257), bucket_of(511)
    (0, 255, 256, 256, 383)
    """
    shift = value.bit_length() - _BITS
    return value if shift <= 0 else (shift << (_BITS - 1)) + (value >> shift)


class Sketch:
    """A multiset of durations, as ``{bucket: [count, sum]}``."""

    __slots__ = ("buckets", "count", "total")

    def __init__(self) -> None:
        self.buckets: dict[int, list[int]] = {}
        self.count = 0
        self.total = 0

    def add(self, value: int, times: int = 1) -> None:
        """Put a value in, or with ``times=-1`` take one out that was put in before."""
        self.merge_bucket(bucket_of(value), times, value * times)

    def merge_bucket(self, bucket: int, count: int, total: int) -> None:
        """Add ``count`` values of sum ``total`` to a bucket."""
        self.count += count
        self.total += total
        cell = self.buckets.get(bucket)
        if cell is None:
            self.buckets[bucket] = [count, total]
        else:
            cell[0] += count
            cell[1] += total
            if not cell[0] and not cell[1]:
                del self.buckets[bucket]

    def merge(self, buckets: Mapping[int, Iterable[int]]) -> None:
        """Add another sketch's buckets."""
        mine = self.buckets
        for key, (count, total) in buckets.items():
            bucket = int(key)
            self.count += count
            self.total += total
            if bucket in mine:
                cell = mine[bucket]
                cell[0] += count
                cell[1] += total
            else:
                mine[bucket] = [count, total]

    def merge_values(self, values: npt.NDArray[np.int64]) -> None:
        """Add many values at once; negative ones count as 0."""
        if not len(values):
            return
        values = np.maximum(values, 0)
        bits = np.frexp(values.astype(np.float64))[1].astype(np.int64)
        shift = np.maximum(bits - _BITS, 0)
        buckets = (shift << (_BITS - 1)) + (values >> shift)
        unique, places = np.unique(buckets, return_inverse=True)
        counts = np.bincount(places)
        totals = np.zeros(len(unique), np.int64)
        np.add.at(totals, places, values)
        for bucket, count, total in zip(unique.tolist(), counts.tolist(), totals.tolist(), strict=True):
            self.merge_bucket(bucket, count, total)

    def mean(self) -> int | None:
        """The mean in µs, rounded half up; None when empty."""
        return None if not self.count else (2 * self.total + self.count) // (2 * self.count)

    def quantile(self, numerator: int, denominator: int) -> int | None:
        """The value at index floor(q * (n - 1)) of the sorted values, q = numerator / denominator.

        Within 1 % of it; exact where a bucket holds equal values. None when empty.
        """
        if not self.count:
            return None
        index = numerator * (self.count - 1) // denominator
        for bucket in sorted(self.buckets):
            count, total = self.buckets[bucket]
            if index < count:
                return total // count
            index -= count
        raise AssertionError("a sketch counts what its buckets hold")
