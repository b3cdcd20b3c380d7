"""`/data/v1/`: the numbers as files at addresses that stay, for keeping and for spreadsheets."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, cast

from aiohttp import web

from dashboards.board.model.facts import WHOLE_CITY, Board
from dashboards.board.render import LICENCE_ADDRESS
from dashboards.board.web.answers import JSON, LIVE_CACHING, Answer, as_json, is_known
from dashboards.board.web.api import board_of, may_ask, question_of
from dashboards.board.web.api_answers import Question, methods
from dashboards.board.web.datasets import (
    COLUMNS,
    dictionary_rows,
    history_rows,
    in_columns,
    procedure_rows,
    unit_rows,
)
from dashboards.board.web.negotiate import takes_gzip
from dashboards.board.web.problems import Problem
from dashboards.board.web.records import Record, heading
from dashboards.board.web.site import Site
from dashboards.board.web.tables import CSV, csv_rows

PREFIX: Final = "/data/v1"
MOST_DAYS: Final = 366
DAYS: Final = 30
_ROWS: Final[dict[str, Callable[[Board, Question], Iterator[Record]]]] = {
    "units": unit_rows,
    "procedures": procedure_rows,
}
_LINK: Final = f'<{LICENCE_ADDRESS}>; rel="license"'


class OpenData:
    """The handlers."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """All addresses; ``dictionary.csv`` says what every column means."""
        found = [
            web.get(f"{PREFIX}/{file}.{form}", partial(self._table, file, form))
            for file in _ROWS
            for form in ("csv", "json")
        ]
        found += [
            web.get(f"{PREFIX}/units-history.{form}", partial(self._history, form))
            for form in ("csv", "json")
        ]
        return [
            *found,
            web.get(f"{PREFIX}/methods.json", self._methods),
            web.get(f"{PREFIX}/dictionary.csv", self._dictionary),
            web.options(PREFIX + "/{path:.*}", may_ask),
        ]

    async def _table(self, file: str, form: str, request: web.Request) -> web.StreamResponse:
        board = board_of(self._site)
        asked = question_of(request, board, of_unit=file == "procedures", defaults=("all", "own"))

        def make() -> Answer:
            rows = _ROWS[file](board, asked)
            if form == "csv":
                return _csv(file, rows)
            head = {**heading(board, asked.period, asked.scope), "licence": LICENCE_ADDRESS}
            columns = (*COLUMNS[file], "corrected")
            told = [{name: row.get(name) for name in columns} for row in rows]
            return Answer.of(as_json({**head, "rows": told}), JSON, Link=_LINK)

        answer = await self._site.answer("data", (file, form, asked), board, make)
        return answer.respond(request)

    async def _methods(self, request: web.Request) -> web.StreamResponse:
        board = board_of(self._site)
        asked = question_of(request, board, choices={})

        def make() -> Answer:
            told = {**methods(board, asked), "licence": LICENCE_ADDRESS}
            return Answer.of(as_json(told), JSON, Link=_LINK)

        return (await self._site.answer("data", ("methods", asked), board, make)).respond(request)

    async def _dictionary(self, request: web.Request) -> web.StreamResponse:
        made = await self._site.workshop.get(
            "data", "dictionary", 0, lambda: _csv("dictionary", dictionary_rows())
        )
        return made.respond(request, "public, max-age=300")

    async def _history(self, form: str, request: web.Request) -> web.StreamResponse:
        """Half a million rows, if that is asked for: sent while they are read, and never all in memory."""
        site, board = self._site, board_of(self._site)
        asked = question_of(request, board, of_unit=True, defaults=("all", "own"), choices={}, more=("days",))
        days = _days(request.query.get("days", str(DAYS)))
        narrowed = "unit_id" in request.query
        units = [asked.unit_id] if narrowed else [WHOLE_CITY, *board.units]
        packed = takes_gzip(request.headers.get("Accept-Encoding"))
        mark = f"{board.version:x}-{board.as_of.timestamp():.6f}-{days}-{form}"
        headers = {
            "ETag": f'W/"{mark}"',  # the same facts; the bytes were never seen as a whole
            "Cache-Control": LIVE_CACHING,
            "Vary": "Accept-Encoding",
            "Link": _LINK,
        }
        if is_known(request.headers.get("If-None-Match"), mark):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = CSV if form == "csv" else JSON
        headers |= {"Content-Encoding": "gzip"} if packed else {}
        headers |= (
            {"Content-Disposition": 'attachment; filename="units-history.csv"'} if form == "csv" else {}
        )
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        if request.method != "HEAD":
            pieces = _pieces(form, board, asked, units, days)
            packer = zlib.compressobj(5, wbits=31) if packed else None
            try:
                while (piece := await site.workshop.run(partial(_next, pieces, packer))) is not None:
                    await response.write(cast(bytes, piece))
                if packer is not None:
                    await response.write(packer.flush())
            except ConnectionError:
                pass
        return response


def _csv(file: str, rows: Iterator[Record]) -> Answer:
    text = csv_rows([COLUMNS[file], *in_columns(file, rows)])
    name = f'attachment; filename="{file}.csv"'
    return Answer.of(text, CSV, Link=_LINK, Content_Disposition=name)


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= days <= MOST_DAYS:
        raise Problem(
            400, f"The parameter days is no number from 1 to {MOST_DAYS}; give one.", parameter="days"
        )
    return days


def _pieces(form: str, board: Board, asked: Question, units: list[str], days: int) -> Iterator[bytes]:
    """The file, a unit and scope at a time."""
    if form == "csv":
        yield csv_rows([COLUMNS["units-history"]]).encode()
        for rows in history_rows(board, units, days):
            yield csv_rows(in_columns("units-history", rows)).encode()
        return
    head: dict[str, Any] = {**heading(board, "all", asked.scope), "licence": LICENCE_ADDRESS}
    yield as_json(head)[:-1] + b',"rows":['
    comma = b""
    for rows in history_rows(board, units, days):
        told = [{name: row.get(name) for name in COLUMNS["units-history"]} for row in rows]
        if told:
            yield comma + as_json(told)[1:-1]
            comma = b","
    yield b"]}"


def _next(pieces: Iterator[bytes], packer: Any) -> bytes | None:  # noqa: ANN401  # zlib gives its type no public name
    """The next bytes to send; None: that was all."""
    gathered = bytearray()
    while len(gathered) < 32_768:
        piece = next(pieces, None)
        if piece is None:
            return bytes(gathered) or None
        gathered += packer.compress(piece) if packer else piece
    return bytes(gathered)
