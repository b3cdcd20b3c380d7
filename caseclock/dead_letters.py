"""What could not be read: listing it from the table, sending the originals again from the topic.

The topic keeps the original bytes for a week. Sent again is only what can be read now (a newer program knows more
kinds of events; a clock that was wrong is right): anything else would come back at once, and be kept for another
week each time. It stays where it is and is looked at again by the next run.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, cast

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from caseclock.clocks import WallClock
from caseclock.line_ranges import LineRanges
from caseclock.passed import Passed
from caseclock.settings import Settings
from caseclock.sources.records import MOST_BYTES_OF_A_HUGE_LINE
from caseclock.worker import topic_names
from schemas.dead_letter import HEADER_PREFIX, DeadLetter, Reason
from schemas.decode import Unreadable, decode
from sinks.kafka import Failed, KafkaTopics, KafkaUnavailable, Sender

SENT_AGAIN: Final = "caseclock-sent-again"
"""The header of a record that was sent again, as of one that stood on a wrong partition."""
_PATIENCE: Final = 30.0
"""Seconds in which Kafka must give the next record."""


@dataclass(slots=True)
class SentAgain:
    """What became of the originals.

    Attributes:
        sent: can be read now, and Kafka has taken them (``dry_run``: can be read now).
        still_unreadable: by reason; the next run looks at them again.
        truncated: only their beginning was kept; by source.
        left: still unreadable, but too many lie between them and the others: not looked at again.
        failed: Kafka did not take them; the next run sends them again.
    """

    sent: int = 0
    still_unreadable: Counter[Reason] = field(default_factory=Counter)
    truncated: LineRanges = field(default_factory=LineRanges)
    left: int = 0
    failed: int = 0


class _Place(NamedTuple):
    partition: int
    offset: int


def send_again(settings: Settings, limit: int | None, *, dry_run: bool) -> SentAgain:
    """Send the originals that can be read now to the topic of events under their case's key, each once.

    Args:
        settings: where Kafka is.
        limit: at most so many are sent; all when None.
        dry_run: only tell; nothing is sent or noted.

    Raises:
        KafkaUnavailable: Kafka does not answer.
    """
    access, topics = settings.kafka.access(), topic_names(settings.kafka.topic_prefix)
    with KafkaTopics(access) as admin:
        ends = admin.end_offsets(topics.dead_letters)
    again = _Again(limit)
    if not ends:
        return again.done
    with access.told_in_one_line(), _Reader(settings, topics.dead_letters, ends) as reader:
        if dry_run:
            again.look(reader)
            return again.done
        with Sender(access, topics.events, again.fail) as sender:
            again.look(reader, sender)
            sender.flush()
        again.settle(reader)
    return again.done


class _Again:
    """One run over the letters that are not done with."""

    def __init__(self, limit: int | None) -> None:
        self.done = SentAgain()
        self._limit = limit
        self._sent: set[_Place] = set()
        self._cut: set[_Place] = set()
        self._open: list[_Place] = []

    def fail(self, failure: Failed) -> None:
        """Note a record that Kafka did not take; its tag is its place."""
        self._sent.discard(cast(_Place, failure.tag))
        self.done.sent -= 1
        self.done.failed += 1

    def look(self, reader: "_Reader", sender: Sender | None = None) -> None:
        """Read the letters, and hand over what can be read now."""
        for record in reader.records():
            if self._limit is not None and self.done.sent >= self._limit:
                return
            place = _Place(record.partition, record.offset)
            value, headers = record.value or b"", list(record.headers)
            try:
                event = decode(value, WallClock().wall())
            except Unreadable as why:
                self._unreadable(place, value, headers, why.reason)
                continue
            self.done.sent += 1
            self._sent.add(place)
            if sender is not None:
                kept = [header for header in headers if not header[0].startswith(HEADER_PREFIX)]
                kept.append((SENT_AGAIN, b"dead-letters"))
                sender.send(event["case_id"].encode(), value, headers=kept, tag=place)

    def _unreadable(
        self, place: _Place, value: bytes, headers: list[tuple[str, bytes]], reason: Reason
    ) -> None:
        try:
            letter: DeadLetter | None = DeadLetter.from_headers(headers)
        except ValueError:  # somebody else wrote it into the topic
            letter = None
        if letter and letter.reason is Reason.TOO_LARGE and len(value) <= MOST_BYTES_OF_A_HUGE_LINE:
            self.done.truncated.add(letter.source, letter.position)
            self._cut.add(place)
        else:
            self.done.still_unreadable[reason] += 1
            self._open.append(place)

    def settle(self, reader: "_Reader") -> None:
        """Note what is done with: what Kafka has taken, and what can never be sent again."""
        reader.settle(self._sent | self._cut)
        self.done.left = sum(reader.passed(place) for place in self._open)


class _Reader:
    """The dead letters that are not done with, from the oldest to those there were at the beginning."""

    def __init__(self, settings: Settings, topic: str, ends: dict[int, int]) -> None:
        self._ends = {TopicPartition(topic, number): end for number, end in ends.items()}
        self._topic = topic
        self._consumer = KafkaConsumer(
            group_id=f"{settings.kafka.group_id}-dead-letters",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **settings.kafka.access().client_options(),
        )
        self._passed: dict[TopicPartition, Passed] = {}

    def __enter__(self) -> "_Reader":
        consumer = self._consumer
        consumer.assign(list(self._ends))
        first = consumer.beginning_offsets(list(self._ends))
        for place in self._ends:
            committed = consumer.committed(place, metadata=True)
            passed = Passed(committed.offset, committed.metadata or "") if committed else Passed(0)
            passed.start_at(first[place])
            self._passed[place] = passed
            consumer.seek(place, passed.offset)
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close(autocommit=False)

    def records(self) -> Iterator[Any]:
        """Every letter that is not done with.

        Raises:
            KafkaUnavailable: none comes, though there are more.
        """
        heard = time.monotonic()
        while any(self._consumer.position(place) < end for place, end in self._ends.items()):
            found = self._consumer.poll(timeout_ms=500)
            if found:
                heard = time.monotonic()
            elif time.monotonic() - heard > _PATIENCE:
                raise KafkaUnavailable(f"Kafka gave no dead letter for {_PATIENCE:g} s: try again")
            for place, records in found.items():
                for record in records:
                    if record.offset < self._ends[place] and record.offset not in self._passed[place]:
                        yield record

    def settle(self, places: set[_Place]) -> None:
        """Commit that these are done with too. A broker that keeps no notes gets them by the offset alone."""
        for place in places:
            self._passed[TopicPartition(self._topic, place.partition)].add(place.offset)
        for place, passed in self._passed.items():
            note = passed.note()
            self._commit(place, passed.offset, note)
            if note and not self._consumer.committed(place, metadata=True).metadata:
                passed.start_at(self._ends[place])
                self._commit(place, passed.offset, "")

    def passed(self, place: _Place) -> bool:
        """Whether the next run will not look at it."""
        return place.offset in self._passed[TopicPartition(self._topic, place.partition)]

    def _commit(self, place: TopicPartition, offset: int, note: str) -> None:
        self._consumer.commit({place: OffsetAndMetadata(offset, note, -1)})
