"""Two workers of one group on Apache Kafka; one is killed with -9. The numbers are those of one worker."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.clickhouse_server import RunningServer
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.judged import wrong_by_now
from tests.pipeline.kit import (
    PARTITIONS,
    Stage,
    committed,
    make_topics,
    send,
    until,
    until_committed,
    until_right,
)
from tests.pipeline.processes import SESSION_SECONDS, workers

PIECES: Final = 40
A_PIECE_EVERY: Final = 0.1
RECORDS_READ: Final = "caseclock_records_total"
DUPLICATES: Final = "caseclock_duplicate_events_total"
UNCOMMITTED_SECONDS: Final = 2.0
"""Committed offsets are never more behind what is done."""


def distinct(events: Sequence[Event]) -> list[Event]:
    """Each content once: whatever is a duplicate then was read twice."""
    return list({canonical({**event, "recorded_at": None}): event for event in events}.values())


async def send_steadily(stage: Stage, events: Sequence[Event]) -> dict[int, int]:
    ends: dict[int, int] = {}
    size = len(events) // PIECES + 1
    for start in range(0, len(events), size):
        ends |= await send(stage, events[start : start + size])
        await asyncio.sleep(A_PIECE_EVERY)
    return ends


@pytest.mark.kafka
async def test_one_is_killed_and_only_what_was_in_flight_is_read_again(
    real: Stage, clickhouse: RunningServer, tmp_path: Path
) -> None:
    city, _ = histories.random_city(51, cases=150)
    events = distinct(city)
    a_second = len(events) / (PIECES * A_PIECE_EVERY)
    await make_topics(real)
    with workers(real, clickhouse.url(real.store.database), tmp_path, 2) as (one, two):
        one.start()
        two.start()
        await until(lambda: len(one.partitions()) == len(two.partitions()) == PARTITIONS // 2, 60.0)
        mine, theirs = one.partitions(), two.partitions()
        assert sorted(mine + theirs) == list(range(PARTITIONS))
        sending = asyncio.create_task(send_steadily(real, events))
        await until(lambda: two.counted(RECORDS_READ) > len(events) / 8)

        two.kill()
        killed = time.monotonic()
        at_the_kill = await committed(real)
        ends = await sending
        await until_committed(real, ends, within=40.0)
        took_over = time.monotonic() - killed
        await until_right(lambda: wrong_by_now(real.store, events))

        to_be_read = sum(ends[p] for p in mine) + sum(ends[p] - at_the_kill.get(p, 0) for p in theirs)
        read, again = one.counted(RECORDS_READ), one.counted(DUPLICATES)
    print(
        f"{len(events)} events, {a_second:.0f}/s; after the kill {again:.0f} that were done came again, "
        f"all done {took_over:.1f} s after it"
    )
    assert 0 <= read - to_be_read <= a_second * UNCOMMITTED_SECONDS
    assert again <= a_second * UNCOMMITTED_SECONDS
    assert took_over < 2 * SESSION_SECONDS + PIECES * A_PIECE_EVERY
