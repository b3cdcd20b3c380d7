"""The words of all pages: both languages, nothing missing, nothing left over."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from dashboards.board import words
from dashboards.board.model.facts import LagReason
from dashboards.board.pages import PAGES
from dashboards.board.render import ERRORS
from dashboards.board.standing import State
from schemas.events import ASPECTS, CAUSES
from schemas.period import PERIODS

BOARD = words.FOLDER.parent
CATALOGUE = words.catalogue()
FILES = "|".join(sorted({key.partition(".")[0] for key in CATALOGUE}))
NAMED = re.compile(rf"""f?["']((?:{FILES})\.[a-z0-9_]*)(["']?)(\s*~|\{{)?""")
SOURCES = [*BOARD.glob("templates/*.html"), *BOARD.glob("*.py"), *BOARD.glob("pages/*.py")]


def _used() -> tuple[dict[str, Path], dict[str, Path]]:
    """Keys that are named in full, and beginnings to which something is added; each with where it was found."""
    whole: dict[str, Path] = {}
    begun: dict[str, Path] = {}
    for path in SOURCES:
        for key, closed, added in NAMED.findall(path.read_text(encoding="utf-8")):
            if added and (closed or added == "{"):
                begun[key] = path
            elif closed and not key.endswith((".yaml", ".html")):
                whole[key] = path
    return whole, begun


def test_every_key_that_a_page_names_has_words() -> None:
    whole, begun = _used()
    missing = {key: path.name for key, path in whole.items() if key not in CATALOGUE}
    empty = {
        key: path.name for key, path in begun.items() if not any(each.startswith(key) for each in CATALOGUE)
    }

    assert missing == {}
    assert empty == {}


def test_no_words_are_left_over() -> None:
    whole, begun = _used()
    durations = {f"common.{name}" for name in ("day", "days", "working_day", "working_days")}
    unused = [
        key
        for key in CATALOGUE
        if key not in whole and key not in durations and not key.startswith(tuple(begun))
    ]

    assert unused == []


def test_both_languages_have_the_same_places_to_fill_in() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    different = [key for key, texts in CATALOGUE.items() if places(texts["vi"]) != places(texts["en"])]

    assert different == []


def test_every_value_that_words_are_chosen_by_has_words() -> None:
    wanted = [
        *(f"common.cause_{cause}" for cause in (*CAUSES, "none")),
        *(f"common.aspect_{aspect}" for aspect in (*ASPECTS, "none")),
        *(f"common.lag_{reason}" for reason in get_args(LagReason)),
        *(f"common.status_{state}" for state in get_args(State)),
        *(f"common.{word}_{period}" for word in ("period", "within") for period in PERIODS),
        *(f"common.nav_{page.name}" for page in PAGES if "{" not in page.path and page.name != "wall"),
        *(f"common.error_{status}_{part}" for status in ERRORS for part in ("title", "text")),
    ]

    assert [key for key in wanted if key not in CATALOGUE] == []


def test_words_hold_no_markup_and_no_doubled_spaces() -> None:
    odd = [
        (key, text)
        for key, texts in CATALOGUE.items()
        for text in texts.values()
        if "  " in text or re.search(r"<\w|&\w+;", text)
    ]

    assert odd == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a: {vi: x}", "exactly the languages"),
        ("a: {vi: x, en: y, fr: z}", "exactly the languages"),
        ("a: {vi: x, en: ''}", "empty text"),
        ("a: x", "exactly the languages"),
        ("- a", "map names to texts"),
    ],
)
def test_a_words_file_that_is_not_as_it_should_be_is_named(
    tmp_path: Path, content: str, complaint: str
) -> None:
    (tmp_path / "some.yaml").write_text(content)

    with pytest.raises(words.WordsError, match=complaint):
        words.read(tmp_path / "some.yaml")
