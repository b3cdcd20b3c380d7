"""The embedded engine by ClickHouse's HTTP protocol on the loopback interface, for reading only.

Grafana, `clickhouse-connect`, `clickhouse-go` or curl see what a server would show them; user and password may be
any, for the engine knows none. No page in a browser can look in: only requests that name this machine are answered
(DNS rebinding), none that a browser sends for another site's page, and no other origin is let in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from clickhouse_connect.driver.compression import available_compression, get_compressor

from caseclock.embedded.engine_reader import MOST_SECONDS, Ask, EngineReader, Told
from caseclock.embedded.reading import RefusedError
from caseclock.listening import listening
from dashboards.board.web.defects import tell_defect
from dashboards.board.web.headers import hide_version, secure

DATABASE: Final = "caseclock"
USER: Final = "caseclock_reader"
AT_ONCE: Final = 3
"""Statements that run at one time; the demo must go on beside them."""
WAITING: Final = 200
"""Statements that may wait for their turn; a dashboard sends one for each panel at once."""
STATEMENT_BYTES: Final = 256 * 1024
"""The longest statement: a server's max_query_size."""
STATUS: Final = {
    516: 403, 497: 403, 164: 403, 62: 400, 36: 400, 53: 400, 72: 400, 457: 400, 46: 404, 47: 404, 60: 404, 73: 404,
    81: 404, 115: 404, 159: 408, 48: 501, 202: 503, 209: 503, 394: 503,
}  # fmt: skip
"""Which of ClickHouse's codes comes with which HTTP status; all others with 500."""
_HERE: Final = frozenset(
    {"localhost", "127.0.0.1", "::1", "host.docker.internal", "host.containers.internal"}
)
"""Names of this machine, the last two as containers know it; nobody outside can own one of them."""
_NO_SETTINGS: Final = re.compile(
    "query|database|default_format|user|password|quota_key|query_id|session_(id|timeout|check)|close_session|role"
    "|(de)?compress|client_protocol_version|wait_end_of_query|buffer_size|stacktrace|.*http.*|param_.*"
)
"""Arguments of the protocol that are no settings of the statement; users, sessions and roles mean nothing here."""
_ID: Final = re.compile(r"[!-~]{1,200}")
_KINDS: Final = {"JSON": "application/json", "CSV": "text/csv", "TSV": "text/tab-separated-values"}
_TOO_MANY, _TIMEOUT, _NOT_THERE, _SYNTAX, _DEFECT = 202, 159, 48, 62, 1002


class ClickHouseHttp:
    """The handlers.

    Args:
        reader: runs the statements.
    """

    def __init__(self, reader: EngineReader) -> None:
        self._reader = reader
        self._threads = ThreadPoolExecutor(AT_ONCE, "clickhouse-http")
        self._under_way = 0

    def app(self) -> web.Application:
        """The application: `/` for statements, `/ping`."""
        app = web.Application(middlewares=[_guard], client_max_size=STATEMENT_BYTES)
        app.on_response_prepare.append(secure)
        app.on_shutdown.append(self._end)
        app.add_routes(
            [
                web.get("/ping", _ping),
                web.get("/replicas_status", _ping),
                web.get("/", self._statement),
                web.post("/", self._statement),
            ]
        )
        return app

    async def _statement(self, request: web.Request) -> web.StreamResponse:
        arguments = dict(request.query)
        text = await _text(request, arguments)
        if not text.strip():
            if request.method == "GET":
                return await _ping(request)
            raise RefusedError(_SYNTAX, "Syntax error: empty query")
        told = await self._run(_ask(request, text, arguments))
        told_id = arguments.get("query_id", "")
        headers = {
            "X-ClickHouse-Query-Id": told_id if _ID.fullmatch(told_id) else str(uuid4()),
            "X-ClickHouse-Format": told.format,
            "X-ClickHouse-Timezone": told.zone,
            "X-ClickHouse-Server-Display-Name": "caseclock demo",
            "Content-Type": next(
                (kind for name, kind in _KINDS.items() if name in told.format), "application/octet-stream"
            ),
        }
        body = told.body
        if packing := _packing(request, arguments, body):
            headers["Content-Encoding"] = packing
            body = await asyncio.to_thread(_packed, packing, body)
        return web.Response(body=body, headers=headers)

    async def _run(self, ask: Ask) -> Told:
        if self._under_way >= WAITING:
            raise RefusedError(_TOO_MANY, "Too many simultaneous queries")
        self._under_way += 1
        try:
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(2 * MOST_SECONDS):
                return await loop.run_in_executor(self._threads, self._reader.run, ask)
        except TimeoutError:
            raise RefusedError(_TIMEOUT, "Timeout exceeded while waiting for a turn") from None
        finally:
            self._under_way -= 1

    async def _end(self, _app: web.Application) -> None:
        """Nobody has to wait for what still runs."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._reader.end)

    def close(self) -> None:
        """Give everything back; blocks until all threads have ended."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._reader.close()


