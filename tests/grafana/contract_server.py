"""A server that answers as Grafana's API does and forgives nothing: who may ask, addresses, errors, its thread.

It runs in a thread of the test's process: tests look into it, and change what it holds, between requests.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

from tests.grafana.contract_grafana import ContractGrafana
from tests.grafana.contract_rules import Refused

TOKEN: Final = "glsa_an-invented-token-of-an-admin"
EDITOR: Final = "glsa_an-invented-token-of-an-editor"
USER: Final = ("quản trị", "mật khẩu bịa ra")
PREFIX: Final = "/theo-doi"
"""A path under which it answers as well, as behind a proxy."""
_SECONDS: Final = 20
_ROLES: Final = {f"Bearer {TOKEN}": "Admin", f"Bearer {EDITOR}": "Editor"}
Handler = Callable[[web.Request], Awaitable[object]]
_FREE: Final = "visitors"
_ADMIN: Final = "Admin"
_SIGNED: Final = "Editor"

_OF_PUBLIC: Final = ("get_public", "create_public", "update_public", "delete_public", "page", "panel")
_Route = tuple[str, str, str, str]


def _routes() -> list[_Route]:
    """Method, path, name of the handler, who may ask."""
    public = "/api/dashboards/uid/{uid}/public-dashboards"
    page = "/api/public/dashboards/{token}"
    return [
        ("GET", "/api/health", "health", _FREE),
        ("GET", "/api/folders/{uid}", "get_folder", _SIGNED),
        ("POST", "/api/folders", "create_folder", _SIGNED),
        ("PUT", "/api/folders/{uid}", "update_folder", _SIGNED),
        ("DELETE", "/api/folders/{uid}", "delete_folder", _ADMIN),
        ("POST", "/api/dashboards/db", "save", _SIGNED),
        ("GET", "/api/dashboards/uid/{uid}", "get_dashboard", _SIGNED),
        ("DELETE", "/api/dashboards/uid/{uid}", "delete_dashboard", _SIGNED),
        ("GET", "/api/dashboards/uid/{uid}/versions", "versions", _SIGNED),
        ("GET", "/api/datasources/uid/{uid}", "source", _ADMIN),
        ("POST", "/api/ds/query", "query", _SIGNED),
        ("GET", public, "get_public", _SIGNED),
        ("POST", public, "create_public", _ADMIN),
        ("PATCH", public + "/{pub}", "update_public", _ADMIN),
        ("DELETE", public + "/{pub}", "delete_public", _ADMIN),
        ("GET", page, "page", _FREE),
        ("POST", page + "/panels/{panel}/query", "panel", _FREE),
    ]


def _application(grafana: ContractGrafana) -> web.Application:
    application = web.Application(middlewares=[_middleware(grafana)])
    for method, path, name, who in _routes():
        for prefix in ("", PREFIX):
            application.router.add_route(method, prefix + path, _guarded(grafana, name, who))
    application.router.add_route("*", "/{rest:.*}", _unknown)
    return application


def _guarded(
    grafana: ContractGrafana, name: str, who: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if who != _FREE:
            _authorise(request, who)
        if name in _OF_PUBLIC and not grafana.public_switched_on:
            return await _unknown(request)  # the server registers no such routes then
        handler: Handler = getattr(grafana, name)
        answer = await handler(request)
        return answer if isinstance(answer, web.Response) else web.json_response(answer)

    return handle


def _authorise(request: web.Request, needed: str) -> None:
    given = request.headers.get("Authorization", "")
    role = "Admin" if given.startswith("Basic ") and _basic(given) == USER else _ROLES.get(given)
    if role is None:
        known = "Invalid API key" if given.startswith("Bearer ") else "Invalid username or password"
        raise Refused(401, known if given else "Unauthorized")
    if needed == _ADMIN and role != _ADMIN:
        raise Refused(
            403, "You'll need additional permissions to perform this action.", title="Access denied"
        )


def _basic(header: str) -> tuple[str, ...]:
    try:
        return tuple(base64.b64decode(header.removeprefix("Basic "), validate=True).decode().split(":", 1))
    except (binascii.Error, UnicodeDecodeError):
        return ()


async def _unknown(request: web.Request) -> web.Response:
    """As Grafana: an API answers in JSON, all else is the page of the application."""
    if "/api/" in request.path:
        return web.json_response({"message": "Not found"}, status=404)
    return web.Response(text="<!doctype html><title>Grafana</title> a message", content_type="text/html")


def _middleware(grafana: ContractGrafana) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        grafana.seen.append((request.method, request.path, "Authorization" in request.headers))
        try:
            changed = await grafana.hook(request) if grafana.hook else None
            told = changed if changed is not None else await handler(request)
        except Refused as refused:
            return web.json_response(refused.body, status=refused.code)
        except json.JSONDecodeError:
            return web.json_response({"message": "bad request data"}, status=400)
        assert isinstance(told, web.StreamResponse)
        return told

    return answer


@contextmanager
def contract_server(tls: ssl.SSLContext | None = None) -> Iterator[ContractGrafana]:
    """A Grafana with nothing in it, for as long as the block lasts."""
    grafana = ContractGrafana()
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(_application(grafana), shutdown_timeout=0)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        port = runner.addresses[0][1]
        grafana.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(_SECONDS)
        yield grafana
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_SECONDS)
        loop.close()
