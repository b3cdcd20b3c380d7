"""Books and the store between them: what the tests of ClickHouse have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from schemas.columns import FLOWS
from schemas.stored import Block
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams import numbers
from streams.book import CaseBook
from streams.partitioner import partitions_of
from streams.recovery import recovered
from tests.oracle import histories
from tests.oracle.model import Event
from tests.sinks.conftest import RULE
from tests.streams.test_book import days_of

ODD_UNIT: Final = 'P. "Cửa Nam\'s" \\ {x:String} `--'
"""A code that an office might send, and that every quoting on the way must carry unchanged."""
LAST_MOMENT: Final = 4_102_444_800_000_000


def odd_city(seed: int, cases: int) -> tuple[list[Event], int]:
    """The events of a random city some of whose codes are hard to quote, and a moment to count them."""
    events, now = histories.random_city(seed, cases)
    for event in events:
        event["case_id"] = f"{event['case_id']}-'\"\\{seed}"
        for field in ("unit_id", "waiting_on"):
            if event.get(field) == histories.UNKNOWN_UNIT:
                event[field] = ODD_UNIT
    return events, now


def count(store: ClickHouse, table: str) -> int:
    return int(store.columns(f"SELECT count() AS n FROM {table}")["n"][0])


def rows_of(store: ClickHouse, query: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    found = store.columns(query, parameters)
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]


def write(cases: ClickHouseCaseStore, book: CaseBook, token: str) -> None:
    """Make durable what a book has to write."""
    flush = book.drain(book.now)
    cases.write(Block(flush.events, flush.cases, flush.unit_days, token))
    book.settled(flush)


def partition_of(case_id: str, partitions: int) -> int:
    return int(partitions_of([case_id.encode()], partitions)[0])


def restart(cases: ClickHouseCaseStore, partitions: int, now: int, ended_cases: int = 0) -> list[CaseBook]:
    """The books of all partitions as a worker that starts at `now` finds them."""
    return [recovered(n, RULE, cases.recover(n, partitions), now, 3, ended_cases) for n in range(partitions)]


def give(cases: ClickHouseCaseStore, books: Sequence[CaseBook], events: Sequence[Event], now: int) -> None:
    """Let each book take the events of its cases, archived ones brought back from the store."""
    for book in books:
        mine = [e for e in events if partition_of(e["case_id"], len(books)) == book.partition]
        for case_id, ledger, wake_at in cases.ledgers(book.archived({e["case_id"] for e in mine})):
            book.restore(case_id, ledger, wake_at)
        book.take(mine, now, now)


def pieces(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), size):
        yield events[start : start + size]


def shown(books: Sequence[CaseBook]) -> dict[str, numbers.Numbers]:
    """The units' own numbers, without units of nothing; what is to be written stays to be written."""
    nothing = numbers.own(numbers.Totals())
    snapshots = [{u: book.tally.snapshot(u, book.now) for u in book.tally.units} for book in books]
    told = {unit: numbers.own(totals) for unit, totals in numbers.merge(snapshots).items()}
    return {unit: row for unit, row in told.items() if row != nothing}


def days(books: Sequence[CaseBook]) -> dict[tuple[str, int], list[int]]:
    """The sums of each unit's days, without days of nothing."""
    return {
        key: counts[: len(FLOWS)] for key, counts in days_of(list(books)).items() if any(counts[: len(FLOWS)])
    }
