import re
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboards.board.language import Speech
from dashboards.board.model.facts import Board
from dashboards.board.pages import PAGES
from dashboards.board.pages.page import Asked, Page
from dashboards.board.render import ERRORS
from tests.dashboards.board_kit import AS_OF, SOURCES, ZONE, board
from tests.dashboards.html_check import faults, read
from tests.dashboards.page_kit import BY_NAME, RENDERER, figure, render

PLAIN = Asked("en", "/", "30d")


def _text(
    source: str, asked: Asked = PLAIN, of: Board | None = None, **more: object
) -> tuple[str, dict[str, str]]:
    """A few lines of template, with everything that a template of the board has."""
    page = Page("scratch", "/", lambda _board, _asked: more)
    environment = RENDERER._environment
    template = environment.from_string(source)
    context = RENDERER.context(page, of or board(), asked)
    return template.render(context.values).strip(), context.fragments


def test_what_stands_in_a_live_block_is_a_fragment_and_is_marked_in_the_page() -> None:
    html, fragments = _text(
        '{% call live("a") %}<b>1</b>{% endcall %}{% call live("b", tag="div") %}2{% endcall %}'
    )

    assert html == '<span data-live="a"><b>1</b></span><div data-live="b">2</div>'
    assert fragments == {"a": "<b>1</b>", "b": "2"}


@pytest.mark.parametrize(
    "source",
    [
        '{% call live("a") %}{% call live("b") %}{% endcall %}{% endcall %}',
        '{% call live("a") %}{% endcall %}{% call live("a") %}{% endcall %}',
        '{% call live("a") %}{% endcall %}{{ live_rows([("a", "")]) }}',
        '{{ live_rows([("a", ""), ("a", "")]) }}',
        '{% call live("b") %}{{ live_rows([("a", "")]) }}{% endcall %}',
    ],
)
def test_live_elements_are_never_nested_and_never_namesakes(source: str) -> None:
    with pytest.raises(ValueError, match="live element"):
        _text(source)


@pytest.mark.parametrize("page", [page for page in PAGES if "{" not in page.path], ids=lambda page: page.name)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_fragment_of_a_page_is_what_stands_in_it(page: Page, language: str) -> None:
    made = render(page.name, language=language)  # type: ignore[arg-type]
    marked = re.findall(r'data-live="([^"]+)"', made.html)

    assert sorted(marked) == sorted(made.fragments)
    assert [
        key for key, inner in made.fragments.items() if f'data-live="{key}">{inner}</' not in made.html
    ] == []


@pytest.mark.parametrize("page", [page for page in PAGES if "{" not in page.path], ids=lambda page: page.name)
def test_every_page_is_well_made_says_that_it_is_invented_and_how_old_it_is(page: Page) -> None:
    made = render(page.name, language="en")

    assert faults(made.html) == []
    assert "Simulated data" in read(made.html).text
    assert "26 Nov 2026, 10:12" in made.fragments["as-of"]
    assert "feedback-portal" in read(made.html).text


def test_a_board_of_real_data_is_not_called_invented() -> None:
    assert "Simulated" not in render("city", replace(board(), demo=False), language="en").html


def test_nothing_is_said_of_sources_that_are_all_fresh_but_the_place_is_there_for_one_that_falls_silent() -> (
    None
):
    made = render("city", replace(board(), sources=SOURCES[:1]))

    assert made.fragments["stale"] == ""
    assert 'data-live="stale"' in made.html


def test_summaries_that_were_never_made_are_said_to_be_missing() -> None:
    made = render("city", replace(board(), summaries_at=None), language="en")

    assert "not been computed yet" in made.fragments["as-of"]


def test_an_outage_is_said_at_the_top_and_ages_are_told_by_the_clock() -> None:
    away = replace(board(), generated_at=AS_OF + timedelta(hours=3), away_since=AS_OF + timedelta(minutes=1))

    for name in ("city", "wall"):
        made = RENDERER.page(BY_NAME[name], away, Asked("en", "/", "30d"))
        text = read(made.html).text

        assert "has not answered since 26 Nov 2026, 10:13" in text
        assert "3 hours ago" in made.fragments["as-of"]
        assert "has not answered" not in render(name, language="en").html


def test_a_name_that_has_no_english_is_marked_as_vietnamese_on_english_pages() -> None:
    unit = next(iter(board().units.values()))
    bare = unit.model_copy(update={"name_en": None})

    marked, _ = _text("{{ unit_link(u) }}", u=bare)
    plain, _ = _text("{{ unit_link(u) }}", u=unit)

    assert f'lang="vi">{unit.name}</a>' in marked
    assert "lang=" not in plain


