"""From snapshots of partitions to the numbers of units: own, tree and the whole city (``*``).

One place computes every column of units.csv; rows in ClickHouse, files and pages only repeat it. The formulas in
words stand in the registry (schemas/registry.py) under the same names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas.registry import STOCK_PARTS
from streams.sketch import Sketch

EVERYTHING: Final = "*"
SECOND_US: Final = 1_000_000

Snapshot = Mapping[str, Any]
Numbers = dict[str, int | float | None]


class Totals:
    """Snapshots added up: of one unit over partitions, or of several units."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.processing = Sketch()
        self.open_age = Sketch()
        self.worst_overdue_us: int | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Add a snapshot (shape: ``Tally.snapshot``)."""
        self.counts.update(snapshot["counts"])
        self.processing.merge(snapshot["processing"])
        self.open_age.merge(snapshot["open_age"])
        self._see_worst(snapshot["worst_overdue_us"])

    def merge(self, other: Totals) -> None:
        """Add another unit's totals."""
        self.counts.update(other.counts)
        self.processing.merge(other.processing.buckets)
        self.open_age.merge(other.open_age.buckets)
        self._see_worst(other.worst_overdue_us)

    def _see_worst(self, late_us: int | None) -> None:
        if late_us is not None:
            self.worst_overdue_us = max(late_us, self.worst_overdue_us or 0)

    def numbers(self, transferred_in: int, transferred_out: int) -> Numbers:
        """Every column of units.csv but the names; None where there is nothing to measure."""
        counts, processing, age = self.counts, self.processing, self.open_age
        completed_in_time = counts["completed_early"] + counts["completed_on_time"]
        completed = completed_in_time + counts["completed_late"]
        return {
            "received": counts["received"],
            "transferred_in": transferred_in,
            "transferred_out": transferred_out,
            "open": sum(counts[column] for column in STOCK_PARTS),
            **{column: counts[column] for column in STOCK_PARTS},
            "completed": completed,
            "completed_early": counts["completed_early"],
            "completed_on_time": counts["completed_on_time"],
            "completed_late": counts["completed_late"],
            "withdrawn": counts["withdrawn"],
            "declined": counts["declined"],
            "stopped": counts["stopped"],
            "on_time_rate": rate(completed_in_time, completed),
            "on_time_rate_strict": rate(completed_in_time, completed + counts["overdue"]),
            "processing_mean_s": rounded(processing.total, processing.count * SECOND_US),
            "processing_p50_s": seconds(processing.quantile(1, 2)),
            "processing_p90_s": seconds(processing.quantile(9, 10)),
            "open_age_p50_s": seconds(age.quantile(1, 2)),
            "open_age_p90_s": seconds(age.quantile(9, 10)),
            "worst_overdue_s": seconds(self.worst_overdue_us),
            "anomalies": counts["anomalies"],
            "awaiting": counts["awaiting"] + counts["awaiting_overdue"],
            "awaiting_overdue": counts["awaiting_overdue"],
            "reopened": counts["reopened"],
            "late_first_promise": counts["late_first_promise"],
        }

    def imbalance(self) -> int:
        """Ledger identity (domain §6): received + in - out - ended - open; 0 when the books are right."""
        n = self.counts
        ended = sum(n[c] for c in ("completed_early", "completed_on_time", "completed_late"))
        ended += n["withdrawn"] + n["declined"] + n["stopped"]
        moved = n["transferred_in"] - n["transferred_out"]
        return n["received"] + moved - ended - sum(n[column] for column in STOCK_PARTS)


def rounded(numerator: int, denominator: int) -> int | None:
    """The quotient as a whole number, halves up; None without a denominator."""
    return (2 * numerator + denominator) // (2 * denominator) if denominator else None


def seconds(us: int | None) -> int | None:
    """Whole seconds, halves up."""
    return None if us is None else rounded(us, SECOND_US)


def rate(part: int, whole: int) -> float | None:
    """A fraction of 1 to six decimals; None of nothing."""
    return round(part / whole, 6) if whole else None


def merge(partitions: Iterable[Mapping[str, Snapshot]]) -> dict[str, Totals]:
    """The own totals of each unit over all partitions."""
    totals: dict[str, Totals] = {}
    for snapshots in partitions:
        for unit, snapshot in snapshots.items():
            if unit not in totals:
                totals[unit] = Totals()
            totals[unit].add(snapshot)
    return totals


def own(totals: Totals) -> Numbers:
    """A unit's numbers over its own cases."""
    return totals.numbers(totals.counts["transferred_in"], totals.counts["transferred_out"])


def tree(unit: str, within: Iterable[Totals], own_totals: Mapping[str, Totals]) -> Numbers:
    """A unit's numbers with all units below it; of hand-overs only those across its border."""
    counts = own_totals[unit].counts if unit in own_totals else Counter[str]()
    return together(tuple(within)).numbers(counts["transferred_in_tree"], counts["transferred_out_tree"])


def whole(totals: Iterable[Totals]) -> Numbers:
    """The numbers of everything; nothing crosses its border."""
    return together(tuple(totals)).numbers(0, 0)


def together(totals: Sequence[Totals]) -> Totals:
    """The totals of several units as one; of one alone they are its own, not a copy."""
    first, *others = totals or (Totals(),)
    if not others:
        return first
    added = Totals()
    for each in (first, *others):
        added.merge(each)
    return added
