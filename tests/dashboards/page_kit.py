"""Pages of the invented city as tests read them: rendered, and with single figures changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from dashboards.board.model.facts import Board, Figure, Figures, Scope
from dashboards.board.pages import PAGES
from dashboards.board.pages.page import Asked, Language
from dashboards.board.render import Rendered, Renderer
from schemas.period import Period
from tests.dashboards.board_kit import KitBoard, board

RENDERER = Renderer({name: f"/static/{name}" for name in ("board.css", "board.js", "icon.svg")})
BY_NAME = {page.name: page for page in PAGES}


def render(
    name: str,
    of: Board | None = None,
    *,
    language: Language = "vi",
    period: Period = "30d",
    scope: Scope = "tree",
    query: Mapping[str, str] | None = None,
) -> Rendered:
    """A page of a board, by default of forty units."""
    page = BY_NAME[name]
    asked = Asked(language, page.path, period, scope, query=query or {})
    return RENDERER.page(page, of or board(), asked)


class _Changed:
    """A board some of whose figures are others."""

    def __init__(self, of: KitBoard, figures: Figures) -> None:
        self._of, self._figures = of, figures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)

    def period(self, unit_id: str, scope: Scope, period: Period) -> Figures:
        return {**self._of.period(unit_id, scope, period), **self._figures}


def changed(**figures: Mapping[str, Any]) -> Board:
    """The board of forty units in which figures have other values, n, states: by id, what is other."""
    of = board()
    usual = of.period("*", "own", "30d")
    return cast(Board, _Changed(of, {name: usual[name]._replace(**other) for name, other in figures.items()}))


def figure(name: str, value: float | None, n: int | None = None, **more: Any) -> Figure:
    """A figure as of the invented city's moment."""
    return Figure(name, value, n, board().as_of, **more)
