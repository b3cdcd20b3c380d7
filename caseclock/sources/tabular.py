"""Rows of a CSV file, with a bound on what one row may hold and a way on after every broken one.

A quote that is never closed would swallow the rest of the file. So a row that spans several lines and does
not fit (too long, wrong number of cells, broken quoting) is dead by its first line alone, and reading goes on
with the second.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator

from caseclock.sources.lines import split_lines
from caseclock.sources.mapping import CsvFormat
from caseclock.sources.records import SourceError
from schemas.dead_letter import Reason
from schemas.decode import MAX_LINE_BYTES


class TableRow:
    """A row as it was found: its `cells`, or the `reason` why there are none, and the line it begins on."""

    __slots__ = ("_lines", "cells", "number", "reason")

    def __init__(self, number: int, lines: list[bytes], cells: list[str], reason: Reason | None) -> None:
        self.number = number
        self.cells = cells
        self.reason = reason
        self._lines = lines

    @property
    def raw(self) -> bytes:
        """The bytes of the row, less its line end."""
        return b"\n".join(self._lines)


class Table:
    """A CSV file being read.

    Args:
        pieces: the file's bytes.
        how: delimiter, quote, encoding, columns.

    Attributes:
        columns: the names of the columns, stripped.

    Raises:
        SourceError: there is no header line that can be read.
    """

    def __init__(self, pieces: Iterable[bytes], how: CsvFormat) -> None:
        encoding = "utf-8" if codecs.lookup(how.encoding).name == "utf-8-sig" else how.encoding
        if "\n".encode(encoding) != b"\n":
            pieces, encoding = _transcoded(pieces, encoding), "utf-8"
        # The library's own limit holds for the whole process and is lower than what a line may have.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
        self._lines = _Lines(pieces, encoding)
        self._reader = csv.reader(self._lines, delimiter=how.delimiter, quotechar=how.quote, strict=True)
        self._width = 0
        self.columns = how.columns if how.columns is not None else self._header()
        self._width = len(self.columns)

    def _header(self) -> list[str]:
        for row in self.rows():
            if row.reason is not None:
                raise SourceError(
                    f"line {row.number}, the header, cannot be read ({row.reason}): "
                    "mend it, or set csv.delimiter, csv.quote, csv.encoding"
                )
            return [name.strip() for name in row.cells]
        raise SourceError("is empty: there is no header line")

    def rows(self) -> Iterator[TableRow]:
        """Yield every row with anything in it."""
        lines, reader, width = self._lines, self._reader, self._width
        while True:
            lines.begin()
            reason = None
            cells: list[str] = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _TooLongError:
                reason = Reason.TOO_LARGE if lines.first_is_huge else Reason.ROW_WIDTH
            except csv.Error:
                reason = Reason.ROW_WIDTH
            if reason is None:
                if not any(cells) or not any(cell.strip() for cell in cells):
                    continue
                if lines.undecodable:
                    reason = Reason.NOT_UTF8
                elif width and len(cells) != width:
                    reason = Reason.ROW_WIDTH
            if reason is not None and reason is not Reason.NOT_UTF8:
                lines.keep_first()
            yield TableRow(lines.number, lines.taken, cells, reason)


class _TooLongError(Exception):
    """The row is over 1 MB."""


class _Lines:
    """Lines for the csv reader, that remembers which of them the present row took and can give them back."""

    def __init__(self, pieces: Iterable[bytes], encoding: str) -> None:
        self._source = split_lines(pieces)
        self._encoding = encoding
        self._again: deque[bytes] = deque()
        self.taken: list[bytes] = []
        """The lines of the present row."""
        self._bytes = 0
        self.number = 1
        """The first line of the present row."""
        self.undecodable = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.taken.append(line)
        self._bytes += len(line)
        if self._bytes > MAX_LINE_BYTES:
            raise _TooLongError
        try:
            return line.decode(self._encoding) + "\n"
        except UnicodeDecodeError:
            self.undecodable = True
            return line.decode(self._encoding, "replace") + "\n"

    def begin(self) -> None:
        """Forget the row before: the next line is the first of a new one."""
        self.number += len(self.taken)
        self.taken = []
        self._bytes = 0
        self.undecodable = False

    @property
    def first_is_huge(self) -> bool:
        """Whether the present row's first line alone is over 1 MB."""
        return len(self.taken[0]) > MAX_LINE_BYTES

    def keep_first(self) -> None:
        """Leave the present row its first line only; the others will be read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _transcoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-8 from an encoding whose line ends are no single bytes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    begun = False
    try:
        for piece in pieces:
            text = decoder.decode(piece)
            yield (text if begun else text.removeprefix("\ufeff")).encode()
            begun = begun or bool(text)
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise SourceError(f"is not {encoding} all through; set csv.encoding to what it is") from None
