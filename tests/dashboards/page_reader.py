"""Pages of the invented city, rendered and taken apart, for the tests of one page each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from dashboards.board.model.facts import Board, Scope
from dashboards.board.pages import PAGES
from dashboards.board.pages.page import Asked, Language
from dashboards.board.render import Renderer
from schemas.period import Period
from tests.dashboards.board_kit import board
from tests.dashboards.html_check import Document, read

STATIC: Final = Path(__file__).parents[2] / "dashboards" / "board" / "static"
BY_NAME: Final = {page.name: page for page in PAGES}
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
OF_UNITS: Final = ("units", "unit", "procedures", "coordination", "methods", "opendata", "quality")
WARD: Final = "H99.105"
FORMER: Final = "H99.900"


@dataclass(frozen=True)
class Shown:
    """A page as a reader gets it."""

    html: str
    document: Document
    fragments: dict[str, str]

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def foreign(self) -> str:
        """What is marked as being in another language."""
        marked = re.findall(
            r'<(\w+)[^>]*\blang="(?:vi|en)"[^>]*>(.*?)</\1>', self.html[self.html.index("<body") :], re.DOTALL
        )
        return read(" ".join(text for _tag, text in marked)).text

    def said(self, name: str) -> str:
        """The words of a live element."""
        return read(self.fragments[name]).text

    def rows(self, beginning: str) -> list[str]:
        """Ids of the live rows that begin so, as they stand from top to bottom."""
        return [each.removeprefix(beginning) for each in self.fragments if each.startswith(beginning)]


@cache
def renderer() -> Renderer:
    return Renderer({path.name: f"/static/{path.name}" for path in STATIC.iterdir()})


def asked_of(name: str, **given: Any) -> Asked:
    """A page's question; of the page of a unit: WARD, unless another one is named."""
    path = BY_NAME[name].path
    unit = given.pop("unit_id", "") or (WARD if "{unit_id}" in path else "")
    question: dict[str, Any] = {"language": "vi", "period": "30d", "unit_id": unit, **given}
    return Asked(path=path.replace("{unit_id}", unit), **question)


def show(
    name: str,
    language: Language = "vi",
    *,
    of: Board | None = None,
    unit_id: str = "",
    period: Period = "30d",
    scope: Scope = "tree",
    **query: str,
) -> Shown:
    """A page of a board (the invented city of 40 units), as asked for."""
    asked = asked_of(name, language=language, unit_id=unit_id, period=period, scope=scope, query=query)
    rendered = renderer().page(BY_NAME[name], of or board(40), asked)
    return Shown(rendered.html, read(rendered.html), rendered.fragments)


def context(name: str, of: Board | None = None, **given: Any) -> Any:
    """What a page gathers for its template."""
    return BY_NAME[name].context(of or board(40), asked_of(name, **given))
