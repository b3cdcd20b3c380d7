"""From a page and a board to HTML.

Beside what its page gathers (``Page.context``) every template has:

- ``board``, ``asked``, ``page``, ``pages`` (those of the navigation), ``lang`` (vi, en), ``static(file)``;
- ``t(key, **values)``: words; ``fmt``: the `Speech` of the language (``fmt.count(3)``, ``fmt.name(unit)`` …);
- ``url(path, **query)``: same language, period and scope; defaults, None and "" are left out;
  ``unit_url(code, **query)``: of a unit's page;
- ``live(id, tag="span")``: a call block; what stands in it is a fragment. Never one within another;
  ``live_rows(rows)``: many rows of a table at once, each a fragment;
- all macros of ``macros.html``, ``blocks.html`` and ``voice.html`` under their own names, and the charts of ``charts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dashboards.board import charts, ledger, standing
from dashboards.board.language import Speech
from dashboards.board.model.facts import Board
from dashboards.board.pages import PAGES
from dashboards.board.pages.page import Asked, Language, Page
from dashboards.board.words import LANGUAGES
from schemas.period import DEFAULT_PERIOD, PERIODS, first_day
from schemas.registry import REGISTRY

TEMPLATES: Final = Path(__file__).parent / "templates"
DEFAULT_SCOPE: Final = "tree"
LICENCE: Final = "CC BY 4.0"
LICENCE_ADDRESS: Final = "https://creativecommons.org/licenses/by/4.0/"
ERRORS: Final = (404, 429, 500, 503)
_MACROS: Final = ("macros.html", "blocks.html", "voice.html")
"""Files of macros, each of which knows those before it."""


class Rendered(NamedTuple):
    """A page, and the inner HTML of each of its live elements by id."""

    html: str
    fragments: dict[str, str]


class Context(NamedTuple):
    """What a template is given, and the fragments that it leaves while it is rendered."""

    values: dict[str, Any]
    fragments: dict[str, str]


class Renderer:
    """Makes HTML. May be used by several threads at once.

    Args:
        static: address of each static file by name; of one that is left out, its plain one.
        development: templates are read again when they change.
    """

    def __init__(self, static: Mapping[str, str], *, development: bool = False) -> None:
        self._static = static
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=development,
        )
        self._environment.globals.update(
            charts=charts,
            ledger=ledger,
            registry=REGISTRY,
            shapes=standing.SHAPES,
            state_of=standing.state,
        )

    def prepare(self) -> None:
        """Read words and templates now, so that the first to ask for a page does not wait for it."""
        for language in LANGUAGES:
            Speech(language, UTC).t("common.nothing")
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def page(self, page: Page, board: Board, asked: Asked) -> Rendered:
        """A page of one board.

        Raises:
            KeyError: a unit that nobody knows.
        """
        context = self.context(page, board, asked)
        html = self._environment.get_template(f"{page.name}.html").render(context.values)
        return Rendered(html, context.fragments)

    def context(self, page: Page, board: Board, asked: Asked) -> Context:
        """What a page's template is given; see `page`.

        Raises:
            KeyError: a unit that nobody knows.
            ValueError: the page takes a name that every page has.
        """
        fragments = _Fragments()
        speech = Speech(asked.language, board.zone)
        values = self._common(speech, asked, page) | {
            "board": board,
            "made_at": board.generated_at,
            "away_since": board.away_since,
            "period_first": first_day(asked.period, board.today),
            "city_name": _city_name(board, speech),
            "live": fragments.live,
            "live_rows": fragments.rows,
        }
        values |= self._macros(values)
        own = dict(page.context(board, asked))
        if clash := values.keys() & own.keys():
            raise ValueError(f"page {page.name} takes names of every page: {', '.join(sorted(clash))}")
        return Context(values | own, fragments.found)

    def error(self, status: int, language: Language, path: str) -> str:
        """A page that says what is wrong and what to do (404, 429, 500, 503; any other is told as 500)."""
        speech = Speech(language, UTC)
        asked = Asked(language=language, path=path, period=DEFAULT_PERIOD)
        context = self._common(speech, asked, None) | {
            "board": None,
            "city_name": str(speech.t("common.city_unnamed")),
            "live": _Fragments().live,
            "error_status": status,
            "error": status if status in ERRORS else 500,
        }
        context |= self._macros(context)
        return self._environment.get_template("error.html").render(context)

    def _common(self, speech: Speech, asked: Asked, page: Page | None) -> dict[str, Any]:
        url = _addresses(asked)
        return {
            "asked": asked,
            "page": page,
            "pages": [each for each in PAGES if "{" not in each.path and each.name != "wall"],
            "lang": speech.language,
            "t": speech.t,
            "fmt": speech,
            "url": url,
            "unit_url": _unit_address(url),
            "languages": _same_page(asked),
            "periods": PERIODS,
            "static": lambda name: self._static.get(name, f"/static/{name}"),
            "licence": LICENCE,
            "licence_address": LICENCE_ADDRESS,
        }

    def _macros(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """What pages need not import.

        Macros that a page imports with its context keep it alive in a circle: all rows of a table, until the garbage
        collector looks, which then takes longer than the page.
        """
        found: dict[str, Any] = {}
        for name in _MACROS:
            module = self._environment.get_template(name).make_module({**context, **found})
            found |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
        return found


class _Fragments:
    """What is live on a page, noted while it is rendered."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._inside = ""

    def live(self, id: str, tag: str = "span", *, caller: Callable[[], str]) -> Markup:  # noqa: A002
        """The call block: an element whose inner HTML is swapped when it changes.

        Raises:
            ValueError: one within another, or two under one id.
        """
        self._expect_new(id)
        self._inside = id
        inner = str(caller()).strip()
        self._inside = ""
        return Markup(self._noted(id, tag, inner))  # noqa: S704  # rendered, so escaped

    def rows(self, rows: Iterable[tuple[str, str]]) -> Markup:
        """Rows of a table, each a live element: its id, and the markup of its cells.

        Raises:
            ValueError: as ``live``.
        """
        told = []
        for id, inner in rows:  # noqa: A001  # as above
            self._expect_new(id)
            told.append(self._noted(id, "tr", inner))
        return Markup("\n".join(told))  # noqa: S704  # markup of cells

    def _expect_new(self, id: str) -> None:  # noqa: A002
        if self._inside or id in self.found:
            raise ValueError(f"live element {id} stands within {self._inside or 'its namesake'}")

    def _noted(self, id: str, tag: str, inner: str) -> str:  # noqa: A002
        self.found[id] = inner
        return f'<{tag} data-live="{escape(id)}">{inner}</{tag}>'


