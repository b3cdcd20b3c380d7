"""The summaries in ClickHouse: every number is what a slow count in Python finds, and the public sees only its part."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import pytest

from schemas import summary
from schemas.events import ASPECTS, ATTRIBUTES, SUSPENSION_REASONS
from schemas.stored import Block
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.summary_store import ClickHouseSummaryStore
from streams.book import CaseBook
from streams.summaries import refresh_once
from tests.oracle import breakdowns, histories
from tests.oracle.model import Event
from tests.sinks.conftest import RULE
from tests.sinks.store_kit import count, rows_of
from tests.sinks.test_summary_columns import TABLES

pytestmark = pytest.mark.parametrize("engine", ["chdb"], indirect=True)
"""A server has the same engine behind it: one refresh there is enough (test_summaries_server.py)."""


@pytest.fixture
def summaries(store: ClickHouse) -> ClickHouseSummaryStore:
    for table in (*TABLES, "source_totals", "public_numbers"):
        store.command(f"TRUNCATE TABLE {table}")
    return ClickHouseSummaryStore(
        store, {each: RULE.city.suspension_limit_us(each) for each in SUSPENSION_REASONS}
    )


def land(cases: ClickHouseCaseStore, events: Sequence[Event], now: int, name: str = "one") -> None:
    """Make the rows of these events' cases durable."""
    book = CaseBook(0, RULE, now)
    book.take(list(events), now, now)
    flush = book.drain(now)
    cases.write(Block(flush.events, flush.cases, flush.unit_days, name))


def city(seed: int, cases: int) -> tuple[list[Event], int]:
    """A random city whose receipts bear every attribute and whose ratings name every aspect, from two sources."""
    events, now = histories.random_city(seed, cases)
    for place, event in enumerate(events):
        event["source"] = ("office", "portal")[place % 7 == 0]
        if event["type"] in ("received", "amended"):
            told = {"fee_due": place % 2 == 0, "vneid": place % 3 == 0, "digitised": place % 4 == 0}
            event.update({name: value for name, value in told.items() if name in ATTRIBUTES})
        elif "aspect" in event:
            event["aspect"] = ASPECTS[place % len(ASPECTS)]
    return events, now


@pytest.mark.parametrize("seed", [3, 8])
def test_every_number_of_every_cell_is_what_was_counted_one_by_one(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore, seed: int
) -> None:
    events, now = city(seed, 25)
    land(cases, events, now)

    refresh_once(summaries, now, now)

    query = "SELECT *, toUnixTimestamp64Micro(last_event_at) AS last_event_us FROM v_cells"
    found = {
        tuple(row[key] for key in ("dimension", "unit_id", "scope", "period", "value")): row
        for row in rows_of(store, query)
    }
    told = breakdowns.tell_all(events, now, histories.city_rules())
    wrong, compared = [], 0
    for key, wanted in breakdowns.cells(told, histories.PARENTS):
        ours = found.pop(key, {})
        for name, value in wanted.items():
            if name == "last_event_us" and key[0]:
                continue
            compared += bool(ours)
            mine = ours[name] if ours else (value if name == "carried_over" or not value else None)
            if mine != value:
                wrong.append(f"{key} {name}: {mine} instead of {value}")
    assert (wrong[:20], list(found)[:5]) == ([], [])
    assert compared > 20_000


