"""The journal of the rules: a row when a part changes, whatever else is started in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from caseclock.city import prepare
from schemas.profile import PROFILES
from schemas.thresholds import Thresholds
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.rules_journal import note_changes
from streams.rules import Rules
from tests.city import RULES
from tests.sinks.store_kit import rows_of

ONE_STOP = RULES["one_stop"]
LATER = 4_000_000_000_000_000


def journal(store: ClickHouse) -> list[tuple[object, ...]]:
    query = "SELECT part, name, reason, previous != '' AS replaces FROM v_rules_journal ORDER BY noted_at, part, name"
    return [tuple(row.values()) for row in rows_of(store, query)]


@pytest.fixture
def started(empty: ClickHouse) -> ClickHouse:
    prepare(empty, ONE_STOP, "said at the first start: there was nothing before")
    return empty


def test_the_first_start_notes_every_part_once(started: ClickHouse) -> None:
    prepare(started, ONE_STOP)

    noted = journal(started)

    assert {part for part, *_ in noted} == {"profile", "thresholds", "units", "procedures", "calendar"}
    assert len(noted) == len(ONE_STOP.parts())
    assert {(reason, replaces) for _, _, reason, replaces in noted} == {("", 0)}


def test_what_changed_is_noted_with_its_reason_and_nothing_else(started: ClickHouse) -> None:
    before = journal(started)
    stricter = Rules(
        replace(ONE_STOP.city, thresholds=Thresholds(due_soon_hours=16)), PROFILES["national_766"]
    )

    replaced = note_changes(started, stricter.parts(), "Decision 766", LATER)
    again = note_changes(started, stricter.parts(), "Decision 766", LATER + 1)

    assert [part.part for part in replaced] == ["profile", "thresholds"]
    assert again == []
    assert journal(started)[len(before) :] == [
        ("profile", "", "Decision 766", 1),
        ("thresholds", "", "Decision 766", 1),
    ]


def test_a_change_that_is_taken_back_is_a_change_too(started: ClickHouse) -> None:
    other = Rules(ONE_STOP.city, PROFILES["instant"])

    note_changes(started, other.parts(), "a trial", LATER)
    note_changes(started, ONE_STOP.parts(), "its end", LATER + 1)

    assert [reason for part, _, reason, _ in journal(started) if part == "profile"] == [
        "",
        "a trial",
        "its end",
    ]
