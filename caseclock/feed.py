"""From files to Kafka: events to the topic of events, what cannot be read to the dead letters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from caseclock.sources import Bad, Line
from schemas.dead_letter import DeadLetter
from schemas.stored import OutRecord
from sinks.kafka import BulkSender
from streams.engine import Topics
from streams.partitioner import partitions_of

_CHUNK: Final = 5_000


@dataclass(slots=True)
class Fed:
    """What was sent.

    Attributes:
        events, dead_letters: how many.
        latest: the latest ``occurred_at`` seen, µs UTC; None without an event.
        ends: by partition of the topic of events the offset after the last record of ours.
        dead_end: the offset after the last dead letter of ours.
    """

    events: int = 0
    dead_letters: int = 0
    latest: int | None = None
    ends: dict[int, int] = field(default_factory=dict)
    dead_end: int = 0


def dead_letter_of(bad: Bad, source: str) -> OutRecord:
    """A line that could not be read, as a record of the dead-letters topic."""
    letter = DeadLetter(
        source=source, line=bad.number, reason=bad.reason, field=bad.field, seen_at=datetime.now(UTC)
    )
    return OutRecord(None, bad.raw, letter.headers())


async def feed(  # noqa: PLR0917  # two sources of truth, three of Kafka's, the count and a bar
    source: Iterable[Line | Bad],
    name: str,
    sender: BulkSender,
    topics: Topics,
    partitions: int,
    fed: Fed,
    on_chunk: Callable[[], None] = lambda: None,
) -> None:
    """Send one source; returns when Kafka has confirmed all of it. Adds to ``fed``."""
    lines: list[Line] = []
    bads: list[Bad] = []

    async def send() -> None:
        if lines:
            keys = [line.key for line in lines]
            to = partitions_of(keys, partitions).tolist()
            ends = await sender.send(topics.events, keys, [line.value for line in lines], partitions=to)
            fed.ends |= ends
            fed.events += len(lines)
            fed.latest = max(fed.latest or 0, *(line.occurred_at for line in lines))
        if bads:
            records = [dead_letter_of(bad, name) for bad in bads]
            ends = await sender.send(
                topics.dead_letters,
                [record.key for record in records],
                [record.value for record in records],
                partitions=[0] * len(records),
                headers=[list(record.headers) for record in records],
            )
            fed.dead_end = max(fed.dead_end, *ends.values())
            fed.dead_letters += len(bads)
        lines.clear()
        bads.clear()
        on_chunk()

    for found in source:
        (lines if isinstance(found, Line) else bads).append(found)  # type: ignore[arg-type]  # told apart just so
        if len(lines) + len(bads) >= _CHUNK:
            await send()
    await send()
