"""Commands as processes of their own, and events for them."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from caseclock.settings import KafkaSettings, Settings
from caseclock.worker import ensure_topics, topic_names
from sinks.kafka import KafkaAccess, KafkaTopics
from tests.conftest import Broker
from tests.pipeline.command import environment
from tests.pipeline.kit import records_of

PARTITIONS: Final = 2
SECRET: Final = "Nguyen-Thi-Bi-Mat"
NOBODY: Final = Broker("none", KafkaAccess(bootstrap_servers="127.0.0.1:1"), 1.0)
"""A broker at an address where every connection is refused."""


def event(case_id: str, event_id: str = "e1", **fields: Any) -> bytes:
    """A receipt that can be read; fields replace its own."""
    return json.dumps(
        {
            "event_id": event_id,
            "type": "received",
            "case_id": case_id,
            "occurred_at": "2025-03-03T09:00:00+07:00",
            "source": "office",
            "schema_version": 1,
            "unit_id": "W1",
            "procedure_code": "P1",
            "kind": "dossier",
            "channel": "counter",
            **fields,
        }
    ).encode()


def settings_of(broker: Broker, prefix: str) -> Settings:
    """Settings with nothing of the machine's, for calls in the test's own process."""
    kafka = KafkaSettings(
        bootstrap_servers=broker.access.bootstrap_servers, topic_prefix=prefix, group_id=f"{prefix}group"
    )
    return Settings(kafka=kafka)


def variables(broker: Broker, prefix: str, **more: Any) -> dict[str, Any]:
    """The same for a process: names after `CASECLOCK_`, and values."""
    return {
        "KAFKA__BOOTSTRAP_SERVERS": broker.access.bootstrap_servers,
        "KAFKA__TOPIC_PREFIX": prefix,
        "KAFKA__GROUP_ID": f"{prefix}group",
        "KAFKA__CONNECT_SECONDS": 1 if broker is NOBODY else 10,
        "WORKER__PARTITIONS": PARTITIONS,
        "WORKER__SESSION_TIMEOUT_S": 6,
        "WORKER__REBALANCE_TIMEOUT_S": 6,
        **more,
    }


def caseclock(
    folder: Path, *words: str, settings: Mapping[str, Any], given: bytes | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "caseclock", *words],
        cwd=folder,
        env=environment(folder, settings),
        input=given,
        capture_output=True,
        check=False,
        timeout=90,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def make_topics(broker: Broker, prefix: str) -> None:
    with KafkaTopics(broker.access) as admin:
        ensure_topics(admin, topic_names(prefix), PARTITIONS)


def records(broker: Broker, topic: str) -> list[ConsumerRecord]:
    """Everything in a topic; nothing where it is not there."""
    with KafkaTopics(broker.access) as admin:
        if not admin.partitions([topic])[topic]:
            return []
    return records_of(broker, topic)


def group_is_known(broker: Broker, prefix: str) -> None:
    """Ask for a group once: a cluster's first one makes the topic that keeps offsets, which takes a moment."""
    reader = KafkaConsumer(group_id=f"{prefix}group", **broker.access.client_options())
    reader.committed(TopicPartition(topic_names(prefix).events, 0))
    reader.close(autocommit=False)
