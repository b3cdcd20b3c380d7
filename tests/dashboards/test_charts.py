from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.board import charts
from dashboards.board.charts import Part


def _read(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314  # our own markup


@given(st.integers(0, 10**9))
def test_an_axis_ends_at_or_above_the_most_and_its_half_is_whole(most: int) -> None:
    top = charts.nice_top(most)

    assert top >= most
    assert top % 2 == 0
    assert top <= max(2, 2.5 * most)


def test_a_line_says_in_words_what_it_shows() -> None:
    svg = _read(charts.line([1, 2, 3], id="x", title="Quá <hạn>", description="Từ 1 đến 3"))

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "x-title x-desc"
    assert [(each.get("id"), each.text) for each in svg if each.tag in {"title", "desc"}] == [
        ("x-title", "Quá <hạn>"),
        ("x-desc", "Từ 1 đến 3"),
    ]


def test_a_line_runs_from_left_to_right_with_zero_at_the_bottom_and_its_last_value_marked() -> None:
    svg = _read(charts.line([0, 5, 10], id="x", title="t", description="d"))
    paths = {each.get("class"): each.get("d") for each in svg.iter("path")}

    assert paths["trend"] == "M0 160L300 80L600 0"
    assert paths["dot"] == "M600 0h.01"


def test_a_day_without_a_value_is_a_gap() -> None:
    svg = _read(charts.line([2, None, 2, 2], id="x", title="t", description="d"))
    paths = {each.get("class"): each.get("d") for each in svg.iter("path")}

    assert str(paths["trend"]).count("M") == 2
    assert paths["area"] == ""


@pytest.mark.parametrize("values", [[], [None], [0, 0], [7]])
def test_few_or_no_values_make_a_chart_all_the_same(values: list[float | None]) -> None:
    assert _read(charts.line(values, id="x", title="t", description="d")).tag == "svg"
    assert _read(charts.spark(values, label="l")).get("aria-label") == "l"


def test_parts_of_a_whole_fill_it_in_their_order() -> None:
    parts = [Part("in_time", 60), Part("due_soon", 0), Part("overdue", 40)]
    rects = list(_read(charts.stacked(parts, label="l")))

    assert [(each.get("class"), each.get("x"), each.get("width")) for each in rects] == [
        ("part in_time", "0%", "60%"),
        ("part overdue", "60%", "40%"),
    ]


def test_a_part_however_small_is_seen() -> None:
    rects = list(_read(charts.stacked([Part("in_time", 999_999), Part("overdue", 1)], label="l")))

    assert float(str(rects[1].get("width")).rstrip("%")) >= 0.4


def test_a_whole_of_nothing_has_no_parts() -> None:
    assert list(_read(charts.stacked([Part("overdue", 0)], label="l"))) == []


def test_a_bar_is_as_long_as_its_share_of_the_longest_and_hidden_from_those_who_hear_the_number() -> None:
    svg = _read(charts.bar(25, 100, mark=50))

    assert svg.get("aria-hidden") == "true"
    assert [each.get("width") for each in svg] == ["25%", "2"]
    assert svg[1].get("x") == "50%"
    assert _read(charts.bar(0, 0))[0].get("width") == "0%"


def test_the_area_of_a_matrix_cell_is_the_share_of_the_greatest() -> None:
    quarter, most = _read(charts.heat(1, 4))[0], _read(charts.heat(4, 4))[0]

    assert (quarter.get("width"), most.get("width")) == ("10", "20")
    assert _read(charts.heat(0, 4))[0].get("width") == "0"


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=40))
def test_no_chart_has_looks_of_its_own(values: list[float | None]) -> None:
    made = charts.line(values, id="x", title="t", description="d") + charts.spark(values, label="")

    assert "style" not in made
    assert "nan" not in made
    assert "fill=" not in made
