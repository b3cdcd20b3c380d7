"""Topics: made when missing, counted, told apart from a namesake made anew; and how far a group has come."""

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaTimeoutError,
    NotCoordinatorError,
)

from sinks.kafka.access import KafkaAccess

_ALREADY_EXISTS = 36  # error codes of the Kafka protocol
_UNKNOWN_TOPIC = 3


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it shall be made; one that exists already is left as it is.

    Attributes:
        name: full name, with the prefix.
        partitions: how many; for the events also the largest number of workers.
        retention_ms: how long records are kept, milliseconds; the broker's default when `None`.
        max_message_bytes: the largest record batch the broker takes, bytes; its default when `None`.
        replication: copies; -1 is the broker's default.
    """

    name: str
    partitions: int
    retention_ms: int | None = None
    max_message_bytes: int | None = None
    replication: int = -1

    def configs(self) -> dict[str, str]:
        """Give the topic's own settings in Kafka's words."""
        wanted = {"retention.ms": self.retention_ms, "max.message.bytes": self.max_message_bytes}
        return {name: str(value) for name, value in wanted.items() if value is not None}


class KafkaTopics:
    """Questions and orders to a cluster about its topics; every call blocks, use it off the event loop.

    A context manager: the connection is made on entry and closed on exit. Every method raises
    `KafkaUnavailable` when the cluster does not answer.
    """

    def __init__(self, access: KafkaAccess) -> None:
        self._access = access
        with access.told_in_one_line():
            self._admin = KafkaAdminClient(
                bootstrap_timeout_ms=int(access.connect_seconds * 1000), **access.client_options()
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def ensure(self, specs: Iterable[TopicSpec]) -> dict[str, int]:
        """Make the topics that are missing; two who do it at once do no harm.

        Returns:
            The number of partitions each has now: of an existing topic its own, whatever was asked for.
        """
        specs = list(specs)
        counts = self.partitions(spec.name for spec in specs)
        missing = [spec for spec in specs if not counts[spec.name]]
        if not missing:
            return counts
        orders = {
            spec.name: {
                "num_partitions": spec.partitions,
                "replication_factor": spec.replication,
                "configs": spec.configs(),
            }
            for spec in missing
        }
        with self._access.told_in_one_line():
            answer = self._admin.create_topics(orders, raise_errors=False)
            for topic in answer["topics"]:
                if topic["error_code"] not in (0, _ALREADY_EXISTS):
                    msg = f"topic {topic['name']} cannot be made: {topic['error_message']}"
                    raise KafkaTimeoutError(msg)
            self._admin.wait_for_topics(list(orders))
        return counts | self.partitions(orders)

    def partitions(self, names: Iterable[str]) -> dict[str, int]:
        """Count the partitions of topics; 0 where there is no such topic."""
        return {name: len(topic["partitions"]) for name, topic in self._describe(names).items()}

    def topic_id(self, name: str) -> uuid.UUID | None:
        """Give the identity of a topic, which changes when one of the same name is made anew.

        Kafka has given every topic a UUID since 2.8 (KIP-516), Tansu too. Where a broker tells none, the
        answer is a new random UUID each time: an insert repeated after a restart is then not recognised by
        its token and left to the tables' keys, but records of a topic made anew are never taken for those
        of its predecessor, which would lose them.

        Returns:
            The identity, or `None` when there is no such topic.
        """
        topic = self._describe([name])[name]
        if not topic["partitions"]:
            return None
        told = topic.get("topic_id")
        known = uuid.UUID(str(told)) if told else uuid.UUID(int=0)
        return known if known.int else uuid.uuid4()

    def end_offsets(self, name: str, *, within: float = 10.0) -> dict[int, int]:
        """Ask where each partition ends: the offset its next record will get.

        Read from a fetch, not from the list of offsets: Tansu's "latest" there is the first offset of the
        last batch (measured), its high watermark is right.

        Args:
            name: the topic.
            within: seconds until it must be known.

        Returns:
            By partition; empty when there is no such topic.
        """
        partitions = [TopicPartition(name, p) for p in range(self.partitions([name])[name])]
        if not partitions:
            return {}
        deadline = time.monotonic() + within
        with self._access.told_in_one_line():
            reader = KafkaConsumer(
                group_id=None,
                enable_auto_commit=False,
                fetch_max_wait_ms=20,
                max_poll_records=1,
                **self._access.client_options(),
            )
            try:
                reader.assign(partitions)
                reader.seek_to_end()
                while True:
                    reader.poll(timeout_ms=50)
                    ends = {p.partition: reader.highwater(p) for p in partitions}
                    known = {p: int(end) for p, end in ends.items() if end is not None}
                    if len(known) == len(partitions):
                        return known
                    if time.monotonic() > deadline:
                        msg = f"the end of {name} is not known after {within:g} s"
                        raise KafkaTimeoutError(msg)
            finally:
                reader.close(autocommit=False)

    def committed(self, group: str, name: str, *, within: float = 10.0) -> dict[int, int]:
        """Ask what a consumer group has committed on a topic: the offset it will go on with.

        Returns:
            By partition; those it never committed are absent.
        """
        deadline = time.monotonic() + within
        with self._access.told_in_one_line():
            while True:
                try:
                    offsets = self._admin.list_group_offsets(group)[group]
                    break
                except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                    # a cluster's first group: the topic that keeps offsets is just being made
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)
        return {
            tp.partition: int(o.offset) for tp, o in offsets.items() if tp.topic == name and o.offset >= 0
        }

    def lag(self, group: str, name: str) -> dict[int, int]:
        """Count the records of each partition that a group has not committed yet.

        A partition it never committed counts from offset 0, so records already past retention count too.
        """
        committed = self.committed(group, name)
        return {p: max(end - committed.get(p, 0), 0) for p, end in self.end_offsets(name).items()}

    def _describe(self, names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        names = list(names)
        nothing: Mapping[str, Any] = {"partitions": (), "topic_id": None}
        with self._access.told_in_one_line():
            known = {topic["name"]: topic for topic in self._admin.describe_topics(names)}
        return {name: known.get(name, nothing) for name in names}
