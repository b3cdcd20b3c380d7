"""Making a Faust app with safe settings: no signals, no output, no files, no web server, nothing swallowed."""

from dataclasses import dataclass
from typing import Any, Protocol, cast

import faust
from faust.types import TopicT
from faust.types.auth import CredentialsT

from streams.faust_run import AgentEnded, StartTimeout, running
from streams.transport import SCHEME, Batching, Consumer, Ticket, Transport

__all__ = [
    "Access",
    "AgentEnded",
    "AppSettings",
    "CaseclockApp",
    "StartTimeout",
    "broker_urls",
    "credentials",
    "make_app",
    "running",
]


class Access(Protocol):
    """What a client must know of a cluster (`sinks.kafka.KafkaAccess` is one)."""

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, several separated by commas."""

    @property
    def security_protocol(self) -> str:
        """`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."""

    @property
    def sasl_mechanism(self) -> str | None:
        """`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`."""

    @property
    def sasl_username(self) -> str | None:
        """With the SASL protocols."""

    @property
    def sasl_password(self) -> str | None:
        """With the SASL protocols."""

    def ssl_context(self) -> Any:  # noqa: ANN401  # ssl.SSLContext | None, without importing ssl here
        """The TLS context of the protocols that need one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """The settings of a worker that have to do with Kafka; times in seconds.

    Attributes:
        group_id: the consumer group, also the beginning of the names of Faust's own topics.
        commit_interval: durable offsets are committed this often.
        session_timeout: a worker that is not heard of for so long is given up.
        rebalance_timeout: how long all workers have to give up their partitions.
        heartbeat_interval: how often a worker is heard of; also how soon it hears of a rebalance.
        max_poll_interval: a worker whose event loop stands still for so long leaves the group.
        poll_records: records fetched at once, over all partitions; the largest batch.
        fetch_bytes: bytes fetched of a partition at once.
        fetch_wait: see `Batching`.
        buffer_bytes: see `Batching`.
        release_seconds: see `Batching`; 0.4 of the rebalance timeout when `None`.
        topic_replicas: copies of Faust's own topics.
    """

    group_id: str
    commit_interval: float = 0.5
    session_timeout: float = 30.0
    rebalance_timeout: float = 30.0
    heartbeat_interval: float = 3.0
    max_poll_interval: float = 300.0
    poll_records: int = 5_000
    fetch_bytes: int = 4 * 1024 * 1024
    fetch_wait: float = 0.1
    buffer_bytes: int = 64 * 1024 * 1024
    release_seconds: float | None = None
    topic_replicas: int = 1


class CaseclockApp(faust.App):
    """A Faust app that knows batch topics and writes nothing to disk.

    Attributes:
        batching: what it asks of the transport; add release hooks before it starts.
    """

    def __post_init__(self) -> None:
        """Ask nothing of the transport yet; called by `mode` at the end of its own construction."""
        super().__post_init__()
        self.batching = Batching()

    @property
    def batch_consumer(self) -> Consumer:
        """The consumer, with its book of batches; there is none before the app starts."""
        return cast(Consumer, self.consumer)

    def mark_durable(self, ticket: Ticket) -> bool:
        """Say that every effect of a batch is durable: `Consumer.mark_durable`."""
        return self.batch_consumer.mark_durable(ticket)

    def batch_topic(self, name: str) -> TopicT:
        """Describe a topic whose records come as batches: its agents iterate over `Batch` objects.

        The topic must exist when the app starts.
        """
        self.batching.topics.add(name)
        return self.topic(name, key_serializer="raw", value_serializer="raw", internal=False)

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)

    def _create_directories(self) -> None:
        """Tables are kept in memory: no folder is needed, and none must appear where we are started."""


def make_app(access: Access, settings: AppSettings) -> CaseclockApp:
    """Make an app; define its topics, agents and timers, then run it.

    An agent or timer that raises crashes the whole app: `running` raises its exception.
    """
    release = settings.release_seconds
    app = CaseclockApp(
        settings.group_id,
        broker=broker_urls(access.bootstrap_servers),
        broker_credentials=credentials(access),
        broker_commit_interval=settings.commit_interval,
        broker_session_timeout=settings.session_timeout,
        broker_rebalance_timeout=settings.rebalance_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_request_timeout=max(60.0, settings.session_timeout),
        broker_max_poll_interval=settings.max_poll_interval,
        broker_max_poll_records=settings.poll_records,
        consumer_max_fetch_size=settings.fetch_bytes,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        producer_request_timeout=30.0,
        stream_wait_empty=True,
        agent_supervisor="mode.CrashingSupervisor",
        autodiscover=False,
        store="memory://",
        cache="memory://",
        topic_replication_factor=settings.topic_replicas,
        topic_allow_declare=True,
        web_enabled=False,
        web_bind="127.0.0.1",
        web_host="127.0.0.1",
        worker_redirect_stdouts=False,
        version=1,
    )
    app.batching = Batching(
        buffer_bytes=settings.buffer_bytes,
        fetch_wait_seconds=settings.fetch_wait,
        release_seconds=settings.rebalance_timeout * 0.4 if release is None else release,
    )
    return app


def broker_urls(bootstrap_servers: str) -> list[str]:
    """Turn `host:port,host:port` into the URLs that name our transport."""
    servers = [server.strip() for server in bootstrap_servers.replace(";", ",").split(",")]
    return [f"{SCHEME}://{server.removeprefix(SCHEME + '://')}" for server in servers if server]


def credentials(access: Access) -> CredentialsT | None:
    """Say in Faust's words how to prove who we are."""
    if access.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=access.sasl_mechanism or "PLAIN",
            username=access.sasl_username,
            password=access.sasl_password,
            ssl_context=access.ssl_context(),
        )
    if access.security_protocol == "SSL":
        return faust.SSLCredentials(access.ssl_context())
    return None
