"""From an address to a page: for any address there is exactly one answer, and no way off this server."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from dashboards.board.web.addresses import Addresses, Found, Missing, Moved
from dashboards.board.web.negotiate import language_of, takes_gzip
from tests.dashboards.web_kit import PLAIN_PAGES

ADDRESSES = Addresses(PLAIN_PAGES)
PARTS = st.sampled_from(
    ["vi", "en", "units", "wall", "", "..", "H26.1", "%2F", "a%20b", "{unit_id}", "nothing"]
)
NAMES = st.sampled_from(["period", "scope", "sort", "q", "utm", "unit_id"])
VALUES = st.one_of(st.sampled_from(["7d", "own", "30d", "open", "never", ""]), st.text(max_size=8))
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=4)


@given(st.lists(PARTS, max_size=4), QUERIES)
def test_whoever_follows_the_way_that_is_shown_arrives_at_once(
    parts: list[str], query: list[tuple[str, str]]
) -> None:
    found = ADDRESSES.read("/" + "/".join(parts), query)

    if isinstance(found, Moved):
        path, _, asked = found.location.partition("?")
        assert path.startswith(("/vi/", "/en/"))
        there = ADDRESSES.read(path, parse_qsl(asked, keep_blank_values=True))
        assert isinstance(there, Found)
    else:
        assert isinstance(found, Found | Missing)


def test_a_units_code_may_hold_anything_that_can_be_written() -> None:
    found = ADDRESSES.read("/vi/units/S%E1%BB%9F%20Y%20t%E1%BA%BF%2F1", [])

    assert isinstance(found, Found)
    assert found.asked.unit_id == "Sở Y tế/1"
    assert found.asked.path == "/units/S%E1%BB%9F%20Y%20t%E1%BA%BF%2F1"


@given(st.text(max_size=60))
def test_any_header_can_be_read(header: str) -> None:
    assert language_of(header) in {"vi", "en"}
    assert takes_gzip(header) in {True, False}
