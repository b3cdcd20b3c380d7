"""The wiring of the summaries: a connection of their own, and the city's limits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.summary_store import ClickHouseSummaryStore
from streams.rules import Rules

STATEMENT_SECONDS = 3_600
"""How long a server may count; what waits for it is only the next refresh."""


@contextmanager
def summary_store(store: ClickHouse, rules: Rules) -> Iterator[ClickHouseSummaryStore]:
    """The store of summaries in a database, for as long as the block lasts.

    Args:
        store: a connection to it; what is counted must not hold up what goes through this one.
        rules: how long a suspension may last.
    """
    own = store.beside(STATEMENT_SECONDS)
    try:
        yield ClickHouseSummaryStore(own, rules.city.thresholds.suspension_limits_us())
    finally:
        own.close()
