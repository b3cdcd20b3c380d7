"""Every number of the board is the oracle's, whoever asks for it and over whatever period."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from dashboards.board.words import catalogue
from schemas.events import ASPECTS
from schemas.period import PERIODS, Period
from tests.board.expected import Expected, differences, is_near
from tests.board.pages import UNIT
from tests.board.product import Product
from tests.board.shown import number_of, read
from tests.board.town import UNITS
from tests.oracle.numbers import EVERYTHING, Row

SECONDS: Final = 12.0
"""So long a number may lag behind: what is computed only now and then is computed again within it."""
OF_UNITS: Final = {2: "open", 3: "overdue", 5: "due_soon", 6: "completed"}
OF_PROCEDURES: Final = {2: "received", 3: "completed", 7: "open", 8: "overdue"}
"""Columns of counts in the tables of units and of procedures, by place."""


def right_in_the_end(look: Callable[[Expected], list[str]], board: Product) -> None:
    """Look until nothing is wrong; the clock goes on meanwhile, so the oracle counts anew each time."""
    deadline = time.monotonic() + SECONDS
    while wrong := look(Expected(board.events, time.time_ns() // 1000)):
        assert time.monotonic() < deadline, f"{len(wrong)} numbers are wrong:\n" + "\n".join(wrong[:25])
        time.sleep(1)


def told(row: Row, shown: Mapping[str, Any]) -> Row:
    """Those of the oracle's numbers that an answer has, and does not keep back."""
    return {name: value for name, value in row.items() if name in shown and name not in shown["suppressed"]}


@pytest.mark.parametrize("period", PERIODS)
def test_the_api_tells_the_numbers_of_every_unit(period: Period, board: Product) -> None:
    def look(expected: Expected) -> list[str]:
        wrong: list[str] = []
        for scope in ("own", "tree"):
            answer = board.get(f"/api/v1/units?period={period}&scope={scope}").json()
            shown = {row["unit_id"]: row for row in answer["units"]}
            assert set(shown) == set(UNITS)
            for unit, row in shown.items():
                wrong += differences(f"{unit} {scope}", row, told(expected.unit(unit, scope, period), row))
        return wrong

    right_in_the_end(look, board)


@pytest.mark.parametrize("period", PERIODS)
def test_the_api_tells_every_number_of_the_city_and_of_a_unit(period: Period, board: Product) -> None:
    def look(expected: Expected) -> list[str]:
        city: dict[str, Any] = board.get(f"/api/v1/city?period={period}").json()["city"]
        wrong = differences("city", city, told(expected.unit(EVERYTHING, "own", period), city))
        assert len(city) > 60
        for scope in ("own", "tree"):
            answer = board.get(f"/api/v1/units/{UNIT}?period={period}&scope={scope}").json()
            shown = {**answer["bands"], **answer["unit"]}
            wrong += differences(scope, shown, told(expected.unit(UNIT, scope, period), shown))
        return wrong

    right_in_the_end(look, board)


@pytest.mark.parametrize("period", ["7d", "30d", "year"])
@pytest.mark.parametrize(
    ("path", "unit", "scope"), [("/", EVERYTHING, "own"), (f"/units/{UNIT}", UNIT, "tree")]
)
def test_every_number_on_the_page_is_the_oracle_s(
    path: str, unit: str, scope: str, period: Period, board: Product
) -> None:
    def look(expected: Expected) -> list[str]:
        wanted = expected.unit(unit, scope, period)
        shown = read(board.get(f"/en{path}?period={period}").text)
        assert len(shown.numbers) > 20
        return [
            f"{name} is {value}, not {wanted[name]}"
            for name, value in shown.numbers
            if name in wanted and not is_near(name, value, wanted[name])
        ]

    right_in_the_end(look, board)


@pytest.mark.parametrize("scope", ["own", "tree"])
def test_the_table_of_units_has_the_oracle_s_numbers(scope: str, board: Product) -> None:
    def look(expected: Expected) -> list[str]:
        rows = read(board.get(f"/en/units?scope={scope}").text).rows
        assert {f"u-{unit}" for unit in UNITS} <= set(rows)
        wrong = []
        for unit in UNITS:
            wanted = expected.unit(unit, scope, "30d")
            shown = {name: number_of(rows[f"u-{unit}"][place]) for place, name in OF_UNITS.items()}
            wrong += [
                f"{unit}: {name} is {n}, not {wanted[name]}" for name, n in shown.items() if n != wanted[name]
            ]
        return wrong

    right_in_the_end(look, board)


@pytest.mark.parametrize(
    ("path", "unit", "scope"), [("/", EVERYTHING, "own"), (f"/units/{UNIT}", UNIT, "tree")]
)
def test_what_citizens_say_of_an_aspect_is_what_the_oracle_heard(
    path: str, unit: str, scope: str, board: Product
) -> None:
    names = {catalogue()[f"common.aspect_{each or 'none'}"]["en"]: each for each in (*ASPECTS, "")}

    def look(expected: Expected) -> list[str]:
        table = re.search(
            r'data-live="voice-aspects">(.*?)</tbody>', board.get(f"/en{path}?period=all").text, re.DOTALL
        )
        assert table is not None
        wrong, shown = [], 0
        for row in re.findall(r"<tr>(.*?)</tr>", table[1]):
            name, *texts = (re.sub(r"<.*?>", "", each) for each in re.findall(r"<t.*?>(.*?)</t[hd]>", row))
            wanted = expected.cell(unit, scope, "all", "aspect", names[name])
            mean, ratings, solved = (number_of(text) for text in texts)
            shown += ratings is not None
            told = {"rating_mean": (mean, 0.05), "ratings": (ratings, 0), "solved_share": (solved, 0.0005)}
            wrong += [
                f"{name}: {number} is {value}, not {wanted[number]}"
                for number, (value, rounded) in told.items()
                if value is not None and abs(value - wanted[number]) > rounded + 1e-9
            ]
        assert shown >= 2 or unit != EVERYTHING
        return wrong

    right_in_the_end(look, board)


def test_the_table_of_procedures_has_the_oracle_s_numbers(board: Product) -> None:
    def look(expected: Expected) -> list[str]:
        rows = read(board.get("/en/procedures").text).rows
        codes = [name.removeprefix("p-") for name in rows if name.startswith("p-")]
        wrong = [] if len(codes) >= 5 else [f"only {codes} are shown"]
        for code in codes:
            wanted = expected.cell(EVERYTHING, "own", "30d", "procedure", code)
            texts = {name: rows[f"p-{code}"][place] for place, name in OF_PROCEDURES.items()}
            wrong += [
                f"{code}: {name} is {text}, not {wanted[name]}"
                for name, text in texts.items()
                if "hidden" not in text and number_of(text) != wanted[name]
            ]
        return wrong

    right_in_the_end(look, board)
