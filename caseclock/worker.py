"""The wiring of one worker: Kafka, store, rules and clock become a running Faust app.

The only place that knows whether the services are embedded is who calls it; from here on they are the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from faust.types import TP

from caseclock.answering import Answers, NotedOutbox, NotedStore
from caseclock.memory import seldom_collected
from caseclock.settings import WorkerSettings
from schemas.stored import OutRecord, Unavailable
from sinks.kafka import BulkSender, KafkaAccess, KafkaTopics, KafkaUnavailable, NotConfirmed, TopicSpec
from streams.agents import define_agents
from streams.engine import Engine, EngineSettings, Topics
from streams.faust_app import AppSettings, CaseclockApp, make_app, running
from streams.lander import DeadLetterRows, Lander, UnitRows
from streams.metrics import Metrics
from streams.ports import CaseStore, Clock
from streams.rules import Rules
from streams.summaries import Summaries, SummaryStore
from streams.units import UnitBoard

DEAD_LETTERS_KEPT_MS = 7 * 24 * 3600 * 1000
"""The retention of the dead-letters topic (domain §2): the original bytes are gone after a week."""
EMBEDDED_SESSION_SECONDS, EMBEDDED_REBALANCE_SECONDS = 3.0, 1.0
"""The embedded broker keeps a joining worker waiting for half of the session timeout; there is only one worker."""
LARGEST_RECORD = 4_000_000
"""Bytes of the largest record batch: a line of a megabyte with its headers fits."""
LARGEST_DEAD_LETTER = LARGEST_RECORD + 100_000
"""Room for the reason beside the largest record: one that could not be buried would stop every worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerParts:
    """A running worker, for those who look at it.

    Attributes:
        began_us: when it began to count, µs UTC; its metrics hold everything since then.
    """

    began_us: int
    app: CaseclockApp
    topics: Topics
    engine: Engine
    units: Lander
    dead_letters: Lander
    metrics: Metrics
    answers: Answers


def topic_names(prefix: str) -> Topics:
    """The topics' full names."""
    return Topics(
        events=f"{prefix}events",
        dead_letters=f"{prefix}dead-letters",
        unit_partials=f"{prefix}unit-partials",
    )


def ensure_topics(admin: KafkaTopics, topics: Topics, partitions: int) -> int:
    """Make the topics that are missing. Returns how many partitions the topic of events has."""
    counts = admin.ensure(
        [
            TopicSpec(topics.events, partitions, max_message_bytes=LARGEST_RECORD),
            TopicSpec(topics.dead_letters, 1, DEAD_LETTERS_KEPT_MS, LARGEST_DEAD_LETTER),
            TopicSpec(topics.unit_partials, 1, 3600 * 1000, LARGEST_RECORD),
        ]
    )
    return counts[topics.events]


class KafkaOutbox:
    """Sends through a bulk producer and names its failures as the engine knows them."""

    def __init__(self, sender: BulkSender) -> None:
        self._sender = sender

    async def send(self, topic: str, records: Sequence[OutRecord]) -> None:
        """Return when all are confirmed; ``Unavailable`` when they are not."""
        try:
            await self._sender.send(
                topic,
                [record.key for record in records],
                [record.value for record in records],
                headers=[list(record.headers) for record in records],
            )
        except (NotConfirmed, KafkaUnavailable) as away:
            raise Unavailable(str(away)) from away


@asynccontextmanager
async def worker(  # everything a worker is wired from
    *,
    access: KafkaAccess,
    prefix: str,
    group_id: str,
    rules: Rules,
    store: CaseStore,
    clock: Clock,
    settings: WorkerSettings,
    embedded: bool = False,
    summary_store: SummaryStore | None = None,
) -> AsyncIterator[WorkerParts]:
    """Run a worker for as long as the block lasts; a defect in it is raised in the block.

    Args:
        access: the cluster.
        prefix: the beginning of the topics' names.
        group_id: the consumer group.
        rules: what the engine judges by.
        store: where rows go and cases are found again.
        clock: real time, or a replay's moment.
        settings: sizes and times.
        embedded: the broker is the embedded one: it knows no idempotent producers, and has a single worker.
        summary_store: where summaries are kept, over a connection that nobody else writes through; None: none are made.
    """
    topics = topic_names(prefix)
    partitions, topic_id = await asyncio.to_thread(_make_topics, access, topics, settings.partitions)
    began_us, metrics, answers = time.time_ns() // 1000, Metrics(), Answers()
    store = NotedStore(store, answers)
    async with BulkSender(access, idempotent=not embedded) as sender:
        engine = Engine(
            rules=rules,
            store=store,
            outbox=NotedOutbox(KafkaOutbox(sender), answers),
            clock=clock,
            topics=topics,
            topic_id=topic_id,
            partitions=partitions,
            settings=EngineSettings(
                batch_rows=settings.batch_rows,
                batch_seconds=settings.batch_ms / 1000,
                hot_cases=settings.hot_cases,
            ),
            metrics=metrics,
        )
        units = Lander(UnitRows(UnitBoard(rules), store, clock, metrics), clock, metrics)
        dead_letters = Lander(DeadLetterRows(store), clock, metrics)
        app = make_app(
            access,
            AppSettings(
                group_id=group_id,
                session_timeout=EMBEDDED_SESSION_SECONDS if embedded else settings.session_timeout_s,
                heartbeat_interval=0.5 if embedded else 3.0,
                rebalance_timeout=EMBEDDED_REBALANCE_SECONDS if embedded else settings.rebalance_timeout_s,
                release_seconds=settings.rebalance_timeout_s * 0.4,
            ),
        )
        define_agents(app, topics, engine, units, dead_letters)
        if summary_store is not None:
            summaries = Summaries(summary_store, clock, metrics)
            _summarise(app, summaries, topics.unit_partials)
        async with running(app):
            with seldom_collected():
                yield WorkerParts(
                    began_us=began_us,
                    app=app,
                    topics=topics,
                    engine=engine,
                    units=units,
                    dead_letters=dead_letters,
                    metrics=metrics,
                    answers=answers,
                )


def _summarise(app: CaseclockApp, summaries: Summaries, topic: str) -> None:
    """Let the worker that owns the agent ``units`` make the summaries."""
    app.task(summaries.run)

    async def own(_app: object, assigned: set[TP], **_: object) -> None:
        summaries.own(any(tp.topic == topic for tp in assigned))

    async def give_up(_app: object, _revoked: set[TP], **_: object) -> None:
        summaries.own(False)

    app.on_partitions_assigned.connect(cast(Any, own))
    app.on_partitions_revoked.connect(cast(Any, give_up))


def _make_topics(access: KafkaAccess, topics: Topics, partitions: int) -> tuple[int, str]:
    with KafkaTopics(access) as admin:
        return ensure_topics(admin, topics, partitions), str(admin.topic_id(topics.events))