def test_ratings_by_aspect_add_up_to_those_of_the_unit_and_are_all_that_is_told_of_an_aspect(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(21, 150)
    land(cases, events, now)

    refresh_once(summaries, now, now)

    sums = ", ".join(f"sum({name}) AS {name}" for name in summary.COUNTS)
    summed = f"SELECT unit_id, scope, period, {sums} FROM (SELECT * FROM v_cells WHERE"
    of_aspects, of_units = (
        rows_of(store, f"{summed} {where}) GROUP BY ALL ORDER BY ALL")
        for where in ("dimension = 'aspect'", "dimension = '' AND ratings > 0")
    )
    unheard = dict.fromkeys(set(summary.COUNTS) - set(summary.RATED), 0)
    assert of_aspects == [row | unheard for row in of_units]
    aspects = store.columns("SELECT DISTINCT value FROM v_cells WHERE dimension = 'aspect'")["value"]
    assert set(aspects) == {*ASPECTS, ""}


def test_pairs_and_anomalies_are_what_was_counted_one_by_one(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(12, 120)
    for place, event in enumerate(e for e in events if e["type"] == "suspended"):
        event |= {"reason": "other_agency", "waiting_on": ("desk", "night")[place % 2]}
    for place, event in enumerate(e for e in events if e["type"] == "transferred"):
        event["unit_id"] = ("ward", "desk", "ward", "berlin")[place % 4]
    land(cases, events, now)

    refresh_once(summaries, now, now)

    told = breakdowns.tell_all(events, now, histories.city_rules())
    pairs = {(r["unit_id"], r["other_id"], r["period"]): r for r in rows_of(store, "SELECT * FROM v_pairs")}
    wanted = {key: row for key, row in breakdowns.pairs(told).items() if any(row.values())}
    assert {key: {name: row[name] for name in wanted.get(key, ())} for key, row in pairs.items()} == wanted
    seen = {name for row in wanted.values() for name, n in row.items() if n}
    assert seen >= {
        "waiting",
        "waiting_worst_s",
        "asked",
        "asked_open",
        "asked_overdue",
        "handed_over",
        "handed_back",
    }
    anomalies = {
        (r["about"], r["id"], r["kind"]): r["n"] for r in rows_of(store, "SELECT * FROM v_anomalies")
    }
    assert anomalies == dict(breakdowns.anomalies(told, events))


def test_flow_of_the_unit_itself_is_that_of_its_days(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(5, 60)
    land(cases, events, now)

    refresh_once(summaries, now, now)

    names = (
        "received",
        "reopened",
        "completed_late",
        "completed_early",
        "withdrawn",
        "transferred_out",
        "late_first_promise",
    )
    sums = ", ".join(f"sum({name}) AS {name}" for name in names)
    own = "dimension = '' AND scope = 'own' AND period = 'all' AND unit_id != '*'"
    days = rows_of(store, f"SELECT unit_id, {sums} FROM unit_days FINAL GROUP BY unit_id ORDER BY unit_id")
    cells = {row["unit_id"]: row for row in rows_of(store, f"SELECT * FROM v_cells WHERE {own}")}
    assert [{name: cells[day["unit_id"]][name] for name in day} for day in days] == days


def test_the_public_does_not_see_what_is_built_on_few_cases_and_is_told_so(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(4, 60)
    land(cases, events, now)

    refresh_once(summaries, now, now)

    key = "dimension, unit_id, scope, period, value"
    whole = rows_of(store, f"SELECT * FROM v_cells ORDER BY {key}")
    public = rows_of(store, f"SELECT * FROM v_public_cells ORDER BY {key}")
    arrays = rows_of(store, f"SELECT * FROM v_public_numbers ORDER BY {key}")
    assert len(whole) == len(public) == len(arrays)
    for every, seen, packed in zip(whole, public, arrays, strict=True):
        values = (None if isnan(value) else value for value in packed["numbers"])
        numbers = dict(zip(summary.NUMBER_COLUMNS, values, strict=True))
        for name in summary.NUMBER_COLUMNS:
            assert seen[name] == numbers[name] == (None if name in seen["suppressed"] else every[name])
        assert {name: seen[name] for name in (*key.split(", "), "suppressed")} == {
            name: packed[name] for name in (*key.split(", "), "suppressed")
        }
        if every["dimension"]:
            assert {n for n in summary.COUNTS if 1 <= every[n] <= 4 and n not in ("rating_sum",)} <= set(
                seen["suppressed"]
            )
            assert every["processing_n"] == 0 or every["processing_n"] > 4 or seen["processing_p50_s"] is None
        else:
            own = {
                *summary.ATTRIBUTES,
                "late_without_cause",
                *(n for n in summary.RATES if n.endswith("_share")),
            }
            assert set(seen["suppressed"]) <= own


def test_readers_see_the_newest_complete_generation_and_old_ones_vanish(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(4, 8)
    land(cases, events, now)
    generations = [refresh_once(summaries, now, now + turn).cells for turn in range(summary.SLOTS + 1)]
    content = "SELECT count() AS n, sum(cityHash64(toString(tuple(*)))) AS hash FROM v_public_cells"
    seen = store.columns(content)

    summaries.begin(now, now + 100)
    for _ in summaries.compute():
        assert store.columns(content) == seen  # not complete: not read

    assert len(set(generations)) == 1
    assert seen["n"] == [generations[0]]
    store.command("OPTIMIZE TABLE summary_cells FINAL")
    assert count(store, "summary_cells") == summary.SLOTS * generations[0]
    assert count(store, "summary_generations FINAL") <= 2 * summary.SLOTS


def test_without_cases_units_have_their_zeros(store: ClickHouse, summaries: ClickHouseSummaryStore) -> None:
    done = refresh_once(summaries, 1_741_000_000_000_000, 1)

    assert done.cells == 7 * (2 * len(histories.UNITS) + 1)
    assert store.columns("SELECT sum(open + received) AS n, count(processing_p50_s) AS m FROM v_cells") == {
        "n": [0],
        "m": [0],
    }


def test_a_source_is_known_by_its_latest_event_without_a_look_at_the_events(
    cases: ClickHouseCaseStore, store: ClickHouse, summaries: ClickHouseSummaryStore
) -> None:
    events, now = city(4, 20)
    for token in ("one", "one", "two"):
        land(cases, events, now, token)

    found = {
        r["source"]: r
        for r in rows_of(store, "SELECT *, toUnixTimestamp64Micro(last_occurred_at) AS us FROM v_sources")
    }

    assert {s: r["us"] for s, r in found.items()} == {
        s: max(e["occurred_at"] for e in events if e["source"] == s) for s in ("office", "portal")
    }
    rows = count(store, "events")
    assert (sum(row["events"] for row in found.values()), rows > count(store, "events FINAL")) == (rows, True)


def test_no_view_for_the_public_tells_a_case_or_an_officer(store: ClickHouse) -> None:
    query = (
        "SELECT table, name FROM system.columns WHERE database = {d:String} AND startsWith(table, 'v_public_')"
        " AND name IN ('case_id', 'officer', 'ledger', 'attributes')"
    )
    found: Any = store.columns(query, {"d": store.database})

    assert found.get("name", []) == []
