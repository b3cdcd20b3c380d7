"""What a page is to the server: an address, what may be asked, and how its facts are gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboards.board.model.facts import Board, Scope
from schemas.period import Period

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for; everything in it was checked.

    Attributes:
        language, path: of the address: ``/vi/units/H26.1`` has the path ``/units/H26.1``.
        unit_id: of the address, "" where the page has none.
        query: of the page's own parameters (``Page.choices``) those that were given, valid ones only.
    """

    language: Language
    path: str
    period: Period
    scope: Scope = "tree"
    unit_id: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        name: also of its template (``templates/<name>.html``) and of its words.
        path: below the language, ``/units/{unit_id}``.
        context: what its template is given, beside what every template has. A unit that nobody knows: KeyError.
        choices: its own query parameters and the values each may have (None: any short text).
    """

    name: str
    path: str
    context: Callable[[Board, Asked], Mapping[str, Any]]
    choices: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
