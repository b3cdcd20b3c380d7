"""What a worker writes to and asks, and whether it answers: a note of who failed last, for those who look on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from schemas.stored import Block, OutRecord, Recovery, Row, Unavailable
from streams.ports import CaseStore, Outbox

T = TypeVar("T")


class Answers:
    """The calls that were last refused for want of an answer, and are being tried again.

    Attributes:
        waits: how often waiting has begun, so that one shorter than a look at it is seen too.
    """

    def __init__(self) -> None:
        self._failing: set[str] = set()
        self.waits = 0

    @property
    def waiting(self) -> bool:
        """Whether anything waits now."""
        return bool(self._failing)

    def noted(self, name: str, call: Callable[[], T]) -> T:
        """Make a call and note how it went."""
        try:
            result = call()
        except Unavailable:
            self.went(name, well=False)
            raise
        self.went(name, well=True)
        return result

    def went(self, name: str, *, well: bool) -> None:
        """Note how a call went that somebody else made."""
        if well:
            self._failing.discard(name)
        else:
            self.waits += not self._failing
            self._failing.add(name)


class NotedStore:
    """A ``CaseStore`` like the one behind it."""

    def __init__(self, store: CaseStore, answers: Answers) -> None:
        self._store = store
        self._noted = answers.noted

    def write(self, block: Block) -> None:
        """As the store does it."""
        self._noted("write", lambda: self._store.write(block))

    def write_units(self, rows: Sequence[Row], token: str) -> None:
        """As the store does it."""
        self._noted("write_units", lambda: self._store.write_units(rows, token))

    def write_dead_letters(self, rows: Sequence[Row], token: str) -> None:
        """As the store does it."""
        self._noted("write_dead_letters", lambda: self._store.write_dead_letters(rows, token))

    def recover(self, partition: int, partitions: int) -> Recovery:
        """As the store does it."""
        return self._noted("recover", lambda: self._store.recover(partition, partitions))

    def ledgers(self, case_ids: Sequence[str]) -> list[tuple[str, bytes, int]]:
        """As the store does it."""
        return self._noted("ledgers", lambda: self._store.ledgers(case_ids))


class NotedOutbox:
    """An ``Outbox`` like the one behind it."""

    def __init__(self, outbox: Outbox, answers: Answers) -> None:
        self._outbox = outbox
        self._answers = answers

    async def send(self, topic: str, records: Sequence[OutRecord]) -> None:
        """As the outbox does it."""
        try:
            await self._outbox.send(topic, records)
        except Unavailable:
            self._answers.went(topic, well=False)
            raise
        self._answers.went(topic, well=True)
