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
from streams.metrics import Metric

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
        self._told: list[int] | None = None
        self._held = 0.0
        self._held_at = 0.0
        self._landed: tuple[int, int] = (0, 0)
        self._floor: dict[int, int] = {}

    @property
    def ready(self) -> bool:
        """Whether it has its partitions with their cases, and what it needs answers."""
        running = self.running
        return (
            running is not None and self.settled and self.waiting_since is None and not running.app.should_stop
        )

    def partitions(self) -> list[int]:
        """The numbers of the partitions it has taken up."""
        return sorted(self.running.engine.partitions) if self.running else []

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
        if running is None:
            return
        assigned = _assigned(running)
        self.settled = (
            running.app.consumer_generation_id > 0
            and not running.app.rebalancing
            and {tp.partition for tp in assigned} == set(running.engine.partitions)
        )
        if self.settled:
            self.freshness.look(now, self._places(running, assigned))
            self._tell_partitions()
        else:
            self.freshness.blind(now)
        self._see_waiting(running, now)

    def _tell_partitions(self) -> None:
        numbers = self.partitions()
        if numbers != self._told:
            self._told = numbers
            named = f"working on partitions {', '.join(map(str, numbers))}"
            self._tell(named if numbers else "no partitions: other workers of the group have all of them")

    def _see_waiting(self, running: WorkerParts, now: float) -> None:
        """Waiting begins when an attempt has failed, and ends when something became durable after the last one."""
        held = running.metrics.values[Metric.HELD]
        landed = (running.units.durable, running.dead_letters.durable)
        if held > self._held:
            self._held, self._held_at, self._landed = held, now, landed
            self.waiting_since = now if self.waiting_since is None else self.waiting_since
        elif self.waiting_since is not None and (
            running.engine.durable_at > self._held_at or landed != self._landed
        ):
            self._tell(f"goes on after {now - self.waiting_since:.0f} s")
            self.waiting_since = None
            running.metrics.last_told = ""  # the next time is told again, whatever it waits for

    def _places(self, running: WorkerParts, assigned: set[TP]) -> dict[int, Place]:
        """Where partitions stand; one that nothing was heard of yet is left out."""
        places = {}
        consumer = running.app.batch_consumer
        for tp in assigned:
            number, end = tp.partition, consumer.highwater(tp)
            partition = running.engine.partitions[number]
            if end is None:
                continue
            durable = running.engine.durable.get(number)
            if durable is None:  # nothing was durable since it was assigned: from where it began, if that is known
                if partition.first_offset >= 0:
                    self._floor.setdefault(number, partition.first_offset)
                durable = self._floor.get(number, end - bool(consumer.batches.under_way(tp)))
            else:
                self._floor.pop(number, None)
            places[number] = Place(durable, end)
        return places


def _assigned(running: WorkerParts) -> set[TP]:
    """The partitions of the topic of events that the group has given this worker."""
    return {tp for tp in running.app.consumer.assignment() if tp.topic == running.topics.events}
