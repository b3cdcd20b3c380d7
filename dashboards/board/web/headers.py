"""What every answer says to browsers: load nothing foreign, guess nothing, tell nobody where you come from."""

from __future__ import annotations

from typing import Final

from aiohttp import web, web_response

NAME: Final = "caseclock"
CONTENT_SECURITY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Of the API and the open data: any page of anybody may read them."""
CLOSED: Final = {"Cross-Origin-Resource-Policy": "same-origin"}
OPEN_PATHS: Final = ("/api/", "/data/v1/")


def is_open(path: str) -> bool:
    """Whether an address belongs to the API or the open data."""
    return path.startswith(OPEN_PATHS)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Put them on; a signal ``on_response_prepare``, so that nothing leaves without them."""
    for name, value in (SECURITY | (OPEN if is_open(request.path) else CLOSED)).items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = NAME


def hide_version() -> None:
    """Answers to what is no HTTP at all are made by aiohttp alone, without our signal: they name no version either."""
    vars(web_response)["SERVER_SOFTWARE"] = NAME
