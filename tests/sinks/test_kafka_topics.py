"""Topics of both brokers: made once, counted, told apart from namesakes, and how far a group has come."""

import uuid

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from sinks.kafka import Failed, KafkaTopics, Sender, TopicSpec
from tests.conftest import Broker


def send(broker: Broker, topic: str, records: int) -> None:
    failed: list[Failed] = []
    with Sender(broker.access, topic, failed.append) as sender:
        for i in range(records):
            sender.send(b"key-%d" % i, b"value", tag=i)
    assert not failed


def test_missing_topics_are_made_and_existing_ones_left_as_they_are(broker: Broker, prefix: str) -> None:
    events, dead = f"{prefix}events", f"{prefix}dead-letters"
    with KafkaTopics(broker.access) as topics:
        assert topics.partitions([events, dead]) == {events: 0, dead: 0}

        assert topics.ensure([TopicSpec(events, 3, max_message_bytes=2_000_000)]) == {events: 3}
        again = topics.ensure([TopicSpec(events, 7), TopicSpec(dead, 1, retention_ms=60_000)])

        assert again == {events: 3, dead: 1}
        assert topics.partitions([events, dead, f"{prefix}none"]) == {events: 3, dead: 1, f"{prefix}none": 0}


@pytest.mark.kafka
def test_a_topic_gets_its_retention_and_its_largest_message(kafka_broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    with KafkaTopics(kafka_broker.access) as topics:
        topics.ensure([TopicSpec(name, 1, retention_ms=3_600_000, max_message_bytes=2_000_000)])

    admin = KafkaAdminClient(bootstrap_servers=kafka_broker.access.bootstrap_servers)
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    finally:
        admin.close()
    assert "'3600000'" in str(found)
    assert "'2000000'" in str(found)


def test_a_topic_made_anew_has_another_identity(broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    with KafkaTopics(broker.access) as topics:
        assert topics.topic_id(name) is None
        topics.ensure([TopicSpec(name, 1)])
        first = topics.topic_id(name)
        assert isinstance(first, uuid.UUID)
        assert topics.topic_id(name) == first

    admin = KafkaAdminClient(bootstrap_servers=broker.access.bootstrap_servers)
    try:
        admin.delete_topics([name])
        with KafkaTopics(broker.access) as topics:
            while topics.partitions([name])[name]:
                pass
            topics.ensure([TopicSpec(name, 1)])
            assert topics.topic_id(name) not in (None, first)
    finally:
        admin.close()


def test_the_end_of_a_topic_is_where_the_next_record_goes(broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    with KafkaTopics(broker.access) as topics:
        assert topics.end_offsets(name) == {}
        topics.ensure([TopicSpec(name, 2)])
        assert topics.end_offsets(name) == {0: 0, 1: 0}

        for records in (25, 1, 30):  # several batches: the end is not the beginning of the last one
            send(broker, name, records)

        assert sum(topics.end_offsets(name).values()) == 56


def test_a_group_that_never_came_has_committed_nothing_and_lags_by_all(broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    with KafkaTopics(broker.access) as topics:
        topics.ensure([TopicSpec(name, 2)])
        send(broker, name, 10)

        assert topics.committed(f"{prefix}nobody", name) == {}
        assert sum(topics.lag(f"{prefix}nobody", name).values()) == 10
