"""Holding on while a dependency is away: the second kind of failure (architecture rule 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from schemas.stored import Unavailable
from streams.metrics import Metric, Metrics

T = TypeVar("T")

PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts; the last one again and again."""


async def persist(attempt: Callable[[], Awaitable[T]], metrics: Metrics) -> T:
    """Try until it is done. Only ``Unavailable`` is waited for, everything else is a defect and raised."""
    pauses = iter(PAUSES)
    while True:
        try:
            return await attempt()
        except Unavailable as away:
            metrics.add(Metric.HELD, 1)
            metrics.tell(f"waiting: {away}")
            await asyncio.sleep(next(pauses, PAUSES[-1]))
