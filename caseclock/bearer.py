"""Tokens that a request shows (`Authorization: Bearer …`), compared without telling by the time how near one came."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from aiohttp import web


class Bearers:
    """Who may come in.

    Args:
        tokens: by name the token; only their hashes are kept.
    """

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._hashes = [(name, _hash(token)) for name, token in tokens.items()]

    def name_of(self, request: web.Request) -> str | None:
        """Whose token the request shows; None: nobody's. Every token is compared, whichever it is."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        shown = _hash(token.strip())
        found = None
        for name, known in self._hashes:
            if hmac.compare_digest(shown, known):
                found = name
        return found if scheme.lower() == "bearer" else None


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
