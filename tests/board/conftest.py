"""The product over a town, and a browser in front of it: both once for all tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.board import town as towns
from tests.board.browser import BrowserMissingError, chromium
from tests.board.product import Product, product
from tests.board.town import Town
from tests.conftest import Broker
from tests.missing import missing

Look = Callable[..., Page]
"""Opens a page of the board: its path, then what the browser is to be like (Browser.new_context)."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """For the package alone: while it runs, no other event loop can be started on this thread."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(chromium())
        except BrowserMissingError as reason:
            missing("the board in a browser", str(reason))
        yield running


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """An invented town with two months of events."""
    return towns.found(tmp_path_factory.mktemp("town") / "lists", datetime.now(UTC))


@pytest.fixture(scope="package")
def board(tansu_broker: Broker, town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product in a process of its own, the town's events counted."""
    with product(tansu_broker.access, town, tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture
def look(browser: Browser, board: Product) -> Iterator[Look]:
    """Open pages; each in a context of its own, so that nothing is remembered. All are closed with the test."""
    with ExitStack() as stack:

        def opened(path: str, **options: Any) -> Page:
            context = browser.new_context(base_url=board.address, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.goto(path, wait_until="load")
            return page

        yield opened
