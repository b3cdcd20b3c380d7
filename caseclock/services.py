"""Where Kafka and ClickHouse come from: embedded ones, started here, or those of the settings.

This is the one place that knows the difference.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from caseclock.embedded.broker import embedded_broker
from caseclock.settings import Settings
from sinks.clickhouse.client import ClickHouse
from sinks.kafka import KafkaAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a worker runs on.

    Attributes:
        access, prefix, group_id: the cluster, the beginning of the topics' names, the consumer group.
        store: ClickHouse, open.
        embedded: whether the broker is the embedded one.
    """

    access: KafkaAccess
    prefix: str
    group_id: str
    store: ClickHouse
    embedded: bool


@contextmanager
def embedded(settings: Settings) -> Iterator[Services]:
    """A broker in memory, and the embedded engine in the settings' folder or in one that is gone afterwards."""
    with ExitStack() as stack:
        broker = stack.enter_context(embedded_broker())
        folder = settings.clickhouse.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="caseclock-")))
        store = ClickHouse(f"chdb://{folder}")
        stack.callback(store.close)
        yield Services(
            access=KafkaAccess(bootstrap_servers=broker.bootstrap_servers),
            prefix="caseclock.",
            group_id="caseclock",
            store=store,
            embedded=True,
        )


@contextmanager
def real(settings: Settings) -> Iterator[Services]:
    """Kafka and ClickHouse of the settings."""
    store = open_store(settings)
    try:
        yield Services(
            access=settings.kafka.access(),
            prefix=settings.kafka.topic_prefix,
            group_id=settings.kafka.group_id,
            store=store,
            embedded=False,
        )
    finally:
        store.close()


@contextmanager
def apart(settings: Settings) -> Iterator[Services]:
    """The settings' Kafka and ClickHouse, under a topic prefix, group and database of their own."""
    name = f"replay_{uuid4().hex[:8]}"
    clickhouse = settings.clickhouse
    url = clickhouse.url if clickhouse.folder else f"{clickhouse.url.rstrip('/')}_{name}"
    store = ClickHouse(url, _password(settings))
    try:
        yield Services(
            access=settings.kafka.access(),
            prefix=f"{settings.kafka.topic_prefix}{name}.",
            group_id=f"{settings.kafka.group_id}-{name}",
            store=store,
            embedded=False,
        )
    finally:
        store.close()


def open_store(settings: Settings) -> ClickHouse:
    """ClickHouse of the settings."""
    return ClickHouse(settings.clickhouse.url, _password(settings))


def _password(settings: Settings) -> str | None:
    password = settings.clickhouse.password
    return password.get_secret_value() if password else None
