"""Sending files to the Kafka of the settings, record by record, none unaccounted for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from caseclock.clocks import WallClock
from caseclock.console import progress, say
from caseclock.feed import dead_letter_of
from caseclock.grouping import grouped
from caseclock.line_ranges import LineRanges
from caseclock.settings import Settings
from caseclock.sources import Bad, Line, Mapping, open_source
from caseclock.worker import ensure_topics, topic_names
from schemas.dead_letter import SENTENCES, Reason
from sinks.kafka import Failed, KafkaTopics, KafkaUnavailable, Sender

_NAMED: Final = 10
"""Unreadable lines that are named one by one; the others are counted."""


@dataclass(slots=True)
class Ingested:
    """What became of the lines.

    Attributes:
        acknowledged: events that Kafka has confirmed.
        dead: lines that could not be read.
        reasons, first: why not, and the first of them: file, line, reason, field.
        failed: records, events and dead letters, that Kafka did not take, by file and line.
        rest: what was not even tried, when Kafka went away.
    """

    acknowledged: int = 0
    dead: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)
    failed: LineRanges = field(default_factory=LineRanges)
    rest: list[str] = field(default_factory=list)

    def fail(self, failure: Failed) -> None:
        """Note a record that Kafka did not take; its tag is (file, line)."""
        name, number = cast(tuple[str, int], failure.tag)
        self.failed.add(f"{name}: {failure.reason}", number)

    def bury(self, name: str, bad: Bad) -> None:
        """Note a line that could not be read."""
        self.dead += 1
        self.reasons[bad.reason] += 1
        if self.dead <= _NAMED:
            where = f" ({bad.field})" if bad.field else ""
            self.first.append(f"{name}, line {bad.number}: {bad.reason}{where}")

    def told(self) -> Iterator[str]:
        """All of it as lines for a person; of an event never a value."""
        counts = [f"{grouped(self.acknowledged)} events acknowledged"]
        counts += [f"{grouped(self.failed.count)} records not acknowledged"] if self.failed.count else []
        counts += [f"{grouped(self.dead)} lines unreadable"] if self.dead else []
        yield "; ".join(counts)
        for reason, count in self.reasons.most_common():
            yield f"unreadable, {reason}: {grouped(count)}. {' / '.join(SENTENCES[reason])}"
        yield from (f"unreadable: {line}" for line in self.first)
        if self.dead > len(self.first):
            yield f"unreadable: and {grouped(self.dead - len(self.first))} more; `caseclock dead-letters list`"
        yield from (f"not acknowledged: {where}; send it again" for where in self.failed.told())
        yield from (f"not sent: {where}" for where in self.rest)


def ingest(files: Sequence[str], mapping: Mapping | None, settings: Settings, done: Ingested) -> None:
    """Send the files; returns when every record is acknowledged or named as failed.

    Args:
        files: their paths; ``-`` is standard input.
        mapping: how a CSV or XES file becomes events.
        settings: where Kafka is.
        done: what became of the lines is noted here, also when this ends with an error.

    Raises:
        KafkaUnavailable: it cannot be reached, or not any more.
        SourceError: a file cannot be read (on); what came before it has been sent.
    """
    now = WallClock().wall()
    for file in files:  # the fault in the last one must not come to light after hours
        if file != "-" and (Path(file).is_file() or not Path(file).exists() or Path(file).is_dir()):
            open_source(file, mapping, now).close()
    access, topics = settings.kafka.access(), topic_names(settings.kafka.topic_prefix)
    with KafkaTopics(access) as admin:
        ensure_topics(admin, topics, settings.worker.partitions)
    events = Sender(access, topics.events, done.fail)
    try:
        with events, Sender(access, topics.dead_letters, done.fail) as letters:
            _send_all(files, mapping, events, letters, done)
    finally:
        done.acknowledged = events.acknowledged


def _send_all(
    files: Sequence[str], mapping: Mapping | None, events: Sender, letters: Sender, done: Ingested
) -> None:
    place = 0
    try:
        for place, file in enumerate(files):  # noqa: B007  # it is what the handler needs
            _send(file, mapping, events, letters, done)
        place = len(files)
        events.flush()
        letters.flush()
    except KafkaUnavailable:
        done.rest += [f"{later}, all of it" for later in files[place + 1 :]]
        for sender in (events, letters):  # the answers that are still to come, each of them a failure
            with suppress(KafkaUnavailable):
                sender.flush()
        raise


def _send(file: str, mapping: Mapping | None, events: Sender, letters: Sender, done: Ingested) -> None:
    count = number = 0
    with open_source(file, mapping, WallClock().wall()) as source:
        try:
            with progress(f"sending {source.name}", source.size) as bar:
                for found in source:
                    number = found.number
                    count += 1
                    if isinstance(found, Line):
                        events.send(found.key, found.value, tag=(file, number))
                    else:
                        done.bury(file, found)
                        letter = dead_letter_of(found, source.name)
                        letters.send(
                            b"", letter.value, headers=letter.headers, partition=0, tag=(file, number)
                        )
                    bar.show(source.position, count)
        except KafkaUnavailable:
            done.rest.append(f"{file}, what follows line {number}")
            raise
        for note in source.notes():
            say(note)
