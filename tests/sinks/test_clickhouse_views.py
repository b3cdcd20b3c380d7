"""What the views show is what the fold and the oracle say, at any moment."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

import orjson
import pytest

from schemas.columns import DEAD_LETTER_COLUMNS
from schemas.registry import UNIT_KEYS, UNIT_NUMBERS
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from streams import ledger as ledgers
from streams.book import CaseBook
from streams.case import Case
from streams.fold import fold
from tests.oracle import fold as oracle_fold
from tests.oracle import histories, story
from tests.oracle import numbers as oracle
from tests.oracle.model import Event
from tests.oracle.worktime import HOUR
from tests.sinks.conftest import RULE, clear
from tests.sinks.store_kit import odd_city, rows_of, write
from tests.streams.test_fold import packed, seen

MOMENTS: Final = [
    *("registered_at", "reception_due_at", "received_at", "first_due_at", "legal_due_at", "due_at"),
    *("effective_due_at", "ended_at", "first_ended_at"),
]
AS_THEY_ARE: Final = [
    *("status", "kind", "channel", "procedure_code", "unit_id", "receiving_unit", "registering_unit", "step"),
    *("timeliness", "first_timeliness", "late_first_promise", "reopened", "supplements"),
]
DURATIONS: Final = ("elapsed", "suspended", "late")
QUANTILES: Final = (Fraction(5, 10), Fraction(9, 10))


def cases_at(store: ClickHouse, moment: int) -> dict[str, dict[str, Any]]:
    moments = ", ".join(f"ifNull(toUnixTimestamp64Micro({name}), 0) AS {name}_us" for name in MOMENTS)
    query = f"SELECT *, {moments} FROM cases_at(at = fromUnixTimestamp64Micro({moment}, 'UTC'))"
    return {row["case_id"]: row for row in rows_of(store, query)}


def assert_shows(row: Mapping[str, Any], case: Case, moment: int) -> None:
    """A row of the view against a case as its fold shows it."""
    wanted = seen(case, moment)
    told = {name: row[name] or None for name in AS_THEY_ARE}
    assert told == {name: wanted[name] or None for name in AS_THEY_ARE}
    assert {name: row[f"{name}_us"] or None for name in MOMENTS} == {name: wanted[name] for name in MOMENTS}
    assert (row["stock"] or None, bool(row["overdue"])) == (wanted["column"], wanted["column"] == "overdue")
    assert {name: row[f"{name}_now_us"] for name in DURATIONS} == {
        name: wanted[f"{name}_us"] for name in DURATIONS
    }
    assert {name: row[f"{name}_s"] for name in DURATIONS} == {
        name: oracle.seconds(wanted[f"{name}_us"]) for name in DURATIONS
    }
    assert row["reopened_gap_s"] == oracle.seconds(wanted["reopened_gap_us"])
    assert row["anomalies"] == ";".join(dict.fromkeys(wanted["anomalies"]))
    assert (row["anomaly_count"], row["handovers_back"]) == (len(wanted["anomalies"]), wanted["returned"])
    stays = orjson.loads(row["stays"] or b"[]")
    assert [(unit, step or None, *rest) for unit, step, *rest in stays] == wanted["stays"]


def assert_view_is_fold(store: ClickHouse, events: list[Event], moment: int) -> None:
    rows = cases_at(store, moment)
    for case_id, mine in oracle.by_case(events).items():
        case = fold(ledgers.unpack(packed(mine)), RULE, moment)
        if case.is_empty:
            assert case_id not in rows
            continue
        row = rows.pop(case_id)
        assert_shows(row, case, moment)
        theirs = oracle_fold.fold(mine, moment, histories.city_rules())
        assert theirs is not None
        assert bool(row["reception_late"]) == theirs.reception_late
    assert not rows


def show_at_moments(
    cases: ClickHouseCaseStore, store: ClickHouse, seed: int, number_of_cases: int = 30
) -> None:
    """A city as it stands when it was written, and later, when time has passed and a worker has woken for it."""
    chance = random.Random(seed)
    events, now = odd_city(seed, number_of_cases)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    steps = [0, chance.choice((1, HOUR, 7 * HOUR)), chance.randrange(3 * histories.DAY), 30 * histories.DAY]
    for number, step in enumerate(steps):
        now += step
        book.wake(now)
        write(cases, book, f"{seed}-{number}")
        assert_view_is_fold(store, events, now)


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_a_case_in_the_view_is_the_case_of_the_fold_at_any_moment(
    cases: ClickHouseCaseStore, store: ClickHouse, seed: int
) -> None:
    show_at_moments(cases, store, seed)


def test_v_cases_shows_the_cases_as_they_are_now(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    book.wake(now + histories.DAY)
    write(cases, book, "now")

    before = int(datetime.now(UTC).timestamp() * 1e6)
    shown = {row["case_id"]: row for row in rows_of(store, "SELECT * FROM v_cases")}
    after = int(datetime.now(UTC).timestamp() * 1e6)

    then, later = cases_at(store, before), cases_at(store, after)
    assert shown.keys() == then.keys()
    for case_id, row in shown.items():
        assert row.keys() <= then[case_id].keys()
        assert then[case_id]["elapsed_now_us"] <= row["elapsed_now_us"] <= later[case_id]["elapsed_now_us"]


def assert_history(store: ClickHouse, events: list[Event], now: int, scope: str) -> None:
    rows = {
        (row["unit_id"], row["day"]): row
        for row in rows_of(store, "SELECT * FROM v_units_history WHERE scope = {s:String}", {"s": scope})
    }
    first, last = min(day for _, day in rows), max(day for _, day in rows)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rules = histories.city_rules()
    theirs = oracle.history(events, days, histories.PARENTS, now, rules, tree=scope == "tree")

    columns = (*oracle.HISTORY_STOCK, *oracle.HISTORY_FLOW)
    nothing = dict.fromkeys(columns, 0)
    for (unit, day), wanted in theirs.items():
        if unit != oracle.EVERYTHING:
            told = rows.get((unit, day), nothing)
            assert {name: told[name] for name in columns} == {name: wanted[name] for name in columns}, (
                unit,
                day,
            )
    for unit in {unit for unit, _ in rows}:
        its_days = sorted(day for u, day in rows if u == unit)
        assert its_days == [its_days[0] + timedelta(days=n) for n in range((last - its_days[0]).days + 1)]


@pytest.mark.parametrize("seed", [11, 13])
def test_history_is_what_the_oracle_finds_day_by_day(
    cases: ClickHouseCaseStore, store: ClickHouse, seed: int
) -> None:
    events, now = odd_city(seed, cases=6)
    half = len(events) // 2
    book = CaseBook(0, RULE, now)
    for number, some in enumerate((events[:half], events[half:])):
        book.take(some, now, now)
        write(cases, book, f"{number}")

    for scope in ("own", "tree"):
        assert_history(store, events, now, scope)


def test_history_adds_up_what_partitions_have_written(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    events, now = odd_city(14, cases=6)
    for number in range(3):
        book = CaseBook(number, RULE, now)
        book.take([e for e in events if len(e["case_id"]) * 7 + ord(e["case_id"][1]) % 3 == number], now, now)
        book.take([e for e in events if ord(e["case_id"][1]) % 3 == number], now, now)
        write(cases, book, f"{number}")

    assert_history(store, events, now, "tree")


def history_of(cases: ClickHouseCaseStore, store: ClickHouse, *batches: list[Event]) -> list[dict[str, Any]]:
    """What the history tells, but for when it was corrected, if the events come in these batches."""
    clear(store)
    book = CaseBook(0, RULE, story.at("2025-03-25 09:00"))
    for number, batch in enumerate(batches):
        book.take(batch, book.now, book.now)
        write(cases, book, f"{len(batches)}-{number}")
    return rows_of(store, "SELECT * EXCEPT corrected_at FROM v_units_history ORDER BY ALL")


def test_what_was_taken_back_makes_no_days_however_the_batches_fell(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    shown = [
        *story.Story("C1").then("received", "2025-03-03 09:00").events,
        *story.Story("C2").then("received", "2025-03-05 09:00").then("completed", "2025-03-07 09:00").events,
        *story.Story("C3").then("received", "2025-03-20 09:00", unit_id="desk").events,
    ]
    taken_back = [
        {**story.Story(case_id).then("voided", "2025-03-24 09:00", voids="e1").events[0], "event_id": "v1"}
        for case_id in ("C1", "C3")
    ]

    at_once = history_of(cases, store, [*shown, *taken_back])
    in_two = history_of(cases, store, shown, taken_back)

    assert in_two == at_once
    assert {(row["unit_id"], row["scope"]) for row in at_once} == {
        ("ward", "own"), ("ward", "tree"), ("city", "tree"),
    }  # fmt: skip
    assert sorted({f"{row['day']:%d}" for row in at_once}) == ["05", "06", "07"]


def test_a_day_that_was_shown_and_changed_says_when(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    events, now = odd_city(15, cases=4)
    book = CaseBook(0, RULE, now)
    book.take(events[:-5], now, now)
    write(cases, book, "shown")
    query = "SELECT unit_id, day, corrected_at FROM v_units_history WHERE scope = 'own'"
    assert all(row["corrected_at"] is None for row in rows_of(store, query))

    book.caught_up_until = book.now
    book.take(events[-5:], now + histories.DAY, now)
    write(cases, book, "late")

    corrected = {row["corrected_at"] for row in rows_of(store, query)} - {None}
    assert {int(at.replace(tzinfo=UTC).timestamp() * 1e6) // 10 for at in corrected} == {book.now // 10}


def test_holding_times_are_the_oracle_s_stays(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    events, now = odd_city(12, cases=40)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    write(cases, book, "stays")

    found = rows_of(
        store, "SELECT unit_id, step, n, held_mean_s, held_p50_s, held_p90_s FROM v_holding_times"
    )

    wanted: dict[tuple[str, str], list[int]] = {}
    for case in oracle.fold_all(events, now, histories.city_rules()):
        for stay in case.stays:
            wanted.setdefault((stay.unit, stay.step or ""), []).append(stay.working_us)
    assert {tuple(row.values()) for row in found} == {
        (
            *key,
            len(held),
            *(oracle.seconds(x) for x in (oracle.mean(held), *(oracle.quantile(held, q) for q in QUANTILES))),
        )
        for key, held in wanted.items()
    }


def test_events_are_shown_once_each_without_what_they_do_not_have(
    cases: ClickHouseCaseStore, store: ClickHouse
) -> None:
    events, now = odd_city(16, cases=10)
    book = CaseBook(0, RULE, now)
    book.take(events, now, now)
    write(cases, book, "events")
    write(cases, book, "nothing-new")

    found = rows_of(store, "SELECT *, toUnixTimestamp64Micro(occurred_at) AS us FROM v_events")

    told = sorted((r["case_id"], r["event_id"], r["us"], r["type"], r["recorded_at"] is None) for r in found)
    distinct = {
        (
            e["case_id"],
            e["event_id"],
            e["occurred_at"],
            orjson.dumps(e | {"recorded_at": 0}, option=orjson.OPT_SORT_KEYS),
        ): e
        for e in events
    }
    assert told == sorted(
        (e["case_id"], e["event_id"], e["occurred_at"], e["type"], e.get("recorded_at") is None)
        for e in distinct.values()
    )


def test_a_dead_letter_is_shown_once(cases: ClickHouseCaseStore, store: ClickHouse) -> None:
    row = ("a.ndjson", "", -1, 7, "not_json", "", 1_000_000)
    for token in ("one", "two"):
        cases.write_dead_letters([row], token)

    assert [tuple(r.values())[:-1] for r in rows_of(store, "SELECT * FROM v_dead_letters")] == [row[:-1]]
    assert len(DEAD_LETTER_COLUMNS) == len(row)


def test_the_units_view_has_every_column_of_units_csv(store: ClickHouse) -> None:
    query = "SELECT name FROM system.columns WHERE database = {d:String} AND table = 'v_units_now'"

    names = store.columns(query, {"d": store.database})["name"]

    assert {*UNIT_KEYS, *UNIT_NUMBERS, "scope", "as_of", "computed_at"} == set(names)
