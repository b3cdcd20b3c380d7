"""The counters of a worker; what each counts says schemas/worker_metrics.py."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from schemas.exposition import exposed
from schemas.worker_metrics import SENTENCES, Metric

__all__ = ["Metric", "Metrics"]

log = logging.getLogger("caseclock")


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.values: dict[Metric, float] = dict.fromkeys(Metric, 0)
        self.last_told = ""

    def add(self, metric: Metric, n: float) -> None:
        """Count."""
        self.values[metric] += n

    def set(self, metric: Metric, value: float) -> None:
        """Note how it stands."""
        self.values[metric] = value

    def tell(self, sentence: str) -> None:
        """Log a sentence once as long as nothing else is told."""
        if sentence != self.last_told:
            self.last_told = sentence
            log.warning(sentence)

    def lines(self) -> Iterator[str]:
        """Prometheus' text format."""
        for metric in Metric:
            yield from exposed(metric, SENTENCES[metric].en, [("", self.values[metric])])
