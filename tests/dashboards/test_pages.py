"""What all pages on units, procedures, coordination, methods, data and quality have in common."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboards.board.model.facts import (
    WHOLE_CITY,
    Anomaly,
    Cell,
    Day,
    Dimension,
    Figures,
    Pair,
    Reporting,
    Scope,
)
from dashboards.board.pages import PAGES
from dashboards.board.pages.page import Language
from dashboards.board.words import catalogue
from schemas.period import PERIODS, Period
from tests.dashboards.board_kit import AS_OF, KitBoard, board
from tests.dashboards.html_check import faults
from tests.dashboards.page_reader import BY_NAME, LANGUAGES, OF_UNITS, show

BOARD = Path(__file__).parents[2] / "dashboards" / "board"


class Bare(KitBoard):
    """A city that has just begun: units are known, nothing else is."""

    def period(self, unit_id: str, _scope: Scope, _period: Period) -> Figures:
        assert unit_id == WHOLE_CITY or unit_id in self.units
        return {}

    def now(self, unit_id: str, scope: Scope) -> Figures:
        return self.period(unit_id, scope, "all")

    def trend(self, _unit_id: str, _scope: Scope, _days: int = 30) -> Sequence[Day]:
        return []

    def breakdown(
        self, _unit_id: str, _scope: Scope, _dimension: Dimension, _period: Period
    ) -> Sequence[Cell]:
        return []

    def bands(self, _unit_id: str, _scope: Scope) -> Figures:
        return {}

    def pairs(self, _unit_id: str | None = None) -> Sequence[Pair]:
        return []

    def anomalies(self, _unit_id: str) -> Sequence[Anomaly]:
        return []

    def last_event_at(self, _unit_id: str) -> datetime | None:
        return None


def bare() -> Bare:
    city = board(8)
    return Bare(
        city.year,
        city.units,
        {},
        Reporting(0, 0, []),
        sources=(),
        dead_letters=(),
        summaries_at=None,
        demo=False,
    )


def test_the_pages_stand_in_the_order_of_the_navigation() -> None:
    named = [page.name for page in PAGES if "{" not in page.path and page.name != "wall"]
    assert named == ["city", "units", "procedures", "coordination", "methods", "opendata", "quality"]
    assert [BY_NAME[name].path for name in ("units", "unit", "opendata")] == [
        "/units",
        "/units/{unit_id}",
        "/data",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_UNITS)
def test_a_page_is_well_made(name: str, language: Language) -> None:
    assert faults(show(name, language).html) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OF_UNITS)
def test_a_page_without_any_numbers_says_so_and_is_well_made(name: str, language: Language) -> None:
    shown = show(name, language, of=bare(), unit_id="H99.100" if name == "unit" else "")
    assert faults(shown.html) == []
    assert "None" not in shown.text
    assert len(shown.text) > 600


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_can_be_asked_of_every_page(period: Period) -> None:
    for name in OF_UNITS:
        assert (
            faults(
                show(name, "en", of=board(8), unit_id="H99.100" if name == "unit" else "", period=period).html
            )
            == []
        )


@pytest.mark.parametrize("name", OF_UNITS)
def test_a_page_says_nothing_in_the_other_language_but_the_title_beside_it(name: str) -> None:
    shown = show(name, "en")
    vietnamese = [
        each["vi"] for key, each in catalogue().items() if "{" not in each["vi"] and len(each["vi"]) > 12
    ]
    assert len(vietnamese) > 100
    foreign = [text for text in vietnamese if text in shown.text and text not in shown.foreign]
    assert foreign == []


@pytest.mark.parametrize("name", [name for name in OF_UNITS if name != "opendata"])
def test_the_two_languages_show_the_same_live_elements(name: str) -> None:
    assert list(show(name, "vi").fragments) == list(show(name, "en").fragments)


@pytest.mark.parametrize("name", [name for name in OF_UNITS if name not in {"methods", "opendata"}])
def test_every_block_says_of_what_time_it_is(name: str) -> None:
    html = show(name, "en").html
    main = html[html.index("<main") : html.index("</main>")]
    sections = main.split("<section")[1:]
    assert sections
    silent = [each for each in sections if "computed" not in each and "Procedures of the list" not in each]
    assert silent == []


@pytest.mark.parametrize("name", OF_UNITS)
def test_demo_data_and_stale_sources_are_named_on_every_page(name: str) -> None:
    text = show(name, "en").text
    assert "Simulated data" in text
    assert "feedback-portal" in text


def test_a_board_that_is_real_does_not_call_itself_simulated() -> None:
    assert "Simulated" not in show("opendata", "en", of=replace(board(8), demo=False)).text


def test_where_summaries_were_never_computed_the_page_says_so() -> None:
    shown = show("coordination", "en", of=replace(board(8), summaries_at=None))
    assert "never computed yet" in shown.text


def test_no_page_knows_of_officers() -> None:
    sources = [
        *(BOARD / "pages").glob("*.py"),
        *(BOARD / "templates").glob("*.html"),
        BOARD / "model" / "facts.py",
    ]
    assert len(sources) > 15
    assert [path.name for path in sources if "officer" in path.read_text(encoding="utf-8").lower()] == []


def test_moments_are_told_in_the_citys_time() -> None:
    shown = show("quality", "en", of=replace(board(8), as_of=AS_OF.astimezone(UTC)))
    assert "26 Nov 2026, 10:12" in shown.text
