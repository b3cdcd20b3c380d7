"""Nothing arrives, time passes: what falls due is on the board within a second."""

import asyncio
import time
from typing import Final

from tests.oracle import story
from tests.oracle.model import Event
from tests.pipeline.judged import cases_of, everything_wrong, rows_of, wrong_units
from tests.pipeline.kit import (
    HandClock,
    Stage,
    at_work,
    make_topics,
    send,
    until,
    until_committed,
    until_right,
)

A_SECOND: Final = 1.0
DUE: Final = "2025-03-05 10:00"


def open_cases(count: int) -> list[Event]:
    """Cases of the ward, promised for the same moment; one in ten stands still and must not fall due."""
    events: list[Event] = []
    for n in range(count):
        told = story.Story(f"C{n}").then("received", "2025-03-03 09:00", due_at=DUE)
        if n % 10 == 0:
            told.then("suspended", "2025-03-04 09:00")
        events += told.events
    return events


def city_now(stage: Stage, column: str) -> int:
    (row,) = rows_of(stage.store, f"SELECT {column} AS n FROM v_units_now WHERE unit_id = '*'")
    return int(row["n"])


async def passes(stage: Stage, column: str, count: int) -> float:
    """Wait for a number on the board; gives the seconds it took."""
    began = time.monotonic()
    await until(lambda: city_now(stage, column) == count, within=10.0)
    return time.monotonic() - began


async def test_cases_that_fall_due_while_nothing_arrives_are_overdue_within_a_second(embedded: Stage) -> None:
    events = open_cases(1_000)
    due = story.at(DUE)
    clock = HandClock(story.at("2025-03-05 09:00"))
    await make_topics(embedded)
    ends = await send(embedded, events)
    async with at_work(embedded, clock, "instant"):
        await until_committed(embedded, ends)
        await until_right(lambda: wrong_units(embedded.store, events, clock.at, "instant"))
        assert (city_now(embedded, "due_soon"), city_now(embedded, "suspended")) == (900, 100)

        clock.at = due  # on the dot is in time
        await asyncio.sleep(A_SECOND)
        assert city_now(embedded, "overdue") == 0
        clock.at = due + 1
        took = await passes(embedded, "overdue", 900)

        assert city_now(embedded, "suspended") == 100
    print(f"900 cases overdue on the board {took:.3f} s after they fell due")
    assert took < A_SECOND


async def test_one_case_after_another_changes_its_column_with_the_clock_alone(embedded: Stage) -> None:
    told = story.Story("C1").then("registered", "2025-03-03 09:00", unit_id="desk", kind="feedback")
    promised = story.Story("C2").then(
        "received", "2025-03-03 09:00", unit_id="desk", due_at="2025-03-04 09:00"
    )
    later = story.Story("C3").then("received", "2025-03-04 12:00", unit_id="desk")
    clock = HandClock(story.at("2025-03-03 10:00"))
    await make_topics(embedded)
    ends = await send(embedded, told.events + promised.events + later.events)
    moments = (
        ("2025-03-03 17:00:00.000001", "awaiting_overdue"),  # eight hours after it was handed in
        ("2025-03-04 01:00", "due_soon"),  # eight hours before it is due
        ("2025-03-04 09:00:00.000001", "overdue"),
        ("2025-03-04 12:00", "no_deadline"),  # told already, takes effect when its time comes
    )
    async with at_work(embedded, clock, "instant"):
        await until_committed(embedded, ends)
        await passes(embedded, "in_time", 1)
        for moment, column in moments:
            clock.at = story.at(moment) - 1
            await asyncio.sleep(0.3)
            assert city_now(embedded, column) == 0, moment
            clock.at += 1
            assert await passes(embedded, column, 1) < A_SECOND, moment


async def test_a_case_that_outlives_its_calendar_says_so_in_its_row(embedded: Stage) -> None:
    events = (
        story.Story().then("received", "2025-04-28 09:00", unit_id="short", due_at="2025-05-20 10:00").events
    )
    clock = HandClock(story.at("2025-04-29 09:00"))
    await make_topics(embedded)
    ends = await send(embedded, events)

    async with at_work(embedded, clock):
        await until_committed(embedded, ends)
        assert "beyond_calendar" not in cases_of(embedded.store, clock.at)
        clock.at = story.at("2025-05-03 00:00:00.000001")  # nobody knows a day after the second of May
        await passes(embedded, "anomalies", 1)

        await until_right(lambda: everything_wrong(embedded.store, events, clock.at, "one_stop"))