def test_a_figure_says_value_unit_n_and_when_and_links_to_its_method() -> None:
    html, _ = _text("{{ number(f, label=True) }}", f=figure("on_time_rate", 0.974, 500))

    assert '<data class="number" value="0.974" data-number="on_time_rate">97.4%</data>' in html
    assert 'href="/en/methods#on_time_rate"' in html
    assert "n = 500 · in the last 30 days" in read(html).text.replace("\xa0", " ")


def test_a_figure_with_an_id_is_a_live_element_of_its_own() -> None:
    html, fragments = _text('{{ number(f, id="x") }}', f=figure("open", 7))

    assert html == f'<span data-live="x">{fragments["x"]}</span>'


def test_a_hidden_figure_says_why_it_is_hidden() -> None:
    html, _ = _text("{{ number(f, label=True) }}{{ cell(f) }}", f=figure("open", None, hidden=True))

    assert html.count(">hidden<") == 2
    assert "nobody can be recognised" in html
    assert "<data" not in html


def test_a_figure_with_nothing_to_measure_says_so_in_words() -> None:
    html, _ = _text("{{ cell(f) }}", f=figure("processing_p50_s", None, 0))

    assert read(html).text == "– nothing to measure"


def test_a_corrected_figure_is_marked_with_the_day() -> None:
    html, _ = _text("{{ number(f) }} {{ cell(f) }}", f=figure("open", 7, corrected_at=AS_OF))

    assert html.count("corrected 26 Nov 2026") >= 2


def test_the_promise_is_told_with_its_n_and_never_as_100_percent_beside_overdue_cases() -> None:
    figures = {
        "on_time_rate": figure("on_time_rate", 1.0, 20),
        "completed_in_time": figure("completed_in_time", 20),
        "overdue": figure("overdue", 3),
    }

    beside, _ = _text("{{ promise(f) }}", f=figures)
    alone, _ = _text("{{ promise(f) }}", f=figures | {"overdue": figure("overdue", 0)})

    assert read(beside).text.replace("\xa0", " ") == "20 of 20"
    assert read(alone).text.replace("\xa0", " ") == "100% (20 of 20)"


@pytest.mark.parametrize(
    ("value", "n", "told"),
    [
        (0.95, 50, "✓ Good"), (0.9499, 50, "● Watch"), (0.85, 50, "▲ Behind"), (0.5, 50, "■ Far behind"),
        (0.5, 9, "○ Too few cases to judge"),
    ],
)  # fmt: skip
def test_a_state_has_a_shape_and_a_word(value: float, n: int, told: str) -> None:
    html, _ = _text("{{ status(f) }}", f=figure("on_time_rate", value, n))

    assert read(html).text == told


def test_less_overdue_is_better_and_a_count_has_no_state() -> None:
    html, _ = _text(
        "{{ status(a) }}, {{ status(b) }}", a=figure("overdue_share", 0.02, 99), b=figure("open", 3)
    )

    assert read(html).text == "✓ Good ,"


def test_addresses_keep_language_period_and_scope_and_drop_defaults() -> None:
    asked = Asked("en", "/units", "7d", "own", query={"sort": "open"})
    html, _ = _text(
        "{{ url('/quality') }} {{ url('/methods#open', period='30d') }} {{ unit_url('H9/ 1', sort='') }}",
        asked,
    )
    default, _ = _text("{{ url('/', period='30d', scope='tree', sort=None) }}")

    assert html.replace("&amp;", "&").split(" ") == [
        "/en/quality?period=7d&scope=own",
        "/en/methods?scope=own#open",
        "/en/units/H9%2F%201?period=7d&scope=own",
    ]
    assert default == "/en/"


def test_the_language_switch_leads_to_the_same_page_with_the_same_question() -> None:
    html = render("units", language="vi", period="7d", query={"sort": "open"}).html

    assert '<a href="/en/units?sort=open&amp;period=7d" lang="en" hreflang="en">English</a>' in html


def test_a_sort_link_keeps_what_else_was_asked() -> None:
    html = render("units", period="7d", query={"sort": "open", "kind": "ward"}).html

    assert 'aria-sort="descending"' in html
    assert "kind=ward" in html


def test_a_page_may_not_take_a_name_that_every_page_has() -> None:
    with pytest.raises(ValueError, match="scratch takes names of every page: trend"):
        _text("", trend=1)


@pytest.mark.parametrize("status", [*ERRORS, 418])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_error_page_says_what_to_do_without_any_board(status: int, language: str) -> None:
    html = RENDERER.error(status, language, "/units/<x>")  # type: ignore[arg-type]

    assert faults(html) == []
    assert str(status) in html
    assert "<x>" not in html
    title = Speech(language, ZONE).t(f"common.error_{status if status in ERRORS else 500}_title")  # type: ignore[arg-type]
    assert str(title) in html
