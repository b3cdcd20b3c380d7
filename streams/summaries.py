"""The summaries, anew every few seconds: counted in the store, judged here for what the public may see, published.

One worker does it: the one that owns the agent ``units``, so that a city has one summary. It takes at most a fifth of
the time: after a refresh it pauses four times as long as that took. What it must not do is hold up the events: it works
in a thread of its own, over a connection of its own.

Killed in the middle, nothing happened: a generation that is not complete is never read, and the next one begins anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from schemas.period import PERIODS
from schemas.stored import Row, Unavailable
from schemas.summary import CELL_KEYS, COUNTS, DIMENSIONS, NO_FLOW, Dimension
from streams.metrics import Metric, Metrics
from streams.ports import Clock
from streams.suppression import Bools, Ints, Table, hidden, hidden_of_units, table

PAUSE_FOR_ONE: Final = 4
"""Pauses are so many times as long as a refresh: a duty cycle of at most 20 %."""
_PATIENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1
_ALL_TIME: Final = PERIODS.index("all")
_HIDDEN: Final = {name: 1 << place for place, name in enumerate(COUNTS)}


class SummaryStore(Protocol):
    """Where summaries are counted and kept. Every method blocks; it raises ``Unavailable`` or means it."""

    def begin(self, as_of: int, generation: int) -> None:
        """Begin a generation (µs, greater than those before) of what stands at ``as_of``, µs UTC."""

    def compute(self) -> Iterator[None]:
        """Count and measure all cases, step by step."""

    def counts(self, dimension: Dimension) -> Mapping[str, npt.NDArray[Any]]:
        """The cells of a dimension by column: CELL_KEYS and COUNTS."""

    def parents(self) -> Mapping[str, str]:
        """The unit above each unit; '' for one without."""

    def hide(self, dimension: Dimension, rows: Sequence[Row]) -> None:
        """Keep numbers of cells back: rows of CELL_KEYS and a bit for each of COUNTS."""

    def publish(self) -> int:
        """Make the generation the newest complete one. Returns how many cells it has."""


class Refreshed(NamedTuple):
    """A refresh that is complete: seconds it took, cells it has."""

    seconds: float
    cells: int


class GivenUp(Exception):  # noqa: N818  # no error: it ends what nobody waits for
    """A refresh that nobody wants any more."""


def refresh_once(
    store: SummaryStore, as_of: int, wall: int, *, wanted: Callable[[], bool] = lambda: True
) -> Refreshed:
    """Compute and publish one generation; blocks.

    Args:
        store: where.
        as_of: the moment it stands for, µs UTC.
        wall: real time, µs UTC; names the generation.
        wanted: asked after each step whether to go on.

    Raises:
        GivenUp: it was not wanted any more; nothing is published.
        Unavailable: the store is away.
    """
    began = time.monotonic()
    for _ in _steps(store, as_of, wall):
        if not wanted():
            raise GivenUp
    return Refreshed(time.monotonic() - began, store.publish())


def _steps(store: SummaryStore, as_of: int, wall: int) -> Iterator[None]:
    """Everything but the publication, in pieces after which it may be given up."""
    store.begin(as_of, wall)
    yield from store.compute()
    parents = store.parents()
    splits: dict[str, dict[tuple[str, str, str], bool]] = {"received_online": {}, "late_without_cause": {}}
    for dimension in DIMENSIONS[1:]:
        columns = store.counts(dimension)
        if len(columns["value"]):
            bits = hidden(table(columns, parents, PERIODS), _ALL_TIME, with_ledger=dimension not in NO_FLOW)
            store.hide(dimension, _rows(columns, bits))
            if dimension == "channel":
                splits["received_online"] = _told(columns, bits, "online", "received")
            elif dimension == "cause":
                splits["late_without_cause"] = _told(columns, bits, "", "late_or_overdue")
        yield
    columns = store.counts("")
    units: Table = table(columns, parents, PERIODS)
    keys = list(zip(columns["unit_id"], columns["scope"], columns["period"], strict=True))
    same: dict[str, Bools] = {
        name: np.array([told.get(key, False) for key in keys], np.bool_) for name, told in splits.items()
    }
    store.hide("", _rows(columns, hidden_of_units(units, same)))
    yield


def _rows(columns: Mapping[str, npt.NDArray[Any]], bits: Ints) -> list[Row]:
    places = np.flatnonzero(bits)
    keys = (columns[name][places].tolist() for name in CELL_KEYS)
    return list(zip(*keys, bits[places].tolist(), strict=True))


def _told(
    columns: Mapping[str, npt.NDArray[Any]], bits: Ints, value: str, name: str
) -> dict[tuple[str, str, str], bool]:
    """Where the cell of this value keeps a number back that is a number of the unit's own, too."""
    keys = zip(columns["unit_id"], columns["scope"], columns["period"], columns["value"], strict=True)
    return {
        (unit, scope, period): bool(mine & _HIDDEN[name])
        for (unit, scope, period, of), mine in zip(keys, bits.tolist(), strict=True)
        if of == value
    }


class Summaries:
    """The loop of one worker.

    Args:
        store, clock, metrics: the outside.
        seconds: the shortest pause between two refreshes.

    The first refresh waits until the backlog has been read, for as long as that is under way half of the cases would
    be missing; but not for ever.
    """

    def __init__(self, store: SummaryStore, clock: Clock, metrics: Metrics, seconds: float = 5.0) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._seconds = seconds
        self._owned = asyncio.Event()
        self._refreshing = asyncio.Lock()
        self._ended = False

    def own(self, owned: bool) -> None:
        """The agent ``units`` is this worker's from now on, or no longer."""
        if owned:
            self._owned.set()
        else:
            self._owned.clear()

    async def run(self) -> None:
        """Refresh for ever, while they are ours; a defect is raised."""
        try:
            await self._owned.wait()
            await self._backlog_read()
            while True:
                await self._owned.wait()
                began = time.monotonic()
                await self.refresh()
                await asyncio.sleep(max(self._seconds, PAUSE_FOR_ONE * (time.monotonic() - began)))
        finally:
            self._ended = True

    async def _backlog_read(self) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not self._metrics.values[Metric.CAUGHT_UP] and time.monotonic() < until:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(_LOOK_SECONDS)

    async def refresh(self) -> Refreshed | None:
        """Refresh once, now; None: the store is away, or it is over."""
        async with self._refreshing:
            try:
                done = await asyncio.to_thread(self._refresh)
            except Unavailable as away:
                self._metrics.add(Metric.HELD, 1)
                self._metrics.tell(f"summaries wait: {away}")
                return None
            except GivenUp:
                return None
        self._metrics.add(Metric.SUMMARIES, 1)
        self._metrics.set(Metric.SUMMARY_SECONDS, done.seconds)
        self._metrics.set(Metric.SUMMARY_CELLS, done.cells)
        return done

    def _refresh(self) -> Refreshed:
        return refresh_once(self._store, self._clock.now(), self._clock.wall(), wanted=self._wanted)

    def _wanted(self) -> bool:
        return self._owned.is_set() and not self._ended
