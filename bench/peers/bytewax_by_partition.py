"""Bytewax, keyed by Kafka partition: one step per fetched batch, with our whole book of a partition as state.

Offsets go to its recovery store at the end of each epoch (10 s, its default); the book itself would come back from
ClickHouse, as ours does.
"""

import time
from pathlib import Path
from typing import Any

from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from bench import events
from bench.brokers import PARTITIONS
from bench.peers.blocks import BLOCK, Blocks
from bench.peers.task import Stopwatch, Task, answer
from caseclock.memory import seldom_collected
from caseclock.worker import topic_names
from schemas.decode import decode
from streams.book import CaseBook, Flush
from streams.rules import Rules


class _Book(StatefulBatchLogic[list[bytes], Flush, None]):
    def __init__(self, rules: Rules) -> None:
        self._book = CaseBook(0, rules, 0)

    def on_batch(self, values: list[list[bytes]]) -> tuple[list[Flush], bool]:
        wall = time.time_ns() // 1000
        flushes = []
        for raws in values:
            batch = [decode(raw, wall) for raw in raws]
            self._book.take(batch, max(event["occurred_at"] for event in batch), wall)
            if self._book.unwritten_events >= BLOCK // PARTITIONS:
                flushes.append(self._drained(wall))
        return flushes, False

    def on_eof(self) -> tuple[list[Flush], bool]:
        return [self._drained(time.time_ns() // 1000)], False

    def _drained(self, wall: int) -> Flush:
        flush = self._book.drain(wall)
        self._book.settled(flush)
        return flush

    def snapshot(self) -> None:
        return None


class _Sink(DynamicSink[Any]):
    def __init__(self, blocks: Blocks, watch: Stopwatch) -> None:
        self.blocks, self.watch = blocks, watch
        self.told: dict[str, float] = {}

    def build(self, _step_id: str, _worker_index: int, _worker_count: int) -> "_SinkPartition":
        return _SinkPartition(self)


class _SinkPartition(StatelessSinkPartition[Any]):
    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def write_batch(self, items: list[tuple[str, Flush]]) -> None:
        for _, flush in items:
            self._sink.blocks.add_flush(flush)

    def close(self) -> None:
        self._sink.blocks.insert_flushes()
        self._sink.told = self._sink.watch.read()


def _flow(task: Task, prefix: str, blocks: Blocks) -> tuple[Dataflow, _Sink]:
    watch = Stopwatch()
    sink = _Sink(blocks, watch)

    def whole(batch: list[KafkaSourceMessage[bytes, bytes]]) -> list[tuple[str, list[bytes]]]:
        watch.start()
        by_partition: dict[int, list[bytes]] = {}
        for message in batch:
            by_partition.setdefault(message.partition or 0, []).append(message.value)
        return [(str(number), values) for number, values in by_partition.items()]

    flow = Dataflow("bench")
    source = KafkaSource([task.bootstrap_servers], [topic_names(prefix).events], tail=False, batch_size=5_000)
    records = op.input("records", flow, source)
    batches = op.flat_map_batch("whole", records, whole)
    flushes = op.stateful_batch("book", batches, lambda _: _Book(blocks.rules))
    op.output("rows", flushes, sink)
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
