"""A small server that speaks ClickHouse's HTTP protocol over the embedded engine, in a process of its own.

It answers the unchanged `clickhouse-connect` client: statements, queries in Native, inserts of Native blocks with
deduplication tokens, parameters, errors with their codes. It can be told to refuse, stall, fail before or after
having written, or drop the connection, which no engine does on demand.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lz4.frame
import zstandard
from aiohttp import web

PASSWORD: Final = "right"
"""Asked for when a request names a user other than `default`."""
_INSERT: Final = re.compile(rb"\s*INSERT\s+INTO\s+(?P<into>[^\n]*?)\s+FORMAT\s+Native[ \t]*\n", re.IGNORECASE)
_CODE: Final = re.compile(r"Code: (\d+)")
_PASSED_ON: Final = ("insert_deduplication_token", "session_timezone")


@dataclass(slots=True)
class Fault:
    """What goes wrong for the next `times` requests whose statement contains `match`.

    `do`: `status` (answer it, nothing written), `code` (a ClickHouse error, nothing written), `code_after` (the same
    after having written), `drop` and `drop_after` (the connection), `stall` (for `seconds`, then go on).
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

        connect: Any = chdb.connect  # without types
        self._engine = connect(str(folder))
        self._lock = asyncio.Lock()
        self._faults: list[Fault] = []

    async def control(self, request: web.Request) -> web.Response:
        """Take a fault, or with an empty list forget all."""
        told = await request.json()
        self._faults = [Fault(**fault) for fault in told]
        return web.Response(text="ok")

    async def ping(self, _request: web.Request) -> web.Response:
        """Say that it lives."""
        return web.Response(text="Ok.\n")

    async def statement(self, request: web.Request) -> web.StreamResponse:
        """Run one statement."""
        if not _authenticated(request):
            return _error(516, "default: Authentication failed: password is incorrect")
        arguments = dict(request.query)
        body = await self._body(request, arguments)
        text = (arguments.pop("query", "") + "\n").encode().lstrip() + body
        fault = self._fault(text[:2_000].decode("utf-8", "replace"))
        if fault is not None and not fault.do.endswith("_after"):
            if fault.do == "stall":
                await asyncio.sleep(fault.seconds)
            else:
                return await self._failed(request, fault)
        async with self._lock:
            try:
                result, kind = await asyncio.to_thread(self._run, text, arguments)
            except Exception as error:  # noqa: BLE001  # whatever the engine says goes to the client
                found = _CODE.search(str(error))
                return _error(int(found.group(1)) if found else 1002, str(error))
        if fault is not None and fault.do.endswith("_after"):
            return await self._failed(request, fault)
        headers = {"X-ClickHouse-Format": kind, "X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Query-Id": "q"}
        return web.Response(body=result, headers=headers)

    async def _body(self, request: web.Request, arguments: dict[str, str]) -> bytes:
        if request.content_type == "multipart/form-data":
            form = await request.post()
            arguments.update({name: str(value) for name, value in form.items()})
            return b""
        body = await request.read()
        unpack = {"lz4": lz4.frame.decompress, "gzip": gzip.decompress, "zstd": _unzstd}
        encoding = request.headers.get("Content-Encoding", "")
        return unpack[encoding](body) if encoding in unpack and body else body

    def _fault(self, text: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.match in text:
                fault.times -= 1
                return fault
        return None

    async def _failed(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.do.startswith("drop"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if fault.do == "status":
            return web.Response(status=fault.status, text="planned")
        return _error(fault.code, f"Code: {fault.code}. DB::Exception: planned by the test")

    def _run(self, text: bytes, arguments: dict[str, str]) -> tuple[bytes, str]:
        database = arguments.get("database")
        self._engine.query("USE " + (f"`{database}`" if database else "default"))
        for name in _PASSED_ON:
            value = arguments.get(name, "").replace("\\", "\\\\").replace("'", "\\'")
            self._engine.query(f"SET {name} = '{value}'")
        insert = _INSERT.match(text)
        if insert is not None:
            return self._insert(insert["into"].decode(), text[insert.end() :]), "Native"
        parameters = {n.removeprefix("param_"): v for n, v in arguments.items() if n.startswith("param_")}
        sql = text.decode().strip()
        kind = (
            "Native"
            if re.search(r"FORMAT\s+Native\s*$", sql)
            else arguments.get("default_format", "TabSeparated")
        )
        result = self._engine.query(sql, kind, params=parameters)
        return (result.bytes() if result is not None else b""), kind

    def _insert(self, into: str, block: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(suffix=".native") as file:
            file.write(block)
            file.flush()
            self._engine.query(f"INSERT INTO {into} FROM INFILE '{file.name}' FORMAT Native")
        return b""


def _unzstd(body: bytes) -> bytes:
    unpacked: bytes = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return unpacked


def _authenticated(request: web.Request) -> bool:
    import base64  # noqa: PLC0415  # only here

    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return True
    user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return user == "default" or password == PASSWORD


def _error(code: int, text: str) -> web.Response:
    message = text if text.startswith("Code:") else f"Code: {code}. DB::Exception: {text}"
    headers = {"X-ClickHouse-Exception-Code": str(code)}
    return web.Response(status=401 if code == 516 else 500, text=message, headers=headers)


async def _serve(folder: Path) -> None:
    server = Server(folder)
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(
        [
            web.get("/ping", server.ping),
            web.post("/control", server.control),
            web.get("/", server.statement),
            web.post("/", server.statement),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
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
        told = json.dumps([{name: getattr(f, name) for name in Fault.__slots__} for f in faults]).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control", told, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


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
