"""What a worker's samples of itself are: growth since the last one that was confirmed, and how it stands. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.exposition import grows
from schemas.stored import Row
from schemas.worker_metrics import Gauge, Metric, is_fraction


class Samples:
    """The samples of one process.

    Args:
        worker: what the process is called.
        rules, calendar: the versions of its rules and of their default calendar.
        began: when it began to count, µs UTC; the first sample tells everything since then.
    """

    def __init__(self, worker: str, rules: str, calendar: str, began: int) -> None:
        self._names = (worker, rules, calendar)
        self._since = self._at = began
        self._told: dict[Metric, float] = dict.fromkeys(Metric, 0)
        self._counted = self._told

    def take(
        self,
        at: int,
        partitions: Sequence[int],
        gauges: Mapping[Gauge, float],
        counted: Mapping[Metric, float],
    ) -> Row:
        """The sample of a moment (order of SAMPLE_COLUMNS).

        Args:
            at: now, µs UTC.
            partitions: the numbers of those that the worker has.
            gauges: how it stands, the sums of what is counted by partition.
            counted: what it has counted so far.
        """
        self._at = max(at, self._since + 1)  # a clock may be set back
        self._counted = dict(counted)
        return (
            self._since,
            self._at,
            *self._names,
            list(partitions),
            *(_number(gauge, gauges[gauge]) for gauge in Gauge),
            *(
                _number(metric, counted[metric] - (self._told[metric] if grows(metric) else 0))
                for metric in Metric
            ),
        )

    def confirmed(self) -> None:
        """The last sample taken is durable: the next one begins where it ended."""
        self._since, self._told = self._at, self._counted


def _number(name: Metric | Gauge, value: float) -> float:
    """As its column wants it."""
    return float(value) if is_fraction(name) else int(value)
