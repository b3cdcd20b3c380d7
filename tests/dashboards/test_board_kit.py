"""The invented board that other tests stand on: what they take for granted."""

from typing import Any

import pytest

from dashboards.board.model.facts import WHOLE_CITY, Board, Scope
from schemas.period import PERIODS, Period
from schemas.registry import UNIT_NUMBERS
from tests.dashboards.board_kit import KitBoard, board

IN = ("carried_over", "received", "reopened", "transferred_in")
OUT = ("completed", "withdrawn", "declined", "stopped", "transferred_out")


def value(figures: Any, name: str) -> int:
    return int(figures[name].value or 0)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("scope", ["own", "tree"])
def test_the_ledger_adds_up_for_every_unit(scope: Scope, period: Period) -> None:
    city = board(40)
    for unit in (*city.units, WHOLE_CITY):
        figures = city.period(unit, scope, period)
        assert sum(value(figures, n) for n in IN) - sum(value(figures, n) for n in OUT) == value(
            figures, "open"
        )
        assert figures["flow_gap"].value == 0


def test_the_units_own_numbers_sum_to_those_of_the_city() -> None:
    city = board(40)
    for name in ("received", "completed", "open", "overdue", "completed_late"):
        own = sum(value(city.period(unit, "own", "30d"), name) for unit in city.units)
        assert own == value(city.period(WHOLE_CITY, "own", "30d"), name) > 0


@pytest.mark.parametrize("count", [4, 8, 40, 700])
def test_there_are_as_many_units_as_asked_for_and_one_of_them_was_merged(count: int) -> None:
    city: Board = board(count)
    assert len(city.units) == count
    former = [unit for unit in city.units.values() if unit.valid_to]
    assert former
    assert all(unit.succeeded_by in city.units for unit in former)


@pytest.mark.parametrize("count", [3, 701])
def test_other_numbers_of_units_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="4 to 700"):
        board(count)


def test_every_state_that_a_page_must_show_occurs() -> None:
    city = board(40)
    periods = [city.period(unit, "own", "30d") for unit in city.units]
    cells = [
        figure
        for unit in city.units
        for cell in city.breakdown(unit, "own", "procedure", "7d")
        for figure in cell.figures.values()
    ]
    assert any(figure.hidden and figure.value is None for figure in cells)
    assert any(figures["on_time_rate"].value is None for figures in periods)
    assert any(figures["on_time_rate"].corrected_at for figures in periods)
    assert any(day.corrected_at for unit in city.units for day in city.trend(unit, "own"))
    assert [source.source for source in city.sources if source.stale] == ["feedback-portal"]
    assert [silent.last_event_at is None for silent in city.reporting.missing] == [True, False]
    assert {each.reason for each in city.lagging("30d")} >= {"waiting_on", "step", "cause", "no_cause"}


def test_cells_sum_to_the_total_where_none_is_hidden() -> None:
    city = board(40)
    cells = city.breakdown(WHOLE_CITY, "own", "procedure", "year")
    assert not any(cell.figures["received"].hidden for cell in cells)
    total = value(city.period(WHOLE_CITY, "own", "year"), "received")
    assert sum(value(cell.figures, "received") for cell in cells) == total


def test_no_hidden_cell_stands_alone() -> None:
    city = board(40)
    for unit in city.units:
        cells = city.breakdown(unit, "own", "procedure", "7d")
        hidden = [cell for cell in cells if cell.figures["received"].hidden]
        assert len(hidden) != 1 or len(cells) == 1


def test_the_numbers_of_now_are_those_of_units_csv() -> None:
    assert set(UNIT_NUMBERS) <= set(board(40).now(WHOLE_CITY, "own"))


def test_the_trend_ends_with_what_is_open_now() -> None:
    city = board(40)
    days = city.trend(WHOLE_CITY, "own")
    assert len(days) == 30
    assert days[-1].day == city.today
    assert days[-1].numbers["open"] == value(city.now(WHOLE_CITY, "own"), "open")


def test_an_unknown_unit_is_a_key_error() -> None:
    city = board(4)
    with pytest.raises(KeyError):
        city.period("H00", "own", "30d")
    with pytest.raises(KeyError):
        city.pairs("H00")


def test_the_same_city_comes_out_again() -> None:
    first, second = board(8), board.__wrapped__(8)
    assert isinstance(second, KitBoard)
    assert first is not second
    assert first.period("H99.100", "own", "30d") == second.period("H99.100", "own", "30d")
