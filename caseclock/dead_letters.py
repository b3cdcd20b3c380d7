"""What could not be read: listing it from the table, sending the originals again from the topic."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from kafka import KafkaConsumer, TopicPartition

from caseclock.clocks import WallClock
from caseclock.settings import Settings
from caseclock.worker import topic_names
from schemas.dead_letter import HEADER_PREFIX, SENTENCES, DeadLetter, Reason
from schemas.decode import Unreadable, decode
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import Failed, KafkaAccess, KafkaTopics, Sender

_SENT_AGAIN: Final = "caseclock-sent-again"
_HEAD: Final = 4_096
"""Sources keep only so many bytes of a line that is too large: it cannot be sent again."""


def listing(store: ClickHouse, limit: int) -> list[str]:
    """The newest dead letters as lines of a table: when, where, why."""
    found = store.columns(
        "SELECT toString(seen_at) AS seen, source, topic, partition, position, reason, field FROM v_dead_letters"
        " ORDER BY seen_at DESC, source, position LIMIT {limit:UInt32}",
        {"limit": limit},
    )
    lines = []
    names = ("seen", "source", "topic", "partition", "position", "reason", "field")
    for seen, source, topic, partition, position, reason, where in zip(
        *(found[n] for n in names), strict=True
    ):
        place = f"{topic}[{partition}] offset {position}" if topic else f"{source}, line {position}"
        vietnamese, english = SENTENCES[Reason(reason)] if reason in set(Reason) else (reason, reason)
        field_name = f" ({where})" if where else ""
        lines.append(f"{seen[:19]}Z  {place}  {reason}{field_name}: {vietnamese} / {english}")
    return lines


@dataclass(slots=True)
class SentAgain:
    """What became of the originals."""

    sent: int = 0
    still_unreadable: Counter[str] = field(default_factory=Counter)
    truncated: int = 0
    failed: int = 0

    def fail(self, _failure: Failed) -> None:
        """Count a record that Kafka did not take."""
        self.failed += 1


def send_again(settings: Settings, limit: int | None, *, dry_run: bool) -> SentAgain:
    """Send originals that can be read now to the topic of events, each once.

    How far the topic has been gone through is kept as the committed offset of a consumer group of its own, so a
    second run goes on where the first ended; those that still cannot be read are counted and left behind.

    Raises:
        KafkaUnavailable: Kafka does not answer.
    """
    access, topics = settings.kafka.access(), topic_names(settings.kafka.topic_prefix)
    done = SentAgain()
    with KafkaTopics(access) as admin:
        ends = admin.end_offsets(topics.dead_letters)
    if not ends:
        return done
    with access.told_in_one_line():
        reader = _reader(access, f"{settings.kafka.group_id}-dead-letters")
    try:
        with access.told_in_one_line(), Sender(access, topics.events, done.fail) as sender:
            partitions = [TopicPartition(topics.dead_letters, number) for number in ends]
            reader.assign(partitions)
            for place in partitions:
                if reader.committed(place) is None:
                    reader.seek_to_beginning(place)
            _read_to(reader, partitions, ends, sender, done, limit, dry_run=dry_run)
            sender.flush()
            if not dry_run and not done.failed:
                reader.commit()
    finally:
        reader.close(autocommit=False)
    return done


def _reader(access: KafkaAccess, group: str) -> KafkaConsumer:
    return KafkaConsumer(
        group_id=group, enable_auto_commit=False, auto_offset_reset="earliest", **access.client_options()
    )


def _read_to(
    reader: KafkaConsumer,
    partitions: list[TopicPartition],
    ends: dict[int, int],
    sender: Sender,
    done: SentAgain,
    limit: int | None,
    *,
    dry_run: bool,
) -> None:
    while any(reader.position(place) < ends[place.partition] for place in partitions):
        for records in reader.poll(timeout_ms=500).values():
            for record in records:
                if limit is not None and done.sent >= limit:
                    reader.seek(TopicPartition(record.topic, record.partition), record.offset)
                    return
                _again(record.value or b"", list(record.headers), sender, done, dry_run=dry_run)


def _again(
    value: bytes, headers: list[tuple[str, bytes]], sender: Sender, done: SentAgain, *, dry_run: bool
) -> None:
    try:
        letter: DeadLetter | None = DeadLetter.from_headers(headers)
    except ValueError:
        letter = None
    if letter is not None and letter.reason is Reason.TOO_LARGE and len(value) <= _HEAD:
        done.truncated += 1
        return
    try:
        event = decode(value, WallClock().wall())
    except Unreadable as why:
        done.still_unreadable[why.reason] += 1
        return
    done.sent += 1
    if not dry_run:
        kept = [header for header in headers if not header[0].startswith(HEADER_PREFIX)]
        sender.send(
            event["case_id"].encode(), value, headers=[*kept, (_SENT_AGAIN, b"dead-letters")], tag=done.sent
        )
