"""The totals of one partition: per unit as it stands now, and per unit and local day.

Both are sums of what cases contribute, so a case that changes is taken out as it was and put in as it is. The
present totals come from standings (streams/case.py), the days from flows (schemas/columns.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import takewhile
from operator import eq
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from schemas.columns import FLOW, FLOWS
from schemas.registry import STOCK_PARTS
from streams.case import Case, Standing
from streams.sketch import Sketch
from streams.worktime import WorkingTime

_COMPLETED: Final = frozenset(
    FLOW[name] for name in ("completed_early", "completed_on_time", "completed_late")
)
_OPEN: Final = frozenset(FLOW[name] for name in STOCK_PARTS)
_TOTALLED: Final = frozenset(
    {
        "received",
        "transferred_in",
        "transferred_out",
        "reopened",
        "transferred_in_tree",
        "transferred_out_tree",
    }
)
_SUMMED: Final = tuple(name in _TOTALLED for name in FLOWS)
_CHANGED: Final = len(FLOWS)
_WIDTH: Final = len(FLOWS) + 1
"""A place for each column of FLOWS, and a mark that the day is among the changed ones."""

Flow = tuple[str, int, int, int]


class Pool:
    """A multiset of integers, kept as a sorted array; changes are merged when it is read."""

    __slots__ = ("_in", "_out", "_values")

    def __init__(self) -> None:
        self._values: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._in: list[int] = []
        self._out: list[int] = []

    def change(self, value: int, times: int) -> None:
        """Put one in (1) or take one out (-1)."""
        (self._in if times > 0 else self._out).append(value)

    def values(self) -> npt.NDArray[np.int64]:
        """All values, sorted."""
        if self._in or self._out:
            merged = np.sort(np.concatenate((self._values, np.array(self._in, np.int64))))
            if self._out:
                out = np.sort(np.array(self._out, np.int64))
                first_of_run = np.searchsorted(out, out, "left")
                places = np.searchsorted(merged, out, "left") + np.arange(len(out)) - first_of_run
                merged = np.delete(merged, places)
            self._values, self._in, self._out = merged, [], []
        return self._values


class UnitTotals:
    """What a unit's own cases in this partition add up to."""

    __slots__ = (
        "ages",
        "anomalies",
        "counts",
        "held_ages",
        "held_lates",
        "late_first",
        "lates",
        "processing",
    )

    def __init__(self) -> None:
        self.counts = [0] * _WIDTH
        self.anomalies = 0
        self.late_first = 0
        self.processing = Sketch()
        self.ages: dict[WorkingTime, Pool] = {}
        self.lates: dict[WorkingTime, Pool] = {}
        self.held_ages = Pool()
        self.held_lates = Pool()

    def change(self, standing: Standing, times: int) -> None:
        """Put a standing in (1) or take it out (-1): its column and measures, not its anomalies."""
        column = standing.column
        if column < 0:
            return
        self.counts[column] += times
        if column in _COMPLETED:
            self.late_first += times * standing.late_first_promise
            self.processing.add(standing.age, times)
        elif column in _OPEN:
            if standing.running:
                _pool(self.ages, standing.calendar).change(standing.age, times)
                if standing.late is not None:
                    _pool(self.lates, standing.calendar).change(standing.late, times)
            else:
                self.held_ages.change(standing.age, times)
                if standing.late is not None:
                    self.held_lates.change(standing.late, times)

    def open_ages(self, now: int) -> Sketch:
        """Elapsed working time of the open cases at ``now``."""
        sketch = Sketch()
        sketch.merge_values(self.held_ages.values())
        for calendar, pool in self.ages.items():
            sketch.merge_values(calendar.mark_within(now) - pool.values())
        return sketch

    def worst_overdue_us(self, now: int) -> int | None:
        """The longest working time past an effective due among the overdue at ``now``; None without one."""
        worst = [int(held[-1]) for held in (self.held_lates.values(),) if len(held)]
        for calendar, pool in self.lates.items():
            marks = pool.values()
            if len(marks):
                worst.append(max(0, calendar.mark_within(now) - int(marks[0])))
        return max(worst, default=None)

    @property
    def runs(self) -> bool:
        """Whether its numbers change with the clock."""
        return any(len(pool.values()) for pool in self.ages.values())


