"""What a board shows is what the oracle counts: now, over each period, and day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from dashboards.board.model.facts import WHOLE_CITY, Board, Figures, Scope
from dashboards.board.model.live import LiveBoard
from dashboards.board.model.maker import BoardMaker, BoardTerms
from schemas.moment import to_datetime
from schemas.period import PERIODS
from schemas.registry import UNIT_NUMBERS
from schemas.thresholds import Thresholds
from sinks.clickhouse.client import ClickHouse
from tests.city import CITY
from tests.dashboards.model_kit import Office, made, store
from tests.oracle import histories, numbers, periods
from tests.oracle.model import Event
from tests.sinks.store_kit import ODD_UNIT, odd_city, rows_of

__all__ = ["made", "store"]

SCOPES: tuple[Scope, ...] = ("own", "tree")
QUANTILES = ("processing_p50_s", "processing_p90_s", "open_age_p50_s", "open_age_p90_s")
LEDGER_IN = ("carried_over", "received", "reopened", "transferred_in")
LEDGER_OUT = ("completed", "withdrawn", "declined", "stopped", "transferred_out")


def values(figures: Figures) -> dict[str, Any]:
    return {name: figure.value for name, figure in figures.items()}


def everything(board: LiveBoard) -> dict[str, Any]:
    """All that a board says of its live numbers, in a form that can be compared."""
    told: dict[str, Any] = {}
    for unit in (WHOLE_CITY, *board.units):
        for scope in SCOPES:
            told[f"{unit} {scope} now"] = values(board.now(unit, scope))
            told[f"{unit} {scope} trend"] = [day.numbers for day in board.trend(unit, scope, 90)]
            for period in PERIODS:
                told[f"{unit} {scope} {period}"] = values(board.period(unit, scope, period))
    return told


def assert_now(board: LiveBoard, events: Sequence[Event], now: int) -> None:
    cases = numbers.fold_all(events, now, histories.city_rules())
    wanted = {"own": numbers.units(cases, histories.PARENTS), "tree": numbers.tree(cases, histories.PARENTS)}
    for scope in SCOPES:
        for unit, row in wanted[scope].items():
            told = values(board.now(unit, scope))
            for name in UNIT_NUMBERS:
                if name in QUANTILES and row[name] is not None:
                    assert abs(told[name] - row[name]) <= max(1, row[name] // 100), (unit, scope, name)
                else:
                    assert told[name] == row[name], (unit, scope, name)


def assert_periods(board: LiveBoard, counted: Mapping[Scope, Any], days: list[date]) -> None:
    for period in PERIODS:
        for scope in SCOPES:
            first = periods.begins(period, board.today)
            for unit, row in periods.ledgers(counted[scope], days, first).items():
                told = values(board.period(unit, scope, period))
                assert {name: told[name] for name in row} == row, (unit, scope, period)


def assert_trend(board: LiveBoard, counted: Mapping[Scope, Any], days: list[date]) -> None:
    for scope in SCOPES:
        for unit in {unit for unit, _ in counted[scope]}:
            shown = board.trend(unit, scope, (board.today - days[0]).days + 1)
            assert [day.day for day in shown] == [days[0] + timedelta(days=n) for n in range(len(shown))]
            for day in shown:
                row = counted[scope].get((unit, day.day))
                if row is not None:
                    assert {name: day.numbers[name] for name in row} == row, (unit, scope, day.day)


def assert_ledgers_add_up(board: Board) -> None:
    for unit in (WHOLE_CITY, *board.units):
        for scope in SCOPES:
            for period in PERIODS:
                told = values(board.period(unit, scope, period))
                came, went = sum(told[n] for n in LEDGER_IN), sum(told[n] for n in LEDGER_OUT)
                assert (came - went, told["flow_gap"]) == (told["open"], 0), (unit, scope, period)


@pytest.mark.parametrize("seed", [11, 13, 17])
def test_every_figure_of_now_each_period_and_each_day_is_what_the_oracle_counts(
    store: ClickHouse, seed: int
) -> None:
    events, now = odd_city(seed, cases=8)
    rules = histories.city_rules()
    office = Office(store, now)
    office.take(events)

    board = office.seen()

    days = periods.days_of(events, now, rules)
    counted = {
        scope: periods.counted(events, days, histories.PARENTS, now, rules, tree=scope == "tree")
        for scope in SCOPES
    }
    assert_now(board, events, now)
    assert_periods(board, counted, days)
    assert_trend(board, counted, days)
    assert_ledgers_add_up(board)


def test_days_are_those_of_the_view_for_sql(store: ClickHouse) -> None:
    events, now = odd_city(31, cases=30)
    office = Office(store, now)
    office.take(events)

    board = office.seen()

    rows = {
        (row["unit_id"], row["scope"], row["day"]): row
        for row in rows_of(store, "SELECT * FROM v_units_history")
    }
    assert rows
    for unit in board.units:
        for scope in SCOPES:
            for day in board.trend(unit, scope, 60):
                row = rows.get((unit, scope, day.day))
                if row is not None:
                    corrected = row["corrected_at"]
                    assert dict(day.numbers) == {name: row[name] for name in day.numbers}, (unit, scope, day)
                    assert (day.corrected_at is None) == (corrected is None)


@pytest.mark.parametrize("seed", [41])
def test_increments_are_a_full_read_and_late_corrections_arrive(store: ClickHouse, seed: int) -> None:
    events, now = odd_city(seed, cases=30)
    office = Office(store, now)
    versions = []
    for begin in range(0, len(events), 70):
        office.take(events[begin : begin + 70], now)
        board = office.seen()
        versions.append(board.version)
        assert everything(board) == everything(office.fresh())
        assert_ledgers_add_up(board)

    assert versions == list(range(versions[0], versions[0] + len(versions)))


def test_rows_that_were_merged_before_anybody_looked_are_seen(store: ClickHouse) -> None:
    events, now = odd_city(47, cases=20)
    half = len(events) // 2
    office = Office(store, now)
    office.take(events[:half])
    office.seen()
    office.take(events[half:])
    store.command("OPTIMIZE TABLE unit_days FINAL")

    board = office.seen()

    assert everything(board) == everything(office.fresh())
    store.command("OPTIMIZE TABLE unit_days FINAL")
    assert office.look(0.5) is None


def test_rows_that_are_merged_while_somebody_looks_are_seen(store: ClickHouse) -> None:
    events, now = odd_city(47, cases=20)
    half = len(events) // 2
    office = Office(store, now)
    office.take(events[:half])
    office.seen()
    office.take(events[half:])
    ask = office.reader.columns
    merged: list[str] = []

    def merging(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        if "groupArray" in query and not merged:
            merged.append(query)
            store.command("OPTIMIZE TABLE unit_days FINAL")
        return ask(query, parameters)

    office.reader.columns = merging  # type: ignore[method-assign]
    office.seen()

    board = office.look(0.4)

    assert board is not None
    assert everything(board) == everything(office.fresh())


def test_a_look_without_a_change_makes_no_board(store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    office = Office(store, now)
    office.take(events)
    office.seen()

    looks = [office.look(step) for step in (0.2, 0.4, 6, 6.2)]

    assert looks == [None] * 4


def test_a_board_stays_as_it_was_when_the_numbers_go_on(store: ClickHouse) -> None:
    events, now = odd_city(53, cases=20)
    office = Office(store, now)
    office.take(events[:60])
    before = office.seen()
    shown = everything(before)
    again = office.fresh()
    office.take(events[60:])

    after = office.seen()

    assert everything(before) == everything(again) == shown
    assert everything(after) != shown


def test_at_midnight_there_is_another_today_without_any_event(store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    office = Office(store, now)
    office.take(events)
    today = office.seen().today

    board = office.look(86_400)

    assert board is not None
    assert board.today == today + timedelta(days=1)
    assert board.period(WHOLE_CITY, "own", "today")["received"].value == 0
    assert (
        board.period(WHOLE_CITY, "own", "today")["carried_over"].value
        == board.now(WHOLE_CITY, "own")["open"].value
    )


def test_days_before_those_that_are_kept_count_and_may_still_change(store: ClickHouse) -> None:
    events, now = odd_city(61, cases=20)
    office = Office(store, now + 600 * histories.DAY)
    office.take(events[:50])
    office.seen()
    office.take(events[50:])

    board = office.seen()

    assert everything(board) == everything(office.fresh())
    assert_ledgers_add_up(board)
    assert board.period(WHOLE_CITY, "own", "year")["received"].value == 0
    assert board.period(WHOLE_CITY, "own", "all")["received"].value


def test_units_of_the_lists_come_first_and_unlisted_ones_last(store: ClickHouse) -> None:
    events, now = odd_city(13, cases=30)
    office = Office(store, now)
    office.take(events)

    board = office.seen()

    assert list(board.units) == [*histories.UNITS, ODD_UNIT]
    assert board.path(ODD_UNIT) == (ODD_UNIT,)
    assert ODD_UNIT in board.children(WHOLE_CITY)
    assert board.path("desk") == ("desk", "ward", "city")
    assert list(board.children("city")) == ["ward", "berlin", "short"]
    with pytest.raises(KeyError):
        board.period("never heard of", "own", "7d")


def test_an_unlisted_unit_of_zeros_is_not_listed_and_still_answers(store: ClickHouse) -> None:
    events, now = odd_city(11, cases=30)
    office = Office(store, now)
    office.take(events)

    board = office.seen()

    assert list(board.units) == list(histories.UNITS)
    assert board.now(ODD_UNIT, "tree")["open"].value == 0
    assert board.trend(ODD_UNIT, "own", 7)


def test_a_board_of_nothing_shows_the_units_with_zeros(store: ClickHouse) -> None:
    _, now = odd_city(11, cases=1)

    board = Office(store, now).seen()

    assert list(board.units) == list(histories.UNITS)
    assert board.now("ward", "tree")["open"].value == 0
    assert board.period(WHOLE_CITY, "own", "30d")["on_time_rate"].value is None
    assert [day.numbers["open"] for day in board.trend("ward", "own", 7)] == [0] * 7


def test_who_is_silent_is_judged_by_the_city_s_own_limits(store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    office = Office(store, now)
    office.take(events)
    a_month_later = to_datetime(now + 30 * histories.DAY, UTC)

    def silent(**days: float) -> tuple[set[bool], int]:
        city = replace(CITY, thresholds=Thresholds.model_validate({"silence_days": days}))
        board = BoardMaker(office.reader, BoardTerms(city=city)).look(a_month_later)
        assert board is not None
        return {each.stale for each in board.sources}, board.reporting.reporting

    soon, late = silent(source=1, unit=1), silent(source=9_000, unit=9_000)
    assert (soon[0], late[0]) == ({True}, {False})
    assert soon[1] < late[1]
    assert silent(source=1, unit=9_000) == ({True}, late[1])
