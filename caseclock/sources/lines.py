"""Lines out of pieces of bytes, with a bound on what is held of any one of them."""

from collections.abc import Iterable, Iterator

from schemas.decode import MAX_LINE_BYTES

_HOLD = MAX_LINE_BYTES + 1


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield each line without its end (`\n` or `\r\n`), empty ones too; a last line needs no end.

    A line over `MAX_LINE_BYTES` comes as its first `MAX_LINE_BYTES` + 1 bytes: too long for every reader, and
    no more than that is ever held.

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
        yield _whole(parts)
        for line in lines:
            if len(line) > _HOLD:
                yield line[:_HOLD]
            else:
                yield line[:-1] if line.endswith(b"\r") else line
        parts, held = [last[:_HOLD]], len(last)
    if held:
        yield _whole(parts)


def _whole(parts: list[bytes]) -> bytes:
    line = b"".join(parts)
    return line if len(line) >= _HOLD else line.removesuffix(b"\r")
