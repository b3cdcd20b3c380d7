"""Errors of the API as problem+json (RFC 9457): what is wrong and what to do, never what was sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web

MEDIA: Final = "application/problem+json"


class Problem(Exception):  # noqa: N818  # the name of the standard
    """A request that cannot be answered as asked.

    Args:
        status: of HTTP.
        detail: one sentence that says what to do.
        more: members beside the standard's.
        headers: of the answer.
    """

    def __init__(
        self, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more
        self.headers = headers or {}

    def response(self) -> web.Response:
        """The answer; nobody may keep it."""
        return web.Response(
            status=self.status,
            body=orjson.dumps(self.content()),
            headers={"Content-Type": MEDIA, "Cache-Control": "no-store", **self.headers},
        )

    def content(self) -> dict[str, Any]:
        """The members."""
        title = HTTPStatus(self.status).phrase
        return {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def not_yet() -> Problem:
    """There are no numbers at all yet."""
    detail = "There are no numbers yet: the first are being counted. Ask again in a few seconds."
    return Problem(503, detail, headers={"Retry-After": "3"})


def busy(seconds: int = 1) -> Problem:
    """More is asked than can be made."""
    detail = f"More is being asked than can be answered. Ask again in {seconds} s."
    return Problem(503, detail, headers={"Retry-After": str(seconds)})
