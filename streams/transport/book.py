"""The book of batches: what was handed to the agent, what of it is durable, what may be committed.

Pure: no I/O, no clock. Per partition a queue of the batches in the order in which they were handed over. The
agent marks them durable in that order, which takes them off the front; the offset after the last one taken
may be committed. Gaps between offsets mean nothing here: only batches are counted.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from faust.types import TP

from streams.transport.batch import Ticket

SMALLEST_BATCH_BYTES = 32 * 1024
"""What a batch counts at least: so the number of batches under way is bounded with their bytes."""


class SkippedBatch(Exception):  # noqa: N818  # names what happened
    """A batch was called durable before an older one of its partition: that one was lost on the way.

    A defect, of the agent or of the way to it. Committing past the older batch would lose its records, so
    nothing is committed; after a restart they come again.
    """


@dataclass(slots=True)
class _Partition:
    open: deque[tuple[Ticket, int]] = field(default_factory=deque)  # with the bytes each counts
    durable: int | None = None  # the offset after the last durable record
    committed: int | None = None


class BatchBook:
    """The batches of one consumer.

    Attributes:
        pending_bytes: handed over and not yet durable, all partitions together.
    """

    def __init__(self) -> None:
        self.pending_bytes = 0
        self._partitions: dict[TP, _Partition] = {}
        self._serials = count(1)

    def handed(self, tp: TP, last: int, size: int) -> Ticket:
        """Enter a batch that is handed over.

        Args:
            tp: its topic and partition.
            last: the offset of its last record.
            size: its keys and values, bytes.
        """
        ticket = Ticket(tp, last, next(self._serials))
        counted = max(size, SMALLEST_BATCH_BYTES)
        self._partitions.setdefault(tp, _Partition()).open.append((ticket, counted))
        self.pending_bytes += counted
        return ticket

    def durable(self, ticket: Ticket) -> bool:
        """Take a batch off the front: every effect of its records is durable.

        Returns:
            Whether it counted. It does not when the partition was given up in between (then its records
            come again, to whoever has it now) or when it was marked before.

        Raises:
            SkippedBatch: when an older batch of the partition is not durable.
        """
        partition = self._partitions.get(ticket.tp)
        if partition is None or not partition.open or ticket.serial < partition.open[0][0].serial:
            return False
        front, counted = partition.open[0]
        if front.serial != ticket.serial:
            msg = f"{ticket.tp}: batch up to {ticket.last} is durable, the one up to {front.last} is not"
            raise SkippedBatch(msg)
        partition.open.popleft()
        partition.durable = ticket.last + 1
        self.pending_bytes -= counted
        return True

    def committable(self, tp: TP) -> int | None:
        """Give the offset to commit: the one after the last durable record; `None` when it is committed."""
        partition = self._partitions.get(tp)
        if partition is None or partition.durable == partition.committed:
            return None
        return partition.durable

    def committed(self, tp: TP, offset: int) -> None:
        """Note that Kafka has confirmed a commit."""
        partition = self._partitions.get(tp)
        if partition is not None:
            partition.committed = offset

    def forget(self, partitions: Iterable[TP]) -> None:
        """Drop all that is known of partitions that were given up; their tickets count no more."""
        for tp in partitions:
            known = self._partitions.pop(tp, None)
            if known is not None:
                self.pending_bytes -= sum(counted for _, counted in known.open)

    def owing(self) -> list[TP]:
        """List the partitions with a commit to make."""
        return [tp for tp in self._partitions if self.committable(tp) is not None]

    def under_way(self, tp: TP) -> int:
        """Count the batches of a partition that are handed over and not durable."""
        partition = self._partitions.get(tp)
        return len(partition.open) if partition is not None else 0
