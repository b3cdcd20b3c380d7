"""The page on how numbers are made."""

from dataclasses import replace

import pytest

from dashboards.board.pages import methods
from dashboards.board.pages.page import Language
from schemas.profile import PROFILES
from schemas.registry import REGISTRY
from tests.dashboards.board_kit import board
from tests.dashboards.page_reader import LANGUAGES, OF_UNITS, show


def test_every_number_of_the_registry_has_an_anchor_and_both_titles() -> None:
    shown = show("methods", "vi")
    for number in REGISTRY.values():
        assert shown.document.ids[number.id] == 1
        assert number.title_vi in shown.text
        assert number.title_en in shown.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_formula_is_told_in_the_readers_language(language: Language) -> None:
    shown = show("methods", language)
    for number in REGISTRY.values():
        formula = number.formula_vi if language == "vi" else number.formula_en
        assert " ".join(formula.split()) in shown.text


def test_numerator_and_denominator_lead_to_their_own_definitions() -> None:
    html = show("methods", "en").html
    begin = html.index('id="on_time_rate_strict"')
    part = html[begin : html.index("<h3", begin)]
    assert 'href="#completed_in_time"' in part
    assert 'href="#judged"' in part


def test_sources_and_limits_are_of_numbers_that_exist() -> None:
    assert set(methods.SOURCES) <= set(REGISTRY)
    assert set(methods.LIMITS) <= set(REGISTRY)


def test_decrees_are_named_where_one_stands_behind_a_number() -> None:
    html = show("methods", "en").html
    begin = html.index('<h3 id="awaiting_overdue"')
    assert "1207/QĐ-UBND" in html[begin:]
    begin = html.index('<h3 id="cashless_share"')
    assert "766/QĐ-TTg" in html[begin : html.index("<h3", begin + 5)]


def test_both_on_time_formulas_stand_side_by_side_with_the_figures() -> None:
    shown = show("methods", "en")
    figures = board(40).period("*", "own", "30d")
    two = shown.said("two")
    for name in ("completed_in_time", "completed_late", "completed", "overdue"):
        assert f"{figures[name].value:,}" in two
    assert f"{figures['on_time_rate'].value:.1%}" in two
    assert f"{figures['on_time_rate_strict'].value:.1%}" in two
    assert f"n = {figures['on_time_rate_strict'].n:,}" in two


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_the_profile_in_force_is_told_rule_by_rule(profile: str) -> None:
    text = show("methods", "en", of=replace(board(8), profile=profile)).text
    assert f"Profile: {profile}" in text
    assert ("Dates are compared" in text) == (PROFILES[profile].precision == "date")
    assert ("is only a pause" in text) == (PROFILES[profile].stopped == "pauses")
    assert ("twice or more for a supplement" in text) == (PROFILES[profile].second_supplement == "late")
    assert ("has no deadline." in text) == (PROFILES[profile].no_due == "no_deadline")


def test_a_profile_of_the_citys_own_is_named_as_such() -> None:
    assert "“ours” is none of those" in show("methods", "en", of=replace(board(8), profile="ours")).text


def test_ended_solved_hidden_and_old_are_explained() -> None:
    text = show("methods", "en").text
    assert "Ended: the office recorded the end of processing" in text
    assert "Solved: the case ended with an outcome granted or resolved" in text
    assert "the next smallest cell is hidden too" in text
    assert "within about a second" in text


def test_no_link_to_a_method_leads_nowhere() -> None:
    anchors = set(show("methods", "en").document.ids)
    for name in OF_UNITS:
        wanted = {href.partition("#")[2] for href in show(name, "en").document.links if "/methods" in href}
        assert wanted - {""} <= anchors
