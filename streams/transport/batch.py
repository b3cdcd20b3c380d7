"""What the transport hands to an agent, and what an app tells the transport."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiokafka.structs import ConsumerRecord
from faust.types import TP, AppT

ReleaseHook = Callable[[frozenset[TP], float], Awaitable[None]]
"""Called with the partitions of batch topics that are about to be given up, and the seconds left.

It makes durable, and marks so, what it can in that time; then these offsets are committed. It is cancelled
when the time is up: nothing is lost by that, the records come again to whoever has the partition next.
"""


class Ticket(NamedTuple):
    """Stands for one batch while its effects are on their way; small, so that a flush can keep many.

    Attributes:
        tp: the batch's topic and partition.
        last: the offset of its last record.
        serial: counts the batches of this consumer; none is used twice.
    """

    tp: TP
    last: int
    serial: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one partition of one fetch, whole and in order; never empty.

    Offsets rise but need not be consecutive: compaction and aborted transactions leave gaps.

    Attributes:
        ticket: what to give to `consumer.mark_durable` once every effect of these records is durable.
        end_offset: where the partition ended when they were fetched (the high watermark): the batch reaches
            the end when `last + 1 >= end_offset`.
        records: each with `key`, `value` (bytes or None), `headers`, `offset`, `timestamp` (ms, UTC).
    """

    ticket: Ticket
    end_offset: int
    records: Sequence[ConsumerRecord[bytes, bytes]]

    @property
    def tp(self) -> TP:
        """Topic and partition of all the records."""
        return self.ticket.tp

    @property
    def first(self) -> int:
        """Offset of the first record."""
        return int(self.records[0].offset)

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return self.ticket.last

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[ConsumerRecord[bytes, bytes]]:
        return iter(self.records)


@dataclass(slots=True)
class Batching:
    """What an app asks of the transport; `app.batching`.

    Attributes:
        topics: names of the batch topics; an app without any behaves as with Faust's own transport.
        buffer_bytes: how much may be handed over and not yet durable, keys and values, over all partitions.
            Beyond it nothing more is fetched of the batch topics until some becomes durable. One fetch more
            may come on top.
        fetch_wait_seconds: how long the broker may keep a fetch waiting for records. Apache Kafka answers as
            soon as there is one; Tansu sleeps half of it first (measured: with the 1.5 s that Faust asks
            for, records were seen 0.36 s late in the median, with 0.1 s 0.03 s).
        release_seconds: how long the release hooks have when partitions are revoked or the app stops;
            keep it well below the rebalance timeout, or the group goes on without us.
        release: the hooks, called at the same time.
    """

    topics: set[str] = field(default_factory=set)
    buffer_bytes: int = 64 * 1024 * 1024
    fetch_wait_seconds: float = 0.1
    release_seconds: float = 10.0
    release: list[ReleaseHook] = field(default_factory=list)


def batching_of(app: AppT) -> Batching:
    """Give what the app asks for; a stock Faust app asks for nothing."""
    asked = getattr(app, "batching", None)
    return asked if isinstance(asked, Batching) else Batching()
