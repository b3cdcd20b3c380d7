"""A partition's book against the oracle: totals and days, whatever order events came in and time went by."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.columns import CASE_COLUMNS, EVENT_COLUMNS, FLOWS, UNIT_DAY_COLUMNS
from streams import numbers
from streams.book import CaseBook, Flush
from tests.city import CITY, RULES
from tests.oracle import histories, story
from tests.oracle import numbers as oracle
from tests.oracle.model import Event

EPOCH = date(1970, 1, 1)
MEASURED = ("processing_p50_s", "processing_p90_s", "open_age_p50_s", "open_age_p90_s")


def live_through(events: list[Event], now: int, profile: str, seed: int, books: int = 2) -> list[CaseBook]:
    """Take events in the given order, in batches, while the clock goes its way up to ``now``."""
    chance = random.Random(seed)
    start = min([event["occurred_at"] for event in events] + [now])
    made = [CaseBook(n, RULES[profile], start - 1, hot_cases=chance.choice([1, 1000])) for n in range(books)]
    clock = start - 1
    rest = list(events)
    while rest:
        size = chance.randint(1, 5)
        batch, rest = rest[:size], rest[size:]
        clock = max(clock, chance.randint(start - 1, now)) if chance.random() < 0.5 else clock
        for number, book in enumerate(made):
            book.take([e for e in batch if int(e["case_id"][1:]) % books == number], clock, clock)
            if chance.random() < 0.3:
                book.settled(book.drain(clock))
    for book in made:
        book.wake(now)
    return made


def own_numbers(books: list[CaseBook]) -> dict[str, numbers.Totals]:
    flushes = [book.drain(book.now, all_units=True) for book in books]
    return numbers.merge(as_sent(flush) for flush in flushes)


def as_sent(flush: Flush) -> dict[str, Any]:
    sent: dict[str, Any] = orjson.loads(orjson.dumps(flush.units, option=orjson.OPT_NON_STR_KEYS))
    return sent


def assert_numbers(ours: numbers.Numbers, theirs: dict[str, Any]) -> None:
    for column, value in ours.items():
        wanted = theirs[column]
        if column in MEASURED and wanted is not None:
            assert value is not None
            assert abs(value - wanted) <= max(1, wanted // 100), column
        else:
            assert value == wanted, column


@pytest.mark.parametrize("profile", sorted(RULES))
def test_units_are_what_the_oracle_counts_in_any_order_with_duplicates(profile: str) -> None:
    for seed in range(60):
        events, now = histories.random_city(seed, cases=8)
        mixed = histories.shuffled_with_duplicates(events, seed)
        cases = oracle.fold_all(events, now, histories.city_rules(profile))

        totals = own_numbers(live_through(mixed, now, profile, seed))

        for unit, row in oracle.units(cases, histories.PARENTS).items():
            if unit != numbers.EVERYTHING:
                assert_numbers(numbers.own(totals.get(unit, numbers.Totals())), row)
        assert_numbers(numbers.whole(totals.values()), oracle.units(cases, histories.PARENTS)["*"])
        for unit, row in oracle.tree(cases, histories.PARENTS).items():
            if unit != numbers.EVERYTHING:
                within = [t for code, t in totals.items() if unit in RULES[profile].path(code)]
                assert_numbers(numbers.tree(unit, within, totals), row)
        assert all(total.imbalance() == 0 for total in totals.values())


@given(histories.cities(), histories.profiles(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_and_the_clock_between_change_no_total(
    city: tuple[list[Event], int], profile: str, seed: int
) -> None:
    events, now = city

    first = own_numbers(live_through(events, now, profile, seed))
    second = own_numbers(live_through(histories.shuffled(events, seed), now, profile, seed + 1))

    empty = numbers.own(numbers.Totals())
    shown = [{u: numbers.own(t) for u, t in totals.items()} for totals in (first, second)]
    assert {u: n for u, n in shown[0].items() if n != empty} == {
        u: n for u, n in shown[1].items() if n != empty
    }


def days_of(books: list[CaseBook]) -> dict[tuple[str, int], list[int]]:
    together: dict[tuple[str, int], list[int]] = {}
    for book in books:
        for key, counts in book.tally.days.items():
            have = together.setdefault(key, [0] * len(FLOWS))
            together[key] = [a + b for a, b in zip(have, counts, strict=False)]
    return together


@pytest.mark.parametrize("profile", sorted(RULES))
def test_days_are_what_the_oracle_finds_by_folding_every_case_at_every_day_end(profile: str) -> None:
    for seed in range(12):
        events, now = histories.random_city(seed, cases=5)
        days = days_of(live_through(events, now, profile, seed))
        dates = sorted({EPOCH + timedelta(days=day) for _, day in days})
        rules = histories.city_rules(profile)
        theirs = oracle.history(events, dates, histories.PARENTS, now, rules)

        for (unit, day), row in theirs.items():
            if unit == numbers.EVERYTHING:
                continue
            number = (day - EPOCH).days
            flow = dict(zip(FLOWS, days.get((unit, number), [0] * len(FLOWS)), strict=True))
            stock = {
                name: sum(counts[place] for (u, d), counts in days.items() if u == unit and d <= number)
                for place, name in enumerate(FLOWS)
            }
            for column in oracle.HISTORY_FLOW:
                mine = flow[column] if column != "completed" else sum(flow[c] for c in oracle.COMPLETED)
                assert mine == row[column], (seed, unit, day, column)
            for column in (*oracle.STOCK, "awaiting_overdue"):
                assert stock[column] == row[column], (seed, unit, day, column)
            assert stock["awaiting"] + stock["awaiting_overdue"] == row["awaiting"], (seed, unit, day)


def test_a_case_that_falls_due_while_nothing_arrives_is_overdue_within_a_moment() -> None:
    told = story.Story().then("received", "2025-03-03 09:00", due_at="2025-03-05 10:00")
    book = CaseBook(0, RULES["instant"], story.at("2025-03-03 09:00"))
    book.take(told.events, book.now, 0)
    due = story.at("2025-03-05 10:00")

    book.wake(due)
    in_time = own_numbers([book])["ward"].counts
    assert (in_time["due_soon"], in_time["overdue"]) == (1, 0)
    assert book.soonest() is not None
    book.wake(due + 1)

    overdue = own_numbers([book])["ward"].counts
    assert (overdue["due_soon"], overdue["overdue"]) == (0, 1)


def test_rows_have_the_columns_of_their_tables() -> None:
    events, now = histories.random_city(1, cases=3)
    book = CaseBook(0, RULES["one_stop"], now)
    book.take(events, now, now)

    flush = book.drain(now)

    assert {len(row) for row in flush.events} == {len(EVENT_COLUMNS)}
    assert {len(row) for row in flush.cases} == {len(CASE_COLUMNS)}
    assert {len(row) for row in flush.unit_days} == {len(UNIT_DAY_COLUMNS)}


def test_an_ended_case_leaves_memory_and_is_asked_for_again() -> None:
    told = story.Story().then("received", "2025-03-03 09:00").then("completed", "2025-03-04 10:00")
    now = story.at("2025-03-05 10:00")
    book = CaseBook(0, RULES["one_stop"], now, ended_cases=0)
    book.take(told.events, now, now)
    flush = book.drain(now)

    book.settled(flush)

    assert "C1" not in book
    assert book.archived(["C1", "C2"]) == ["C1"]
    ledger = flush.cases[0][list(CASE_COLUMNS).index("ledger")]
    book.restore("C1", ledger, 0)
    book.take(told.then("reopened", "2025-03-04 15:00").events, now, now)
    assert own_numbers([book])["ward"].counts["overdue"] == 0
    assert numbers.own(own_numbers([book])["ward"])["open"] == 1


def test_a_day_that_was_shown_and_changes_later_is_marked_as_corrected() -> None:
    told = story.Story().then("received", "2025-03-03 09:00")
    book = CaseBook(0, RULES["one_stop"], story.at("2025-03-03 10:00"))
    book.take(told.events, book.now, 0)
    book.drain(1)
    book.caught_up_until = story.at("2025-03-04 09:00")
    book.wake(story.at("2025-03-04 10:00"))
    late = story.Story("C2").then("received", "2025-03-03 11:00")

    book.take(late.events, book.now, 0)
    days = {(row[0], row[1]): row for row in book.drain(2).unit_days}

    place = list(UNIT_DAY_COLUMNS).index("corrected_at")
    third_of_march = (date(2025, 3, 3) - EPOCH).days
    assert days["ward", third_of_march][place] == story.at("2025-03-04 10:00")


def test_a_day_that_a_late_event_leaves_as_it_was_is_not_marked_as_corrected() -> None:
    told = story.Story().then("received", "2025-03-03 09:00").then("completed", "2025-03-05 10:00")
    book = CaseBook(0, RULES["one_stop"], story.at("2025-03-06 09:00"))
    book.take(told.events, book.now, 0)
    book.drain(1)
    book.caught_up_until = book.now

    book.take(told.then("rated", "2025-03-04 09:00", score=5).events, book.now, 0)

    assert book.drain(2).unit_days == []


def test_a_case_that_is_opened_again_stays_in_memory_and_leaves_when_it_has_ended_anew() -> None:
    told = story.Story().then("received", "2025-03-03 09:00").then("completed", "2025-03-04 10:00")
    now = story.at("2025-03-05 10:00")
    book = CaseBook(0, RULES["one_stop"], now, ended_cases=1)

    def after(*cases: story.Story) -> bool:
        for each in cases:
            book.take(each.events, now, now)
        book.settled(book.drain(now))
        return "C1" in book

    other = story.Story("C2").then("received", "2025-03-03 09:00").then("completed", "2025-03-04 10:00")
    third = story.Story("C3").then("received", "2025-03-03 09:00").then("completed", "2025-03-04 10:00")
    assert after(told)
    assert after(told.then("reopened", "2025-03-04 11:00"), other, third)
    assert after(told.then("completed", "2025-03-04 12:00"))
    assert not after(other.then("rated", "2025-03-04 13:00", score=5), third)


def test_only_cases_that_time_has_changed_are_counted_as_such() -> None:
    told = story.Story().then("received", "2025-03-03 09:00", due_at="2025-03-05 10:00")
    moved = told.then("rescheduled", "2025-03-03 10:00", due_at="2025-03-20 10:00", apology=False)
    book = CaseBook(0, RULES["instant"], story.at("2025-03-03 09:00"))
    book.take(told.events[:1], book.now, 0)
    book.take(moved.events, story.at("2025-03-03 10:00"), 0)

    assert book.wake(story.at("2025-03-06 09:00")) == 0
    assert book.wake(story.at("2025-03-21 09:00")) == 1


def test_the_city_of_the_tests_is_the_oracle_s() -> None:
    assert {unit.code: unit.parent for unit in CITY.units} == histories.PARENTS
