"""What a source gives: events ready for Kafka, lines that cannot be read, and the error that ends a file."""

from typing import Final, NamedTuple

from schemas.dead_letter import Reason

MOST_BYTES_OF_A_HUGE_LINE: Final = 4_096
"""Of a line over 1 MB a dead letter keeps this beginning: enough for a person to recognise it, too little to
replay.
"""


class Line(NamedTuple):
    """One event that can be read.

    Attributes:
        number: the line it comes from, counted from 1 (a CSV's header is line 1; of a row that spans several
            lines the first; in an XES log the number of the `event` element).
        key: `case_id` as UTF-8, the key of the Kafka record.
        value: the event as native JSON: a native line byte for byte (less its line end), a mapped one as
            `schemas.decode.encode` writes it.
        occurred_at: microseconds since the epoch, UTC.
        event_id: unique within the case.
    """

    number: int
    key: bytes
    value: bytes
    occurred_at: int
    event_id: str


class Bad(NamedTuple):
    """One line that cannot be read, wholly or (in a mapped file) in part.

    Attributes:
        number: as in `Line`.
        reason: why.
        field: the first wrong field; in a mapped file the column (columns joined by `+`), empty when the
            line as a whole is wrong.
        raw: the bytes of the line or row, less its line end; of a line over 1 MB only the beginning.
            For the dead-letters topic alone: never for a log, a table or a file.
    """

    number: int
    reason: Reason
    field: str
    raw: bytes


class SourceError(Exception):
    """A file that cannot be read (further). One line that says what to do; it holds no value."""
