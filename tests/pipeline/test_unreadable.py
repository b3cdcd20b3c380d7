"""What cannot be read goes to the dead letters, and only that; none of its values comes to rest anywhere else."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from kafka import KafkaAdminClient

from schemas.moment import format_time
from sinks.clickhouse.client import ClickHouse
from tests.conftest import Broker
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.command import Ran, replay
from tests.pipeline.judged import cases_of, read_csv, rows_of, wrong_cases
from tests.pipeline.kit import (
    CITY,
    HandClock,
    Stage,
    at_work,
    ends_of,
    make_topics,
    records_of,
    send_raw,
    until,
    until_committed,
)

SECRET: Final = "Nguyen-Thi-Bi-Mat"
"""The beginning of every planted value; what follows tells them apart."""
TOO_LARGE: Final = 1_000_000
KEPT_OF_A_HUGE_LINE: Final = 4_096


class Bad(NamedTuple):
    """A line that cannot be read."""

    line: bytes
    reason: str
    field: str


def received(number: int, **changes: Any) -> dict[str, Any]:
    """A line that could be read without the changes; `...` leaves a field out. It tells a secret of its own."""
    whole = {
        "event_id": "e1",
        "type": "received",
        "case_id": f"{SECRET}-{number}",
        "occurred_at": "2025-03-03T09:00:00+07:00",
        "source": "office",
        "schema_version": 1,
        "unit_id": "ward",
        "procedure_code": "P-none",
        "kind": "dossier",
        "channel": "counter",
        "applicant": f"{SECRET}-{number}",
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def bad_lines() -> Iterator[Bad]:
    """Every kind of domain.md §2."""
    secret = SECRET.encode()
    yield Bad(secret + b" is no JSON", "not_json", "")
    yield Bad(b'{"case_id": "' + secret + b'"', "not_json", "")
    yield Bad(b'{"case_id": "' + secret + b'", "score": NaN}', "not_json", "")
    yield Bad(b'{"case_id": "' + secret + b'\xff"}', "not_utf8", "")
    yield Bad(b'["' + secret + b'"]', "not_an_object", "")
    yield Bad(b'"' + secret + b'"', "not_an_object", "")
    yield Bad(b'{"case_id": "' + secret + b'", "a": ' + b"[" * 50 + b"]" * 50 + b"}", "too_deep", "")
    yield Bad(b'{"case_id": "' + secret + b'", "a": "' + b"x" * TOO_LARGE + b'"}', "too_large", "")
    late = (datetime.now(UTC) + timedelta(days=1, minutes=5)).isoformat()
    changes: list[tuple[str, str, dict[str, Any]]] = [
        *(("missing_field", name, {name: ...}) for name in ("event_id", "type", "case_id", "occurred_at")),
        *(("missing_field", name, {name: ...}) for name in ("source", "schema_version", "unit_id", "kind")),
        ("missing_field", "procedure_code", {"procedure_code": None}),
        ("malformed_field", "due_at", {"due_at": SECRET}),
        ("malformed_field", "due_at", {"due_at": "2025-03-05T10:00:00"}),
        ("malformed_field", "due_at", {"due_at": 1741150800}),
        ("malformed_field", "occurred_at", {"occurred_at": "03/03/2025"}),
        ("malformed_field", "occurred_at", {"occurred_at": "2025-02-30T09:00:00+07:00"}),
        ("malformed_field", "recorded_at", {"recorded_at": SECRET}),
        ("malformed_field", "digitised", {"digitised": SECRET}),
        ("malformed_field", "lookup_hash", {"lookup_hash": SECRET}),
        ("malformed_field", "score", {"type": "rated", "score": 6}),
        ("malformed_field", "apology", {"type": "rescheduled", "due_at": late, "apology": SECRET}),
        ("malformed_field", "reason", {"type": "withdrawn", "reason": SECRET * 50}),
        ("unknown_type", "type", {"type": SECRET}),
        ("unknown_value", "channel", {"channel": SECRET}),
        ("unknown_value", "priority", {"priority": SECRET}),
        ("unknown_value", "reason", {"type": "suspended", "reason": SECRET}),
        ("unknown_value", "cause", {"type": "completed", "outcome": "granted", "cause": SECRET}),
        ("unknown_version", "schema_version", {"schema_version": 2}),
        ("bad_id", "case_id", {"case_id": SECRET * 20}),
        ("bad_id", "case_id", {"case_id": ""}),
        ("bad_id", "event_id", {"event_id": 7}),
        ("bad_id", "unit_id", {"unit_id": f"{SECRET}\n"}),
        ("bad_id", "voids", {"type": "voided", "voids": f"{SECRET}\u0000"}),
        ("time_out_of_range", "occurred_at", {"occurred_at": "1999-12-31T23:59:59Z"}),
        ("time_out_of_range", "occurred_at", {"occurred_at": late}),
        ("time_out_of_range", "due_at", {"due_at": "1999-12-31T23:59:59Z"}),
        ("time_out_of_range", "due_at", {"due_at": "2100-01-01T00:00:01Z"}),
    ]
    for number, (reason, field, change) in enumerate(changes):
        yield Bad(json.dumps(received(number, **change)).encode(), reason, field)


def good_lines(events: list[Event]) -> list[bytes]:
    """Events told with more than anybody wants to know: it is read, dropped, and no reason to refuse them."""
    lines = []
    for number, event in enumerate(events):
        extra: dict[str, Any] = {"applicant": f"{SECRET}-{number}", "address": {"street": [SECRET]}}
        if event["type"] in ("declined", "withdrawn", "stopped", "reopened", "rescheduled"):
            extra["reason"] = f"{SECRET} moved away"
        lines.append(json.dumps(json.loads(canonical(event)) | extra).encode())
    return lines


@pytest.fixture(scope="module")
def city() -> tuple[list[Event], int]:
    return histories.random_city(21, cases=40)


class Replayed(NamedTuple):
    """A file of good and bad lines after its replay with --strict."""

    ran: Ran
    folder: Path
    bad: dict[int, Bad]
    prefix: str


@pytest.fixture(scope="module")
def replayed(
    city: tuple[list[Event], int], tansu_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Replayed:
    """Bad lines at random places between good and blank ones; on a broker that is there afterwards."""
    folder = tmp_path_factory.mktemp("unreadable")
    events, now = city
    chance = random.Random(1)
    lines: list[bytes | Bad] = [*good_lines(events), b"", b"   ", b"\r"]
    for bad in bad_lines():
        lines.insert(chance.randint(0, len(lines)), bad)
    told = [line.line if isinstance(line, Bad) else line for line in lines]
    file = folder / "told.ndjson"
    file.write_bytes(b"\n".join(told) + b"\n")
    prefix = "unreadable."
    ran = replay(
        folder,
        file,
        "--strict",
        "--on-services",
        "--as-of",
        format_time(now),
        settings={
            "KAFKA__BOOTSTRAP_SERVERS": tansu_broker.access.bootstrap_servers,
            "KAFKA__TOPIC_PREFIX": prefix,
            "CLICKHOUSE__URL": f"chdb://{folder / 'store'}",
            "CITY__FOLDER": CITY,
            "WORKER__SESSION_TIMEOUT_S": 6,
            "WORKER__REBALANCE_TIMEOUT_S": 6,
        },
    )
    return Replayed(ran, folder, {n: b for n, b in enumerate(lines, 1) if isinstance(b, Bad)}, prefix)


def test_strict_ends_with_code_1(replayed: Replayed) -> None:
    assert replayed.ran.code == 1, replayed.ran.told


def test_every_kind_is_named_by_line_reason_and_field(replayed: Replayed) -> None:
    letters = read_csv(replayed.ran.out / "dead_letters.csv")

    assert letters == [
        {"source": "told.ndjson", "line_or_offset": str(line), "reason": bad.reason, "field": bad.field}
        for line, bad in sorted(replayed.bad.items())
    ]


def test_every_good_line_is_counted(replayed: Replayed, city: tuple[list[Event], int]) -> None:
    events, now = city
    summary = json.loads(replayed.ran.file("summary.json"))

    assert wrong_cases(replayed.ran.file("cases.csv").decode(), events, now, "one_stop") == []
    assert (summary["events_read"], summary["dead_letters"]) == (len(events), len(replayed.bad))


def test_no_value_is_said_or_stands_in_any_file(replayed: Replayed) -> None:
    files = [path for path in replayed.folder.rglob("*") if path.is_file() and path.name != "told.ndjson"]

    assert SECRET not in replayed.ran.told
    assert any("store" in path.parts for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_no_value_stands_in_any_column_of_any_table(replayed: Replayed) -> None:
    store = ClickHouse(f"chdb://{replayed.folder / 'store'}")
    try:
        assert tables_with(store, SECRET) == []
        assert "cases" in tables_with(store, "ward")  # what is there is found
    finally:
        store.close()


def tables_with(store: ClickHouse, text: str) -> list[str]:
    """The tables that hold a text in any column, compressed or not."""
    columns = rows_of(
        store,
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table IN"
        " (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')",
    )
    assert len({row["table"] for row in columns}) >= 8
    found = set()
    for row in columns:
        query = f"SELECT count() AS hits FROM {row['table']} WHERE position(toString({row['name']}), '{text}') > 0"
        if store.columns(query)["hits"][0]:
            found.add(row["table"])
    return sorted(found)


def test_the_topic_of_dead_letters_has_the_bytes_as_they_came(
    replayed: Replayed, tansu_broker: Broker
) -> None:
    admin = KafkaAdminClient(bootstrap_servers=tansu_broker.access.bootstrap_servers)
    topics = [name for name in admin.list_topics() if name.startswith(replayed.prefix)]
    admin.close()
    (topic,) = (name for name in topics if name.endswith("dead-letters"))

    letters = {
        int(dict(record.headers)["caseclock-line"]): record.value
        for record in records_of(tansu_broker, topic)
    }

    assert letters == {
        line: bad.line if len(bad.line) <= TOO_LARGE else bad.line[:KEPT_OF_A_HUGE_LINE]
        for line, bad in replayed.bad.items()
    }


async def test_records_that_cannot_be_read_are_set_aside_with_key_bytes_and_headers(
    stage: Stage, city: tuple[list[Event], int]
) -> None:
    events, now = city
    bad = [each for each in bad_lines() if len(each.line) <= TOO_LARGE]
    keys = [b"key-%d" % n for n in range(len(bad))]
    await make_topics(stage)
    await send_raw(stage, [e["case_id"].encode() for e in events], good_lines(events))
    headers = [[("trace", key), ("caseclock-reason", b"forged")] for key in keys]
    ends = await send_raw(stage, keys, [each.line for each in bad], [2] * len(bad), headers)
    first = ends[2] - len(bad)

    async with at_work(stage, HandClock(now)):
        await until_committed(stage, await ends_of(stage))
        await until(lambda: len(rows_of(stage.store, "SELECT * FROM v_dead_letters")) == len(bad))

    letters = rows_of(stage.store, "SELECT * FROM v_dead_letters ORDER BY position")
    assert [(r["topic"], r["partition"], r["position"], r["reason"], r["field"]) for r in letters] == [
        (stage.events, 2, first + n, each.reason, each.field) for n, each in enumerate(bad)
    ]
    kept = records_of(stage.broker, f"{stage.prefix}dead-letters")
    assert [(r.key, r.value) for r in kept] == [(key, each.line) for key, each in zip(keys, bad, strict=True)]
    assert [dict(r.headers)["trace"] for r in kept] == keys
    assert [dict(r.headers)["caseclock-reason"].decode() for r in kept] == [each.reason for each in bad]
    assert wrong_cases(cases_of(stage.store, now), events, now, "one_stop") == []
    assert tables_with(stage.store, SECRET) == []
