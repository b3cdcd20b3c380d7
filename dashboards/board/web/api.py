"""`/api/v1/`: the numbers for programs. Field names are those of units.csv; openapi.json describes all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from aiohttp import web

from dashboards.board.model.facts import WHOLE_CITY, Board, Scope
from dashboards.board.web.addresses import DEFAULT_SCOPE, SCOPES
from dashboards.board.web.answers import JSON, Answer, as_json
from dashboards.board.web.api_answers import MAKERS, Question
from dashboards.board.web.openapi import document
from dashboards.board.web.operations import OPERATIONS, Operation
from dashboards.board.web.problems import Problem, not_yet
from dashboards.board.web.site import Site
from schemas.period import DEFAULT_PERIOD, PERIODS, Period

PREFIX: Final = "/api/v1"
PARAMETERS: Final[Mapping[str, Sequence[str]]] = {"period": PERIODS, "scope": SCOPES}


class Api:
    """The handlers."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._document: Answer | None = None

    def routes(self) -> list[web.RouteDef]:
        """All addresses; a browser may ask whether it may ask."""
        found = [web.get(PREFIX + each.path, partial(self._answer, each)) for each in OPERATIONS]
        found.append(web.get(f"{PREFIX}/openapi.json", self._openapi))
        found.append(web.get(PREFIX, self._index))
        return [*found, web.options(PREFIX + "/{path:.*}", may_ask)]

    async def _answer(self, operation: Operation, request: web.Request) -> web.StreamResponse:
        board = board_of(self._site)
        asked = question_of(request, board, of_unit=operation.of_unit)

        def make() -> Answer:
            return Answer.of(as_json(MAKERS[operation.name](board, asked)), JSON)

        answer = await self._site.answer("api", (operation.name, asked), board, make)
        return answer.respond(request)

    async def _index(self, _request: web.Request) -> web.Response:
        """What there is says the document."""
        return web.Response(status=302, headers={"Location": f"{PREFIX}/openapi.json"})

    async def _openapi(self, request: web.Request) -> web.StreamResponse:
        if self._document is None:
            made = await self._site.workshop.run(lambda: Answer.of(as_json(document()), JSON))
            self._document = cast(Answer, made)
        return self._document.respond(request, "public, max-age=300")


async def may_ask(_request: web.Request) -> web.StreamResponse:
    """What a browser asks before a script of another site may: reading is free to all."""
    headers = {
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
        "Allow": "GET, HEAD, OPTIONS",
    }
    return web.Response(status=204, headers=headers)


def board_of(site: Site) -> Board:
    """The newest board.

    Raises:
        Problem: 503, there is none yet.
    """
    board = site.feed.current
    if board is None:
        raise not_yet()
    return board


def question_of(
    request: web.Request,
    board: Board,
    *,
    of_unit: bool = False,
    defaults: tuple[Period, Scope] = (DEFAULT_PERIOD, DEFAULT_SCOPE),
    choices: Mapping[str, Sequence[str]] = PARAMETERS,
    more: Sequence[str] = (),
) -> Question:
    """What is asked.

    Args:
        request: its parameters, and the unit of its address.
        board: which units there are.
        of_unit: ``unit_id=`` is allowed.
        defaults: what is meant where nothing is said.
        choices: parameters with the values that each may have.
        more: further parameters that somebody else reads.

    Raises:
        Problem: 400, a parameter or a value there is not; 404, an unknown unit.
    """
    allowed = [*choices, *(["unit_id"] if of_unit else []), *more]
    told = f"there are {', '.join(allowed)}" if allowed else "there is none"
    for name in request.query:
        if name not in allowed:
            detail = f"There is no such parameter here; {told}."
            raise Problem(400, detail, allowed=allowed)
        if len(request.query.getall(name)) > 1:
            raise Problem(400, f"The parameter {name} is given more than once; give it once.", parameter=name)
    for name, values in choices.items():
        if request.query.get(name, values[0]) not in values:
            detail = f"The parameter {name} has no such value; give one of {', '.join(values)}."
            raise Problem(400, detail, parameter=name, allowed=list(values))
    unit_id = request.match_info.get("unit_id") or request.query.get("unit_id", WHOLE_CITY)
    if unit_id not in board.units and not (of_unit and unit_id == WHOLE_CITY) and _names_unit(request):
        raise Problem(404, "There is no such unit; /api/v1/units lists all there are.")
    period, scope = defaults
    given: Mapping[str, Any] = request.query
    return Question(given.get("period", period), given.get("scope", scope), unit_id)


def _names_unit(request: web.Request) -> bool:
    return "unit_id" in request.match_info or "unit_id" in request.query
