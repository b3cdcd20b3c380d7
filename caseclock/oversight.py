"""What a person is told about a worker while it works: in its log, and to whoever asks for its health.

Looked at from outside, a few times a second: neither the engine nor Faust tells of itself when partitions come
and go, or when a dependency has come back.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from faust.types import TP

from caseclock.console import say
from caseclock.freshness import Freshness, Place
from caseclock.worker import WorkerParts

LOOK_SECONDS: Final = 0.25
"""Between two looks."""


class Oversight:
    """One worker, before it is there and while it is.

    Args:
        tell: where lines for a person go.
        clock: seconds of any clock that only goes forward.

    Attributes:
        running: the worker; None while it is being started.
        freshness: how long records wait in it.
        settled: whether it has taken up every partition that the group has given it.
        waiting_since: since when it waits for a dependency; None when it does not.
    """

    def __init__(
        self, tell: Callable[[str], None] = say, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.running: WorkerParts | None = None
        self.freshness = Freshness(clock())
        self.settled = False
        self.waiting_since: float | None = None
        self._tell, self._clock = tell, clock
        self._numbers: list[int] = []
        self._told: list[int] | None = None
        self._floor: dict[int, int] = {}
        self._waits = 0

    @property
    def ready(self) -> bool:
        """Whether it has its partitions with their cases, and what it needs answers."""
        running = self.running
        return (
            running is not None
            and self.settled
            and self.waiting_since is None
            and not running.app.should_stop
        )

    @property
    def partitions(self) -> list[int]:
        """The numbers of its partitions; none while it has not taken up all of them."""
        return self._numbers if self.settled else []

    async def watch(self, ended: asyncio.Event) -> None:
        """Look until the end comes."""
        while not ended.is_set():
            self.look()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await ended.wait()
            except TimeoutError:
                pass

    def look(self) -> None:
        """See how it stands now, and tell what has changed."""
        running, now = self.running, self._clock()
        if running is None or running.app.should_stop:
            self.settled = False
            return
        self._numbers = sorted(_assigned(running))
        self.settled = (
            running.app.rebalancing_count > 0  # it has joined
            and not running.app.rebalancing
            and running.engine.partitions.keys() >= set(self._numbers)
        )
        if self.settled:
            self.freshness.look(now, self._places(running))
            self._tell_partitions()
        else:
            self.freshness.blind(now)
        self._see_waiting(running, now)

    def _tell_partitions(self) -> None:
        numbers = self._numbers
        if numbers != self._told:
            self._told = numbers
            named = f"working on partitions {', '.join(map(str, numbers))}"
            self._tell(named if numbers else "no partitions: other workers of the group have all of them")

    def _see_waiting(self, running: WorkerParts, now: float) -> None:
        """That waiting begins the engine has told itself, with its reason; that it is over is told here."""
        answers = running.answers
        if answers.waits > self._waits:
            self._waits = answers.waits
            self.waiting_since = now if self.waiting_since is None else self.waiting_since
        if answers.waiting:
            return
        running.metrics.last_told = ""  # the next time is told again, whatever it waits for
        if self.waiting_since is not None:
            self._tell(f"goes on after {now - self.waiting_since:.0f} s")
            self.waiting_since = None

    def _places(self, running: WorkerParts) -> dict[int, Place]:
        """Where partitions stand; one that nothing was heard of yet is left out."""
        places = {}
        consumer = running.app.batch_consumer
        self._floor = {number: self._floor[number] for number in self._numbers if number in self._floor}
        for number in self._numbers:
            tp = TP(running.topics.events, number)
            end = consumer.highwater(tp)
            if end is None:
                continue
            durable = running.engine.durable.get(number, -1)
            if (
                durable < 0
            ):  # nothing read was durable since it was assigned: from where it began, if that is known
                first = running.engine.partitions[number].first_offset
                if first >= 0:
                    self._floor.setdefault(number, first)
                durable = self._floor.get(number, end - bool(consumer.batches.under_way(tp)))
            places[number] = Place(durable, end)
        return places


def _assigned(running: WorkerParts) -> set[int]:
    """The partitions of the topic of events that the group has given this worker."""
    return {tp.partition for tp in running.app.consumer.assignment() if tp.topic == running.topics.events}
