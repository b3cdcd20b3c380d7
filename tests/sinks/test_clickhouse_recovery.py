"""A worker that starts finds everything, whatever it was doing when the last one died."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from schemas.columns import CASE_COLUMNS, FLOWS, UNIT_DAY_COLUMNS
from schemas.stored import Block, Unavailable
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams.book import CaseBook
from tests.oracle import histories, story
from tests.oracle.worktime import HOUR
from tests.sinks.conftest import RULE
from tests.sinks.store_kit import (
    days,
    give,
    odd_city,
    partition_of,
    pieces,
    restart,
    rows_of,
    shown,
    write,
)

COUNTS = slice(0, 3 + len(FLOWS))


def look(books: list[CaseBook]) -> tuple[Any, Any]:
    return shown(books), days(books)


def assert_same_future(books: list[CaseBook], original: CaseBook, until: int, chance: random.Random) -> None:
    """Time alone changes the same cases' numbers at the same moments."""
    for _ in range(6):
        moments = [soonest for book in books if (soonest := book.soonest()) is not None]
        told = original.soonest()
        # either may look once too often, at a moment a case has moved on from; none may look too late
        soonest = min([*moments, *([] if told is None else [told]), until])
        moment = max(original.now, soonest + chance.choice((-1, 0, 0, 1, HOUR)))
        for book in (*books, original):
            book.wake(moment)
        assert look(books) == look([original]), moment
    for book in (*books, original):
        book.wake(until)
    assert look(books) == look([original])


def live_through(cases: ClickHouseCaseStore, seed: int, partitions: int, number_of_cases: int = 30) -> None:
    """Blocks and restarts, then another count of partitions, time, and late events, as one that never stopped."""
    chance = random.Random(seed)
    events, now = odd_city(seed, number_of_cases)
    cut = chance.randrange(len(events) + 1)
    never_stopped = CaseBook(0, RULE, now)
    for number, piece in enumerate(pieces(events[:cut], chance.choice((20, 60)))):
        now += chance.choice((0, 0, HOUR, histories.DAY))
        never_stopped.take(piece, now, now)
        books = restart(cases, 1, now, ended_cases=chance.choice((0, 10)))
        give(cases, books, piece, now)
        assert look(books) == look([never_stopped])
        write(cases, books[0], f"{seed}-{number}")

    now += chance.choice((0, 0, HOUR, 3 * histories.DAY))
    never_stopped.wake(now)
    books = restart(cases, partitions, now)
    assert look(books) == look([never_stopped])
    assert {case_id: n for n, book in enumerate(books) for case_id in book._ledgers} == {
        case_id: partition_of(case_id, partitions) for book in books for case_id in book._ledgers
    }
    assert_same_future(books, never_stopped, now + 20 * histories.DAY, chance)
    now = never_stopped.now

    late = events[cut:] + chance.choices(events, k=10)
    never_stopped.take(late, now, now)
    give(cases, books, late, now)
    assert look(books) == look([never_stopped])
    for book in books:
        write(cases, book, f"{seed}-late-{book.partition}")
    again = restart(cases, partitions, now, ended_cases=10)
    assert look(again) == look([never_stopped])
    assert not any(book.tally.changed_days for book in again)


@pytest.mark.parametrize("partitions", [1, 3, 8])
def test_a_partition_goes_on_from_the_store_as_if_nothing_had_been(
    cases: ClickHouseCaseStore, partitions: int
) -> None:
    live_through(cases, 100 + partitions, partitions)


def test_an_empty_store_gives_an_empty_book(cases: ClickHouseCaseStore) -> None:
    (book,) = restart(cases, 1, 1_000_000)

    assert (len(book), len(book.archive), book.soonest(), shown([book])) == (0, 0, None, {})


def test_an_ended_case_is_left_to_the_store_and_comes_back_for_a_late_event(
    cases: ClickHouseCaseStore,
) -> None:
    events, now = odd_city(30, cases=40)
    never_stopped = CaseBook(0, RULE, now)
    never_stopped.take(events, now, now)
    write(cases, never_stopped, "all")
    (book,) = restart(cases, 1, now)
    ended = {e["case_id"] for e in events} - set(book._ledgers)
    assert len(ended) > 5
    late = [
        {**event, "event_id": "late", "occurred_at": event["occurred_at"] + 1, "type": "rated", "score": 5}
        for event in {e["case_id"]: e for e in events if e["case_id"] in ended}.values()
    ]

    assert sorted(book.archived(ended)) == sorted(ended)
    give(cases, [book], late, now)
    never_stopped.take(late, now, now)

    assert look([book]) == look([never_stopped])
    assert book.duplicates == 0
    give(cases, [book], late, now)
    assert book.duplicates == len(late)


