"""Pages over HTTP: found, moved, not there, not yet there."""

from __future__ import annotations

from aiohttp import web

from dashboards.board.web.addresses import Missing, Moved
from dashboards.board.web.negotiate import language_of
from dashboards.board.web.problems import Problem, not_yet
from dashboards.board.web.site import Site

_BY_LANGUAGE = "Accept-Language"


class Pages:
    """The handler of every address that is nothing else's."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A page, or the way to it.

        Raises:
            Problem: 404 where there is none, 503 before the first numbers.
            Busy: too many other pages wait to be made.
        """
        site = self._site
        language = language_of(request.headers.get(_BY_LANGUAGE))
        found = site.addresses.read(request.rel_url.raw_path, request.query.items(), language)
        if isinstance(found, Moved):
            return _moved(found)
        if isinstance(found, Missing):
            raise Problem(
                404, "There is nothing at this address; /api/v1/openapi.json lists those of the API."
            )
        board = site.feed.current
        if board is None:
            raise not_yet()
        if found.asked.unit_id and found.asked.unit_id not in board.units:
            raise Problem(404, "There is no such unit; /api/v1/units lists all there are.")
        made = await site.page(found.page, board, found.asked)
        return made.answer.respond(request)


def _moved(to: Moved) -> web.Response:
    headers = {"Location": to.location, "Cache-Control": "public, max-age=300"}
    if to.by_language:
        headers["Vary"] = _BY_LANGUAGE
    return web.Response(status=302, headers=headers)
