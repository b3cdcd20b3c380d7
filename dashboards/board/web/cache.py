"""Things made once for all who want them: at most one making of a thing at a time, off the event loop."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

from dashboards.board.web.metrics import BoardMetric, BoardMetrics

_THREADS: Final = 2
"""Python makes one page at a time anyway; the second goes on while the first waits for the database."""
DEAR_SECONDS: Final = 0.05
"""What takes longer is made in the background where a recent version is there."""
MOST_AGE: Final = 5.0
"""Seconds: nothing that is given was made longer ago, but for what is still the newest."""


class Sized(Protocol):
    """Something that knows how much room it takes."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...


T = TypeVar("T", bound=Sized)


class Busy(Exception):  # noqa: N818  # a state, told to who asks
    """So much waits to be made that more would only wait in vain."""


class _Latest(NamedTuple):
    """The newest version of a thing, when it was made, and how many seconds that took."""

    thing: Sized
    made_at: float
    seconds: float


class Workshop:
    """Makes things in threads and keeps them; those not asked for longest are forgotten first.

    A thing that is dear to make is made anew after a while only: the newest version there is serves until
    ``rest`` times the seconds that it took are over, so that no page takes more than a part of a processor, however
    often the board changes and whoever asks. What is made in milliseconds is always the newest.

    Args:
        most_bytes: of things kept.
        waiting: things that may wait to be made.
        rest: with 4 a thing takes at most a fifth of a processor; with 0 it is always the newest.
        metrics: where it is counted.
    """

    def __init__(self, most_bytes: int, waiting: int, rest: float, metrics: BoardMetrics) -> None:
        self._most, self._waiting, self._rest, self._metrics = most_bytes, waiting, rest, metrics
        self._kept: OrderedDict[tuple[Hashable, int], Sized] = OrderedDict()
        self._latest: dict[Hashable, _Latest] = {}
        self._making: dict[Hashable, asyncio.Task[Any]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="board")
        self.bytes = 0
        metrics.look_up(BoardMetric.CACHED_BYTES, lambda: self.bytes)

    async def get(self, kind: str, key: Hashable, version: int, make: Callable[[], T]) -> T:
        """The thing of this key and version, made by ``make`` in a thread; or one a little older, as said above.

        Args:
            kind: in a word what it is, for counting; keys of different kinds never meet.
            key: everything but the version that the thing depends on.
            version: grows with every change of what things are made of.
            make: pure; what it raises is raised to all who wait for it.

        Raises:
            Busy: too much waits to be made.
        """
        name = (kind, key)
        kept = self._kept.get((name, version))
        if kept is not None:
            self._kept.move_to_end((name, version))
            return cast(T, kept)
        latest = self._latest.get(name)
        age = time.monotonic() - latest.made_at if latest else 0.0
        if latest and age < min(self._rest * latest.seconds, MOST_AGE):
            return cast(T, latest.thing)
        making = self._making.get(name)
        if making is None:
            if len(self._making) >= self._waiting:
                self._metrics.add(BoardMetric.TURNED_AWAY, why="busy")
                raise Busy
            making = self._making[name] = asyncio.create_task(self._make(kind, name, version, make))
            making.add_done_callback(_looked_at)
        if latest and self._rest and latest.seconds > DEAR_SECONDS and age < MOST_AGE:
            return cast(T, latest.thing)  # nobody waits for what is dear where something recent is there
        return cast(T, await asyncio.shield(making))  # one who goes away takes nothing from the others

    def peek(self, kind: str, key: Hashable, version: int) -> Sized | None:
        """The thing, if it is there."""
        return self._kept.get(((kind, key), version))

    async def _make(self, kind: str, name: Hashable, version: int, make: Callable[[], T]) -> T:
        try:
            made, seconds = await asyncio.get_running_loop().run_in_executor(self._threads, _timed, make)
            self._metrics.add(BoardMetric.RENDERINGS, kind=kind)
            self._metrics.add(BoardMetric.RENDER_SECONDS, seconds, kind=kind)
            self._latest[name] = _Latest(made, time.monotonic(), seconds)
            self._keep((name, version), made)
            return made
        finally:
            del self._making[name]

    def _keep(self, place: tuple[Hashable, int], made: Sized) -> None:
        self._kept[place] = made
        self.bytes += made.size
        while self.bytes > self._most and self._kept:
            (name, _), old = self._kept.popitem(last=False)
            self.bytes -= old.size
            if name in self._latest and self._latest[name].thing is old:
                del self._latest[name]

    async def run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever the work gives
        """Do something that is not kept, in the same threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Make nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = make()
    return made, time.perf_counter() - began


def _looked_at(task: asyncio.Task[Any]) -> None:
    """All who waited may have gone: what was raised is nobody's then, and no warning."""
    if not task.cancelled():
        task.exception()
