"""One unit's page."""

import re
from dataclasses import replace

import pytest

from dashboards.board.model.facts import Figure
from dashboards.board.pages.tables import share
from tests.dashboards.board_kit import AS_OF, board
from tests.dashboards.html_check import faults
from tests.dashboards.page_reader import FORMER, WARD, Shown, context, show


def fragment(shown: Shown, name: str) -> str:
    return shown.said(name)


def test_the_sentence_tells_promise_and_overdue_in_one() -> None:
    figures = board(40).period(WARD, "tree", "30d")
    said = fragment(show("unit", "en"), "sentence")
    assert f"{figures['completed_in_time'].value}" in said
    assert f"{figures['overdue'].value}" in said
    assert said.endswith(".")


def test_the_ledger_is_shown_and_adds_up() -> None:
    shown = show("unit", "en")
    figures = board(40).period(WARD, "tree", "30d")
    ledger = fragment(shown, "ledger")
    numbers = [int(each.replace(",", "")) for each in re.findall(r"(?<![\w.])[\d,]+", ledger)]
    carried, *lines, left = numbers
    assert carried == figures["carried_over"].value
    assert carried + sum(lines[:3]) - sum(lines[3:]) == left == figures["open"].value
    assert "Balanced" in fragment(shown, "ledger-gap")


def test_a_ledger_that_does_not_add_up_is_said_aloud() -> None:
    class Unbalanced(type(board(40))):  # type: ignore[misc]
        def period(self, *asked: object) -> dict[str, Figure]:
            return {**super().period(*asked), "flow_gap": Figure("flow_gap", 3, None, AS_OF)}

    city = board(40)
    shown = show("unit", "en", of=Unbalanced(city.year, city.units, city.procedures, city.reporting))
    assert "off by 3 cases" in fragment(shown, "ledger-gap")


def test_the_path_to_the_unit_leads_through_those_above_it() -> None:
    html = show("unit", "en", unit_id="H99.1.1").html
    trail = html[html.index("Place in the city") : html.index("</nav>", html.index("Place in the city"))]
    links = re.findall(r'href="([^"]+)"', trail)
    assert links == ["/en/units", "/en/units/H99", "/en/units/H99.1"]
    assert '<span aria-current="page">One-stop Division 1</span>' in trail


def test_responsible_is_a_post_and_nobody_by_name() -> None:
    shown = show("unit", "vi", unit_id="H99.1")
    assert "Chức danh chịu trách nhiệm: Giám đốc Sở" in shown.text


def test_a_unit_without_a_post_says_so() -> None:
    city = board(40)
    units = {**city.units, WARD: city.units[WARD].model_copy(update={"head_post": None})}
    shown = show("unit", "en", of=replace(city, units=units))
    assert "Responsible post: not given" in shown.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", "không còn hoạt động từ 31/03/2026"), ("en", "ceased to be on 31 Mar 2026")],
)
def test_a_former_unit_is_greyed_and_leads_to_its_successor(language: object, words: str) -> None:
    shown = show("unit", language, unit_id=FORMER)  # type: ignore[arg-type]
    successor = board(40).units[FORMER].succeeded_by
    assert '<h1 class="former">' in shown.html
    assert words in shown.text
    assert f'<a href="/{language}/units/{successor}">' in shown.html


def test_a_former_unit_without_a_successor_says_that_none_is_named() -> None:
    city = board(40)
    units = {**city.units, FORMER: city.units[FORMER].model_copy(update={"succeeded_by": None})}
    assert "names no successor" in show("unit", "en", of=replace(city, units=units), unit_id=FORMER).text


def test_silence_of_the_unit_is_named_with_its_last_moment() -> None:
    never, silent = (each.unit.code for each in board(40).reporting.missing)
    assert "has sent no event since 17 Nov 2026" in fragment(show("unit", "en", unit_id=silent), "silent")
    assert "never sent an event" in fragment(show("unit", "en", unit_id=never), "silent")
    assert fragment(show("unit", "en"), "silent") == ""


def test_a_unit_without_cases_says_that_there_is_nothing_to_measure() -> None:
    never = board(40).reporting.missing[0].unit.code
    shown = show("unit", "en", unit_id=never)
    assert faults(shown.html) == []
    assert "No case is overdue at present" in shown.text
    assert "No case of the period" not in shown.text
    assert "nothing to measure" in shown.html


def test_small_cells_are_hidden_and_the_reason_is_given() -> None:
    shown = show("unit", "en", period="7d")
    assert any(
        cell.figures["received"].hidden for cell in board(40).breakdown(WARD, "tree", "procedure", "7d")
    )
    assert ">hidden<" in shown.fragments["by-procedure"]
    assert "so that nobody can be recognised" in shown.text


def test_steps_show_how_long_cases_are_held_with_n() -> None:
    steps = board(40).breakdown(WARD, "tree", "step", "30d")
    said = fragment(show("unit", "en"), "by-step")
    for cell in steps:
        held = cell.figures["holding_p50_s"]
        assert cell.value in said
        assert held.hidden or str(held.n) in said


