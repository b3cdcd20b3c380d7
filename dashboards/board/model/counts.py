"""What a unit's days say: the ledger of a period, and the history day by day. Own cases, the tree, the whole city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboards.board.model.days import Days, in_tree, of_all
from dashboards.board.model.facts import Day, Scope
from dashboards.board.model.places import Places
from schemas.columns import FLOW
from schemas.moment import to_datetime
from schemas.registry import LEDGER_IN, LEDGER_OUT, STOCK_PARTS
from sinks.clickhouse.board_reader import to_day

FLOWS: Final = (
    "received", "reopened", "transferred_in", "transferred_out", "completed_early", "completed_on_time",
    "completed_late", "withdrawn", "declined", "stopped", "late_first_promise",
)  # fmt: skip
HISTORY: Final = (*FLOWS, "completed", *STOCK_PARTS, "open", "awaiting", "awaiting_overdue")
"""Columns of ``v_units_history``, in the order of this module's arrays."""
PERIOD: Final = (*HISTORY, "completed_in_time", "judged", "late_or_overdue", "carried_over", "flow_gap")
_AT: Final = {name: at for at, name in enumerate(HISTORY)}
_IN: Final = ("carried_over", *LEDGER_IN)

Counts = npt.NDArray[np.int64]


def history_columns(flow: Counts, stock: Counts) -> Counts:
    """Columns of ``HISTORY`` from sums of FLOWS (schemas): flow of a time, stock at its end. Shape … × columns."""

    def column(counts: Counts, name: str) -> Counts:
        return counts[..., FLOW[name]]

    completed = sum(column(flow, f"completed_{how}") for how in ("early", "on_time", "late"))
    open_ = sum(column(stock, name) for name in STOCK_PARTS)
    late = column(stock, "awaiting_overdue")
    return np.stack(
        [
            *(column(flow, name) for name in FLOWS),
            completed,
            *(column(stock, name) for name in STOCK_PARTS),
            open_,
            column(stock, "awaiting") + late,
            late,
        ],
        axis=-1,
    )


def period_columns(flow: Counts, stock: Counts) -> Counts:
    """Columns of ``PERIOD``: those of the history, the promise, and the ledger's beginning and gap."""
    counts = history_columns(flow, stock)
    named: dict[str, Counts] = {name: counts[..., at] for name, at in _AT.items()}
    named["completed_in_time"] = named["completed_early"] + named["completed_on_time"]
    named["judged"] = named["completed"] + named["overdue"]
    named["late_or_overdue"] = named["completed_late"] + named["overdue"]
    came = sum(flow[..., FLOW[name]] for name in STOCK_PARTS)
    named["carried_over"] = named["open"] - came
    named["flow_gap"] = sum(named[n] for n in _IN) - sum(named[n] for n in LEDGER_OUT) - named["open"]
    return np.stack([named[name] for name in PERIOD], axis=-1)


class Ledger:
    """The numbers of one period of all units; ``first`` None: of all time."""

    def __init__(self, days: Days, places: Places, first: int | None, today: int) -> None:
        self._days, self._places = days, places
        self._flow = days.total if first is None else days.since(first)
        corrected = days.corrected_since(days.first if first is None else first, today)
        self._corrected = {"own": corrected} if corrected.any() else {}
        self._scopes: dict[Scope, Sequence[Mapping[str, int]]] = {}
        self._whole: Mapping[str, int] | None = None

    def of(self, place: int, scope: Scope) -> Mapping[str, int]:
        """By name of ``PERIOD``."""
        if scope not in self._scopes:
            flow, stock = self._flow, self._days.total
            if scope == "tree":
                flow, stock = in_tree(self._places, flow), in_tree(self._places, stock)
            rows = period_columns(flow, stock).tolist()
            self._scopes[scope] = [dict(zip(PERIOD, row, strict=True)) for row in rows]
        return self._scopes[scope][place]

    def whole(self) -> Mapping[str, int]:
        """Of all units together."""
        if self._whole is None:
            row = period_columns(of_all(self._flow), of_all(self._days.total)).tolist()
            self._whole = dict(zip(PERIOD, row, strict=True))
        return self._whole

    def corrected_at(self, place: int | None, scope: Scope) -> datetime | None:
        """When a day of the period that was over was last corrected; place None: of any unit."""
        own = self._corrected.get("own")
        if own is None:
            return None
        if place is None:
            return moment(int(own.max()))
        if scope not in self._corrected:
            self._corrected[scope] = self._places.highest(own)
        return moment(int(self._corrected[scope][place]))


