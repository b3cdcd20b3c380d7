import re
from dataclasses import replace

import pytest

from dashboards.board.model.facts import Cell, Figures, Reporting, Scope, Silent
from dashboards.board.pages.page import Language
from schemas.period import PERIODS, Period
from tests.dashboards.board_kit import AS_OF, KitBoard, board
from tests.dashboards.html_check import faults, read
from tests.dashboards.page_kit import changed, figure, render


def _sentence(html: str) -> str:
    return read(html).text.replace("\xa0", " ")


def test_the_first_sentence_tells_kept_promises_and_open_delays_together() -> None:
    figures = board().period("*", "own", "30d")
    part, whole, overdue = (figures[name].value for name in ("completed_in_time", "completed", "overdue"))

    told = _sentence(render("city", language="en").fragments["sentence"])

    assert re.fullmatch(
        rf"[\d.]+% of the cases completed in the last 30 days were in time \({part:,} of {whole:,}\), "
        rf"while {overdue:,} open cases are overdue now.",
        told,
    )


def test_the_strict_rate_stands_beside_with_its_n() -> None:
    judged = board().period("*", "own", "30d")["on_time_rate_strict"].n

    told = _sentence(render("city", language="en").fragments["strict"])

    assert f"(n = {judged:,})" in told


def test_a_rate_of_one_is_not_told_in_percent_beside_overdue_cases() -> None:
    other = changed(
        on_time_rate={"value": 1.0, "n": 20}, completed_in_time={"value": 20}, overdue={"value": 3}
    )

    made = render("city", other, language="en")

    assert "100%" not in made.fragments["sentence"]
    assert _sentence(made.fragments["sentence"]).startswith(
        "Every case completed in the last 30 days was in time"
    )
    assert "100%" not in made.fragments["city-promise"]


def test_a_rate_close_to_one_is_not_rounded_to_100_percent() -> None:
    other = changed(on_time_rate={"value": 0.999_97, "n": 30_000})

    assert "> 99.9%" in _sentence(render("city", other, language="en").fragments["sentence"])


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"on_time_rate": {"value": None, "n": 0}}, "No case has been completed in the last 30 days, while"),
        ({"overdue": {"value": 0}}, "; no open case is overdue now."),
        ({"overdue": {"value": 1}}, ", while 1 open case is overdue now."),
    ],
)
def test_the_sentence_has_words_for_none_and_for_one(
    figures: dict[str, dict[str, object]], told: str
) -> None:
    made = render("city", changed(**figures), language="en")

    assert told in _sentence(made.fragments["sentence"])


def test_the_ledger_adds_up_as_it_is_shown() -> None:
    rows = re.findall(
        r'class="sign">(.?)</td>.*?value="(\d+)"', render("city").fragments["city-ledger"], flags=re.DOTALL
    )
    total = sum(int(value) * {"": 1, "+": 1, "−": -1, "=": 0}[sign] for sign, value in rows)

    assert [sign for sign, _ in rows][-1] == "="
    assert total == int(rows[-1][1])


def test_a_ledger_that_does_not_add_up_is_said_to_be_out() -> None:
    made = render("city", changed(flow_gap={"value": -2}), language="en")

    assert "out by −2 cases" in made.fragments["city-gap"]
    assert "adds up" not in made.fragments["city-gap"]


def test_parts_of_the_stock_sum_to_the_open_cases() -> None:
    made = render("city", language="en")
    parts = [
        int(value)
        for value in re.findall(r'<data class="number" value="(\d+)"', made.fragments["city-stock-rows"])
    ]

    assert len(parts) == 5
    assert sum(parts) == board().period("*", "own", "30d")["open"].value


def test_each_main_figure_has_its_trend_and_the_way_down_to_the_units() -> None:
    html = render("city", language="en", period="7d").html

    for name in ("open", "overdue", "due_soon", "completed"):
        assert f'href="/en/units?period=7d&amp;sort={name}"' in html
    assert html.count('class="spark"') == 5


def test_units_that_lag_are_named_with_share_n_state_and_a_reason_for_every_code() -> None:
    made = render("city", language="en")
    told = _sentence(made.fragments["city-lagging"])

    reasons = (
        "wait for",
        "suspended for supplements",
        "came in during the period",
        "stay longest at the step",
        "overdue already when handed over",
        "names no cause",
        "Cause named most often: Workload",
    )
    for reason in reasons:
        assert reason in told
    assert len(re.findall(r"\d% \(\d+ of \d+\)", told)) == 8
    assert "■ Far behind" in told


def test_what_citizens_say_is_told_out_of_five_with_its_n_and_by_aspect() -> None:
    figures = board().period("*", "own", "30d")
    mean, solved, ends = (figures[name] for name in ("rating_mean", "solved_share", "ends_solved_share"))

    made = render("city", language="en")

    assert _sentence(made.fragments["voice-rating_mean"]) == f"{mean.value:.1f} out of 5 (n = {mean.n:,})"
    assert _sentence(made.fragments["voice-solved_share"]) == f"{solved.value:.1%} (n = {solved.n:,})"
    assert _sentence(made.fragments["voice-ends_solved_share"]) == f"{ends.value:.1%} (n = {ends.n:,})"
    rows = re.findall(r"<tr>.*?</tr>", made.fragments["voice-aspects"])
    aspects = sorted(board().breakdown("*", "own", "aspect", "30d"), key=lambda each: each.value == "")
    names = {"staff": "The staff", "result": "The result", "access": "Access to the service"}
    names |= {"procedure": "The procedure", "": "No aspect named"}
    assert [_sentence(row) for row in rows] == [
        f"{names[each.value]} {f['rating_mean'].value:.1f} {f['ratings'].value:,} "
        f"{f['solved_share'].value:.1%} ({f['solved_share'].n:,})"
        for each in aspects
        for f in [each.figures]
    ]


