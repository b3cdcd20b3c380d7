"""Nothing that is of a person, and no officer, is anywhere on the board: every link of it is followed."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest

from tests.board.product import Answer, Product
from tests.board.town import OFFICER, SECRET, UNITS

MOST: Final = 600
STARTS: Final = (
    "/vi/",
    "/en/",
    "/wall",
    "/api/v1/openapi.json",
    "/robots.txt",
    *(f"/vi/units/{u}" for u in UNITS),
)
_MORE_OF_THE_SAME: Final = re.compile(r"sort=|period=(?!year)|scope=own&")
_LINK: Final = re.compile(r'(?:href|src)="([^"#]+)')
_IN_JSON: Final = re.compile(r'"(/(?:api|data)/[^"{}]+)"')


@pytest.fixture(scope="module")
def everything(board: Product) -> dict[str, Answer]:
    """What is behind every link of the board, by address; not every order of every table."""
    found: dict[str, Answer] = {}
    waiting = list(STARTS)
    while waiting:
        path = waiting.pop(0)
        if path in found or len(found) > MOST:
            continue
        found[path] = answer = board.get(path)
        kind = answer.headers.get("content-type", "")
        links = [answer.headers["location"]] if "location" in answer.headers else []
        if "html" in kind:
            links += _LINK.findall(answer.text)
        elif "json" in kind:
            links += _IN_JSON.findall(answer.text)
        for link in links:
            parts = urlsplit(urljoin(path, link.replace("&amp;", "&")))
            if parts.netloc or parts.scheme or parts.path == "/live" or _MORE_OF_THE_SAME.search(parts.query):
                continue
            waiting.append(f"{parts.path}?{parts.query}".rstrip("?"))
    return found


def test_no_link_leads_nowhere(everything: dict[str, Answer]) -> None:
    assert {path: a.status for path, a in everything.items() if a.status not in {200, 302, 304}} == {}
    assert len(everything) > len(STARTS)


def test_what_is_of_a_person_is_nowhere(everything: dict[str, Answer]) -> None:
    assert [path for path, answer in everything.items() if SECRET in answer.text] == []


def test_officers_are_nowhere(everything: dict[str, Answer]) -> None:
    assert [path for path, answer in everything.items() if OFFICER in answer.text] == []


def test_no_single_case_is_anywhere(everything: dict[str, Answer]) -> None:
    named = re.compile(r"\bT-\d{4}\b")

    assert [path for path, answer in everything.items() if named.search(answer.text)] == []
