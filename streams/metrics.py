"""Every number the worker counts about itself, each with a sentence; shown at /metrics and in the demo."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

log = logging.getLogger("caseclock")


class Metric(StrEnum):
    """Names in Prometheus' form; ``_total`` only ever grows, the others are set."""

    RECORDS = "caseclock_records_total"
    EVENTS = "caseclock_events_total"
    DUPLICATES = "caseclock_duplicate_events_total"
    DEAD_LETTERS = "caseclock_dead_letters_total"
    MISROUTED = "caseclock_misrouted_total"
    FELL_DUE = "caseclock_cases_changed_by_time_total"
    RECOVERED_CASES = "caseclock_recovered_cases_total"
    FLUSHES = "caseclock_flushes_total"
    EVENT_ROWS = "caseclock_event_rows_total"
    CASE_ROWS = "caseclock_case_rows_total"
    UNIT_ROWS = "caseclock_unit_rows_total"
    HELD = "caseclock_waits_for_a_dependency_total"
    IMBALANCE = "caseclock_ledger_imbalance"
    NEWEST_EVENT = "caseclock_newest_event_timestamp_seconds"
    CAUGHT_UP = "caseclock_caught_up"
    SUMMARIES = "caseclock_summaries_total"
    SUMMARY_SECONDS = "caseclock_summary_seconds"
    SUMMARY_CELLS = "caseclock_summary_cells"


SENTENCES: Final[dict[Metric, str]] = {
    Metric.RECORDS: "Records read from the topic of events.",
    Metric.EVENTS: "Events taken, duplicates included.",
    Metric.DUPLICATES: "Events that were there already and changed nothing.",
    Metric.DEAD_LETTERS: "Records that could not be read, confirmed in the dead-letters topic.",
    Metric.MISROUTED: "Records sent again to the partition of their case.",
    Metric.FELL_DUE: "Cases that time alone has changed: due soon, overdue, a later event taking effect.",
    Metric.RECOVERED_CASES: "Cases put back into memory when partitions were assigned.",
    Metric.FLUSHES: "Flushes made durable.",
    Metric.EVENT_ROWS: "Rows of events confirmed by the store.",
    Metric.CASE_ROWS: "Rows of cases confirmed by the store.",
    Metric.UNIT_ROWS: "Rows of units' numbers confirmed by the store.",
    Metric.HELD: "Times the worker waited because ClickHouse or Kafka was away.",
    Metric.IMBALANCE: "Units whose ledger does not add up (received + in - out - ended - open); 0 when right.",
    Metric.NEWEST_EVENT: "When the newest event taken happened, seconds since 1970.",
    Metric.CAUGHT_UP: "1 when everything in the assigned partitions has been read and is durable, else 0.",
    Metric.SUMMARIES: "Refreshes of the summaries that were completed here.",
    Metric.SUMMARY_SECONDS: "How long the last refresh of the summaries took.",
    Metric.SUMMARY_CELLS: "Cells in the last refresh: units by period, dimension and value.",
}


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
        for metric, sentence in SENTENCES.items():
            kind = "counter" if metric.endswith("_total") else "gauge"
            yield f"# HELP {metric} {sentence}\n# TYPE {metric} {kind}\n{metric} {self.values[metric]:.15g}\n"
