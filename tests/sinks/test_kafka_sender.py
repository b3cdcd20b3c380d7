"""Every record is acknowledged or named, one by one."""

import pytest
from aiokafka.partitioner import murmur2

from caseclock.embedded.broker import embedded_broker
from sinks.kafka import Failed, KafkaAccess, KafkaTopics, KafkaUnavailable, Sender, TopicSpec
from sinks.kafka.sender import MAX_RECORD_BYTES
from tests.conftest import Broker


def test_all_records_are_acknowledged_on_the_partitions_of_their_keys(broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    failed: list[Failed] = []
    keys = [b"case-%d" % i for i in range(1_000)]
    with KafkaTopics(broker.access) as topics:
        topics.ensure([TopicSpec(name, 3)])

        with Sender(broker.access, name, failed.append, in_flight=100) as sender:
            for i, key in enumerate(keys):
                sender.send(key, b"value", tag=i, headers=[("source", b"test")])
            assert sender.acknowledged >= 900

        places = [(murmur2(key) & 0x7FFFFFFF) % 3 for key in keys]
        assert failed == []
        assert sender.acknowledged == 1_000
        assert sender.ends == {p: places.count(p) for p in range(3)}
        assert topics.end_offsets(name) == sender.ends


def test_a_record_that_is_too_large_is_named_and_the_others_go_on(broker: Broker, prefix: str) -> None:
    name = f"{prefix}events"
    failed: list[Failed] = []
    with KafkaTopics(broker.access) as topics:
        topics.ensure([TopicSpec(name, 1)])

    with Sender(broker.access, name, failed.append) as sender:
        for line, size in enumerate((10, MAX_RECORD_BYTES + 1, 10), start=1):
            sender.send(b"case", b"x" * size, tag=line)

    assert [f.tag for f in failed] == [2]
    assert "larger" in failed[0].reason
    assert (sender.acknowledged, sender.failed) == (2, 1)


def test_when_kafka_goes_away_every_record_is_named_and_the_sender_gives_up() -> None:
    failed: list[Failed] = []
    with embedded_broker() as broker:
        access = KafkaAccess(bootstrap_servers=broker.bootstrap_servers, connect_seconds=1.0)
        with KafkaTopics(access) as topics:
            topics.ensure([TopicSpec("events", 1)])
        sender = Sender(access, "events", failed.append, deliver_within=1.0)
        sender.send(b"case", b"before", tag="before")
        sender.flush()
        broker.process.kill()
        broker.process.wait()

        for i in range(5):
            sender.send(b"case", b"after", tag=i)
        with pytest.raises(KafkaUnavailable, match="does not answer"):
            sender.flush()
        sender.close()

    assert sender.acknowledged == 1
    assert [f.tag for f in failed] == [0, 1, 2, 3, 4]
