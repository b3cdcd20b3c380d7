"""Random cities through broker, worker and ClickHouse: every number is the one the oracle counts."""

import random
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from caseclock.outputs import write_units
from schemas.city import load_city
from tests.city import CITY as ORACLES_CITY
from tests.oracle import histories, story
from tests.oracle.histories import DAY
from tests.oracle.model import PROFILES
from tests.pipeline.judged import AGEING, everything_wrong, read_csv, rows_of, wrong_units
from tests.pipeline.kit import (
    CITY,
    HandClock,
    Stage,
    at_work,
    make_topics,
    send,
    until,
    until_committed,
    until_right,
)

STEPS: Final = 6


def test_the_city_in_the_folder_is_the_oracle_s() -> None:
    city = load_city(CITY, date(2026, 1, 1))

    assert {name: spec.version for name, spec in city.calendars.items()} == {
        name: spec.version for name, spec in ORACLES_CITY.calendars.items()
    }
    assert (city.units, city.thresholds) == (ORACLES_CITY.units, ORACLES_CITY.thresholds)
    assert set(city.procedures) == set(ORACLES_CITY.procedures)


@pytest.mark.parametrize("profile", sorted(PROFILES))
async def test_a_replayed_city_has_the_oracle_s_numbers(stage: Stage, profile: str) -> None:
    events, now = histories.random_city(len(profile), cases=150)
    await make_topics(stage)
    ends = await send(stage, histories.shuffled_with_duplicates(events, 1))

    async with at_work(stage, HandClock(now), profile):
        await until_committed(stage, ends)
        await until_right(lambda: everything_wrong(stage.store, events, now, profile))


async def test_a_city_that_is_lived_through_has_the_numbers_of_its_replay(stage: Stage) -> None:
    """The clock goes on in steps; events come days late, in any order, and some before their time."""
    events, now = histories.random_city(41, cases=100)
    chance = random.Random(3)
    start = min(event["occurred_at"] for event in events)
    steps = [start + (now - start) * n // STEPS for n in range(1, STEPS + 1)]
    told = [(event["occurred_at"] + chance.choice([-DAY, 0, 0, DAY, 3 * DAY]), event) for event in events]
    told += [(at + DAY, event) for at, event in told if chance.random() < 0.2]
    clock = HandClock(start - 1)
    await make_topics(stage)
    ends: dict[int, int] = {}

    async with at_work(stage, clock) as worker:
        for before, moment in pairwise([start - 2 * DAY, *steps[:-1], max(at for at, _ in told) + DAY]):
            clock.at = min(moment, now)
            come = [event for at, event in told if before <= at < moment]
            ends |= await send(stage, histories.shuffled(come, clock.at))
            await until_committed(stage, ends)
            known = [event for at, event in told if at < moment]
            await until_right(
                lambda known=known: wrong_units(  # type: ignore[misc]  # bound to what is known by now
                    stage.store, known, clock.at, "one_stop", without=AGEING
                )
            )
        await worker.engine.flush(refresh=True)
        await until_right(lambda: everything_wrong(stage.store, events, now, "one_stop"))

    corrected = rows_of(
        stage.store, "SELECT DISTINCT day FROM v_units_history WHERE corrected_at IS NOT NULL"
    )
    assert corrected  # days that had been shown, and a late event changed them


async def test_a_unit_that_was_a_slip_of_the_pen_leaves_no_row_behind(
    embedded: Stage, tmp_path: Path
) -> None:
    slip = story.Story().then("received", "2025-03-03 09:00", unit_id="nowhere").events
    put_right = story.Story().then("received", "2025-03-03 09:00", unit_id="nowhere")
    put_right.then("voided", "2025-03-03 10:00", voids="e1").then(
        "received", "2025-03-03 09:05", unit_id="ward"
    )
    clock = HandClock(story.at("2025-03-03 11:00"))
    await make_topics(embedded)

    async with at_work(embedded, clock):
        await until_committed(embedded, await send(embedded, slip))
        await until(lambda: "nowhere" in units_in_the_file(embedded, tmp_path))
        await until_committed(embedded, await send(embedded, put_right.events))
        await until(lambda: "nowhere" not in units_in_the_file(embedded, tmp_path))

    assert units_in_the_file(embedded, tmp_path) == sorted([*histories.UNITS, "*"])


def units_in_the_file(stage: Stage, folder: Path) -> list[str]:
    write_units(stage.store, folder)
    return [row["unit_id"] for row in read_csv(folder / "units.csv")]
