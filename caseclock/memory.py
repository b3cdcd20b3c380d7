"""Python's garbage collector, set for a process that keeps millions of objects for months.

Nothing of ours makes cycles as it works, so reference counts free what is done with. The collector would still
walk through all open cases again and again: it was the largest single cost of a worker (docs/benchmarks.md).
So what stands after loading is frozen, and young objects are looked at seldom.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG: Final = 100_000
"""New containers between looks at the youngest: of a worker, which nobody waits for."""
YOUNG_OF_A_BOARD: Final = 20_000
"""A look at 100,000 takes a tenth of a second, which a reader would wait for."""
_OLDER: Final = (50, 1_000)
"""Looks at the youngest between looks at the middle; those between looks at the old."""


@contextmanager
def seldom_collected(young: int = YOUNG) -> Iterator[None]:
    """Collect and freeze what is there, and look seldom for cycles as long as the block lasts.

    Args:
        young: new containers between two looks.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, *_OLDER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