def test_pairs_tell_for_whom_it_waits_and_who_waits_for_it() -> None:
    found = context("unit", unit_id="H99.1", scope="own")
    assert [pair.unit_id for pair in found["waits"]] == ["H99.1"]
    assert {pair.other_id for pair in found["waited_for"]} == {"H99.1"}
    assert len(found["waited_for"]) > 1
    said = fragment(show("unit", "en", unit_id="H99.1", scope="own"), "waited-for")
    assert str(board(40).units[found["waited_for"][0].unit_id].name_en) in said


def test_with_units_below_their_pairs_count_too_and_none_twice() -> None:
    found = context("unit", unit_id="H99.1", scope="tree")
    assert {pair.unit_id for pair in found["waits"]} == {"H99.1", "H99.1.1"}
    assert not set(found["waits"]) & set(found["waited_for"])


def test_causes_are_named_in_words_and_those_without_one_too() -> None:
    said = fragment(show("unit", "en", unit_id="H99.1"), "by-cause")
    assert "Workload" in said
    assert "No cause named" in said


def test_aspects_of_few_ratings_are_hidden_and_the_others_are_told() -> None:
    cells = board(40).breakdown(WARD, "tree", "aspect", "quarter")
    hidden = [cell for cell in cells if cell.figures["ratings"].hidden]
    shown = show("unit", "en", period="quarter")
    said = fragment(shown, "voice-aspects")
    assert 2 <= len(hidden) < len(cells)
    assert said.count("hidden") == 3 * len(hidden)
    for cell in cells:
        assert cell.figures["ratings"].hidden or f" {cell.figures['ratings'].value} " in said
    assert "built on 1 to 4 ratings" in shown.text


def test_what_citizens_say_stands_apart_from_the_state_and_is_told_once() -> None:
    shown = show("unit", "en")
    assert "stands apart" in shown.text
    for name in ("rating_mean", "solved_share", "ends_solved_share", "online_share", "vneid_share"):
        assert shown.html.count(f'data-number="{name}"') == 1
    assert "status-" not in "".join(text for key, text in shown.fragments.items() if key.startswith("voice-"))


def test_before_the_first_summaries_voice_and_shares_are_said_to_be_missing() -> None:
    class Unread(type(board(40))):  # type: ignore[misc]
        def period(self, *asked: object) -> dict[str, Figure]:
            unread = ("ratings", "rating_mean", "solved_share", "ends_solved_share", "received_fee_due")
            found: dict[str, Figure] = super().period(*asked)
            return {**found, **{name: Figure(name, None, None, AS_OF) for name in unread}}

    city = board(40)
    shown = show("unit", "en", of=Unread(city.year, city.units, city.procedures, city.reporting))
    assert shown.text.count("This part has not been computed yet") == 2
    assert "voice-rating_mean" not in shown.fragments


def test_where_nothing_is_late_no_cause_is_listed() -> None:
    never = board(40).reporting.missing[0].unit.code
    assert context("unit", unit_id=never)["by_cause"] == []
    assert "No case was late in the period" in show("unit", "en", unit_id=never).text


def test_the_citys_value_stands_beside_the_units_with_a_plain_sentence() -> None:
    compared = {each.id: each for each in context("unit", unit_id="H99.1")["compared"]}
    rate = compared["on_time_rate"]
    assert rate.city == board(40).period("*", "own", "30d")["on_time_rate"]
    assert rate.way == ("higher" if rate.here.value > rate.city.value else "lower")
    said = fragment(show("unit", "en", unit_id="H99.1"), "compared")
    points = f"{abs(rate.here.value - rate.city.value) * 100:.1f}"
    assert f"by {points} percentage points" in said
    assert "score" not in said


def test_too_few_cases_are_not_set_against_the_city() -> None:
    ways = {each.way for each in context("unit", unit_id="H99", scope="own", period="today")["compared"]}
    assert ways <= {"few", "nothing"}
    assert ways


def test_a_share_is_hidden_where_a_part_of_it_is_and_empty_where_the_whole_is_nothing() -> None:
    part, whole = Figure("overdue", 3, None, AS_OF), Figure("open", 12, None, AS_OF)
    assert share("overdue_share", part, whole) == Figure("overdue_share", 0.25, 12, AS_OF)
    hidden = share("overdue_share", part._replace(value=None, hidden=True), whole)
    assert hidden is not None
    assert (hidden.value, hidden.hidden) == (None, True)
    empty = share("overdue_share", part._replace(value=0), whole._replace(value=0))
    assert empty is not None
    assert (empty.value, empty.hidden) == (None, False)


def test_units_below_are_listed_with_their_numbers() -> None:
    shown = show("unit", "en", unit_id="H99")
    children = board(40).children("H99")
    assert shown.rows("below-") == sorted(
        children, key=lambda code: board(40).units[code].valid_to is not None
    )
    assert str(board(40).period("H99.1", "tree", "30d")["open"].value) in fragment(shown, "below-H99.1")


def test_a_unit_without_units_below_has_no_choice_of_scope() -> None:
    assert "With all units below" not in show("unit", "en").text
    assert "With all units below" in show("unit", "en", unit_id="H99.1").text


def test_an_unknown_unit_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        show("unit", unit_id="H00")