def _pool(pools: dict[WorkingTime, Pool], calendar: WorkingTime) -> Pool:
    pool = pools.get(calendar)
    if pool is None:
        pool = pools[calendar] = Pool()
    return pool


class Tally:
    """All units and days of one partition."""

    def __init__(self) -> None:
        self.units: dict[str, UnitTotals] = {}
        self.days: dict[tuple[str, int], list[int]] = {}
        self.changed_units: set[str] = set()
        self.changed_days: list[tuple[str, int]] = []

    def unit(self, code: str) -> UnitTotals:
        """The totals of a unit, marked as changed."""
        self.changed_units.add(code)
        totals = self.units.get(code)
        if totals is None:
            totals = self.units[code] = UnitTotals()
        return totals

    def add_flows(self, flows: Iterable[Flow], times: int = 1) -> None:
        """Add what a case did, or with ``times=-1`` take it out."""
        days, units, changed_units = self.days, self.units, self.changed_units
        for unit, day, column, n in flows:
            counts = days.get((unit, day))
            if counts is None:
                counts = days[unit, day] = [0] * _WIDTH
            if not counts[_CHANGED]:
                counts[_CHANGED] = 1
                self.changed_days.append((unit, day))
            counts[column] += n * times
            if _SUMMED[column]:
                totals = units.get(unit) or self.unit(unit)
                totals.counts[column] += n * times
                changed_units.add(unit)

    def count(self, case: Case) -> None:
        """Bring the totals from what a case was to what it is."""
        if len(case.flows) != case.counted_flows:
            self.add_flows(case.flows[case.counted_flows :])
            case.counted_flows = len(case.flows)
        standing = case.standing()
        if standing != case.counted:
            self.replace(case.counted, standing)
            case.counted = standing

    def refolded(self, before: Case, case: Case) -> None:
        """A case was folded anew: what it did by its old state and does no more is taken out of the days."""
        counted = before.flows[: before.counted_flows]
        case.counted_flows = sum(1 for _ in takewhile(bool, map(eq, counted, case.flows)))
        self.add_flows(counted[case.counted_flows :], -1)
        case.counted = before.counted

    def counts_of(self, key: tuple[str, int]) -> list[int]:
        """The sums of a unit's day; one that was not there is there from now on, as changed."""
        if key not in self.days:
            self.add_flows([(*key, 0, 0)])
        return self.days[key][:_CHANGED]

    def forget_changes(self, days: Collection[tuple[str, int]]) -> None:
        """These days stand in the store as they are here."""
        self.changed_days = [key for key in self.take_changed_days() if key not in days]
        for key in self.changed_days:
            self.days[key][_CHANGED] = 1

    def take_changed_days(self) -> list[tuple[str, int]]:
        """The days that changed since the last call."""
        changed, self.changed_days = self.changed_days, []
        for key in changed:
            self.days[key][_CHANGED] = 0
        return changed

    def replace(self, old: Standing | None, new: Standing | None) -> None:
        """A case stood there and stands here now."""
        for standing, times in ((old, -1), (new, 1)):
            if standing is not None:
                if standing.anomalies:
                    self.unit(standing.unit).anomalies += times * standing.anomalies
                if standing.column >= 0:
                    self.unit(standing.column_unit).change(standing, times)

    def snapshot(self, code: str, now: int) -> dict[str, Any]:
        """One unit's own totals at ``now``, absolute, ready to be merged with other partitions'.

        ``counts``: by name of FLOWS; ``processing``, ``open_age``: ``{bucket: [count, sum µs]}``;
        ``worst_overdue_us``: int or None.
        """
        totals = self.units[code]
        counts = {name: n for name, n in zip(FLOWS, totals.counts, strict=False) if n}
        counts["late_first_promise"] = totals.late_first
        counts["anomalies"] = totals.anomalies
        return {
            "counts": counts,
            "processing": totals.processing.buckets,
            "open_age": totals.open_ages(now).buckets,
            "worst_overdue_us": totals.worst_overdue_us(now),
        }
