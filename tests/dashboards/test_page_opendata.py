"""The page on open data."""

from datetime import timedelta

from dashboards.board.pages.opendata import DATA_SETS, ENDPOINTS
from dashboards.board.web.api import PREFIX as API
from dashboards.board.web.opendata import PREFIX as DATA
from dashboards.board.web.opendata import OpenData
from dashboards.board.web.operations import OPERATIONS
from schemas.registry import UNIT_KEYS, UNIT_NUMBERS
from tests.dashboards.board_kit import AS_OF
from tests.dashboards.page_reader import show


def test_every_file_that_is_served_is_offered_and_no_other() -> None:
    served = {
        path
        for route in OpenData(None).routes()  # type: ignore[arg-type]
        if route.method == "GET" and (path := str(getattr(route, "path", ""))).startswith(DATA)
    }
    offered = {address for each in DATA_SETS for address in each.files.values()}
    assert offered == served


def test_every_address_of_the_api_is_named() -> None:
    assert {address for _key, address in ENDPOINTS} == {
        *(API + each.path for each in OPERATIONS),
        f"{API}/openapi.json",
    }


def test_addresses_are_links_on_this_server() -> None:
    links = show("opendata", "en").document.links
    for each in DATA_SETS:
        assert set(each.files.values()) <= set(links)
    assert "/api/v1/city" in links
    assert not any("{" in href for href in links)


def test_every_column_of_the_file_of_units_is_explained() -> None:
    shown = show("opendata", "en")
    for column in (*UNIT_KEYS, *UNIT_NUMBERS):
        assert f"<code>{column}</code>" in shown.html
    assert "/en/methods#on_time_rate" in shown.document.links


def test_licence_and_citation_name_the_moment_of_the_numbers() -> None:
    shown = show("opendata", "vi")
    assert "https://creativecommons.org/licenses/by/4.0/" in shown.document.links
    assert "CC BY 4.0" in shown.fragments["cite"]
    assert "26/11/2026 10:12" in shown.fragments["cite"]
    assert AS_OF.utcoffset() == timedelta(hours=7)


def test_changes_are_dated() -> None:
    assert "24 Nov 2026 First version" in show("opendata", "en").text


def test_invented_data_ask_not_to_be_cited() -> None:
    assert "do not cite it as a fact" in show("opendata", "en").text
    assert "đừng trích dẫn" in show("opendata", "vi").text
