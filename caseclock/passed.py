"""Which records of a partition are done with, kept as what a consumer group may commit: an offset and a note.

All before the offset is done with; the note names what is done with beyond it. So what could not be done today is
found again tomorrow, and nothing is done twice. Kafka keeps notes of 4 096 bytes; where one would be longer, the
oldest that is still open is given up.
"""

import base64
import zlib
from collections.abc import Collection
from typing import Final

MOST_CHARACTERS: Final = 4_000
MOST_OFFSETS: Final = 1_000_000
"""Of the offsets beyond the committed one so many can be noted; a bound on what a note can unpack to."""


class Passed:
    """Offsets that are done with.

    Args:
        offset: all before it are; what was committed, or the first offset there is.
        note: the committed note; one that cannot be read notes nothing.
    """

    def __init__(self, offset: int, note: str = "") -> None:
        self.offset = offset
        self._beyond = set(_unpacked(offset, note))
        self._go_on()

    def __contains__(self, offset: int) -> bool:
        return offset < self.offset or offset in self._beyond

    def add(self, offset: int) -> None:
        """Note that an offset is done with."""
        if offset >= self.offset:
            self._beyond.add(offset)
            self._go_on()

    def start_at(self, offset: int) -> None:
        """What is before it is not there any more."""
        self.offset = max(self.offset, offset)
        self._beyond = {each for each in self._beyond if each >= self.offset}
        self._go_on()

    def _go_on(self) -> None:
        while self.offset in self._beyond:
            self._beyond.discard(self.offset)
            self.offset += 1

    def note(self) -> str:
        """What is to be committed with ``offset``; the oldest that are open are given up until it is short enough."""
        while True:
            packed = _packed(self.offset, self._beyond)
            if packed is not None:
                return packed
            self.start_at(self.offset + max(1, (max(self._beyond) - self.offset) // 8))


def _packed(offset: int, beyond: Collection[int]) -> str | None:
    if not beyond:
        return ""
    most = max(beyond) - offset
    if most >= MOST_OFFSETS:
        return None
    octets = bytearray(most // 8 + 1)
    for each in beyond:
        place = each - offset
        octets[place // 8] |= 1 << place % 8
    text = base64.b85encode(zlib.compress(octets, 9)).decode()
    return text if len(text) <= MOST_CHARACTERS else None


def _unpacked(offset: int, note: str) -> list[int]:
    try:
        octets = zlib.decompressobj().decompress(base64.b85decode(note), MOST_OFFSETS // 8 + 1)
    except (ValueError, zlib.error):
        return []
    return [
        offset + 8 * index + place
        for index, octet in enumerate(octets)
        for place in range(8)
        if octet >> place & 1
    ]