class Trend:
    """The history of all units over the days from ``first`` to ``last``, both included."""

    def __init__(self, days: Days, places: Places, first: int, last: int) -> None:
        self._days, self._places = days, places
        self._first, self._span = first, range(first, last + 1)
        self._dates: Sequence[date] = [to_day(day) for day in self._span]
        self._scopes: dict[Scope, tuple[Counts, Counts]] = {}
        self._whole: Sequence[Day] | None = None

    def of(self, place: int, scope: Scope) -> Sequence[Day]:
        """Each day of one unit, oldest first."""
        counts, corrected = self._of_scope(scope)
        return self._told(counts[:, place], corrected[:, place])

    def series(self, place: int, scope: Scope, number: str) -> Sequence[int]:
        """One number of one unit on each day, oldest first."""
        found: list[int] = self._of_scope(scope)[0][:, place, _AT[number]].tolist()
        return found

    def corrections(self, place: int) -> Sequence[tuple[date, datetime]]:
        """The unit's own days that were corrected, oldest first, and when each was last."""
        corrected = self._own[1][:, place]
        return [
            (self._dates[at], to_datetime(int(corrected[at]))) for at in np.flatnonzero(corrected).tolist()
        ]

    def _of_scope(self, scope: Scope) -> tuple[Counts, Counts]:
        if scope not in self._scopes:
            self._scopes[scope] = self._computed(scope)
        return self._scopes[scope]

    def whole(self) -> Sequence[Day]:
        """Each day of all units together."""
        if self._whole is None:
            flow, corrected = self._own
            summed = np.stack([of_all(each) for each in flow])
            at_end = of_all(self._days.total - self._since_end()) - _later(summed)
            most = corrected.max(axis=1, initial=0)
            self._whole = self._told(history_columns(summed, at_end), most)
        return self._whole

    def _computed(self, scope: Scope) -> tuple[Counts, Counts]:
        flow, corrected = self._own
        end = self._days.total - self._since_end()
        if scope == "tree":
            flow = np.stack([in_tree(self._places, each) for each in flow])
            end = in_tree(self._places, end)
            corrected = self._places.highest(corrected.T).T
        return history_columns(flow, end - _later(flow)), corrected

    @cached_property
    def _own(self) -> tuple[Counts, Counts]:
        units = self._days.total
        nothing, never = np.zeros_like(units), np.zeros(len(units), np.int64)
        flow = [self._days.on(day) for day in self._span]
        corrected = [self._days.corrected_on(day) for day in self._span]
        return (
            np.stack([nothing if each is None else each.astype(np.int64) for each in flow]),
            np.stack([never if each is None else each for each in corrected]),
        )

    def _since_end(self) -> Counts:
        return self._days.since(self._span[-1] + 1)

    def _told(self, counts: Counts, corrected: Counts) -> Sequence[Day]:
        return [
            Day(day, dict(zip(HISTORY, numbers, strict=True)), moment(at))
            for day, numbers, at in zip(self._dates, counts.tolist(), corrected.tolist(), strict=True)
        ]


def _later(flow: Counts) -> Counts:
    """What happened after each of the days, the first axis."""
    later: Counts = np.flip(np.cumsum(np.flip(flow, 0), axis=0), 0) - flow
    return later


@lru_cache(maxsize=4_096)
def moment(us: int) -> datetime | None:
    """A stored moment; 0 is none."""
    return to_datetime(us) if us else None
