"""A page with Grafana's components in a browser: it takes a dashboard and rows, and gives a picture. No server."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from playwright.sync_api import Browser, Page, Route

from scripts.grafana.answers import Ask, Json, answered, choose
from scripts.grafana.node import HERE, bundle, packages

Theme = Literal["dark", "light"]
THEMES: Final[tuple[Theme, ...]] = ("dark", "light")
WIDTH: Final = 1600
"""Pixels: a leader's screen."""
ORIGIN: Final = "http://caseclock.invalid/"
"""Every request to it is answered from files; nothing listens there."""
ZONE: Final = "Asia/Ho_Chi_Minh"
_TALL: Final = 1000
_DATES: Final = "GF_DATE_FORMATS_"
_ESBUILD: Final = (
    "--platform=browser",
    "--target=chrome120",
    "--minify",
    '--define:process.env.NODE_ENV="production"',
    "--define:global=globalThis",
    "--alias:monaco-editor=./draw/monaco.ts",
    "--alias:@monaco-editor/react=./draw/monaco.ts",
    "--entry-names=page",
)


@dataclass(slots=True)
class Drawn:
    """A page with a drawn dashboard.

    Attributes:
        page: the page, to look at.
        faults: errors of its console, requests that had no file, requests to anywhere else.
        unmatched: options of panels for columns that the answers do not have.
    """

    page: Page
    faults: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)

    def cut_off(self) -> list[Json]:
        """Words that cannot be read to their end: `panel`, `type`, `text`, `side` (across or down), `heading`."""
        cut: list[Json] = self.page.evaluate("window.caseclock.cutOff()")
        return cut

    def picture(self) -> bytes:
        """A PNG of the whole dashboard."""
        tall = self.page.evaluate("Math.ceil(document.getElementById('page').getBoundingClientRect().bottom)")
        self.page.set_viewport_size({"width": WIDTH, "height": tall})
        return self.page.screenshot(animations="disabled", caret="hide")


@contextmanager
def drawn(
    browser: Browser, dashboard: Json, theme: Theme, ask: Ask, preferred: Mapping[str, str] | None = None
) -> Iterator[Drawn]:
    """Draw a dashboard for as long as the block lasts.

    Args:
        browser: Chromium.
        dashboard: its committed JSON.
        theme: of Grafana.
        ask: the database; each query is run once.
        preferred: see ``choose``.

    Raises:
        NodeMissingError: Grafana's packages cannot be had.
        RuntimeError: our sources could not be bundled.
    """
    context = browser.new_context(
        viewport={"width": WIDTH, "height": _TALL},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="vi-VN",
        timezone_id=ZONE,
    )
    try:
        work = Drawn(context.new_page())
        work.page.on("console", lambda each: work.faults.append(each.text) if each.type == "error" else None)
        work.page.on("pageerror", lambda each: work.faults.append(str(each)))
        _answer_from_files(work)
        work.page.goto(ORIGIN + "index.html")
        work.page.wait_for_function("window.caseclock")
        ranges = work.page.evaluate("([d, w]) => window.caseclock.ranges(d, w)", [dashboard, WIDTH])
        variables = choose(dashboard, ask, preferred or {})
        drawing: dict[str, Any] = {
            "dashboard": dashboard,
            "theme": theme,
            "dateFormats": _date_formats(),
            "ranges": ranges,
            "variables": {name: each._asdict() for name, each in variables.items()},
            "frames": answered(dashboard, ranges, variables, ask),
        }
        work.unmatched += work.page.evaluate("drawing => window.caseclock.draw(drawing)", drawing)
        yield work
    finally:
        context.close()


def _date_formats() -> dict[str, str]:
    """How our Grafana writes dates, by the end of the setting's name: what compose.yaml tells it."""
    stack = yaml.safe_load((HERE.parents[1] / "compose.yaml").read_bytes())
    settings = stack["services"]["grafana"]["environment"]
    return {key.removeprefix(_DATES): value for key, value in settings.items() if key.startswith(_DATES)}


def _answer_from_files(work: Drawn) -> None:
    node_modules = packages() / "node_modules"
    roots = {
        "public/build/img/": node_modules / "@grafana" / "ui" / "dist" / "public" / "img",
        "public/fonts/inter/": node_modules / "inter-ui" / "web",
        "index.html": HERE / "draw" / "index.html",
        "": bundle("draw/main.tsx", _ESBUILD),
    }

    def file_of(url: str) -> Path | None:
        path = url.removeprefix(ORIGIN).partition("?")[0]
        prefix = next(each for each in roots if path.startswith(each))
        file = roots[prefix] / path.removeprefix(prefix) if path != prefix else roots[prefix]
        return file if url.startswith(ORIGIN) and file.is_file() else None

    def answer(route: Route) -> None:
        file = file_of(route.request.url)
        if file is None:
            work.faults.append(f"a request for {route.request.url}")
            route.abort()
        else:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=kind)

    work.page.route("**/*", answer)
