"""How the simulated city writes: moments as text, the events of one case, and messages as they are sent."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from schemas.events import EventType
from schemas.moment import DAY_US, EPOCH_DAY, HOUR_US, SECOND_US

MINUTE_US: Final = 60 * SECOND_US
EAST_S: Final = 7 * 3600
"""Hanoi has been seven hours ahead of UTC, without summer time, since 1975."""
_MINUTES: Final = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
_SECONDS: Final = [f"{second:02}+07:00" for second in range(60)]


class Message(NamedTuple):
    """One record on its way: when it is sent (µs UTC), its bytes, and the case as its key."""

    at: int
    value: bytes
    key: bytes


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    return date.fromordinal(day + EPOCH_DAY).isoformat()


def stamp(us: int) -> str:
    """A moment in Hanoi's time, whole seconds, RFC 3339."""
    day, second = divmod(us // SECOND_US + EAST_S, 86_400)
    return _date(day) + _MINUTES[second // 60] + _SECONDS[second % 60]


def local_day(us: int) -> int:
    """The local day of a moment (days since 1970-01-01)."""
    return (us + EAST_S * SECOND_US) // DAY_US


def day_start(day: int) -> int:
    """The first moment of a local day (µs UTC)."""
    return day * DAY_US - EAST_S * SECOND_US


def hour_of(us: int) -> float:
    """The time of day in Hanoi, in hours from midnight."""
    return (us + EAST_S * SECOND_US) % DAY_US / HOUR_US


class Story:
    """The events of one case, as they will have happened.

    Attributes:
        case_id, source: of every event, unless one names another source.
        events: when each happened (µs UTC), and its fields as they stand in the message.
    """

    __slots__ = ("case_id", "events", "source")

    def __init__(self, case_id: str, source: str) -> None:
        self.case_id = case_id
        self.source = source
        self.events: list[tuple[int, dict[str, Any]]] = []

    def tell(self, kind: EventType, at: int, fields: Mapping[str, Any] | None = None) -> str:
        """Add an event; moments among the fields (``due_at`` …) are texts already. Returns its id."""
        event: dict[str, Any] = {
            "schema_version": 1,
            "event_id": str(len(self.events) + 1),
            "type": kind,
            "case_id": self.case_id,
            "occurred_at": stamp(at),
            "source": self.source,
        }
        if fields:
            event.update(fields)
        self.events.append((at, event))
        return str(event["event_id"])
