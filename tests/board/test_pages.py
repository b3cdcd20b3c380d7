"""Every page in a real browser: whole, of ours alone, small, and for everybody."""

import re
from typing import Final

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.board.accessible import CONTRAST, WCAG, reachable, tabbed_through, violations
from tests.board.conftest import Look
from tests.board.pages import EVERY, EVERY_PATH
from tests.board.product import Product

LARGEST: Final = 150_000
"""Bytes of a page as transferred (spec, quality)."""
PHONE: Final = {"width": 320, "height": 640}
MOST_TABS: Final = 150
"""So often is Tab pressed at most; what comes after is more of the same."""


@pytest.mark.parametrize("path", EVERY)
def test_a_page_is_whole_and_loads_nothing_from_elsewhere(path: str, look: Look, board: Product) -> None:
    page = look("about:blank")
    said: list[str] = []
    asked: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", note)

    answer = page.goto(path, wait_until="load")

    assert answer is not None
    assert answer.status == 200
    assert page.locator("html").get_attribute("lang") == path[1:3]
    assert len(page.title()) > 5
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert [url for url in asked if not url.startswith((board.address, "data:"))] == []
    assert said == []
    assert violations(page, WCAG) == []


def test_every_page_has_a_title_of_its_own(board: Product) -> None:
    titles = [re.findall(r"<title>(.*?)</title>", board.get(path).text, re.DOTALL) for path in EVERY]

    assert all(len(each) == 1 for each in titles)
    assert len({each[0] for each in titles}) == len(EVERY)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_every_page_is_small_as_transferred(coding: str, board: Product) -> None:
    answers = {path: board.get(path, Accept_Encoding=f"{coding}, gzip") for path in EVERY}

    assert {path: len(a.body) for path, a in answers.items() if len(a.body) >= LARGEST} == {}
    assert {path for path, a in answers.items() if "content-encoding" not in a.headers} == set()


@pytest.mark.parametrize("path", EVERY_PATH)
def test_a_page_can_be_read_in_the_dark_and_on_a_narrow_screen(path: str, look: Look) -> None:
    page = look(path, viewport=PHONE, color_scheme="dark", reduced_motion="reduce")

    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")

    assert width <= window, _too_wide(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert violations(page, CONTRAST) == []


def _too_wide(page: Page) -> str:
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(e => e.outerHTML.slice(0, 160))"""
    )
    return f"wider than the screen: {wide}"


@pytest.mark.parametrize("path", EVERY_PATH)
def test_the_tab_key_reaches_all_in_order_and_the_focus_is_seen(path: str, look: Look) -> None:
    page = look(path, viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    wanted = reachable(page)

    focused = tabbed_through(page, MOST_TABS)

    places = [each["place"] for each in focused]
    assert places == list(range(min(len(wanted), MOST_TABS)))
    assert [each["html"] for each in focused if not each["visible"]] == []
    assert [each["html"] for each in focused if not each["inSight"] or each["covered"]] == []


def test_the_first_link_leads_past_the_navigation(look: Look) -> None:
    page = look("/vi/units")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.closest('main') !== null")
