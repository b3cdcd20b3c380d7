"""A worker as a process of its own: writes down each batch it has finished, then calls it durable.

Run as `python -m tests.streams.worker_process BOOTSTRAP GROUP TOPIC FILE SECONDS_A_BATCH`; ends on SIGTERM.
"""

import asyncio
import signal
import sys
from pathlib import Path

from faust.types import TP, StreamT

from sinks.kafka import KafkaAccess
from streams.faust_app import AppSettings, make_app, running
from streams.transport import Batch


async def work(bootstrap: str, group: str, topic: str, file: Path, seconds: float) -> None:
    """Work until SIGTERM; one line for each batch: partition, first offset, last offset, records."""
    settings = AppSettings(
        group_id=group, session_timeout=3.0, rebalance_timeout=6.0, heartbeat_interval=0.5, poll_records=500
    )
    app = make_app(KafkaAccess(bootstrap_servers=bootstrap), settings)
    busy = asyncio.Lock()
    ended = asyncio.Event()

    async def cases(batches: StreamT[Batch]) -> None:
        with file.open("a", buffering=1) as done:
            async for batch in batches:
                async with busy:
                    await asyncio.sleep(seconds)
                    done.write(f"{batch.tp.partition} {batch.first} {batch.last} {len(batch)}\n")
                    app.mark_durable(batch.ticket)

    async def finish(_partitions: frozenset[TP], _seconds: float) -> None:
        async with busy:
            pass

    app.agent(app.batch_topic(topic), name="cases")(cases)
    app.batching.release.append(finish)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with running(app):
        file.with_suffix(".ready").touch()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), float(sys.argv[5])))
