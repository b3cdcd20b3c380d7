"""What is said over a live connection: server-sent events, packed once for all clients.

A packed message is a piece of a deflate stream that refers to nothing before it and ends on a whole byte, so the
same bytes fit into everybody's gzip stream after any other message. The streams have no end of their own, and so
no checksum: a client goes by the events.
"""

from __future__ import annotations

import secrets
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from dashboards.board.web.site import MadePage

GZIP_HEADER: Final = bytes.fromhex("1f8b08000000000000ff")
"""The beginning of every packed stream (RFC 1952): deflate, no name, no time."""
RETRY_MS: Final = 3_000
PROCESS: Final = secrets.token_hex(4)
"""Another one each time the program begins."""
_LEVEL: Final = 5
_MOST_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Message:
    """One or several events, ready to send."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """Pack."""
        packer = zlib.compressobj(_LEVEL, wbits=-15)
        return cls(plain, packer.compress(plain) + packer.flush(zlib.Z_SYNC_FLUSH))


def event(name: str, version: int, **more: Any) -> bytes:  # noqa: ANN401  # whatever is JSON
    """One event; its id is the board's version and our process's mark.

    A client that comes back names it in ``Last-Event-ID``; versions of another process count something else.
    """
    data = orjson.dumps({"version": version, **more}).decode()
    return f"event: {name}\nid: {version}.{PROCESS}\ndata: {data}\n\n".encode()


def version_of(event_id: str) -> int | None:
    """The version in an id of this process; None: it is of another, or none at all."""
    version, _, process = event_id.partition(".")
    return int(version) if process == PROCESS and version.isascii() and version.isdigit() else None


def first(version: int, as_of: str) -> Message:
    """What every connection begins with."""
    return Message.of(f"retry: {RETRY_MS}\n".encode() + event("version", version, as_of=as_of))


def difference(has: Mapping[str, str], made: MadePage) -> Message | None:
    """What brings a client that has these fragments up to the page; None: it has everything.

    Where there are other live elements than the client has, the event ``structure`` asks it to load the page anew
    when it suits the reader; what it has is kept up to date until then.
    """
    changed = {key: html for key, html in made.fragments.items() if key in has and has[key] != html}
    told = b""
    if has.keys() != made.fragments.keys():
        told += event("structure", made.version, as_of=made.as_of)
    if changed:
        told += event("fragments", made.version, as_of=made.as_of, fragments=changed)
    return Message.of(told) if told else None


class Differences:
    """Differences made lately: a thousand clients of one page mostly come from the same one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[MadePage, MadePage, Message | None]] = OrderedDict()

    def between(self, has: MadePage, made: MadePage) -> Message | None:
        """What brings a client from one page to another."""
        key = (id(has), id(made))
        kept = self._kept.get(key)
        if kept is None:
            kept = (has, made, difference(has.fragments, made))  # keeps both, and so their ids
            self._kept[key] = kept
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept[2]
