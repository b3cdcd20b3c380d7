"""Looks at the numbers once a second and shows them, until the demo is over."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from caseclock.demo.figures import FiguresReader
from caseclock.demo.front import Open
from caseclock.demo.screen import screen
from caseclock.demo.table import Pulse
from caseclock.worker import WorkerParts
from streams.metrics import Metric

REDRAW_SECONDS: Final = 1.0
CLOSER_SECONDS: Final = 5.0
SHOWN_AT_LEAST: Final = 3.0
"""Seconds for which there are numbers to be seen, however short the demo is asked to be."""
_RATE_OVER: Final = 10
"""Looks over which events a second are counted."""
_HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(slots=True)
class Ending:
    """When the demo is over.

    Attributes:
        at: by itself (``time.monotonic``); None: never.
        now: set when somebody ends it.
        main: the task that a signal cancels as long as there is nothing to see yet.
    """

    at: float | None
    now: asyncio.Event = field(default_factory=asyncio.Event)
    main: "asyncio.Task[Any] | None" = None

    def end(self) -> None:
        """End it; twice does no more than once."""
        if self.main is not None and not self.now.is_set():
            self.main.cancel()
        self.now.set()


class Beat:
    """Events a second, over the last looks."""

    def __init__(self, running: WorkerParts, opened: Open) -> None:
        self._values = running.metrics.values
        self._opened = opened
        self._looks: deque[tuple[float, float]] = deque(maxlen=_RATE_OVER)

    def _look(self) -> tuple[float, float]:
        return time.monotonic(), self._values[Metric.RECORDS]

    def pulse(self) -> Pulse:
        """How the machine does now."""
        self._looks.append(self._look())
        (began, before), (now, events) = self._looks[0], self._looks[-1]
        rate = (events - before) / (now - began) if len(self._looks) > 1 else None
        return Pulse(datetime.now(_HANOI), int(events), rate, *self._opened)


async def watch(
    running: WorkerParts, reader: FiguresReader, live: "asyncio.Task[Any]", opened: Open, ending: Ending
) -> None:
    """Show the figures until it is over.

    Args:
        running: the worker.
        reader: of the figures.
        live: who sends; its failure is ours.
        opened: where one can look in.
        ending: when it is over.
    """
    beat = Beat(running, opened)
    looked_closer = last_at = 0.0
    with screen() as shown_on:
        while not (ending.now.is_set() or (last_at and time.monotonic() >= last_at)):
            if live.done():
                live.result()
            if time.monotonic() - looked_closer >= CLOSER_SECONDS:
                await asyncio.to_thread(reader.look_closer)
                looked_closer = time.monotonic()
            figures = await asyncio.to_thread(reader.read)
            if figures is not None:
                shown_on.show(figures, beat.pulse())
                if ending.at is not None and not last_at:
                    last_at = max(ending.at, time.monotonic() + SHOWN_AT_LEAST)
            await _ended_within(ending, REDRAW_SECONDS)


async def _ended_within(ending: Ending, seconds: float) -> None:
    """Sleep, but no longer than until somebody ends it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ending.now.wait()
