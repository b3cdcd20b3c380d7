"""Listening on an address of the settings; what goes wrong is told in a line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from caseclock.errors import CaseclockError

SHUTDOWN_SECONDS = 2.0
"""So long a request that is being answered may take when the end has come."""


class AddressTaken(CaseclockError):  # noqa: N818  # what is wrong with it
    """Nothing can listen there."""


@asynccontextmanager
async def listening(
    app: web.Application, address: tuple[str, int], setting: str, *, shutdown: float = SHUTDOWN_SECONDS
) -> AsyncIterator[str]:
    """Answer for as long as the block lasts; no access log. Yields where: ``http://127.0.0.1:8080``.

    Bodies come as they were sent, packed ones too: who takes them bounds and checks what comes out.

    Args:
        app: what answers.
        address: host and port; port 0: one that is free.
        setting: the variable to correct when nothing can listen there.
        shutdown: seconds that requests under way have at the end.

    Raises:
        AddressTaken: nothing can listen there.
    """
    host, port = address
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=shutdown)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            why = (error.strerror or "").rpartition(": ")[2] or type(error).__name__
            msg = f"cannot listen on {host}:{port} ({why}): set {setting} to another address"
            raise AddressTaken(msg) from error
        name, bound, *_ = runner.addresses[0]
        yield f"http://{f'[{name}]' if ':' in name else name}:{bound}"
    finally:
        await runner.cleanup()
