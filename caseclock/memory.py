"""Python's garbage collector, set for a process that keeps millions of objects for months.

Nothing of ours makes cycles as it works, so reference counts free what is done with. The collector would still
walk through all open cases again and again: it was the largest single cost of a worker (docs/benchmarks.md).
So what stands after loading is frozen, and young objects are looked at seldom.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (100_000, 50, 1_000)
"""New containers between looks at the youngest; those looks between looks at the middle; those at the old."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Collect and freeze what is there, and look seldom for cycles as long as the block lasts."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
