"""Which events of a case count: distinct contents in sort order, without what was voided (domain.md §3)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tests.oracle.model import RANK, TIMES, Event
from tests.oracle.worktime import EPOCH, MICROSECOND


def canonical(event: Event) -> bytes:
    """One spelling for one content: sorted keys, no spaces, times as RFC 3339 with six digits and Z."""
    content = {key: value for key, value in event.items() if value is not None}
    for key in TIMES:
        if key in content:
            moment = EPOCH + content[key] * MICROSECOND
            content[key] = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def canonical_without_recorded_at(event: Event) -> bytes:
    return canonical({key: value for key, value in event.items() if key != "recorded_at"})


def sort_key(event: Event) -> tuple[int, int, str]:
    return event["occurred_at"], RANK.index(event["type"]), event["event_id"]


def distinct(events: Iterable[Event]) -> tuple[list[Event], set[str]]:
    """One content per event_id, in sort order; and the ids that came with several contents."""
    contents: dict[str, list[Event]] = {}
    for event in events:
        contents.setdefault(event["event_id"], []).append(event)
    chosen = []
    conflicting = set()
    for event_id, versions in contents.items():
        chosen.append(min(versions, key=lambda e: (canonical_without_recorded_at(e), canonical(e))))
        if len({canonical_without_recorded_at(e) for e in versions}) > 1:
            conflicting.add(event_id)
    return sorted(chosen, key=sort_key), conflicting


def without_voided(events: list[Event]) -> tuple[list[Event], set[str], int]:
    """The events that remain, the ids that were voided, and how many voids had no target."""
    ids = {event["event_id"] for event in events}
    voided: set[str] = set()
    unknown = 0
    for event in reversed(events):
        if event["type"] != "voided" or event["event_id"] in voided:
            continue
        if event["voids"] in ids:
            voided.add(event["voids"])
        else:
            unknown += 1
    rest = [event for event in events if event["type"] != "voided" and event["event_id"] not in voided]
    return rest, voided, unknown
