"""A small server that speaks ClickHouse's HTTP protocol over the embedded engine, in a process of its own.

It answers the unchanged `clickhouse-connect` client: statements, queries in Native, inserts of Native blocks with
deduplication tokens, parameters, settings, compression both ways, errors with their codes, a server's limits. It can
be told to refuse, stall, fail before or after having written, or drop the connection, which no engine does on demand.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import ctypes
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import lz4.frame
from aiohttp import web

PASSWORD: Final = "right"
"""Asked for when a request names a user other than `default`."""
FIELD_BYTES: Final = 128 * 1024
"""The longest value of a parameter or a form's field: a server's http_max_field_value_size."""
_URI_BYTES: Final = 1 << 20
_INSERT: Final = re.compile(rb"\s*INSERT\s+INTO\s+(?P<into>[^\n]*?)\s+FORMAT\s+Native[ \t]*\n", re.IGNORECASE)
_CODE: Final = re.compile(r"Code: (\d+)")
_OF_HTTP: Final = re.compile(
    "database|query|default_format|wait_end_of_query|query_id|quota_key|client_protocol_version|session_id|role"
    "|buffer_size|(de)?compress|.*http.*|param_.*"
)
"""Arguments that are no settings of the statement."""
_STATUS: Final = {516: 403, 62: 400, 60: 404, 81: 404, 47: 404, 115: 404, 159: 408, 209: 503}
"""Which codes a server answers with which HTTP status; 500 all others."""


class _RefusedError(Exception):
    """A request the server does not take: ClickHouse's code and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(slots=True)
class Fault:
    """What goes wrong for the next `times` requests whose statement contains `match`.

    `do`: `status` (answer it, nothing written), `code` (a ClickHouse error, nothing written), `code_after` (the same
    after having written), `drop` and `drop_after` (the connection), `cut_after` (it too, in the middle of the
    answer), `stall` (for `seconds`, then go on).
    """

    do: str
    match: str = ""
    times: int = 1
    status: int = 503
    code: int = 252
    seconds: float = 1.0