def _addresses(asked: Asked) -> Callable[..., str]:
    kept = {
        "period": asked.period if asked.period != DEFAULT_PERIOD else "",
        "scope": asked.scope if asked.scope != DEFAULT_SCOPE else "",
    }
    defaults = {"period": DEFAULT_PERIOD, "scope": DEFAULT_SCOPE}

    def url(path: str, **query: object) -> str:
        place, mark, anchor = path.partition("#")
        wanted = kept | {
            name: "" if value is None or value == defaults.get(name) else str(value)
            for name, value in query.items()
        }
        told = urlencode({name: value for name, value in wanted.items() if value})
        address = place if place == asked.path else quote(place)  # what was asked for is escaped already
        return f"/{asked.language}{address}{'?' if told else ''}{told}{mark}{anchor}"

    return url


def _unit_address(url: Callable[..., str]) -> Callable[..., str]:
    around = cache(lambda: url("/units/").partition("?"))

    def unit_url(code: str, **query: object) -> str:
        place, mark, told = url("/units/", **query).partition("?") if query else around()
        return f"{place}{_in_address(code)}{mark}{told}"

    return unit_url


@lru_cache(maxsize=16_384)
def _in_address(code: str) -> str:
    return quote(code, safe="")


def _same_page(asked: Asked) -> Sequence[tuple[Language, str]]:
    """The page's address in each language."""
    query = dict(asked.query)
    if asked.period != DEFAULT_PERIOD:
        query["period"] = asked.period
    if asked.scope != DEFAULT_SCOPE:
        query["scope"] = asked.scope
    told = f"?{urlencode(query)}" if query else ""
    return [(language, f"/{language}{asked.path}{told}") for language in LANGUAGES]


def _city_name(board: Board, speech: Speech) -> str:
    city = next((unit for unit in board.units.values() if unit.kind == "city"), None)
    return speech.name(city) if city else str(speech.t("common.city_unnamed"))
