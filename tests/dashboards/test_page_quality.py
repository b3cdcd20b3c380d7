"""The page on data quality."""

from dataclasses import replace

import pytest

from dashboards.board.model.facts import Anomaly, DeadLetters, Figure, Reporting
from dashboards.board.pages.page import Language
from dashboards.limits import SilenceLimits
from schemas import anomalies, dead_letter
from tests.dashboards.board_kit import AS_OF, KitBoard, board
from tests.dashboards.html_check import faults
from tests.dashboards.page_reader import LANGUAGES, Shown, context, show


def fragment(shown: Shown, name: str) -> str:
    return shown.said(name)


def test_the_stalest_source_comes_first_and_is_marked() -> None:
    said = fragment(show("quality", "en"), "sources")
    assert said.index("feedback-portal ■ Stale") < said.index("✓ Fresh")
    assert "7 h" in said


def test_units_not_reporting_are_named_with_what_is_last_known() -> None:
    shown = show("quality", "en")
    said = fragment(shown, "missing")
    never, silent = board(40).reporting.missing
    assert f"{never.unit.name_en} never unknown" in said
    assert f"{silent.unit.name_en} 17 Nov 2026" in said
    assert said.endswith(f"{silent.open}")
    assert "35 of 37 units are reporting" in shown.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_anomaly_and_reason_is_explained_in_the_readers_language(language: Language) -> None:
    class Everything(KitBoard):
        def anomalies(self, _unit_id: str) -> list[Anomaly]:
            return [Anomaly(kind, 10 + place) for place, kind in enumerate(anomalies.Anomaly)]

    city = board(8)
    letters = [letter_for(reason) for reason in dead_letter.Reason]
    everything = Everything(city.year, city.units, city.procedures, city.reporting, dead_letters=letters)
    text = show("quality", language, of=everything).text
    place = LANGUAGES.index(language)
    for sentence in (*anomalies.SENTENCES.values(), *dead_letter.SENTENCES.values()):
        assert " ".join(sentence[place].split()) in text


def letter_for(reason: str) -> DeadLetters:
    return board(8).dead_letters[0]._replace(reason=str(reason))


def test_a_kind_that_is_newer_than_this_board_is_shown_by_its_name() -> None:
    class Newer(KitBoard):
        def anomalies(self, _unit_id: str) -> list[Anomaly]:
            return [Anomaly("made_tomorrow", 1)]

    city = board(8)
    assert "made_tomorrow" in show("quality", of=Newer(city.year, city.units, {}, city.reporting)).text


def test_dead_letters_are_summed_by_reason_and_name_their_sources() -> None:
    letters = board(8).dead_letters
    more = (*letters, letters[0]._replace(source="national-portal", n=5))
    reasons = context("quality", replace(board(8), dead_letters=more))["reasons"]
    assert (reasons[0].reason, reasons[0].n) == ("malformed_field", letters[0].n + 5)
    assert {each.source for each in reasons[0].sources} == {"one-stop", "national-portal"}


def test_corrections_name_unit_moment_and_day() -> None:
    found = context("quality")
    assert found["corrected"]
    said = fragment(show("quality", "en"), "corrected")
    assert "25 Nov 2026, 16:05 22 Nov 2026" in said
    assert found["corrected"][0].unit.name_en in said


def test_a_balanced_ledger_is_said_and_an_unbalanced_one_is_named() -> None:
    class Unbalanced(KitBoard):
        def period(self, unit_id: str, scope: object, period: object) -> dict[str, Figure]:
            gap = Figure("flow_gap", -2 if unit_id in {"H99.1", "*"} else 0, None, AS_OF)
            return {**super().period(unit_id, scope, period), "flow_gap": gap}  # type: ignore[arg-type]

    city = board(8)
    assert "Balanced at every unit and for the city: 8 of 8" in show("quality", "en", of=city).text
    shown = show("quality", "en", of=Unbalanced(city.year, city.units, city.procedures, city.reporting))
    assert "The city as a whole is off by −2" in shown.text
    assert "Not balanced at 1 of 8 units" in shown.text
    assert fragment(shown, "unbalanced") == "Department of Home Affairs −2"


def test_a_city_without_faults_says_that_too() -> None:
    class Clean(KitBoard):
        def anomalies(self, _unit_id: str) -> list[Anomaly]:
            return []

    city = board(8)
    clean = Clean(city.year, city.units, city.procedures, Reporting(7, 7, []), dead_letters=())
    shown = show("quality", "en", of=clean)
    assert faults(shown.html) == []
    assert "Every unit is reporting" in shown.text
    assert "There are no anomalies" in shown.text
    assert "Every record could be read" in shown.text


def test_from_when_on_silence_is_told_stands_on_the_page() -> None:
    city = replace(board(8), silence=SilenceLimits(unit_days=2.5, source_days=4))
    english, vietnamese = show("quality", "en", of=city).text, show("quality", "vi", of=city).text
    assert "A source that sends nothing for more than 4 working days" in english
    assert "A unit without an event for more than 2 working days 4 h of its own calendar" in english
    assert "quá 4 ngày làm việc" in vietnamese
    assert "quá 2 ngày làm việc 4 giờ" in vietnamese
