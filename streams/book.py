"""The book of one Kafka partition: its cases, what is due, its totals. Pure: no I/O, the clock handed in.

``take`` events, ``wake`` at the soonest due moment, ``drain`` what has to be written, and after it is durable
``settled``. Between two calls ``tally`` equals the sum over all cases of their contributions at ``now``:
whatever order events came in, however often they came. A case that changed is counted when somebody looks, so
once for all its events since the last look.

A cold case is its ledger alone. Its state is folded when an event touches it and then stays hot for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from streams import ledger as ledgers
from streams.archive import Archive
from streams.case import NEVER, Case
from streams.clock import tick
from streams.due_index import DueIndex
from streams.fold import extend, fold
from streams.rows import case_row, event_row
from streams.rules import Rules
from streams.tally import Tally

HOT_CASES: Final = 50_000
ENDED_CASES: Final = 100_000

Row = tuple[Any, ...]


class Flush(NamedTuple):
    """What one drain has to make durable: rows in the order of schemas/columns.py, and snapshots."""

    events: list[Row]
    cases: list[Row]
    unit_days: list[Row]
    units: dict[str, dict[str, Any]]
    ended: list[str]


class CaseBook:
    """All cases of one partition.

    Args:
        partition: its number in the topic of events.
        rules: the compiled rules of the city.
        now: µs UTC; the book's clock only goes forward.
        hot_cases: how many states to keep beside the ledgers.
        ended_cases: how many ended cases to keep before they are left to the store.
    """

    def __init__(
        self,
        partition: int,
        rules: Rules,
        now: int,
        hot_cases: int = HOT_CASES,
        ended_cases: int = ENDED_CASES,
    ) -> None:
        self.partition = partition
        self.rules = rules
        self.now = now
        self.caught_up_until = 0
        self.duplicates = 0
        self.archive = Archive()
        self._tally = Tally()
        self._hot_cases = hot_cases
        self._ended_cases = ended_cases
        self._ledgers: dict[str, bytes] = {}
        self._hot: dict[str, Case] = {}
        self._ended: dict[str, None] = {}
        self._unwritten: dict[str, Case] = {}
        self._uncounted: dict[str, Case] = {}
        self._due = DueIndex()
        self._overslept: dict[str, int] = {}
        self._event_rows: list[Row] = []
        self._corrected: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._ledgers)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._ledgers

    # -- recovery ---------------------------------------------------------------------------------------

    def restore(self, case_id: str, ledger: bytes, wake_at: int) -> None:
        """Put back a case whose contributions the totals already hold (``wake_at`` 0: never)."""
        self._ledgers[case_id] = ledger
        if 0 < wake_at <= self.now:
            self._overslept[case_id] = wake_at
        elif wake_at:
            self._due.add(wake_at, case_id)

    def catch_up(self) -> None:
        """After all cases are back: let take effect what fell due while nobody looked."""
        for case_id, wake_at in self._overslept.items():
            case = fold(ledgers.unpack(self._ledgers[case_id]), self.rules, wake_at - 1)
            case.is_counted()
            self._hot[case_id] = case
            self._pass_time(case_id, case, self.now)
        self._overslept.clear()

    def restore_day(self, unit: str, day: int, corrected_at: int) -> None:
        """Put back when a unit's day was last corrected."""
        self._corrected[unit, day] = corrected_at

    def archived(self, case_ids: Iterable[str]) -> list[str]:
        """Those of the ids that must be restored from the store before events of theirs are taken."""
        return self.archive.among([case_id for case_id in case_ids if case_id not in self._ledgers])

    # -- events -----------------------------------------------------------------------------------------

    def take(self, events: Sequence[Mapping[str, Any]], now: int, ingested_at: int) -> None:
        """Move the clock to ``now`` and apply events in their order of arrival.

        The events come first and what falls due by ``now`` after them: most of them happened before it.
        """
        hot, all_ledgers, rows = self._hot, self._ledgers, self._event_rows
        pack, empty = ledgers.pack, ledgers.EMPTY
        now = max(now, self.now)
        touched: dict[str, Case] = {}
        for event in events:
            case_id: str = event["case_id"]
            case = hot.get(case_id) or self._warm(case_id)
            packed = pack(event)
            ledger = all_ledgers.get(case_id, empty)
            if event["occurred_at"] <= now and extend(case, event):
                all_ledgers[case_id] = ledger + packed
            elif ledgers.contains(ledger, packed):
                self.duplicates += 1
                continue
            else:
                all_ledgers[case_id] = ledger + packed
                case = self._refold(case_id, case, now)
            touched[case_id] = case
            rows.append(event_row(event, ingested_at))
        for case_id, case in touched.items():
            if case.next_at <= now:
                tick(case, now)
            self._wait(case_id, case)
        self._unwritten |= touched
        self._uncounted |= touched
        self.wake(now)

    def _warm(self, case_id: str) -> Case:
        """Fold a cold (or new) case as it stood when it was last counted."""
        ledger = self._ledgers.get(case_id)
        if ledger is None:
            case = Case(self.rules)
        else:
            ledger = self._ledgers[case_id] = ledgers.unfolded(ledger)
            case = fold(ledgers.unpack(ledger), self.rules, self.now)
            case.is_counted()
        self._hot[case_id] = case
        return case

    def _refold(self, case_id: str, before: Case, now: int) -> Case:
        """Fold a case anew."""
        case = self._hot[case_id] = fold(ledgers.unpack(self._ledgers[case_id]), self.rules, now)
        self._tally.refolded(before, case)
        case.counted_wake_at = before.counted_wake_at
        return case

    # -- totals -----------------------------------------------------------------------------------------

    @property
    def tally(self) -> Tally:
        """The totals of all cases as they are."""
        for case in self._uncounted.values():
            self._tally.count(case)
        self._uncounted.clear()
        return self._tally

    # -- time -------------------------------------------------------------------------------------------

    def soonest(self) -> int | None:
        """Nothing changes by itself before this moment."""
        return self._due.soonest()

    def wake(self, now: int) -> int:
        """Move the clock to ``now``: what fell due since takes effect. Returns how many cases changed."""
        changed = 0
        for case_id in self._due.due(now, self._wake_at):
            if case_id not in self._ledgers:
                continue
            case = self._hot.get(case_id) or self._warm(case_id)
            if case.wake_at <= now:  # else it has moved on, and waits elsewhere in the index
                self._pass_time(case_id, case, now)
                changed += 1
        self.now = max(self.now, now)
        return changed

    def _pass_time(self, case_id: str, case: Case, now: int) -> None:
        if case.waiting_at <= now:
            case = self._refold(case_id, case, now)
            self._unwritten[case_id] = case
        else:
            within = not case.beyond
            tick(case, now)
            if within and case.beyond:  # the one thing in a row that time alone changes
                self._unwritten[case_id] = case
        self._uncounted[case_id] = case
        self._wait(case_id, case)

    def _wait(self, case_id: str, case: Case) -> None:
        """See that the case is woken when it changes by itself next."""
        wake_at = min(case.next_at, case.waiting_at)
        if wake_at != case.counted_wake_at:
            case.counted_wake_at = wake_at
            if wake_at != NEVER:
                self._due.add(wake_at, case_id)

    def _wake_at(self, case_id: str) -> int:
        if case_id not in self._ledgers:
            return NEVER
        return (self._hot.get(case_id) or self._warm(case_id)).wake_at

    # -- results ----------------------------------------------------------------------------------------

    @property
    def unwritten_events(self) -> int:
        """Rows of events that wait for the next ``drain``."""
        return len(self._event_rows)

    @property
    def has_changes(self) -> bool:
        """Whether a ``drain`` would give anything."""
        return bool(
            self._event_rows or self._unwritten or self.tally.changed_units or self.tally.changed_days
        )

    def drain(self, updated_at: int, *, all_units: bool = False) -> Flush:
        """Everything that changed since the last time, as of ``now``; the caller makes it durable.

        Args:
            updated_at: the moment of writing, µs UTC (versions of day rows; never enters a number).
            all_units: snapshots of every unit, also the unchanged.
        """
        cases: list[Row] = []
        ended: list[str] = []
        for case_id, case in self._unwritten.items():
            ledger = self._ledgers[case_id]
            version = 2 * (2 * case.records - case.waiting_count) + case.beyond
            cases.append(case_row(case_id, case, ledger, version, updated_at))
            if case.is_live:
                self._ended.pop(case_id, None)
            else:
                ended.append(case_id)
        tally = self.tally
        units = tally.units if all_units else tally.changed_units
        flush = Flush(
            self._event_rows,
            cases,
            [self._unit_day_row(key, updated_at) for key in tally.take_changed_days()],
            {unit: tally.snapshot(unit, self.now) for unit in units},
            ended,
        )
        self._event_rows, self._unwritten = [], {}
        tally.changed_units = set()
        self._cool()
        return flush

    def _unit_day_row(self, key: tuple[str, int], updated_at: int) -> Row:
        unit, day = key
        if self.rules.calendar_of(unit).day_end(day) < self.caught_up_until:
            self._corrected[key] = self.now
        counts = self.tally.counts_of(key)
        corrected_at = self._corrected.get(key, 0)
        return (unit, day, self.partition, *counts, corrected_at, self.caught_up_until, updated_at)

    def _cool(self) -> None:
        """Let the states go that have been hot for longest; their ledgers stay."""
        for case_id in list(islice(self._hot, max(0, len(self._hot) - self._hot_cases))):
            del self._hot[case_id]
            self._ledgers[case_id] = ledgers.folded_up(self._ledgers[case_id])

    def settled(self, flush: Flush) -> None:
        """A flush is durable: ended cases may leave memory, oldest first."""
        for case_id in flush.ended:
            self._ended.pop(case_id, None)
            self._ended[case_id] = None
        for case_id in list(islice(self._ended, max(0, len(self._ended) - self._ended_cases))):
            del self._ended[case_id]
            if case_id not in self._unwritten and case_id in self._ledgers:  # else a later flush tells of it
                del self._ledgers[case_id]
                self._hot.pop(case_id, None)
                self.archive.add(case_id)
