"""The broker to measure on: Apache Kafka, and only where that cannot be had the embedded one, told loudly."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kafka import KafkaAdminClient

from bench.events import Sent
from caseclock.embedded.broker import embedded_broker
from caseclock.worker import ensure_topics, topic_names
from sinks.kafka import BulkSender, KafkaAccess, KafkaTopics
from streams.partitioner import partitions_of
from tests.kafka_server import VERSION, KafkaMissingError, kafka_server

PARTITIONS = 8
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker.

    Attributes:
        name: for the results.
        access: how to reach it.
        embedded: it is the embedded one: its figures are not those of Apache Kafka.
    """

    name: str
    access: KafkaAccess
    embedded: bool


@contextmanager
def broker() -> Iterator[Broker]:
    """Run one for as long as the block lasts."""
    try:
        with kafka_server() as server:
            yield Broker(
                f"Apache Kafka {VERSION}", KafkaAccess(bootstrap_servers=server.bootstrap_servers), False
            )
            return
    except KafkaMissingError as missing:
        why = str(missing)
    print(f"\n!!! NOT ON APACHE KAFKA: {why}.\n!!! Measuring on the embedded broker.\n", file=sys.stderr)
    with embedded_broker() as small:
        yield Broker(
            "embedded broker (no Apache Kafka)", KafkaAccess(bootstrap_servers=small.bootstrap_servers), True
        )


async def fill(on: Broker, prefix: str, events: Sequence[Sent]) -> dict[int, int]:
    """Make the topics of a worker under a prefix and send the events; by partition the end offset."""
    topics = topic_names(prefix)
    with KafkaTopics(on.access) as admin:
        ensure_topics(admin, topics, PARTITIONS)
    ends: dict[int, int] = {}
    async with BulkSender(on.access, idempotent=not on.embedded) as sender:
        for start in range(0, len(events), _CHUNK):
            part = events[start : start + _CHUNK]
            keys = [each.key for each in part]
            to = partitions_of(keys, PARTITIONS).tolist()
            values = [each.value for each in part]
            ends |= await sender.send(topics.events, keys, values, partitions=to)
    return ends


def clear_small_topics(on: Broker, prefix: str) -> None:
    """Delete what a worker before has left in the topics beside that of the events."""
    topics = topic_names(prefix)
    admin = KafkaAdminClient(**on.access.client_options())
    try:
        admin.delete_topics([topics.unit_partials, topics.dead_letters])
    finally:
        admin.close()
