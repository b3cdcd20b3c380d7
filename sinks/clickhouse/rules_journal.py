"""The journal of the rules: which version of each part counted since when, and why it was changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.stored import RulePart
from sinks.clickhouse.client import ClickHouse

_COLUMNS: Final = {
    "part": "LowCardinality(String)",
    "name": "String",
    "version": "String",
    "previous": "String",
    "reason": "String",
    "noted_at": "DateTime64(6, 'UTC')",
}


def note_changes(store: ClickHouse, parts: Iterable[RulePart], reason: str, noted_at: int) -> list[RulePart]:
    """Note the parts whose version is not the last one noted; two workers that start together note them once.

    Args:
        store: the database.
        parts: all parts of the rules in force.
        reason: why they were changed, as the one who changed them says.
        noted_at: µs UTC.

    Returns:
        Those that replace an earlier version.
    """
    known = store.columns(
        "SELECT part, name, argMax(version, noted_at) AS version, toUnixTimestamp64Micro(max(noted_at)) AS since"
        " FROM v_rules_journal GROUP BY part, name"
    )
    last = {
        (part, name): (version, since)
        for part, name, version, since in zip(
            *(known[column] for column in ("part", "name", "version", "since")), strict=True
        )
    }
    replaced = []
    for part in parts:
        previous, since = last.get((part.part, part.name), ("", 0))
        if part.version == previous:
            continue
        row = (part.part, part.name, part.version, previous, reason if previous else "", noted_at)
        store.insert("rules_journal", _COLUMNS, [row], f"{part}:{previous}@{since}")
        if previous:
            replaced.append(part)
    return replaced