def test_day_rows_that_a_dying_worker_left_wrong_are_written_anew(cases: ClickHouseCaseStore) -> None:
    events, now = odd_city(5, cases=10)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    flush = book.drain(now)
    cases.write(Block(flush.events, flush.cases, [], "died-before-the-days"))

    (again,) = restart(cases, 1, now, ended_cases=10)

    wanted = {row[COUNTS] for row in flush.unit_days if any(row[3 : 3 + len(FLOWS)])}
    assert {row[COUNTS] for row in again.drain(now).unit_days} == wanted


def test_days_are_the_same_sums_when_there_are_more_partitions(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    events, now = odd_city(6, cases=30)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    write(cases, book, "one-partition")
    sums = ", ".join(f"sum({name}) AS {name}" for name in FLOWS)
    query = f"SELECT unit_id, day, {sums} FROM unit_days FINAL GROUP BY unit_id, day ORDER BY unit_id, day"
    before = rows_of(store, query)

    for each in restart(cases, 8, now):
        each.now = now + 1
        write(cases, each, f"eight-{each.partition}")

    assert rows_of(store, query) == before
    assert len(rows_of(store, "SELECT DISTINCT partition FROM unit_days FINAL WHERE received != 0")) > 3


def test_what_was_corrected_stays_corrected(cases: ClickHouseCaseStore) -> None:
    events, now = odd_city(9, cases=10)
    book = CaseBook(0, RULE, now)
    book.caught_up_until = now
    book.take(events, now, now)
    book.wake(now + histories.DAY)
    flush = book.drain(book.now)
    cases.write(Block(flush.events, flush.cases, flush.unit_days, "late"))

    (again,) = restart(cases, 1, book.now)

    place = list(UNIT_DAY_COLUMNS).index("corrected_at")
    corrected = {(row[0], row[1]): row[place] for row in flush.unit_days if row[place]}
    assert corrected
    assert again._corrected == corrected
    assert again.caught_up_until == now


def test_anomalies_of_cases_that_count_nowhere_else_are_counted_once(cases: ClickHouseCaseStore) -> None:
    told = story.Story().then("resumed", "2025-03-03 09:00")
    now = story.at("2025-03-04 09:00")
    book = CaseBook(0, RULE, now)
    book.take(told.events, now, now)
    write(cases, book, "odd")
    more = told.then("resumed", "2025-03-04 08:00").events[1:]

    (again,) = restart(cases, 1, now, ended_cases=10)

    for each in (book, again):
        each.take(more, now, now)
    assert look([again]) == look([book])


def test_a_restart_corrects_no_day_that_only_time_had_changed(cases: ClickHouseCaseStore) -> None:
    told = story.Story().then("received", "2025-03-03 09:00", due_at="2025-03-05 10:00")
    book = CaseBook(0, RULE, story.at("2025-03-03 10:00"))
    book.take(told.events, book.now, 0)
    write(cases, book, "received")
    book.wake(story.at("2025-03-06 09:00"))
    write(cases, book, "overdue")
    book.caught_up_until = book.now
    book.take(story.Story("C2").then("received", "2025-03-06 09:00").events, book.now, 0)
    write(cases, book, "caught-up")

    (again,) = restart(cases, 1, story.at("2025-03-08 09:00"), ended_cases=10)

    place = list(UNIT_DAY_COLUMNS).index("corrected_at")
    assert [row for row in again.drain(again.now).unit_days if row[place]] == []


class Landing:
    """A connection on which rows of a worker that is gone land between two queries of the one that starts."""

    def __init__(self, store: ClickHouse, land: Callable[[int], None]) -> None:
        self._store, self._land, self._queries = store, land, 0

    def columns(self, query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        self._queries += 1
        self._land(self._queries)
        return self._store.columns(query, parameters)


@pytest.mark.parametrize("query", [1, 2, 3, 5, 9])
def test_rows_that_land_while_a_partition_is_recovered_are_there_whole(
    cases: ClickHouseCaseStore, store: ClickHouse, query: int
) -> None:
    events, now = odd_city(10, cases=15)
    book = CaseBook(0, RULE, now)
    book.take(events[: len(events) // 2], now, now)
    write(cases, book, "before")
    book.take(events[len(events) // 2 :], now, now)
    flush = book.drain(now)

    def land(number: int) -> None:
        if number == query:
            cases.write(Block(flush.events, flush.cases, flush.unit_days, "late"))

    (again,) = restart(ClickHouseCaseStore(Landing(store, land)), 1, now, 10)  # type: ignore[arg-type]  # looks the same
    give(cases, [again], events, now)

    book.settled(flush)
    assert look([again]) == look([book])


def test_a_partition_whose_rows_keep_landing_is_waited_for(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    empty = [0 if not kind.endswith("String)") and kind != "String" else "" for kind in CASE_COLUMNS.values()]

    def land(number: int) -> None:
        store.insert("cases", CASE_COLUMNS, [(f"C{number}", *empty[1:])], f"{number}")

    with pytest.raises(Unavailable, match="still landing"):
        ClickHouseCaseStore(Landing(store, land)).recover(0, 1)  # type: ignore[arg-type]  # as above
