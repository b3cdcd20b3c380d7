"""Bytewax, keyed by case: its Kafka connector, `stateful_map` with a case as state, a sink that inserts blocks.

Offsets and the changed cases' packed events go to its recovery store at the end of each epoch (10 s, its default):
that is how it keeps its place.
"""

import time
from pathlib import Path
from typing import Any

from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from bench import events
from bench.peers.blocks import Blocks, Held
from bench.peers.task import Stopwatch, Task, answer
from caseclock.memory import seldom_collected
from caseclock.worker import topic_names
from schemas.decode import decode

Changed = tuple[str, tuple[Any, Held]]


class _Sink(DynamicSink[Any]):
    def __init__(self, blocks: Blocks, watch: Stopwatch) -> None:
        self.blocks, self.watch = blocks, watch
        self.told: dict[str, float] = {}

    def build(self, _step_id: str, _worker_index: int, _worker_count: int) -> "_SinkPartition":
        return _SinkPartition(self)


class _SinkPartition(StatelessSinkPartition[Any]):
    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def write_batch(self, items: list[Changed]) -> None:
        now, add = time.time_ns() // 1000, self._sink.blocks.add
        for _, (event, held) in items:
            add(event, held, now)

    def close(self) -> None:
        self._sink.blocks.insert(time.time_ns() // 1000)
        self._sink.told = self._sink.watch.read()


def _flow(task: Task, prefix: str, blocks: Blocks) -> tuple[Dataflow, _Sink]:
    watch, rules = Stopwatch(), blocks.rules
    sink = _Sink(blocks, watch)
    latest = 0

    def read(batch: list[KafkaSourceMessage[bytes, bytes]]) -> list[tuple[str, Any]]:
        watch.start()
        now = time.time_ns() // 1000
        read = [decode(message.value, now) for message in batch]
        return [(event["case_id"], event) for event in read]

    def take(held: Held | bytes | None, event: Any) -> tuple[Held, Any]:  # noqa: ANN401  # an event
        nonlocal latest
        if held is None:
            held = Held(rules)
        elif isinstance(held, bytes):
            held = Held.again(held, rules, latest)
        latest = max(latest, event["occurred_at"])
        return held, (event, held) if held.take(event, latest) else None

    flow = Dataflow("bench")
    source = KafkaSource([task.bootstrap_servers], [topic_names(prefix).events], tail=False, batch_size=5_000)
    records = op.input("records", flow, source)
    decoded = op.flat_map_batch("decode", records, read)
    folded = op.stateful_map("fold", decoded, take)
    new = op.filter("new", folded, lambda item: item[1] is not None)
    op.output("rows", new, sink)
    return flow, sink


def _main(task: Task) -> None:
    blocks = Blocks(Path(task.folder), events.rules())
    run_main(_flow(task, task.warm, blocks)[0])
    kept = Path(task.folder) / "recovery"
    kept.mkdir()
    init_db_dir(kept, 1)
    with seldom_collected():
        flow, sink = _flow(task, task.prefix, blocks)
        run_main(flow, recovery_config=RecoveryConfig(kept))
    answer(events=task.events, stored=blocks.counts(), **sink.told)
    blocks.close()


if __name__ == "__main__":
    _main(Task.given())
