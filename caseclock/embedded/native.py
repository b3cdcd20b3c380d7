"""ClickHouse's Native format for clients of any revision, made from what the embedded engine can say.

The engine writes Native as for revision 0 and drops the zones of `DateTime` there. Its format Buffers holds the same
columns with their lengths and nothing else; names and types come from `DESCRIBE`, and both are put together here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

WITH_SERIALIZATION: Final = 54_454
"""The client's revision from which on a byte after each column's type says whether it is laid out unusually."""
_BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1, is_overflows: no; field 2, bucket_num: none (-1); no more fields."""
_COUNTS: Final = struct.Struct("<QQ")
_LENGTH: Final = struct.Struct("<Q")


class Column(NamedTuple):
    """Name and ClickHouse type of a column."""

    name: str
    type: str


def framed(buffers: bytes, columns: Sequence[Column], revision: int) -> bytes:
    """A result as Native.

    Args:
        buffers: the result in the format Buffers.
        columns: of the result, in order.
        revision: of the client (``client_protocol_version``); 0 for plain Native, without block info.

    Returns:
        Its blocks; of an empty result one block without rows, so that the client learns the columns.

    Raises:
        ValueError: the columns are not those of the result.
    """
    heads = [_head(column, revision) for column in columns]
    begin = (_BLOCK_INFO if revision else b"") + _varint(len(columns))
    pieces: list[bytes | memoryview] = []
    for rows, parts in _blocks(buffers):
        if len(parts) != len(columns):
            msg = f"{len(parts)} columns, but {len(columns)} names"
            raise ValueError(msg)
        pieces += (begin, _varint(rows))
        for head, part in zip(heads, parts, strict=True):
            pieces += (head, part)
    return b"".join(pieces) if pieces else b"".join((begin, _varint(0), *heads))


def _blocks(buffers: bytes) -> Iterator[tuple[int, list[memoryview]]]:
    """Rows and columns of each block of Buffers: the counts, then each column's length and bytes."""
    view, at = memoryview(buffers), 0
    while at < len(view):
        count, rows = _COUNTS.unpack_from(view, at)
        at += _COUNTS.size
        parts = []
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(view, at)
            at += _LENGTH.size
            parts.append(view[at : at + length])
            at += length
        yield rows, parts


def _head(column: Column, revision: int) -> bytes:
    usual = b"\x00" if revision >= WITH_SERIALIZATION else b""
    return _text(column.name) + _text(column.type) + usual


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _varint(len(encoded)) + encoded


def _varint(number: int) -> bytes:
    r"""LEB128, as ClickHouse writes lengths.

    >>> _varint(5), _varint(300)
    (b'\x05', b'\xac\x02')
    """
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
