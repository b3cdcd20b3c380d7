"""Lines out of pieces of bytes, with a bound on what is held of any one of them."""

from collections.abc import Iterable, Iterator
from typing import Final

from schemas.decode import MAX_LINE_BYTES

_HOLD: Final = MAX_LINE_BYTES + 2
"""One byte too many, and a carriage return that may turn out to belong to the line's end."""


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield each line without its end (`\n` or `\r\n`), empty ones too; a last line needs no end.

    Of a line over `MAX_LINE_BYTES` comes a beginning that is also over it: too long for every reader, and no
    more than two bytes more are ever held.

    >>> list(split_lines([b"a\r\nb", b"c\n\nd"]))
    [b'a', b'bc', b'', b'd']
    """
    parts: list[bytes] = []
    held = 0
    for piece in pieces:
        first, *lines = piece.split(b"\n")
        if held < _HOLD:
            parts.append(first[: _HOLD - held])
            held += len(first)
        if not lines:
            continue
        last = lines.pop()
        yield b"".join(parts).removesuffix(b"\r")
        for line in lines:
            yield line[:-1] if line.endswith(b"\r") else line
        parts, held = [last], len(last)
    if held:
        yield b"".join(parts).removesuffix(b"\r")
