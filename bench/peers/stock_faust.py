"""Stock Faust: its aiokafka driver, an agent event by event, a table updated per event."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import faust

from bench import events
from bench.brokers import PARTITIONS
from bench.peers.blocks import Blocks, Held
from bench.peers.task import Stopwatch, Task, answer
from caseclock.memory import seldom_collected
from caseclock.worker import topic_names
from schemas.decode import decode
from sinks.kafka import KafkaAccess, KafkaTopics, TopicSpec
from streams.faust_app import running


async def _main(task: Task) -> None:
    blocks = Blocks(Path(task.folder), events.rules())
    name = f"stock-{uuid4().hex[:8]}"
    access = KafkaAccess(bootstrap_servers=task.bootstrap_servers)
    with KafkaTopics(access) as admin:  # Faust makes its changelog itself, but may not wait until it is there
        admin.ensure([TopicSpec(f"{name}-ledgers-changelog", PARTITIONS)])
    app = faust.App(
        name,
        broker=f"kafka://{task.bootstrap_servers}",
        store="memory://",
        topic_partitions=PARTITIONS,
        topic_replication_factor=1,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        autodiscover=False,
        worker_redirect_stdouts=False,
    )
    topic = app.topic(topic_names(task.prefix).events, key_serializer="raw", value_serializer="raw")
    table = app.Table("ledgers", key_type=bytes, value_type=bytes, partitions=PARTITIONS)
    watch, done = Stopwatch(), asyncio.Event()
    warm_up = sum(task.warm_ends.values())
    told: dict[str, Any] = {}

    @app.agent(topic)
    async def fold(records: Any) -> None:  # noqa: ANN401  # a stream
        seen = latest = 0
        hot: dict[str, Held] = {}
        async for raw in records:
            now = time.time_ns() // 1000
            event = decode(raw, now)
            case_id, at = event["case_id"], event["occurred_at"]
            held = hot.get(case_id)
            if held is None:
                held = hot[case_id] = Held(blocks.rules)
            latest = max(latest, at)
            if held.take(event, latest):
                table[case_id.encode()] = held.ledger
                blocks.add(event, held, now)
            seen += 1
            if seen == warm_up:
                blocks.insert(now)
                watch.start()
            elif seen == warm_up + task.events:
                blocks.insert(now)
                told.update(watch.read())
                done.set()

    with seldom_collected():
        async with running(app, ready_within=180.0):
            await done.wait()
    answer(events=task.events, stored=blocks.counts(), **told)
    blocks.close()


if __name__ == "__main__":
    asyncio.run(_main(Task.given()))
