"""Where the demo's board listens."""

import pytest

from caseclock.demo.front import addresses
from caseclock.settings import BoardSettings

USUAL = ("127.0.0.1", 8080)


def test_without_a_wish_another_port_does_too() -> None:
    assert addresses(BoardSettings(), None) == [USUAL, ("127.0.0.1", 0)]


@pytest.mark.parametrize("port", [0, 8080, 9000])
def test_a_port_that_somebody_chose_is_the_only_one(port: int) -> None:
    assert addresses(BoardSettings(), port) == [("127.0.0.1", port)]


def test_so_is_an_address_of_the_settings() -> None:
    assert addresses(BoardSettings(listen="127.0.0.1:9090"), None) == [("127.0.0.1", 9090)]


def test_the_demo_has_a_board_where_the_settings_want_none() -> None:
    assert addresses(BoardSettings(listen=""), None) == [USUAL, ("127.0.0.1", 0)]