async def _ping(_request: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


@web.middleware
async def _guard(request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  # aiohttp's
    from_here = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    if not from_here or _host(request) not in _HERE:
        return web.Response(
            status=403, text="Ask for 127.0.0.1 or localhost, and not from another site's page.\n"
        )
    try:
        answer: web.StreamResponse = await handler(request)
    except RefusedError as refused:
        return _error(refused.code, str(refused))
    except web.HTTPException as error:
        return web.Response(status=error.status, text=f"{error.reason}\n")
    except Exception as error:  # noqa: BLE001  # the last place that can still answer
        tell_defect(error)
        return _error(_DEFECT, "This is a defect of the program. Please report it.")
    return answer


def _host(request: web.Request) -> str | None:
    """The name by which a client asks for this machine."""
    try:
        return request.url.host
    except ValueError:
        return None


def _error(code: int, text: str) -> web.Response:
    return web.Response(
        status=STATUS.get(code, 500),
        text=f"Code: {code}. DB::Exception: {text}\n",
        headers={"X-ClickHouse-Exception-Code": str(code)},
    )


async def _text(request: web.Request, arguments: dict[str, str]) -> str:
    """The statement: the argument `query`, then the body; a form's fields become arguments."""
    if (
        request.headers.get("Content-Encoding", "identity") != "identity"
        or arguments.get("decompress", "0") != "0"
    ):
        raise RefusedError(_NOT_THERE, "Send the statement as it is, not packed.")
    if arguments.get("compress", "0") != "0":
        raise RefusedError(
            _NOT_THERE, "Ask for gzip, zstd or lz4 by Accept-Encoding, not for ClickHouse's own packing."
        )
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if not isinstance(value, str):
                raise RefusedError(_NOT_THERE, "Tables may not be sent along here.")
            arguments[name] = value
        return arguments.get("query", "")
    try:
        body = (await request.read()).decode()
    except UnicodeDecodeError:
        raise RefusedError(_SYNTAX, "Syntax error: the statement is not UTF-8") from None
    return "\n".join(filter(None, (arguments.get("query"), body)))


def _ask(request: web.Request, text: str, arguments: dict[str, str]) -> Ask:
    headers = request.headers
    database = arguments.get("database") or headers.get("X-ClickHouse-Database")
    kind = arguments.get("default_format") or headers.get("X-ClickHouse-Format") or "TabSeparated"
    revision = arguments.get("client_protocol_version", "0")
    return Ask(
        text,
        # the engine's own database `default` is empty: who names none means ours
        DATABASE if database in {None, "", "default"} else str(database),
        kind,
        {
            name.removeprefix("param_"): value
            for name, value in arguments.items()
            if name.startswith("param_")
        },
        {n: v for n, v in arguments.items() if not _NO_SETTINGS.fullmatch(n)},
        int(revision) if revision.isdecimal() else 0,
    )


def _packing(request: web.Request, arguments: dict[str, str], body: bytes) -> str | None:
    """How to pack the answer: as the client's header says, where its argument allows it."""
    if arguments.get("enable_http_compression") != "1" or not body:
        return None
    asked = [each.partition(";")[0].strip() for each in request.headers.get("Accept-Encoding", "").split(",")]
    return next((each for each in asked if each in available_compression and each != "deflate"), None)


def _packed(packing: str, body: bytes) -> bytes:
    compressor: Any = get_compressor(packing)
    return bytes(compressor.compress_block(body)) + bytes(compressor.flush() or b"")


@asynccontextmanager
async def clickhouse_http(folder: Path, port: int) -> AsyncIterator[str]:
    """Answer for as long as the block lasts. Yields where: ``http://127.0.0.1:8123``.

    Args:
        folder: of the engine, which this process has open; its database is ``caseclock``.
        port: on the loopback interface; 0: one that is free.

    Raises:
        AddressTaken: nothing can listen there.
    """
    hide_version()
    http = ClickHouseHttp(await asyncio.to_thread(EngineReader, folder))
    try:
        async with listening(http.app(), ("127.0.0.1", port), "--clickhouse-http") as where:
            yield where
    finally:
        await asyncio.to_thread(http.close)