def test_without_a_rating_the_page_says_so_in_words() -> None:
    class Unheard(KitBoard):
        def period(self, unit_id: str, scope: Scope, period: Period) -> Figures:
            nothing = {name: figure(name, None, 0) for name in ("rating_mean", "solved_share")}
            return {**super().period(unit_id, scope, period), **nothing, "ratings": figure("ratings", 0)}

        def breakdown(self, *_asked: object) -> list[Cell]:
            return []

    city = board()
    of = Unheard(city.year, city.units, city.procedures, city.reporting)

    told = _sentence(render("city", of, language="en").html)

    assert "Nobody gave a rating in the period." in told
    assert "Nobody said in the period whether the matter was solved." in told
    assert "There is no rating to split by aspect." in told


@pytest.mark.parametrize("language", ["vi", "en"])
def test_how_cases_are_handed_in_stands_with_shares_n_and_their_methods(language: Language) -> None:
    figures = board().period("*", "own", "30d")

    made = render("city", language=language)

    shown = re.findall(
        r'methods#(\w+)".*?<data class="number" value="([\d.]+)".*?\(n\xa0=\xa0([\d.,]+)\)',
        made.fragments["handed-in-shares"],
    )
    names = ("online_share", "digitised_share", "cashless_share", "vneid_share")
    assert [(name, float(value), int(re.sub(r"\D", "", n))) for name, value, n in shown] == [
        (name, figures[name].value, figures[name].n) for name in names
    ]


def test_a_share_that_is_kept_back_is_named_and_the_reason_given() -> None:
    other = changed(digitised_share={"value": None, "n": None, "hidden": True})

    made = render("city", other, language="en")

    assert "Digitised share hidden" in _sentence(made.fragments["handed-in-shares"])
    assert "a part has only 1 to 4 cases" in _sentence(made.html)


def test_who_does_not_report_is_named_with_last_word_and_last_known_stock() -> None:
    units = list(board().units.values())
    missing = [Silent(units[1], None, None), Silent(units[2], AS_OF.replace(day=20), 12)]
    other = replace(board(), reporting=Reporting(118, 126, missing))

    told = _sentence(render("city", other, language="en").fragments["city-reporting"])

    assert "118 of 126 units are reporting." in told
    assert f"{units[1].name_en} : has never reported" in told
    assert f"{units[2].name_en} : last heard of 6 days ago , with 12 open cases then" in told


def test_many_silent_units_are_counted_beyond_the_first() -> None:
    unit = next(iter(board().units.values()))
    other = replace(board(), reporting=Reporting(1, 21, [Silent(unit, None, None)] * 20))

    assert "and 12 other units" in render("city", other, language="en").fragments["city-reporting"]


def test_awaiting_reception_is_told_with_what_is_beyond_the_limit() -> None:
    now = board().now("*", "own")
    told = _sentence(render("city", language="en").fragments["city-reception"])

    assert told.startswith(f"{now['awaiting'].value:,} cases handed in await reception")
    assert f"{now['awaiting_overdue'].value:,} have waited beyond the limit" in told


def test_every_rate_on_the_page_stands_with_its_n() -> None:
    text = _sentence(render("city", language="en").html)
    without = re.findall(r"\d%(?! (?:\(\d|of the cases|\(n = ))", text)

    assert len(without) == 5  # the shares of the stock: their whole is the caption of their table
    assert "open cases by their state now" in text


@pytest.mark.parametrize("period", PERIODS)
def test_the_period_chosen_is_marked_and_all_others_are_links(period: Period) -> None:
    html = render("city", language="en", period=period).html
    chooser = re.search(r'<nav class="periods".*?</nav>', html, flags=re.DOTALL)

    assert chooser is not None
    assert chooser.group().count("<a ") == len(PERIODS)
    assert chooser.group().count('aria-current="true"') == 1


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", ["city", "wall"])
@pytest.mark.parametrize("units", [4, 40, 700])
def test_the_page_is_well_made_and_small_for_a_city_of_any_size(
    name: str, language: Language, units: int
) -> None:
    made = render(name, board(units), language=language)

    assert faults(made.html) == []
    assert len(made.html) < 60_000


def test_the_wall_tells_the_sentence_four_numbers_five_units_and_how_old_it_is() -> None:
    made = render("wall", language="en")
    text = _sentence(made.html)

    assert "open cases are overdue now." in text
    for name in ("open", "overdue", "due_soon", "completed"):
        assert f'data-number="{name}"' in made.fragments[f"wall-{name}"]
    assert made.fragments["wall-lagging"].count("<tr>") == 5
    assert "Numbers as of 26 Nov 2026" in text
    assert "<nav" not in made.html
    assert "▲ Source feedback-portal silent for 7 h." in text
