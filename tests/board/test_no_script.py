"""Without JavaScript the pages say the same, as of when they were loaded."""

import pytest
from playwright.sync_api import Page, expect

from tests.board.conftest import Look
from tests.board.pages import PATHS

_NUMBERS = "nodes => nodes.map(e => [e.dataset.number, e.checkVisibility() ? e.innerText : ''])"


def numbers(page: Page) -> list[list[str]]:
    """(id, text as it is seen) of every number on the page; those that grow with the clock left out."""
    found: list[list[str]] = page.locator("data.number").evaluate_all(_NUMBERS)
    return [each for each in found if not each[0].endswith("_s")]


@pytest.mark.parametrize("path", [f"/en{path}" for path in PATHS.values()])
def test_a_page_says_the_same_without_javascript(path: str, look: Look) -> None:
    plain, live = look(path, java_script_enabled=False), look(path)

    assert numbers(plain) == numbers(live)
    assert plain.locator("h1").inner_text() == live.locator("h1").inner_text()
    assert plain.locator("main").inner_text().strip() != ""
    expect(plain.locator("#live-state")).to_be_hidden()  # it would promise what cannot be


def test_units_can_be_chosen_and_ordered_without_javascript(look: Look) -> None:
    page = look("/en/units", java_script_enabled=False)

    page.get_by_label("Kind").select_option("ward")
    page.get_by_role("button").first.click()
    page.locator("th a.sort").first.click()

    names = page.locator("tr[data-live^='u-'] th").all_inner_texts()
    assert [name.split("\n")[0].split(" ▲")[0] for name in names[:3]] == [
        "Apricot Ward",
        "Lotus Ward",
        "Silent Ward",
    ]