class Server:
    """One engine, one statement at a time."""

    def __init__(self, folder: Path) -> None:
        import chdb  # noqa: PLC0415  # the engine belongs to the server's process alone

        connect: Callable[[str], Any] = chdb.connect
        self._connect = partial(connect, str(folder))
        self._engine = self._connect()  # keeps the engine while no statement runs
        told = self._engine.query("SELECT name FROM system.settings", "TabSeparated")
        self._settings = frozenset(told.bytes().decode().split())
        self._lock = asyncio.Lock()
        self._faults: list[Fault] = []
        self._seen: deque[dict[str, Any]] = deque(maxlen=100)

    async def control(self, request: web.Request) -> web.Response:
        """Take faults, or with an empty list forget all; asked without one, tell the last requests."""
        if request.method == "GET":
            return web.json_response(list(self._seen))
        self._faults = [Fault(**fault) for fault in await request.json()]
        self._seen.clear()
        return web.Response(text="ok")

    async def ping(self, _request: web.Request) -> web.Response:
        """Say that it lives."""
        return web.Response(text="Ok.\n")

    async def statement(self, request: web.Request) -> web.StreamResponse:
        """Run one statement."""
        try:
            _authenticate(request)
            arguments = dict(request.query)
            body = await _body(request, arguments)
            text = (arguments.pop("query", "") + "\n").encode().lstrip() + body
            shown = text[:2_000].decode("utf-8", "replace")
            self._seen.append({"statement": shown, "arguments": arguments})
            fault = self._fault(shown)
            if fault is not None and not fault.do.endswith("_after"):
                if fault.do != "stall":
                    return _failed(request, fault)
                await asyncio.sleep(fault.seconds)
            async with self._lock:
                result, kind = await asyncio.to_thread(self._run, text, arguments)
        except _RefusedError as refused:
            return _error(refused.code, str(refused))
        except Exception as error:  # noqa: BLE001  # whatever the engine says goes to the client
            found = _CODE.search(str(error))
            return _error(int(found.group(1)) if found else 1002, str(error))
        headers = {"X-ClickHouse-Format": kind, "X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Query-Id": "q"}
        if fault is not None and fault.do == "cut_after":
            answer = web.StreamResponse(headers=headers)
            await answer.prepare(request)
            await answer.write(result[: len(result) // 2])
            return _failed(request, Fault("drop"))
        if fault is not None and fault.do.endswith("_after"):
            return _failed(request, fault)
        return _packed(request, web.Response(body=result, headers=headers))

    def _fault(self, text: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.match in text:
                fault.times -= 1
                return fault
        return None

    def _run(self, text: bytes, arguments: dict[str, str]) -> tuple[bytes, str]:
        parameters = {n.removeprefix("param_"): v for n, v in arguments.items() if n.startswith("param_")}
        settings = {n: v for n, v in arguments.items() if not _OF_HTTP.fullmatch(n)}
        unknown = sorted(settings.keys() - self._settings)
        if unknown:
            raise _RefusedError(115, f"Unknown setting '{unknown[0]}'")
        database = arguments.get("database")
        session = self._connect()  # settings end with it: readonly cannot be taken back
        try:
            session.query("USE " + (f"`{database}`" if database else "default"))
            if settings:
                session.query("SET " + ", ".join(f"{name} = {_quoted(v)}" for name, v in settings.items()))
            return _answer(session, text, parameters, arguments.get("default_format", "TabSeparated"))
        finally:
            session.close()


def _answer(session: Any, text: bytes, parameters: dict[str, str], default_format: str) -> tuple[bytes, str]:
    insert = _INSERT.match(text)
    if insert is not None:
        return _insert(session, insert["into"].decode(), text[insert.end() :]), "Native"
    sql = text.decode().strip()
    kind = "Native" if re.search(r"FORMAT\s+Native\s*$", sql) else default_format
    result = session.query(sql, kind, params=parameters)
    return (result.bytes() if result is not None else b""), kind


def _insert(session: Any, into: str, block: bytes) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".native") as file:
        file.write(block)
        file.flush()
        session.query(f"INSERT INTO {into} FROM INFILE '{file.name}' FORMAT Native")
    return b""


async def _body(request: web.Request, arguments: dict[str, str]) -> bytes:
    """What was posted, unpacked; a form's fields become arguments."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        arguments.update({name: str(value) for name, value in form.items()})
        body = b""
    else:
        body = await request.read()
    if any(len(value.encode()) > FIELD_BYTES for value in arguments.values()):
        raise _RefusedError(1000, "Poco::Exception. HTML Form Exception: Field value too long")
    if request.headers.get("Content-Encoding") != "lz4":
        return body  # of the others the web server has already taken care
    try:
        with lz4.frame.open(io.BytesIO(body)) as frames:  # the driver sends a frame for each of its blocks
            unpacked: bytes = frames.read()
    except RuntimeError as error:
        raise _RefusedError(271, f"Cannot decompress: {error}") from None
    return unpacked


def _packed(request: web.Request, answer: web.Response) -> web.Response:
    """Compressed as the client asks: by its header, where an argument allows it."""
    pack = {"lz4": lz4.frame.compress, "gzip": gzip.compress}
    asked = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
    encoding = next((name for name in asked if name in pack), None)
    if request.query.get("enable_http_compression") == "1" and encoding and answer.body:
        assert isinstance(answer.body, bytes)
        answer.body = pack[encoding](answer.body)
        answer.headers["Content-Encoding"] = encoding
    return answer


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _failed(request: web.Request, fault: Fault) -> web.Response:
    if fault.do.startswith("drop"):
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if fault.do == "status":
        return web.Response(status=fault.status, text="planned")
    return _error(fault.code, "planned by the test")


def _authenticate(request: web.Request) -> None:
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        if user != "default" and password != PASSWORD:
            text = (
                f"{user}: Authentication failed: password is incorrect, or there is no user with such name."
            )
            raise _RefusedError(516, text)


def _error(code: int, text: str) -> web.Response:
    message = text if text.startswith("Code:") else f"Code: {code}. DB::Exception: {text}"
    headers = {"X-ClickHouse-Exception-Code": str(code)}
    return web.Response(status=_STATUS.get(code, 500), text=message, headers=headers)


async def _serve(folder: Path) -> None:
    server = Server(folder)
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(
        [
            web.get("/ping", server.ping),
            web.get("/control", server.control),
            web.post("/control", server.control),
            web.get("/", server.statement),
            web.post("/", server.statement),
        ]
    )
    runner = web.AppRunner(app, access_log=None, max_line_size=_URI_BYTES, max_field_size=FIELD_BYTES)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers.

    Attributes:
        port: on the loopback interface.
        process: its process, for those who kill.
    """

    port: int
    process: subprocess.Popen[str]

    def url(self, database: str = "caseclock", user: str = "") -> str:
        """The address as the settings want it."""
        return f"http://{f'{user}@' if user else ''}127.0.0.1:{self.port}/{database}"

    def plan(self, *faults: Fault) -> None:
        """Let these go wrong from now on; none: all goes well."""
        self._control(json.dumps([asdict(fault) for fault in faults]).encode())

    def seen(self) -> list[dict[str, Any]]:
        """The last statements since the last plan, each with the arguments that came with it."""
        told: list[dict[str, Any]] = json.loads(self._control(None))
        return told

    def _control(self, body: bytes | None) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control", body, timeout=10) as answer:
            told: bytes = answer.read()
        return told


@contextmanager
def clickhouse_server(folder: Path) -> Iterator[RunningServer]:
    """Run a server over the engine's data in a folder for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.clickhouse_server", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout is not None
        yield RunningServer(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait(10)


def main(arguments: list[str] | None = None) -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    told = parser.parse_args(arguments)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() == 1:
            return
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(told.folder))


if __name__ == "__main__":
    main()
