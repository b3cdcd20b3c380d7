"""The store of the workers' samples: a connection of its own, so that no row of an event waits for one."""

from __future__ import annotations

from typing import Final

from schemas.stored import Row
from schemas.worker_metrics import SAMPLE_COLUMNS
from sinks.clickhouse.client import ClickHouse

STATEMENT_SECONDS: Final = 5
"""How long a server may think about a sample; then it is given up."""


class ClickHouseSampleStore:
    """Where samples go. Its methods block, and belong to one thread.

    Args:
        store: a connection to the database; what is written here goes over another one, opened when it is first needed.
    """

    def __init__(self, store: ClickHouse) -> None:
        self._store = store
        self._own: ClickHouse | None = None

    def write(self, sample: Row) -> None:
        """Make a sample durable (order of SAMPLE_COLUMNS); of one worker and ``since`` the latest stays.

        Raises:
            Unavailable: ClickHouse does not answer in time.
            StoreError: it refuses.
        """
        if self._own is None:
            self._own = self._store.beside(STATEMENT_SECONDS)
        since, at, worker, *_ = sample
        self._own.insert("pipeline_samples", SAMPLE_COLUMNS, [sample], f"{worker}:{since}:{at}")

    def close(self) -> None:
        """Give the connection up."""
        if self._own is not None:
            self._own.close()
            self._own = None
