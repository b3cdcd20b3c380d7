"""An answer made once and given many times: its bytes, packed and plain, its ETag, and what a cache may do with it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final, Self

import orjson
from aiohttp import web

from dashboards.board.web.negotiate import takes_gzip

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
LIVE_CACHING: Final = "public, max-age=1, stale-while-revalidate=5"
"""Of everything that changes with the board: so old may it be, and so much older while a newer one is fetched."""
SEALED_CACHING: Final = "public, max-age=31536000, immutable"
"""Of files whose address holds the hash of their content."""
_WORTH_PACKING: Final = 600
_LEVEL: Final = 5


def as_json(record: Any) -> bytes:  # noqa: ANN401  # whatever is JSON
    """A record as JSON; numbers may be numpy's, for the board counts with it."""
    return orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        body, packed: the bytes, and the same under gzip where that is worth it.
        mark: a hash of the body: the strong ETag without its quotes.
        media: the Content-Type.
        headers: others that belong to it.
    """

    body: bytes
    packed: bytes | None
    mark: str
    media: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @classmethod
    def of(cls, body: str | bytes, media: str, *, pack: bool = True, **headers: str) -> Self:
        """Pack and mark; takes milliseconds for a large body. Names of headers with ``_`` for ``-``."""
        body = body.encode() if isinstance(body, str) else body
        worth = pack and len(body) >= _WORTH_PACKING
        packed = gzip.compress(body, _LEVEL, mtime=0) if worth else None
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(body, packed, blake2b(body, digest_size=12).hexdigest(), media, named)

    def with_status(self, status: int) -> Self:
        """The same under another status."""
        return replace(self, status=status)

    @property
    def size(self) -> int:
        """Bytes that it takes up."""
        return len(self.body) + len(self.packed or b"")

    def respond(self, request: web.Request, caching: str = LIVE_CACHING) -> web.Response:
        """Give it: packed if the client takes that, or only that it is still the same (304).

        The two forms have marks of their own: a strong ETag stands for the very bytes (RFC 9110 §8.8.3).
        """
        packed = self.packed is not None and takes_gzip(request.headers.get("Accept-Encoding"))
        etag = f'"{self.mark}-gzip"' if packed else f'"{self.mark}"'
        headers = {"ETag": etag, "Cache-Control": caching, **self.headers}
        if self.packed is not None:
            headers["Vary"] = "Accept-Encoding"
        if self.status == 200 and is_known(request.headers.get("If-None-Match"), self.mark):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = self.media
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(status=self.status, body=self.packed if packed else self.body, headers=headers)


def is_known(if_none_match: str | None, mark: str) -> bool:
    """Whether the client has what the mark stands for, in whatever form; compared weakly, as caches do.

    >>> is_known('W/"a-gzip", "b"', "a"), is_known("*", "a"), is_known('"ab"', "a"), is_known(None, "a")
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    has = {each.strip().removeprefix("W/").strip('"') for each in if_none_match.split(",")}
    return bool(has & {mark, f"{mark}-gzip"})
