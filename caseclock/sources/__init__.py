"""Files of events: native ones as they are, any city's CSV or XES by a mapping; streamed and checked.

`open_source` gives what is in a file line by line: a `Line` for every event that can be read, a `Bad` for
every line that cannot. What ends the file itself (it breaks off, a column is missing) is a `SourceError`,
after all that could be read.
"""

from collections.abc import Iterator
from pathlib import PurePath
from types import TracebackType
from typing import Final, Self

from caseclock.sources.mapping import Mapping
from caseclock.sources.mapping_file import MappingError, load_mapping
from caseclock.sources.native import bad, native_lines
from caseclock.sources.octets import Octets
from caseclock.sources.records import Bad, Line, SourceError
from caseclock.sources.rows import RowEvents
from caseclock.sources.tabular import Table
from caseclock.sources.xes import EventLog
from schemas.dead_letter import Unreadable

__all__ = [
    "Bad",
    "Line",
    "Mapping",
    "MappingError",
    "Source",
    "SourceError",
    "load_mapping",
    "open_source",
]

_NATIVE: Final = (".ndjson", ".jsonl")
_COMPRESSED: Final = (".gz", ".zst")


def open_source(path: str, mapping: Mapping | None, now_us: int) -> "Source":
    """Open a file (`-`: standard input) and give its events and what cannot be read, lazily.

    `.ndjson` and `.jsonl` hold native events, whatever the mapping; `.xes` is an event log; everything else
    is CSV where there is a mapping. Each may be compressed (`.gz`, `.zst`). Standard input is native without
    a mapping, else CSV.

    Args:
        path: the file.
        mapping: how a CSV or XES file becomes events.
        now_us: the wall clock in microseconds, in replay too.

    Raises:
        SourceError: the file cannot be opened, is of no known kind, or needs a mapping; while it is read:
            it breaks off, is damaged, or lacks a column of the mapping.
    """
    return Source(path, mapping, now_us)


class Source(Iterator[Line | Bad]):
    """An opened file; an iterator, also to be used as a context manager.

    Attributes:
        name: the file's name without its folder; `-` for standard input.
    """

    def __init__(self, path: str, mapping: Mapping | None, now_us: int) -> None:
        kind = _kind(path, mapping is not None)
        self._octets = Octets(path)
        self._table: Table | EventLog | None = None
        self._events: RowEvents | None = None
        self.name = self._octets.name
        if kind == "native" or mapping is None:
            self._lines = self._named(native_lines(self._octets.chunks(), now_us))
        else:
            self._lines = self._named(self._mapped(kind, mapping, now_us))

    @property
    def position(self) -> int:
        """Bytes of the file as it lies on the disk (compressed) that were read so far."""
        return self._octets.position

    @property
    def size(self) -> int | None:
        """Bytes of the file as it lies on the disk; None where nobody knows (standard input)."""
        return self._octets.size

    def __iter__(self) -> Iterator[Line | Bad]:
        return self._lines

    def __next__(self) -> Line | Bad:
        return next(self._lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Twice is fine."""
        self._octets.close()

    def notes(self) -> list[str]:
        """Give what a person should know about a mapped file though nothing failed, a sentence each."""
        notes: list[str] = []
        if self._events is not None and self._events.idle:
            notes.append(f"{self.name}: {self._events.idle} rows gave no event by the mapping's conditions")
        if isinstance(self._table, EventLog) and self._table.unseen:
            names = ", ".join(map(repr, self._table.unseen))
            notes.append(f"{self.name}: no trace or event had {names}; are the names in the mapping right?")
        return notes

    def _mapped(self, kind: str, mapping: Mapping, now_us: int) -> Iterator[Line | Bad]:
        pieces = self._octets.chunks()
        table = Table(pieces, mapping.csv) if kind == "csv" else EventLog(pieces, mapping.columns)
        events = RowEvents(mapping, table.columns, now_us)
        self._table, self._events = table, events
        for row in table.rows():
            if row.reason is not None:
                yield bad(row.number, Unreadable(row.reason), row.raw)
                continue
            lines, why = events.read(row.cells, row.number)
            yield from lines
            if why is not None:
                yield bad(row.number, why, row.raw)

    def _named(self, lines: Iterator[Line | Bad]) -> Iterator[Line | Bad]:
        try:
            yield from lines
        except SourceError as error:
            raise SourceError(f"{self.name}: {error}") from None


def _kind(path: str, mapped: bool) -> str:
    """`native`, `csv` or `xes`, by the name."""
    name = PurePath(path).name.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    if name.endswith(_NATIVE):
        return "native"
    if name == "-":
        return "csv" if mapped else "native"
    if not mapped:
        if name.endswith((".csv", ".tsv", ".xes")):
            raise SourceError(f"{path}: needs a mapping that says what its columns mean: --mapping FILE.yaml")
        raise SourceError(
            f"{path}: of what kind is it? Native events: .ndjson or .jsonl; CSV and XES: give --mapping"
        )
    return "xes" if name.endswith(".xes") else "csv"
