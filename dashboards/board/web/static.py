"""Files that never change: the hash of its content is in each one's address (``board.3f9a….css``)."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiohttp import web

from dashboards.board.web.answers import SEALED_CACHING, Answer

PREFIX: Final = "/static/"
FOLDER: Final = Path(__file__).parents[1] / "static"
_MEDIA: Final[dict[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_PACKED_ALREADY: Final = (".png", ".ico", ".woff2")


class StaticFiles:
    """The files of a folder, read once.

    Args:
        folder: files of other kinds than those we serve are left out, and so are folders in it.

    Attributes:
        addresses: by file name; what the Renderer is given.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._answers: dict[str, Answer] = {}
        addresses: dict[str, str] = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            media = _MEDIA.get(path.suffix)
            if media is None or not path.is_file():
                continue
            content = path.read_bytes()
            name = f"{path.stem}.{blake2b(content, digest_size=8).hexdigest()}{path.suffix}"
            pack = path.suffix not in _PACKED_ALREADY
            self._answers[name] = Answer.of(content, media, pack=pack)
            addresses[path.name] = PREFIX + name
        self.addresses: Mapping[str, str] = MappingProxyType(addresses)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """One file; 404 for any other name, an older hash among them."""
        answer = self._answers.get(request.match_info["name"])
        if answer is None:
            raise web.HTTPNotFound
        return answer.respond(request, SEALED_CACHING)
