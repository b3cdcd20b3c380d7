"""A case told by hand, one event a line, as tests read best."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.fold import fold
from tests.oracle.histories import city_rules
from tests.oracle.model import TIMES, Case, Event
from tests.oracle.worktime import EPOCH, HOUR, MICROSECOND


def at(text: str, zone: str = "Asia/Ho_Chi_Minh") -> int:
    """A moment as the wall clock shows it: at("2025-03-03 09:00")."""
    return (datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) - EPOCH) // MICROSECOND


REQUIRED: dict[str, Event] = {
    "registered": {"unit_id": "ward", "procedure_code": "P-none", "kind": "dossier", "channel": "online"},
    "received": {"unit_id": "ward", "procedure_code": "P-none", "kind": "dossier", "channel": "counter"},
    "assigned": {"officer": "o-1"},
    "suspended": {"reason": "supplement"},
    "rescheduled": {"apology": True},
    "completed": {"outcome": "granted"},
    "consulted": {"request_id": "r1", "unit_id": "berlin"},
    "answered": {"request_id": "r1"},
    "rated": {"score": 5},
}


class Story:
    """Told one event a line: `Story().then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00")`.

    Events get the ids e1, e2, ... ; times are those of Hanoi; required fields have defaults.
    """

    def __init__(self, case_id: str = "C1") -> None:
        self.case_id = case_id
        self.events: list[Event] = []

    def then(self, kind: str, when: str, /, **fields: Any) -> Story:
        event: Event = {
            "event_id": f"e{len(self.events) + 1}",
            "type": kind,
            "case_id": self.case_id,
            "occurred_at": at(when),
            "source": "office",
            "schema_version": 1,
        }
        event |= REQUIRED.get(kind, {})
        event |= {key: at(value) if key in TIMES else value for key, value in fields.items()}
        self.events.append(event)
        return self

    def maybe(self, now: str, profile: str = "one_stop") -> Case | None:
        return fold(self.events, at(now), city_rules(profile))

    def at(self, now: str, profile: str = "one_stop") -> Case:
        case = self.maybe(now, profile)
        assert case is not None
        return case


DAY_END = "23:59:59.999999"


def received(due: str | None = "2025-03-05 17:00", when: str = "2025-03-03 09:00", **fields: Any) -> Story:
    """A case of the ward, received on Monday 3 March at 09:00, promised for Wednesday."""
    promise = {} if due is None else {"due_at": due}
    return Story().then("received", when, **promise, **fields)


def hours(*spans: str) -> int:
    """Microseconds of "3:30"-like spans of working time."""
    total = 0
    for span in spans:
        h, m = span.split(":")
        total += int(h) * HOUR + int(m) * HOUR // 60
    return total
