"""What a partition puts aside fits into the topics it is put into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.dead_letter import HEADER_PREFIX, DeadLetter, Reason
from schemas.decode import encode
from streams.book import CaseBook
from streams.partition import HEAD_BYTES, MAX_HEADER_BYTES, Partition
from tests.city import RULES
from tests.oracle import story


@dataclass
class Record:
    value: bytes | None
    key: bytes | None = None
    offset: int = 7
    headers: Sequence[tuple[str, bytes]] = ()


def partition() -> Partition:
    return Partition("events", 0, 1, CaseBook(0, RULES["one_stop"], 0), 1)


def test_of_a_record_that_is_too_large_the_beginning_is_kept_and_reading_goes_on() -> None:
    part = partition()

    assert part.read([Record(b"x" * 20_000_000, key=b"k" * 1_000_000)], 0) == []

    letter = part.dead[0]
    assert (letter.key, len(letter.value)) == (None, HEAD_BYTES)
    assert DeadLetter.from_headers(letter.headers).reason is Reason.TOO_LARGE
    assert part.next_offset == 8


def test_any_other_dead_letter_keeps_its_bytes_and_its_headers() -> None:
    part = partition()

    part.read([Record(b"not json", key=b"k", headers=[("trace", b"1")])], 0)

    letter = part.dead[0]
    assert (letter.key, letter.value, letter.headers[0]) == (b"k", b"not json", ("trace", b"1"))


def test_headers_beyond_all_measure_are_dropped_from_what_is_sent_on() -> None:
    part = partition()
    huge = [("trace", b"x" * (MAX_HEADER_BYTES + 1))]
    event = story.Story().then("received", "2025-03-03 09:00").events[0]
    stray = Record(encode(event), key=b"another", headers=huge)  # type: ignore[arg-type]  # an event as the oracle has it

    part.read([Record(b"not json", headers=huge), stray], story.at("2025-03-04 09:00"))

    assert all(name.startswith(HEADER_PREFIX) for name, _ in part.dead[0].headers)
    assert [name for name, _ in part.misrouted[0].headers] == ["caseclock-sent-again"]
