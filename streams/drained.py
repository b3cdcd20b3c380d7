"""What one partition has to make durable in a flush, and what is told of it: a name for its rows, its snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson

from streams.book import Flush
from streams.partition import Partition
from streams.ports import Block, OutRecord

_UNITS_A_MESSAGE: Final = 100


class Drained(NamedTuple):
    """One partition's part of a flush.

    Attributes:
        offsets: the first and the one after the last of the records behind it; -1: none.
        dead, misrouted: records to be sent.
        tickets: the batches that are durable with it.
        full: its snapshots are of every unit.
    """

    partition: Partition
    flush: Flush
    offsets: tuple[int, int]
    dead: list[OutRecord]
    misrouted: list[OutRecord]
    tickets: list[Any]
    full: bool

    def snapshots(self) -> list[OutRecord]:
        """Messages of bounded size; the first of a new epoch says that it is."""
        units = list(self.flush.units.items())
        messages = []
        for start in range(0, len(units) or int(self.full), _UNITS_A_MESSAGE):
            message = {
                "partition": self.partition.number,
                "epoch": self.partition.epoch,
                "full": self.full and start == 0,
                "as_of": self.partition.book.now,
                "units": dict(units[start : start + _UNITS_A_MESSAGE]),
            }
            value = orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS)
            messages.append(OutRecord(str(self.partition.number).encode(), value))
        return messages


def block(drained: Iterable[Drained], topic: str, topic_id: str, at: int) -> Block:
    """The rows of all partitions under one name: topic, its id, partitions, offsets, and when they were drained."""
    parts = list(drained)
    told = [topic, topic_id]
    told += [f"{p.partition.number}:{p.offsets[0]}-{p.offsets[1]}@{p.partition.epoch}" for p in parts]
    told.append(str(at))
    return Block(
        [row for part in parts for row in part.flush.events],
        [row for part in parts for row in part.flush.cases],
        [row for part in parts for row in part.flush.unit_days],
        hashlib.blake2b("|".join(told).encode(), digest_size=16).hexdigest(),
    )
