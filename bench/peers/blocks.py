"""What the engines that are not ours share: our fold on a state of theirs, and our rows in blocks to ClickHouse."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from caseclock.city import prepare
from schemas.stored import Block
from sinks.clickhouse.client import ClickHouse
from streams import ledger as ledgers
from streams.book import Flush
from streams.case import Case
from streams.fold import extend, fold
from streams.rows import case_row, event_row
from streams.rules import Rules

BLOCK: Final = 50_000
"""Rows of events in one insert, for every engine."""


class Held:
    """A case as a peer keeps it: its packed events and its state, as our book has them."""

    __slots__ = ("case", "ledger")

    def __init__(self, rules: Rules) -> None:
        self.case = Case(rules)
        self.ledger = ledgers.EMPTY

    def __deepcopy__(self, _memo: dict[int, Any]) -> bytes:
        """What an engine has to copy at a checkpoint: the packed events, from which the state comes back."""
        return self.ledger

    @classmethod
    def again(cls, ledger: bytes, rules: Rules, now: int) -> "Held":
        """Come back from what a checkpoint kept."""
        held = cls(rules)
        held.ledger = ledger
        held.case = fold(ledgers.unpack(ledger), rules, now)
        return held

    def take(self, event: Mapping[str, Any], now: int) -> bool:
        """Apply one event as our book does; False for one that was there already."""
        packed = ledgers.pack(event)
        if event["occurred_at"] <= now and extend(self.case, event):
            self.ledger += packed
            return True
        if ledgers.contains(self.ledger, packed):
            return False
        self.ledger += packed
        self.case = fold(ledgers.unpack(self.ledger), self.case.rules, now)
        return True


class Blocks:
    """Rows on their way to ClickHouse: one insert per 50 000 events, a case's row once in it."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.rules = rules
        self._store = ClickHouse(f"chdb://{folder}")
        self._cases = prepare(self._store, rules)
        self._events: list[tuple[Any, ...]] = []
        self._changed: dict[str, Held] = {}
        self._flushes: list[Flush] = []
        self._flushed = 0

    def add(self, event: Mapping[str, Any], held: Held, now: int) -> None:
        """Take what one event changed."""
        self._events.append(event_row(event, now))
        self._changed[event["case_id"]] = held
        if len(self._events) >= BLOCK:
            self.insert(now)

    def insert(self, now: int) -> None:
        """Make durable what is there."""
        rows = [
            case_row(case_id, held.case, held.ledger, 2 * held.case.records, now)
            for case_id, held in self._changed.items()
        ]
        self._write(self._events, rows, [])
        self._events, self._changed = [], {}

    def add_flush(self, flush: Flush) -> None:
        """Take the rows a whole book has drained."""
        self._flushes.append(flush)
        self._flushed += len(flush.events)
        if self._flushed >= BLOCK:
            self.insert_flushes()

    def insert_flushes(self) -> None:
        """Make durable what is there of books."""
        self._write(
            [row for flush in self._flushes for row in flush.events],
            [row for flush in self._flushes for row in flush.cases],
            [row for flush in self._flushes for row in flush.unit_days],
        )
        self._flushes, self._flushed = [], 0

    def _write(
        self,
        events: Sequence[tuple[Any, ...]],
        cases: Sequence[tuple[Any, ...]],
        days: Sequence[tuple[Any, ...]],
    ) -> None:
        self._cases.write(Block(list(events), list(cases), list(days), uuid4().hex))

    def counts(self) -> dict[str, int]:
        """How many events and cases stand in the tables, each once."""
        return {
            table: int(self._store.columns(f"SELECT count() AS n FROM {table} FINAL")["n"][0])
            for table in ("events", "cases")
        }

    def close(self) -> None:
        """Let go of the engine."""
        self._store.close()
