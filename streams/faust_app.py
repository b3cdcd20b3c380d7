"""Making a Faust app with safe settings, and running it inside a program that is not Faust's worker.

Faust's worker takes over signals, standard output, logging and the event loop. A replay, the demo and the
tests have those already: they run the app as a service among others, `async with running(app):`, and learn
of a crash by its exception, raised in their own block.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import faust
from faust.types import TopicT
from faust.types.auth import CredentialsT

from streams.transport import SCHEME, Batching, Consumer, Ticket, Transport

log = logging.getLogger(__name__)

_LOOK = 0.1  # seconds between looks at the app's health; some crashes come from threads and wake nobody


class AgentEnded(Exception):  # noqa: N818  # names what happened
    """An agent's body came to its end, though the app was to go on: nobody reads its topic any more."""


class StartTimeout(Exception):  # noqa: N818  # names what happened
    """The app was not ready in time: the message says what it waited for."""


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


@asynccontextmanager
async def running(
    app: faust.App, *, ready_within: float = 90.0, stop_within: float = 60.0
) -> AsyncIterator[faust.App]:
    """Run an app for as long as the block lasts; it is ready (partitions assigned) when the block begins.

    Args:
        app: not started before; an app runs once.
        ready_within: seconds until it must be ready.
        stop_within: seconds it gets to stop.

    Yields:
        The app.

    Raises:
        StartTimeout: when it is not ready in time.
        Exception: whatever crashed the app (an agent, a timer, the connection), in the place where the block
            is waiting.
    """
    try:
        await _start(app, ready_within)
        async with _crashes_raised(app):
            yield app
    finally:
        await _stop(app, stop_within)


async def _start(app: faust.App, seconds: float) -> None:
    starting = asyncio.ensure_future(app.start())
    try:
        await asyncio.wait({starting}, timeout=seconds)
    finally:
        ready = starting.done()
        if not ready:
            starting.cancel()
    if not ready:
        msg = f"the worker was not ready after {seconds:g} s: no partitions were assigned to it"
        raise StartTimeout(msg)
    if app.crash_reason is not None:
        raise app.crash_reason
    starting.result()


@asynccontextmanager
async def _crashes_raised(app: faust.App) -> AsyncIterator[None]:
    """Interrupt the block when the app has crashed, and raise the reason in the block's stead."""
    block = asyncio.current_task()
    interrupted = False

    async def watch() -> None:
        nonlocal interrupted
        while not app.should_stop and _ended(app) is None:  # noqa: ASYNC110  # see _LOOK
            await asyncio.sleep(_LOOK)
        interrupted = True
        if block is not None:
            block.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not interrupted or block is None or block.uncancel() > 0:
            raise
    finally:
        watching.cancel()
    if reason := app.crash_reason or _ended(app):
        raise reason


def _ended(app: faust.App) -> AgentEnded | None:
    for name, agent in app.agents.items():
        tasks: Sequence[Any] = [actor.actor_task for actor in agent._actors]
        if any(task is not None and task.done() for task in tasks):
            return AgentEnded(f"agent {name} has ended; it should run for as long as the worker")
    return None


async def _stop(app: faust.App, seconds: float) -> None:
    stopping = asyncio.ensure_future(app.stop())
    done, _ = await asyncio.wait({stopping}, timeout=seconds)
    if not done:
        stopping.cancel()
        log.error("The worker did not stop within %g s; what it left unfinished comes again", seconds)
        return
    if (failure := stopping.exception()) is not None:
        log.error("The worker stopped with %r", failure)
