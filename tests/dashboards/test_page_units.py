"""The table of all units."""

import gzip

import pytest

from dashboards.board.pages.cells import Cells
from dashboards.board.pages.units import COLUMNS, spark_path
from tests.dashboards.board_kit import board
from tests.dashboards.html_check import faults
from tests.dashboards.page_reader import Shown, context, show

LIMIT = 150_000


def row(shown: Shown, code: str) -> str:
    return shown.said(f"u-{code}")


def values(column: str, order: str) -> list[float]:
    rows = context("units", query={"sort": column, "order": order})["rows"]
    found = [each.worst.value if column == "worst_overdue_s" else each.figures[column].value for each in rows]
    return [value for value in found if value is not None]


def test_every_unit_of_the_city_has_a_row() -> None:
    assert sorted(show("units").rows("u-")) == sorted(board(40).units)


def test_those_with_the_most_overdue_cases_come_first_unless_asked_otherwise() -> None:
    rows = context("units")["rows"]
    overdue = [each.figures["overdue"].value for each in rows]
    assert overdue == sorted(overdue, reverse=True)
    assert overdue[0] > overdue[-1]


@pytest.mark.parametrize(
    "column", ["open", "completed", "on_time_rate", "processing_p90_s", "worst_overdue_s"]
)
def test_a_column_orders_the_table_both_ways(column: str) -> None:
    up, down = values(column, "asc"), values(column, "desc")
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)
    assert up[0] < up[-1]


def test_units_without_a_value_come_last_either_way() -> None:
    for order in ("asc", "desc"):
        rows = context("units", query={"sort": "on_time_rate", "order": order})["rows"]
        assert rows[-1].figures["on_time_rate"].value is None


def test_names_are_ordered_as_a_reader_of_vietnamese_expects() -> None:
    rows = context("units", query={"sort": "name"})["rows"]
    names = [each.unit.name for each in rows]
    assert names.index("Phường Bến Trăng 2") < names.index("Phường Chợ Mai")
    assert names.index("Phường Đê Quai") < names.index("Phường Gò Chuối 2")
    assert names.index("Phòng Một cửa 5") < names.index("Phường Chợ Mai")


def test_headings_link_to_the_other_order_and_say_the_one_in_force() -> None:
    html = show("units", "en", sort="completed", order="desc").html
    assert html.count("aria-sort=") == 1
    assert 'aria-sort="descending"><a class="sort" href="/en/units?sort=completed&amp;order=asc"' in html
    assert 'href="/en/units?sort=on_time_rate&amp;order=asc"' in html
    assert "ordered by: Completed, descending" in show("units", "en", sort="completed", order="desc").text


def test_every_column_has_a_word_in_the_heading() -> None:
    html = show("units", "en").html
    assert all(f"sort={column.id}&amp;" in html for column in COLUMNS)


def test_a_kind_filters_and_other_choices_are_kept() -> None:
    shown = show("units", "en", kind="department", sort="open", period="7d")
    kinds = {board(40).units[code].kind for code in shown.rows("u-")}
    assert kinds == {"department"}
    assert '<option value="department" selected>' in shown.html
    assert '<input type="hidden" name="period" value="7d">' in shown.html
    assert '<input type="hidden" name="sort" value="open">' in shown.html
    assert "of 40 units are shown" in shown.text


def test_a_parent_filters_to_all_that_stand_below_it() -> None:
    assert show("units", parent="H99.1").rows("u-") == ["H99.1.1"]
    assert set(show("units", parent="H99").rows("u-")) == set(board(40).units) - {"H99"}


def test_a_filter_that_nothing_matches_is_told() -> None:
    shown = show("units", "en", parent="H00")
    assert "No unit matches the filter" in shown.text
    assert faults(shown.html) == []


def test_own_cases_and_cases_with_units_below_differ_for_a_department() -> None:
    tree, own = (show("units", scope=scope, sort="name") for scope in ("tree", "own"))
    assert row(tree, "H99.1") != row(own, "H99.1")
    assert row(tree, "H99.105") == row(own, "H99.105")


def test_a_former_unit_is_greyed_stands_last_and_names_its_successor() -> None:
    shown = show("units", "en")
    codes = shown.rows("u-")
    assert set(codes[-3:]) == {"H99.900", "H99.901", "H99.902"}
    former = shown.html.index('<tbody class="former">')
    assert shown.html.index('data-live="u-H99.900"') > former > shown.html.index('data-live="u-H99.105"')
    assert "Ceased to be on 31 Mar 2026" in row(shown, "H99.900")
    successor = board(40).units["H99.900"].succeeded_by
    assert f'href="/en/units/{successor}"' in shown.fragments["u-H99.900"]


def test_a_unit_that_does_not_report_is_marked_with_its_last_moment() -> None:
    shown = show("units", "en")
    silent, never = reversed(board(40).reporting.missing)
    assert "Not reporting since 17 Nov 2026" in row(shown, silent.unit.code)
    assert "Never reported" in row(shown, never.unit.code)
    assert "35 of 37 units are reporting" in shown.text


def test_what_cannot_be_measured_is_named_and_not_zero() -> None:
    shown = show("units", "en")
    never = board(40).reporting.missing[0].unit.code
    assert 'aria-label="nothing to measure">–<' in shown.fragments[f"u-{never}"]


def test_a_rate_never_stands_without_n() -> None:
    shown = show("units", "en")
    figures = board(40).period("H99.105", "tree", "30d")
    n = figures["on_time_rate"].n
    assert f"({n})" in row(shown, "H99.105")
    assert f"({figures['on_time_rate_strict'].n})" in row(shown, "H99.105")


def test_a_hundred_percent_never_stands_beside_overdue_cases() -> None:
    found = context("units", language="en", period="today")
    kept = [
        row.figures
        for row in found["rows"]
        if row.figures["on_time_rate"].value == 1 and row.figures["overdue"].value
    ]
    assert kept
    cells = Cells("en", board().zone)
    for figures in kept:
        n = figures["on_time_rate"].n
        assert " ".join(cells.promise(figures).split()) == f"{n} of {n}"
        clean = {**figures, "overdue": figures["overdue"]._replace(value=0)}
        assert cells.promise(clean).startswith("100%")


def test_a_corrected_figure_is_marked_with_the_day() -> None:
    shown = show("units", "en")
    assert 'aria-label="corrected 25 Nov 2026"' in shown.html


def test_the_sparkline_runs_from_the_first_day_to_the_last_and_is_tallest_at_the_most() -> None:
    assert spark_path([0, 0, 0, 9, 9, 9, 3]) == "M0 9l4 -9l4 6"
    assert spark_path([0] * 30) == ""
    assert spark_path([]) == ""
    assert spark_path([5]) == "M0 0"


def test_seven_hundred_units_fit_into_the_limit_when_compressed() -> None:
    html = show("units", of=board(700)).html
    size = len(gzip.compress(html.encode(), 6))
    print(f"700 units: {size} bytes compressed, {len(html.encode())} plain")
    assert size < LIMIT
    assert faults(html) == []
