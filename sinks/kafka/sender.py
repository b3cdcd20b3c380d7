"""Sending records one by one, each acknowledged or named as failed: what `ingest` and the intake use.

kafka-python's producer, set so that an acknowledgement means something: all in-sync copies have the record,
retries neither double nor reorder (idempotent). Partitions are Kafka's default, murmur2 of the key. About
50 000 records a second with the package `crc32c`, 20 000 without; `sinks.kafka.bulk` is ten times faster
where whole batches stand ready.
"""

from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaProducer
from kafka.errors import BrokerResponseError, KafkaError, MessageSizeTooLargeError

from sinks.kafka.access import KafkaAccess, KafkaUnavailable

MAX_RECORD_BYTES = 2_000_000
"""What one record with its key and headers may take: a line of a megabyte fits."""


class Failed(NamedTuple):
    """A record that Kafka did not take.

    Attributes:
        tag: what the sender was given with it: a line's number, a position.
        reason: one line, never the record's content.
    """

    tag: object
    reason: str


class Sender:
    """Sends to one topic; not thread-safe; a context manager (leaving it waits for every record's answer).

    Attributes:
        acknowledged: records Kafka has confirmed so far.
        failed: records it has not taken; each was named to `on_failed`.
        ends: by partition the offset after the last record of ours that was confirmed.
    """

    def __init__(
        self,
        access: KafkaAccess,
        topic: str,
        on_failed: Callable[[Failed], None],
        *,
        in_flight: int = 20_000,
        deliver_within: float = 60.0,
    ) -> None:
        """Connect.

        Args:
            access: the cluster.
            topic: where to; it must exist.
            on_failed: told of every record that failed, in the order of sending.
            in_flight: records that may await their answer; `send` blocks beyond it.
            deliver_within: seconds after which an unanswered record has failed.

        Raises:
            KafkaUnavailable: when the cluster does not answer.
        """
        self.acknowledged = 0
        self.failed = 0
        self.ends: dict[int, int] = {}
        self._access = access
        self._topic = topic
        self._on_failed = on_failed
        self._in_flight = in_flight
        self._patience = deliver_within + 10.0  # the producer's own clock rings first
        self._waiting: deque[tuple[object, Any]] = deque()
        self._away: BaseException | None = None
        with access.told_in_one_line():
            self._producer = KafkaProducer(
                acks="all",
                enable_idempotence=True,
                linger_ms=20,
                batch_size=131_072,
                max_request_size=MAX_RECORD_BYTES,
                max_block_ms=int(access.connect_seconds * 1000),
                delivery_timeout_ms=int(deliver_within * 1000),
                request_timeout_ms=int(min(30.0, deliver_within / 2) * 1000),
                bootstrap_timeout_ms=int(access.connect_seconds * 1000),
                allow_auto_create_topics=False,
                metrics_enabled=False,
                **access.client_options(),
            )

    def send(
        self,
        key: bytes,
        value: bytes,
        *,
        tag: object,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Hand over one record; its answer comes later, or as a call of `on_failed`.

        Args:
            key: the case's id.
            value: the record as it stands in the source.
            tag: what names it when it fails.
            headers: names and bytes.
            partition: where to, when it is not the key's.

        Raises:
            KafkaUnavailable: when records stay unanswered; all that were under way are named by then.
        """
        try:
            answer = self._producer.send(self._topic, value, key, list(headers), partition)
        except MessageSizeTooLargeError:
            self._fail(tag, f"larger than {MAX_RECORD_BYTES} bytes")
        except KafkaError as error:
            self._lost(tag, error)
        else:
            self._waiting.append((tag, answer))
        if len(self._waiting) >= self._in_flight:
            self._settle(self._in_flight // 2)
        if self._away is not None:
            self.flush()

    def flush(self) -> None:
        """Wait until every record handed over is acknowledged or named as failed.

        Raises:
            KafkaUnavailable: when records stayed unanswered; all are named by then.
        """
        self._producer.flush(timeout=self._patience)
        self._settle(0)
        if self._away is not None:
            away, self._away = self._away, None
            raise self._access.unavailable(away) from away

    def close(self) -> None:
        """Close the connection; what was not flushed is given up."""
        self._producer.close(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None or not isinstance(error, KafkaUnavailable):
                self.flush()
        finally:
            self.close()

    def _settle(self, until: int) -> None:
        """Take answers off the front, in order: all that are there, and more until `until` are left."""
        waiting = self._waiting
        while waiting and (len(waiting) > until or waiting[0][1].is_done):
            tag, answer = waiting.popleft()
            try:
                placed = answer.get(timeout=self._patience)
            except KafkaError as error:
                self._lost(tag, error)
            else:
                self.acknowledged += 1
                self.ends[placed.partition] = max(self.ends.get(placed.partition, 0), placed.offset + 1)

    def _lost(self, tag: object, error: KafkaError) -> None:
        if not isinstance(error, BrokerResponseError):  # nobody answered: the next would fare no better
            self._away = error
        self._fail(tag, type(error).__name__)

    def _fail(self, tag: object, reason: str) -> None:
        self.failed += 1
        self._on_failed(Failed(tag, reason))
