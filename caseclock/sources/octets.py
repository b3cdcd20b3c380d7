"""The bytes of a file or of standard input, decompressed piece by piece, with progress.

Memory stays bounded whatever the file holds: no piece handed on is longer than `PIECE`, and compressed input
is taken in steps so small that even a file made to blow up (a kilobyte of zstd can hold 32 MB) cannot fill
the memory.
"""

import os
import sys
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from caseclock.sources.records import SourceError

PIECE: Final = 1 << 18
_BLOCK: Final = 1 << 16
_ZSTD_STEP: Final = 1 << 10
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_BOM: Final = b"\xef\xbb\xbf"


class Octets:
    """An opened file (`-`: standard input).

    Compression is told by the name (`.gz`, `.zst`) or, where the name says nothing, by the first bytes.

    Attributes:
        name: the file's name without its folder; `-` for standard input.
        size: bytes of the file as it lies on the disk; None where nobody knows (standard input, a pipe).
        position: bytes of it read so far.

    Raises:
        SourceError: the file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.name = "-" if path == "-" else Path(path).name
        self.size: int | None = None
        self.position = 0
        self._path = path
        self._file: BinaryIO
        if path == "-":
            self._file = sys.stdin.buffer
            return
        try:
            self._file = Path(path).open("rb")  # noqa: SIM115 - closed by `close`
        except FileNotFoundError:
            raise SourceError(f"{path}: there is no such file") from None
        except IsADirectoryError:
            raise SourceError(f"{path}: is a folder; name the files in it") from None
        except OSError as error:
            raise SourceError(f"{path}: cannot be opened: {error.strerror}") from None
        if Path(path).is_file():
            self.size = os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file; standard input stays open. Twice is fine."""
        if self._path != "-":
            self._file.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield what the file holds, decompressed, without a byte order mark, at most `PIECE` bytes at once.

        Raises:
            SourceError: the file breaks off, is damaged or cannot be read on: after all that could be read.
        """
        blocks = self._blocks()
        head = b""
        for block in blocks:
            head += block
            if len(head) >= len(_ZSTD):
                break
        blocks = chain((head,), blocks)
        if self._path.lower().endswith(".gz") or head.startswith(_GZIP):
            blocks = self._gunzip(blocks)
        elif self._path.lower().endswith(".zst") or head.startswith(_ZSTD):
            blocks = self._unzstd(blocks)
        yield from _without_mark(blocks)

    def _blocks(self) -> Iterator[bytes]:
        """Yield the bytes as they lie there. `read1`, so that a slow pipe gives its lines when they come."""
        read = getattr(self._file, "read1", self._file.read)
        while True:
            try:
                block: bytes = read(_BLOCK)
            except OSError as error:
                raise SourceError(f"cannot be read on: {error.strerror}") from None
            if not block:
                return
            self.position += len(block)
            yield block

    def _gunzip(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Any number of gzip members one after the other, with zeros between them or at the end."""
        member = zlib.decompressobj(wbits=31)
        complete = False
        for block in blocks:
            rest = block
            while rest:
                if complete:
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    member, complete = zlib.decompressobj(wbits=31), False
                if plain := self._inflate(member, rest):
                    yield plain
                complete = member.eof
                rest = member.unused_data if complete else member.unconsumed_tail
        while not complete:  # the last bytes may hold more than one piece
            plain = self._inflate(member, b"")
            complete = member.eof
            if plain:
                yield plain
            elif not complete:
                raise self._cut_off("gzip")

    def _inflate(self, member: "zlib._Decompress", data: bytes) -> bytes:
        try:
            return member.decompress(data, PIECE)
        except zlib.error:
            raise self._damaged("gzip") from None

    def _unzstd(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Any number of zstd frames one after the other."""
        decompressor = zstandard.ZstdDecompressor()
        frame = decompressor.decompressobj()
        begun = complete = False
        for block in blocks:
            for start in range(0, len(block), _ZSTD_STEP):
                rest = block[start : start + _ZSTD_STEP]
                while rest:
                    if complete:
                        frame, complete = decompressor.decompressobj(), False
                    begun = True
                    try:
                        plain = frame.decompress(rest)
                    except zstandard.ZstdError:
                        raise self._damaged("zstd") from None
                    for at in range(0, len(plain), PIECE):
                        yield plain[at : at + PIECE]
                    complete = frame.eof
                    rest = frame.unused_data if complete else b""
        if not (begun and complete):
            raise self._cut_off("zstd")

    def _cut_off(self, kind: str) -> SourceError:
        if not self.position:
            return SourceError(f"is empty, not even {kind}; fetch it again")
        return SourceError(f"the {kind} data breaks off: the file was not copied whole; fetch it again")

    def _damaged(self, kind: str) -> SourceError:
        return SourceError(f"is not {kind} or is damaged by byte {self.position}; fetch it again")


def _without_mark(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out the UTF-8 byte order mark at the very start, that spreadsheets like to write."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(_BOM):
            break
    head = head.removeprefix(_BOM)
    if head:
        yield head
    yield from pieces
