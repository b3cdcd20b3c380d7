"""One assigned partition: from record bytes to the book, and what waits to become durable.

Reads each record once: it becomes an event, a dead letter or, when it stands on a wrong partition, a record to be
sent again (architecture rules 2 and 9). The clock follows the events until everything there is has been read;
then it is the real one (or a replay's moment).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from schemas.dead_letter import HEADER_PREFIX, DeadLetter, Reason
from schemas.decode import Unreadable, decode
from streams.book import CaseBook
from streams.partitioner import partitions_of
from streams.ports import Clock, InRecord, OutRecord

HEAD_BYTES: Final = 4_096
"""Kept of a value that is too large, as of a line of a file: it could never be read again, and a record that came
compressed may be larger than Kafka takes from us; then the worker could not go past it."""
MAX_HEADER_BYTES: Final = 64 * 1024
"""Kept of a record's headers (and of its key) for the same reason; more are dropped whole."""
_SENT_AGAIN: Final = "caseclock-sent-again"
_OCCURRED_AT: Final = itemgetter("occurred_at")


class Partition:
    """A partition between assignment and revocation.

    Attributes:
        epoch: generation of the group in which it was assigned; snapshots of a later one put aside an earlier one's.
        next_offset: where reading goes on; everything before it has been taken. -1: nothing yet.
        first_offset: the first one taken since the last drain, -1: none.
        newest: when the newest event taken happened; 0: none was.
        dead: dead letters not confirmed yet; misrouted: records not confirmed on their right partition yet.
        snapshots_due: every unit's snapshot must be told, not only the changed ones'.
    """

    def __init__(self, topic: str, number: int, partitions: int, book: CaseBook, epoch: int) -> None:
        self.topic = topic
        self.number = number
        self.partitions = partitions
        self.book = book
        self.epoch = epoch
        self.next_offset = self.first_offset = -1
        self.newest = 0
        self.caught_up = False
        self.snapshots_due = True
        self.dead: list[OutRecord] = []
        self.misrouted: list[OutRecord] = []

    def read(self, records: Sequence[InRecord], wall: int) -> list[Mapping[str, Any]]:
        """Decode a batch; what is no event of this partition is put aside."""
        events: list[Mapping[str, Any]] = []
        kept: list[InRecord] = []
        for record in records:
            try:
                events.append(decode(record.value or b"", wall))
            except Unreadable as unreadable:
                self.dead.append(self._dead_letter(record, unreadable, wall))
            else:
                kept.append(record)
        if self.first_offset < 0:
            self.first_offset = records[0].offset
        self.next_offset = records[-1].offset + 1
        return self._at_home(events, kept)

    def _at_home(self, events: list[Mapping[str, Any]], records: list[InRecord]) -> list[Mapping[str, Any]]:
        """The events whose records stand where their case belongs; the others' are to be sent again."""
        keys = [event["case_id"].encode() for event in events]
        right = (partitions_of(keys, self.partitions) == self.number).tolist()
        if all(right) and keys == [record.key for record in records]:
            return events
        home = []
        for event, record, key, here in zip(events, records, keys, right, strict=True):
            if here and record.key == key:
                home.append(event)
            else:
                headers = (*_bounded(record.headers), (_SENT_AGAIN, str(self.number).encode()))
                self.misrouted.append(OutRecord(key, record.value or b"", headers))
        return home

    def _dead_letter(self, record: InRecord, why: Unreadable, wall: int) -> OutRecord:
        letter = DeadLetter(
            source=self.topic,
            topic=self.topic,
            partition=self.number,
            offset=record.offset,
            reason=why.reason,
            field=why.field,
            seen_at=datetime.fromtimestamp(wall / 1e6, UTC),
        )
        original = [header for header in _bounded(record.headers) if not header[0].startswith(HEADER_PREFIX)]
        value = record.value or b""
        if why.reason is Reason.TOO_LARGE:
            value = value[:HEAD_BYTES]
        key = record.key if record.key is None or len(record.key) <= MAX_HEADER_BYTES else None
        return OutRecord(key, value, [*original, *letter.headers()])

    def archived(self, events: Sequence[Mapping[str, Any]]) -> list[str]:
        """Ids of the events' cases that have left memory and must be restored before ``take``."""
        return self.book.archived({event["case_id"] for event in events})

    def take(self, events: Sequence[Mapping[str, Any]], clock: Clock, wall: int) -> int:
        """Move the clock on and apply the events. Returns how many were duplicates."""
        book = self.book
        self.newest = max(self.newest, max(map(_OCCURRED_AT, events), default=0))
        before = book.duplicates
        book.take(events, self._now(clock), wall)
        return book.duplicates - before

    def wake(self, clock: Clock) -> int:
        """Let fall due what falls due. Returns how many cases changed."""
        return self.book.wake(self._now(clock))

    def _now(self, clock: Clock) -> int:
        return clock.now() if self.caught_up else min(clock.now(), max(self.book.now, self.newest))


def _bounded(headers: Sequence[tuple[str, bytes]]) -> Sequence[tuple[str, bytes]]:
    size = sum(len(name) + len(value or b"") for name, value in headers)
    return headers if size <= MAX_HEADER_BYTES else ()
