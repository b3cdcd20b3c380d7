"""Sending files to the Kafka of the settings, record by record, none unaccounted for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from caseclock.clocks import WallClock
from caseclock.console import progress, say
from caseclock.feed import dead_letter_of
from caseclock.settings import Settings
from caseclock.sources import Line, Mapping, Source, open_source
from caseclock.worker import ensure_topics, topic_names
from sinks.kafka import Failed, KafkaTopics, Sender

_NAMED: Final = 10
"""Failed records and unreadable lines that are named one by one; the rest is counted."""


@dataclass(slots=True)
class Ingested:
    """What became of the lines."""

    sent: int = 0
    dead: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def fail(self, failure: Failed) -> None:
        """Note a record that Kafka did not take."""
        self.failed += 1
        if self.failed <= _NAMED:
            say(f"not acknowledged: {failure.tag}: {failure.reason}")

    def bury(self, name: str, number: int, reason: str, where: str) -> None:
        """Note a line that could not be read."""
        self.dead += 1
        self.reasons[reason] += 1
        if self.dead <= _NAMED:
            say(f"{name}, line {number}: {reason}{f' ({where})' if where else ''}")


def ingest(files: Sequence[str], mapping: Mapping | None, settings: Settings) -> Ingested:
    """Send the files; returns when every record is acknowledged or named as failed.

    Raises:
        KafkaUnavailable: it cannot be reached at all.
        SourceError: a file cannot be read; what came before has been sent.
    """
    access, topics = settings.kafka.access(), topic_names(settings.kafka.topic_prefix)
    with KafkaTopics(access) as admin:
        ensure_topics(admin, topics, settings.worker.partitions)
    done = Ingested()
    with (
        Sender(access, topics.events, done.fail) as events,
        Sender(access, topics.dead_letters, done.fail) as dead_letters,
    ):
        for file in files:
            with open_source(file, mapping, WallClock().wall()) as source:
                _send(source, events, dead_letters, done)
        events.flush()
        dead_letters.flush()
    say(
        f"{done.sent} events sent, {events.acknowledged} acknowledged, {done.failed} failed, {done.dead} dead letters"
    )
    for reason, count in done.reasons.most_common():
        say(f"  {reason}: {count}")
    return done


def _send(source: Source, events: Sender, dead_letters: Sender, done: Ingested) -> None:
    with progress(f"sending {source.name}", source.size) as bar:
        for found in source:
            tag = f"{source.name}, line {found.number}"
            if isinstance(found, Line):
                events.send(found.key, found.value, tag=tag)
                done.sent += 1
                bar.show(source.position, done.sent)
            else:
                letter = dead_letter_of(found, source.name)
                dead_letters.send(b"", letter.value, headers=letter.headers, partition=0, tag=tag)
                done.bury(source.name, found.number, found.reason, found.field)
    for note in source.notes():
        say(note)
