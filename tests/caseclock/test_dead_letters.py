"""`caseclock dead-letters`: originals sent again once, what cannot be read left for another day, a table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka.consumer.fetcher import ConsumerRecord

from caseclock import dead_letters as module
from caseclock.clocks import WallClock
from caseclock.dead_letters import SENT_AGAIN, send_again
from caseclock.letter_table import listing
from caseclock.worker import topic_names
from schemas.dead_letter import DeadLetter, Reason
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from sinks.kafka import Sender
from streams.lander import dead_letter_row
from tests.caseclock.commands_kit import (
    SECRET,
    caseclock,
    event,
    make_topics,
    records,
    settings_of,
    variables,
)
from tests.conftest import Broker

SEEN = datetime(2025, 3, 3, 9, tzinfo=UTC)
LATER = (datetime.now(UTC) + timedelta(days=2)).isoformat()
Letters = list[tuple[bytes, DeadLetter]]


def letter(number: int, reason: Reason, field: str = "", **place: Any) -> DeadLetter:
    where = place or {"topic": "old.events", "partition": 1, "offset": number}
    source = where.pop("source", "old.events")
    return DeadLetter(source=source, **where, reason=reason, field=field, seen_at=SEEN)


def buried(broker: Broker, prefix: str, letters: Letters) -> None:
    make_topics(broker, prefix)
    with Sender(broker.access, topic_names(prefix).dead_letters, lambda _: None) as sender:
        for number, (original, told) in enumerate(letters):
            headers = [("trace", b"7"), *told.headers()]
            sender.send(b"", original, tag=number, headers=headers, partition=0)


def sent(broker: Broker, prefix: str) -> list[ConsumerRecord]:
    return records(broker, topic_names(prefix).events)


class DaysLater(WallClock):
    """The wall clock in three days: what was too far ahead can be read."""

    def wall(self) -> int:
        return super().wall() + 3 * 86_400_000_000


def test_what_can_be_read_now_is_sent_once_under_its_case(broker: Broker, prefix: str) -> None:
    buried(
        broker,
        prefix,
        [
            (event("c1"), letter(3, Reason.UNKNOWN_TYPE, "type")),
            (b"no json", letter(4, Reason.NOT_JSON)),
            (event("c2"), letter(5, Reason.UNKNOWN_VALUE, "kind")),
        ],
    )
    settings = settings_of(broker, prefix)

    first = send_again(settings, None, dry_run=False)
    second = send_again(settings, None, dry_run=False)

    assert (first.sent, dict(first.still_unreadable), first.failed) == (2, {Reason.NOT_JSON: 1}, 0)
    assert second.sent == 0
    found = sent(broker, prefix)
    assert sorted((each.key, each.value) for each in found) == [(b"c1", event("c1")), (b"c2", event("c2"))]
    assert {tuple(each.headers) for each in found} == {(("trace", b"7"), (SENT_AGAIN, b"dead-letters"))}


@pytest.mark.kafka
def test_what_could_not_be_read_yesterday_is_sent_when_it_can_be(
    kafka_broker: Broker, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = event("c1", occurred_at=LATER)
    buried(
        kafka_broker,
        prefix,
        [
            (ahead, letter(1, Reason.TIME_OUT_OF_RANGE, "occurred_at")),
            (event("c2"), letter(2, Reason.UNKNOWN_VALUE, "kind")),
            (b"no json", letter(3, Reason.NOT_JSON)),
        ],
    )
    settings = settings_of(kafka_broker, prefix)
    today = send_again(settings, None, dry_run=False)

    monkeypatch.setattr(module, "WallClock", DaysLater)
    later = [send_again(settings, None, dry_run=False) for _ in range(2)]

    assert (today.sent, today.still_unreadable[Reason.TIME_OUT_OF_RANGE]) == (1, 1)
    assert [run.sent for run in later] == [1, 0]
    assert [dict(run.still_unreadable) for run in later] == [{Reason.NOT_JSON: 1}] * 2
    assert sorted(each.value for each in sent(kafka_broker, prefix)) == sorted([ahead, event("c2")])


def test_a_broker_that_keeps_no_notes_still_gets_nothing_twice(tansu_broker: Broker, prefix: str) -> None:
    buried(
        tansu_broker,
        prefix,
        [(b"no json", letter(1, Reason.NOT_JSON)), (event("c1"), letter(2, Reason.UNKNOWN_TYPE, "type"))],
    )
    settings = settings_of(tansu_broker, prefix)

    runs = [send_again(settings, None, dry_run=False) for _ in range(2)]

    assert [run.sent for run in runs] == [1, 0]
    assert (runs[0].left, dict(runs[1].still_unreadable)) == (1, {})
    assert len(sent(tansu_broker, prefix)) == 1


def test_a_dry_run_tells_and_does_nothing_and_a_limit_is_kept(tansu_broker: Broker, prefix: str) -> None:
    buried(
        tansu_broker,
        prefix,
        [(event(f"c{number}"), letter(number, Reason.UNKNOWN_TYPE, "type")) for number in range(7)],
    )
    settings = settings_of(tansu_broker, prefix)

    assert send_again(settings, None, dry_run=True).sent == 7
    assert send_again(settings, 3, dry_run=True).sent == 3
    assert sent(tansu_broker, prefix) == []
    assert [send_again(settings, 3, dry_run=False).sent for _ in range(4)] == [3, 3, 1, 0]
    assert sorted(each.key for each in sent(tansu_broker, prefix)) == [b"c%d" % number for number in range(7)]


def test_of_which_only_the_beginning_was_kept_is_named_once(tansu_broker: Broker, prefix: str) -> None:
    huge = letter(0, Reason.TOO_LARGE, source="a.ndjson", line=17)
    buried(tansu_broker, prefix, [(event("c1", source="x" * 5_000)[:4_096], huge)])
    settings = settings_of(tansu_broker, prefix)

    runs = [send_again(settings, None, dry_run=False) for _ in range(2)]

    assert [list(run.truncated.told()) for run in runs] == [["a.ndjson: line 17"], []]
    assert [run.sent for run in runs] == [0, 0]


def test_without_a_topic_there_is_nothing_to_send(tansu_broker: Broker, prefix: str) -> None:
    done = send_again(settings_of(tansu_broker, prefix), None, dry_run=False)

    assert (done.sent, done.failed, done.truncated.count, dict(done.still_unreadable)) == (0, 0, 0, {})


def test_the_command_says_how_many_and_why_and_no_value(
    tansu_broker: Broker, prefix: str, tmp_path: Path
) -> None:
    secret = b"{" + SECRET.encode()
    buried(
        tansu_broker,
        prefix,
        [(secret, letter(1, Reason.NOT_JSON)), (event("c1"), letter(2, Reason.UNKNOWN_TYPE, "type"))],
    )
    settings = variables(tansu_broker, prefix)

    dry = caseclock(tmp_path, "dead-letters", "replay", "--dry-run", settings=settings)
    real = caseclock(tmp_path, "dead-letters", "replay", settings=settings)

    assert (dry.returncode, real.returncode) == (0, 0)
    assert "caseclock dead-letters: 1 can be sent again\n" in dry.stderr
    assert "caseclock dead-letters: 1 were sent again\n" in real.stderr
    assert "still unreadable, not_json: 1. Bản ghi không phải JSON" in real.stderr
    assert SECRET not in dry.stderr + real.stderr + dry.stdout + real.stdout


class Record:
    """A dead letter as it stands in the topic."""

    def __init__(self, told: DeadLetter) -> None:
        self.key: bytes | None = None
        self.value: bytes | None = SECRET.encode()
        self.offset = 0
        self.headers: Sequence[tuple[str, bytes]] = told.headers()


def test_the_list_shows_the_newest_with_place_and_reason_in_words(tmp_path: Path) -> None:
    store = ClickHouse(f"chdb://{tmp_path / 'store'}")
    migrate(store)
    told = [
        letter(0, Reason.NOT_JSON, source="a.ndjson", line=17),
        letter(44, Reason.MISSING_FIELD, "unit_id"),
    ]
    ClickHouseCaseStore(store).write_dead_letters([dead_letter_row(Record(each)) for each in told], "t")

    lines = listing(store, 10)
    newest = listing(store, 1)
    store.close()

    assert [line.split()[:4] for line in lines] == [
        ["seen", "source", "position", "reason"],
        ["2025-03-03T09:00:00Z", "a.ndjson", "line", "17"],
        ["2025-03-03T09:00:00Z", "old.events", "1:44", "missing_field"],
    ]
    assert "unit_id" in lines[2]
    assert lines[1].endswith("Bản ghi không phải JSON hợp lệ. / The record is not valid JSON.")
    assert lines[1].index("not_json") == lines[0].index("reason")
    assert len(newest) == 2


def test_a_database_that_has_no_table_yet_says_so(tmp_path: Path) -> None:
    settings = {"CLICKHOUSE__URL": f"chdb://{tmp_path / 'store'}"}

    ended = caseclock(tmp_path, "dead-letters", "list", settings=settings)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "`caseclock run` makes it" in ended.stderr
