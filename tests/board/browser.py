"""A real browser: Debian's Chromium, or Chrome where people have it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC: Final = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


class BrowserMissingError(Exception):
    """No browser can be had on this machine; the message says what is missing."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser for as long as the block lasts.

    Playwright's synchronous half runs an event loop of its own on this thread meanwhile: nothing else may start one
    here (tests/board/product.py sends its events from another thread).
    """
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


def _program() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and Path(ON_A_MAC).exists():
        found = ON_A_MAC
    if found is None:
        raise BrowserMissingError(
            "the board is looked at in Chromium: install chromium (Debian) or Google Chrome"
        )
    return found
