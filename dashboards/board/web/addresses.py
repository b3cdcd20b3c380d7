"""From an address to a page and what is asked of it, and nothing else: no request, no board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast, get_args
from urllib.parse import quote, unquote, urlencode

from dashboards.board.model.facts import Scope
from dashboards.board.pages.page import Asked, Language, Page
from schemas.period import DEFAULT_PERIOD, PERIODS, Period

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
DEFAULT_SCOPE: Final[Scope] = "tree"
_UNIT: Final = "{unit_id}"
_LONGEST: Final = 200
_UNESCAPED: Final = ":@!$&'()*+,;=~-._"


class Found(NamedTuple):
    """A page of ours."""

    page: Page
    asked: Asked


class Moved(NamedTuple):
    """The same is to be had elsewhere: an address on this server. ``by_language``: where depends on the reader."""

    location: str
    by_language: bool = False


class Missing(NamedTuple):
    """There is no such page; None: the address names no language."""

    language: Language | None


class Addresses:
    """The addresses of pages.

    Args:
        pages: all of them; the path ``/`` is the first page of a language.
    """

    def __init__(self, pages: Iterable[Page]) -> None:
        by_path = {tuple(page.path.strip("/").split("/")): page for page in pages}
        self._fixed = {parts: page for parts, page in by_path.items() if parts[-1] != _UNIT}
        self._of_units = {parts[:-1]: page for parts, page in by_path.items() if parts[-1] == _UNIT}

    def read(
        self, raw_path: str, query: Iterable[tuple[str, str]], language: Language = "vi"
    ) -> Found | Moved | Missing:
        """What an address means.

        A value that a parameter cannot have is dropped by a redirect, so that no number is shown under an address
        that names something else; parameters nobody knows are passed over.

        Args:
            raw_path: of the request, still escaped.
            query: names and values, unescaped.
            language: the reader's, for addresses that name none.
        """
        try:
            parts = tuple(unquote(part, errors="strict") for part in raw_path[1:].split("/"))
        except UnicodeDecodeError:
            return Missing(None)
        named = next((each for each in LANGUAGES if each == parts[0]), None)
        inner = parts[1:] if named else parts
        ends_open = len(inner) > 1 and not inner[-1]
        page, unit_id = self._match((inner[:-1] if ends_open else inner) or ("",))
        if page is None:
            return Missing(named)
        kept, dropped = _judge(page, query)
        path = "/".join(quote(part, safe=_UNESCAPED) for part in (inner[:-1] if ends_open else inner))
        here = Asked(
            language=named or language,
            path=f"/{path}",
            period=cast(Period, kept.get("period", DEFAULT_PERIOD)),
            scope=cast(Scope, kept.get("scope", DEFAULT_SCOPE)),
            unit_id=unit_id,
            query={name: value for name, value in kept.items() if name in page.choices},
        )
        if page.name == "wall" and named is None:
            return Moved(_location("vi", path, kept))
        if named is None or ends_open or dropped or raw_path == f"/{named}":
            return Moved(_location(here.language, path, kept), by_language=named is None)
        return Found(page, here)

    def _match(self, parts: Sequence[str]) -> tuple[Page | None, str]:
        page = self._fixed.get(tuple(parts))
        if page is not None:
            return page, ""
        *before, last = parts
        if last and len(last) <= _LONGEST and last.isprintable():
            return self._of_units.get(tuple(before)), last
        return None, ""


def _judge(page: Page, query: Iterable[tuple[str, str]]) -> tuple[dict[str, str], bool]:
    """The values that count, and whether any was dropped."""
    allowed: Mapping[str, tuple[str, ...] | None] = {"period": PERIODS, "scope": SCOPES, **page.choices}
    kept: dict[str, str] = {}
    dropped = False
    for name, value in query:
        if name not in allowed:
            continue
        values = allowed[name]
        short = len(value) <= _LONGEST and value.isprintable()
        if name in kept or not (short if values is None else value in values):
            dropped = True
        else:
            kept[name] = value
    return kept, dropped


def _location(language: Language, path: str, kept: Mapping[str, str]) -> str:
    asked = urlencode(kept)
    return f"/{language}/{path}{'?' if asked else ''}{asked}"
