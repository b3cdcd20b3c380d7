"""Whether the worker of this process is well, and what it counts."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from caseclock.oversight import Oversight
from schemas.exposition import exposed, labels
from schemas.moment import format_time
from schemas.worker_metrics import SENTENCES, Gauge, Metric


class Standing(NamedTuple):
    """How a worker stands at a moment."""

    alone: dict[Gauge, float]
    by_partition: Mapping[Gauge, Mapping[int, int]]


def standing(oversight: Oversight) -> Standing:
    """How the worker stands now."""
    oversight.look()
    running = oversight.running
    partitions = running.engine.partitions if running is not None else {}
    cases = {number: len(partition.book) for number, partition in sorted(partitions.items())}
    alone = {Gauge.READY: float(oversight.ready), Gauge.WAITED: oversight.freshness.waited(time.monotonic())}
    return Standing(alone, {Gauge.LAG: oversight.freshness.lag(), Gauge.CASES: cases})


class WorkerHealth:
    """The worker's part of the answers.

    Args:
        oversight: what is known of the worker.
        budget_s: seconds that a record may wait.
    """

    def __init__(self, oversight: Oversight, budget_s: float) -> None:
        self._oversight = oversight
        self._budget = budget_s

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """The worker has its partitions, or knows that there are none for it, and is not waiting."""
        oversight = self._oversight
        oversight.look()
        waiting = oversight.waiting_since is not None
        return oversight.ready, {"partitions": oversight.partitions, "waiting": waiting}

    def fresh(self) -> tuple[bool, Mapping[str, Any]]:
        """What is sent becomes durable within the budget."""
        oversight = self._oversight
        oversight.look()
        waited = oversight.freshness.waited(time.monotonic())
        newest, as_of = 0.0, 0
        if oversight.running is not None:
            newest = oversight.running.metrics.values[Metric.NEWEST_EVENT]
            as_of = min((each.book.now for each in oversight.running.engine.partitions.values()), default=0)
        return waited <= self._budget, {
            "as_of": _moment(as_of),
            "newest_event": _moment(round(newest * 1e6)),
            "lag": sum(oversight.freshness.lag().values()),
            "waited_s": round(waited, 3),
            "budget_s": self._budget,
        }

    def metrics(self) -> Iterator[str]:
        """Everything the worker counts about itself, and how it stands now."""
        found = standing(self._oversight)
        running = self._oversight.running
        if running is not None:
            yield from running.metrics.lines()
        for gauge in Gauge:
            alone = [("", found.alone[gauge])] if gauge in found.alone else []
            each = found.by_partition.get(gauge, {}).items()
            parts = [(labels([("partition", number)]), value) for number, value in each]
            yield from exposed(gauge, SENTENCES[gauge].en, [*alone, *parts])


def _moment(us: int) -> str | None:
    return format_time(us) if us else None
