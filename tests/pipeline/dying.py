"""`caseclock`, killed with -9 at one of its inserts into ClickHouse.

Run as `python -m tests.pipeline.dying NUMBER WHEN ARGUMENTS…`: at insert NUMBER of rows of events, cases or
units, counted from 1, `before` it begins, `after` it was confirmed, or so many milliseconds into it.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from caseclock.cli import main
from sinks.clickhouse.client import ClickHouse

COUNTED: Final = ("events", "cases", "unit_days", "unit_now")


def die() -> None:
    """As `kill -9` does it: nothing of ours runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(number: int, when: str) -> None:
    """Arm every connection of this process."""
    insert = ClickHouse.insert
    inserts = count(1)

    def armed(
        store: ClickHouse, table: str, types: Mapping[str, str], rows: Sequence[tuple[Any, ...]], token: str
    ) -> None:
        last = bool(rows) and table in COUNTED and next(inserts) == number
        if last and when == "before":
            die()
        if last and when != "after":
            threading.Timer(int(when) / 1000, die).start()
        insert(store, table, types, rows, token)
        if last:
            die() if when == "after" else threading.Event().wait()

    ClickHouse.insert = armed  # type: ignore[method-assign, assignment]  # what it writes stays what it is


if __name__ == "__main__":
    die_at(int(sys.argv[1]), sys.argv[2])
    sys.exit(main(sys.argv[3:]))
