"""The page of procedures."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dashboards.board.model.facts import Cell, Dimension, Scope
from dashboards.board.pages.procedures import allotted_seconds
from schemas.period import Period
from schemas.procedure import Allotted, AllottedUnit
from tests.dashboards.board_kit import KitBoard, board
from tests.dashboards.html_check import faults
from tests.dashboards.page_reader import Shown, context, show

HOUR = 3600


def row(shown: Shown, code: str) -> str:
    return shown.said(f"p-{code}")


def test_the_allotted_time_stands_beside_the_time_it_takes() -> None:
    shown = show("procedures", "en")
    assert "1 working day " in row(shown, "1.900001")
    assert "4 working hours" in row(shown, "1.900002")
    assert "10 calendar days" in row(shown, "1.900004")
    assert "none set" in row(shown, "1.900005")
    assert "1 month" in row(shown, "1.900006")
    vietnamese = show("procedures", "vi")
    assert "15 ngày làm việc" in row(vietnamese, "1.900003")
    assert "không quy định" in row(vietnamese, "1.900005")


def test_slower_than_the_law_is_said_only_where_both_are_working_time() -> None:
    rows = {each.code: each for each in context("procedures")["rows"]}
    assert rows["1.900003"].beyond
    assert not rows["1.900001"].beyond
    assert not rows["1.900004"].exact
    assert not rows["1.900004"].beyond
    shown = show("procedures", "en")
    assert "90% exceeds the allotted time" in row(shown, "1.900003")
    assert "90% within the allotted time" in row(shown, "1.900001")
    assert "allotted time" not in row(shown, "1.900004")


@pytest.mark.parametrize(
    ("amount", "unit", "hours"),
    [(4, "working_hour", 4), (3, "working_day", 24), (7, "calendar_day", 40), (1, "month", 174)],
)
def test_allotted_time_in_working_seconds(amount: int, unit: AllottedUnit, hours: float) -> None:
    assert allotted_seconds(Allotted(amount=amount, unit=unit)) == pytest.approx(hours * HOUR)


def test_no_allotted_time_has_no_seconds() -> None:
    assert allotted_seconds(None) is None


@pytest.mark.parametrize("column", ["received", "overdue", "processing_p50_s", "on_time_rate"])
def test_a_column_orders_the_table(column: str) -> None:
    rows = context("procedures", query={"sort": column, "order": "asc"})["rows"]
    values = [each.figures[column].value for each in rows]
    assert values == sorted(values)


def test_by_allotted_time_those_without_one_come_last() -> None:
    for order in ("asc", "desc"):
        rows = context("procedures", query={"sort": "allotted", "order": order})["rows"]
        assert rows[-1].code == "1.900005"


def test_hidden_cells_are_explained() -> None:
    shown = show("procedures", "en", of=board(4), period="today")
    assert ">hidden<" in shown.html
    assert "cell built on 1 to 4 cases, or one from which" in shown.text
    assert "cell built on 1 to 4 cases, or one from which" not in show("procedures", "en").text


def test_procedures_without_a_case_are_counted_and_listed() -> None:
    city = board(40)
    extra = city.procedures["1.900001"].model_copy(update={"code": "9.1", "name_en": "Never asked for"})
    shown = show("procedures", "en", of=replace(city, procedures={**city.procedures, "9.1": extra}))
    assert "without a case in the period: 1" in shown.text
    assert "Never asked for" in shown.text


def test_of_many_procedures_the_first_of_the_table_are_drawn() -> None:
    class Many(KitBoard):
        def breakdown(
            self, unit_id: str, scope: Scope, dimension: Dimension, period: Period
        ) -> Sequence[Cell]:
            usual = super().breakdown(unit_id, scope, dimension, period)
            return [Cell(f"7.{n:03}", usual[n % 3].figures) for n in range(60)]

    city = board(40)
    shown = show("procedures", "en", of=Many(city.year, city.units, city.procedures, city.reporting))
    assert len(shown.rows("p-")) == 60
    assert "The first 50 of the table." in shown.text
    assert shown.fragments["bars"].count("<tr>") == 50
    assert "The first" not in show("procedures", "en").text


def test_a_code_that_the_list_does_not_know_is_shown_as_such() -> None:
    city = board(40)
    known = {code: each for code, each in city.procedures.items() if code != "1.900002"}
    shown = show("procedures", "en", of=replace(city, procedures=known))
    assert "1.900002 This code is not in the list" in row(shown, "1.900002")


def test_a_period_without_cases_says_so() -> None:
    class Empty(KitBoard):
        def breakdown(
            self, _unit_id: str, _scope: Scope, _dimension: Dimension, _period: Period
        ) -> Sequence[Cell]:
            return []

    city = board(8)
    shown = show("procedures", "en", of=Empty(city.year, city.units, city.procedures, city.reporting))
    assert "No case of the period can be split by procedure" in shown.text
    assert faults(shown.html) == []
