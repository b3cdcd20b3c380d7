"""Dashboards drawn by Grafana's own components, in a real browser, from the demo city's rows: can they be read?"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from dashboards.grafana.names import CITY
from scripts.grafana.answers import Ask
from scripts.grafana.drawing import Drawn, drawn
from scripts.grafana.node import NodeMissingError
from scripts.grafana.pictures import COMMITTED
from tests.board.browser import BrowserMissingError, chromium
from tests.grafana.city import DemoCity
from tests.grafana.plugin.frames import Answer
from tests.grafana.sound import BARS, LINES, STAT, TABLE, Json, sound
from tests.missing import missing

UNTESTED = "the dashboards as Grafana's own components draw them"
Draw = Callable[[Json, Ask], Drawn]


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    try:
        with chromium() as running:
            yield running
    except BrowserMissingError as absent:
        missing(UNTESTED, str(absent))


@pytest.fixture(name="draw")
def _draw(browser: Browser) -> Iterator[Draw]:
    with ExitStack() as pages:

        def draw(dashboard: Json, ask: Ask) -> Drawn:
            try:
                return pages.enter_context(drawn(browser, dashboard, "dark", ask))
            except NodeMissingError as absent:
                missing(UNTESTED, str(absent))

        yield draw


def _words(work: Drawn, panel: int) -> str:
    return work.page.locator(f"section[data-panel='{panel}']").inner_text()


def test_the_city_is_drawn_from_the_demo_and_can_be_read(draw: Draw, demo_city: DemoCity) -> None:
    dashboard = json.loads((COMMITTED / "caseclock" / f"{CITY}.json").read_bytes())

    work = draw(dashboard, demo_city.query)

    assert work.faults == []
    assert work.unmatched == []
    assert work.page.locator("section[data-panel]").count() == len(dashboard["panels"])
    assert work.page.locator("[data-no-data]").count() == 0
    assert [each for each in work.cut_off() if each["type"] != "table" or each["heading"]] == []


def _invented(sql: str) -> Answer:
    """Rows as the small dashboard's queries would give them; none for a query that asks for nothing."""
    if "numbers(168)" in sql:
        assert "$__" not in sql
        return Answer(["time", "unit", "Value"], ["DateTime", "String", "Float64"], [])
    if "AS state" in sql:
        rows: list[tuple[object, ...]] = [("Phường Hoàn Kiếm", 0.934, 0), ("Phường Cửa Nam", 0.5, 1)]
        return Answer(["unit", "rate", "state"], ["String", "Float64", "UInt8"], rows)
    if "AS value" in sql:
        return Answer(["text", "value"], ["String", "String"], [("Sở Y tế", "H26.D01")])
    if "numbers(6)" in sql:
        return Answer(["unit", "Value"], ["String", "UInt64"], [("Phường Cửa Nam", 1234)])
    assert "'H26.D01'" in sql
    return Answer(["Value", "unit"], ["Float64", "String"], [(0.934, "H26.D01")])


def test_units_mappings_overrides_and_variables_are_shown_as_grafana_shows_them(draw: Draw) -> None:
    dashboard = sound()

    work = draw(dashboard, _invented)

    assert work.faults == []
    assert "Sở Y tế" in work.page.locator("header").inner_text()
    assert "93.4%" in _words(work, dashboard["panels"][STAT]["id"]).replace("\n", "")
    assert "1.234" in _words(work, dashboard["panels"][BARS]["id"])
    cells = _words(work, dashboard["panels"][TABLE]["id"]).splitlines()
    assert {"Đơn vị", "Đúng hạn", "Mức", "Phường Cửa Nam", "93.4%", "50%", "Tốt", "Chậm"} <= set(cells)


def test_a_panel_without_rows_says_so(draw: Draw) -> None:
    dashboard = sound()
    dashboard["panels"][LINES]["fieldConfig"]["defaults"]["noValue"] = "chưa có hồ sơ"

    work = draw(dashboard, _invented)

    assert work.page.locator("[data-no-data]").all_inner_texts() == ["chưa có hồ sơ"]
    assert work.unmatched == ["3: no column Y tế for an override"]


def test_a_number_that_does_not_fit_is_told(draw: Draw) -> None:
    dashboard = sound()
    narrow = dashboard["panels"][TABLE]["fieldConfig"]["overrides"][1]["properties"]
    narrow.append({"id": "custom.width", "value": 60})

    work = draw(dashboard, _invented)

    cut = {(each["panel"], each["text"], each["side"], each["heading"]) for each in work.cut_off()}
    assert cut == {(4, "Phường Hoàn Kiếm", "across", False), (4, "Phường Cửa Nam", "across", False)}


def test_a_request_to_another_host_is_a_fault(draw: Draw) -> None:
    dashboard = sound()
    dashboard["panels"][-1]["options"]["content"] = "![](https://elsewhere.example/picture.png)"

    work = draw(dashboard, _invented)

    assert any("elsewhere.example" in each for each in work.faults)
