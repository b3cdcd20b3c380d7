"""Random cities through broker, worker and ClickHouse: every number is the one the oracle counts."""

import random
from datetime import date
from itertools import pairwise
from typing import Final

import pytest

from schemas.city import load_city
from tests.city import CITY as ORACLES_CITY
from tests.oracle import histories
from tests.oracle.histories import DAY
from tests.oracle.model import PROFILES
from tests.pipeline.judged import AGEING, everything_wrong, rows_of, wrong_units
from tests.pipeline.kit import (
    CITY,
    HandClock,
    Stage,
    at_work,
    make_topics,
    send,
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
