"""Rows of an XES event log (IEEE 1849), streamed: one per event, with the columns of its CSV export.

An attribute of the event is a column by its key, an attribute of its trace the column `case:` + key: the
names that the usual tools write, so that one mapping serves both exports of a log. Nested attributes, lists,
globals, classifiers and extensions are passed over. Nothing is kept but the present trace's and event's
attributes that the mapping reads.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import orjson
from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from caseclock.sources.records import SourceError
from caseclock.sources.tabular import TableRow
from schemas.dead_letter import Reason
from schemas.decode import MAX_LINE_BYTES

_MOST_DEPTH: Final = 100
_MOST_IN_ONE_ELEMENT: Final = 4_000_000
_STEP: Final = 1 << 16


class LoggedRow(TableRow):
    """An event of a log as a row."""

    __slots__ = ("_columns",)

    def __init__(self, number: int, columns: Sequence[str], cells: list[str], reason: Reason | None) -> None:
        super().__init__(number, [], cells, reason)
        self._columns = columns

    @property
    def raw(self) -> bytes:
        """A JSON object of the columns, for the log itself has no line for an event."""
        return orjson.dumps(dict(zip(self._columns, self.cells, strict=True)))


class EventLog:
    """An XES file being read.

    Args:
        pieces: the file's bytes.
        columns: those the mapping reads; the order of the cells.
    """

    def __init__(self, pieces: Iterable[bytes], columns: Sequence[str]) -> None:
        self.columns = columns
        self._pieces = pieces
        self._handler = _Handler(columns)

    def rows(self) -> Iterator[TableRow]:
        """Yield every event, numbered from 1; its `raw` is a JSON object of the columns.

        Raises:
            SourceError: it is no XML, breaks off, has entities or a document type, or is no event log.
        """
        handler = self._handler
        parser = DefusedExpatParser(forbid_dtd=True)
        parser.setContentHandler(handler)
        try:
            for piece in self._pieces:
                for at in range(0, len(piece), _STEP):
                    parser.feed(piece[at : at + _STEP])
                    yield from handler.take()
                    handler.quiet += _STEP
                    if handler.quiet > _MOST_IN_ONE_ELEMENT:
                        raise SourceError("has an element over 4 MB: that is no event log")
            parser.close()
        except SAXParseException as error:
            yield from handler.take()
            where = f"line {error.getLineNumber()}, column {error.getColumnNumber()}"
            raise SourceError(f"is not well-formed XML at {where}: {error.getMessage()}") from None
        except DefusedXmlException:
            raise SourceError(
                "has a document type or entities, which no event log needs; leave them out"
            ) from None
        if not handler.begun:
            raise SourceError("is empty, not even XML; fetch it again")
        yield from handler.take()

    @property
    def unseen(self) -> list[str]:
        """The columns that no trace or event had so far: perhaps a mistyped name."""
        return [column for column in self.columns if column not in self._handler.seen]


class _Handler(ContentHandler):
    """Collects the rows of the events that were closed."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self._columns = columns
        self._wanted = frozenset(columns)
        self._path: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._trace_size = self._event_size = 0
        self._events = 0
        self._event_at = 0  # how deep the open event lies; 0: none is open
        self._in_events = False
        self._rows: list[TableRow] = []
        self.seen: set[str] = set()
        self.quiet = 0
        self.begun = False

    def take(self) -> list[TableRow]:
        """Hand over the rows collected since the last time."""
        rows, self._rows = self._rows, []
        return rows

    def startElement(self, name: str, attrs: "AttributesImpl[str]") -> None:  # noqa: N802 - the interface's name
        """Note where we are, and an attribute of the trace or event."""
        path, name = self._path, name.rpartition(":")[2]
        depth = len(path)
        self.quiet = 0
        self.begun = True
        if depth == 0 and name != "log":
            raise SourceError(f"is XML, but no XES event log: its root is {name!r}, not 'log'")
        if depth >= _MOST_DEPTH:
            raise SourceError(f"is nested more than {_MOST_DEPTH} deep: that is no event log")
        path.append(name)
        if depth == 1:
            self._trace, self._trace_size, self._event_at, self._in_events = {}, 0, 0, False
        if name == "event" and not self._event_at and (depth == 1 or (depth == 2 and path[1] == "trace")):
            self._event, self._event_size, self._event_at = {}, 0, depth
            self._in_events = True
        elif self._event_at:
            if depth == self._event_at + 1:
                self._attribute(attrs, of_event=True)
        elif depth == 2 and path[1] == "trace":
            self._attribute(attrs, of_event=False)

    def _attribute(self, attrs: "AttributesImpl[str]", *, of_event: bool) -> None:
        key, value = attrs.get("key"), attrs.get("value")
        column = key if of_event or key is None else f"case:{key}"
        if value is None or column not in self._wanted:
            return
        self.seen.add(column)
        if of_event:
            self._event_size += len(value)
            if self._event_size <= MAX_LINE_BYTES:
                self._event[column] = value
            return
        if self._in_events:
            raise SourceError(
                f"a trace has {key!r} after its events; XES wants a trace's attributes before them"
            )
        self._trace_size += len(value)
        if self._trace_size <= MAX_LINE_BYTES:
            self._trace[column] = value

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802 - the interface's
        """Make a row of an event that ends."""
        self._path.pop()
        if not self._event_at or len(self._path) != self._event_at:
            return
        self._event_at = 0
        self._events += 1
        row = self._trace | self._event
        large = self._trace_size + self._event_size > MAX_LINE_BYTES
        cells = [row.get(column, "") for column in self._columns]
        self._rows.append(LoggedRow(self._events, self._columns, cells, Reason.TOO_LARGE if large else None))
