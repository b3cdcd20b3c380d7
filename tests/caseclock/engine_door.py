"""A small database of ours, open to clients of ClickHouse, in a process of its own: one has one engine."""

import argparse
import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caseclock.embedded.child import die_with_parent, end
from caseclock.embedded.clickhouse_http import clickhouse_http
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from tests.pipeline.command import ROOT, environment


@contextmanager
def engine_door(folder: Path) -> Iterator[int]:
    """Its port on 127.0.0.1, for as long as the block lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.caseclock.engine_door", str(folder / "store")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(folder, {}),
        preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            end(process, patience=10)


async def _serve(folder: Path) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with clickhouse_http(folder, 0) as where:
        sys.stdout.write(where.rpartition(":")[2] + "\n")
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    store = ClickHouse(f"chdb://{folder}")
    migrate(store)
    asyncio.run(_serve(folder))


if __name__ == "__main__":
    main()
