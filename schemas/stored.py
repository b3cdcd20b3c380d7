"""What passes between the engine and its sinks: rows to be written, cases to be found again, records to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Row = tuple[Any, ...]


class Unavailable(Exception):  # noqa: N818  # a state of the world, not a fault of the program
    """A dependency is away for now: hold, back off, try again; nothing is lost. One line: what and where."""


class Block(NamedTuple):
    """Rows that become durable together, in the order of schemas/columns.py, and a name for the attempt."""

    events: list[Row]
    cases: list[Row]
    unit_days: list[Row]
    token: str


class LiveCase(NamedTuple):
    """A case kept in memory, as its row tells it."""

    case_id: str
    ledger: bytes
    wake_at: int
    column_unit: str
    column: str
    calendar: str
    running: bool
    age: int
    late: int | None
    late_first_promise: bool


class Recovery(NamedTuple):
    """What stands in the store of one partition's cases.

    Attributes:
        live: cases whose ledgers go back into memory.
        archive: hashes (``xxh3``) of the ids of all others.
        flows: (unit, day, place in FLOWS, n), summed over all cases.
        anomalies: (unit, n).
        ended: (unit, column of FLOWS, late against the first promise, n).
        processing: (unit, bucket, n, sum µs) of completed cases.
        days: rows of ``unit_days`` of this partition, in the order of UNIT_DAY_COLUMNS.
    """

    live: Sequence[LiveCase]
    archive: npt.NDArray[np.uint64]
    flows: Sequence[tuple[str, int, int, int]]
    anomalies: Sequence[tuple[str, int]]
    ended: Sequence[tuple[str, str, bool, int]]
    processing: Sequence[tuple[str, int, int, int]]
    days: Sequence[Row]


class RulePart(NamedTuple):
    """A part of the rules that is versioned by its content.

    Attributes:
        part: ``profile``, ``thresholds``, ``calendar``, ``units`` or ``procedures``.
        name: of the calendar; "" where there is one of a kind.
        version: 12 hex digits of a hash of its content.
    """

    part: str
    name: str
    version: str


class OutRecord(NamedTuple):
    """A record to be sent."""

    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()
