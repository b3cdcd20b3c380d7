"""Random cities through broker, worker and ClickHouse: every number is the one the oracle counts."""

import random
from datetime import date

import pytest

from schemas.city import load_city
from tests.city import CITY as ORACLES_CITY
from tests.oracle import histories
from tests.oracle.model import PROFILES, Event
from tests.pipeline.judged import cases_of, wrong_cases, wrong_history, wrong_units
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


def everything_wrong(stage: Stage, events: list[Event], now: int, profile: str) -> list[str]:
    return (
        wrong_units(stage.store, events, now, profile)
        + wrong_cases(cases_of(stage.store, now), events, now, profile)
        + wrong_history(stage.store, events, now, profile)
    )


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
        await until_right(lambda: everything_wrong(stage, events, now, profile))
