"""Native events: one JSON object a line (NDJSON), checked and passed on byte for byte."""

from collections.abc import Iterable, Iterator

from caseclock.sources.lines import split_lines
from caseclock.sources.records import MOST_BYTES_OF_A_HUGE_LINE, Bad, Line
from schemas.dead_letter import Reason
from schemas.decode import MAX_LINE_BYTES, Unreadable, decode


def native_lines(pieces: Iterable[bytes], now_us: int) -> Iterator[Line | Bad]:
    """Yield every line that is not blank: as an event or with the reason why it is none.

    Args:
        pieces: the file's bytes.
        now_us: the wall clock; what happened more than a day after it cannot be read (domain.md §2).
    """
    for number, raw in enumerate(split_lines(pieces), 1):
        if not raw or (raw.isspace() and len(raw) <= MAX_LINE_BYTES):
            continue
        try:
            event = decode(raw, now_us)
        except Unreadable as why:
            yield bad(number, why, raw)
        else:
            yield Line(number, event["case_id"].encode(), raw, event["occurred_at"], event["event_id"])


def bad(number: int, why: Unreadable, raw: bytes) -> Bad:
    """The line as a dead letter; of a huge one only the beginning is kept."""
    kept = raw[:MOST_BYTES_OF_A_HUGE_LINE] if why.reason is Reason.TOO_LARGE else raw
    return Bad(number, why.reason, why.field, kept)
