"""`caseclock check`: every finding, what to do about it, and a deadline whatever hangs."""

import socket
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from caseclock.checks import findings
from caseclock.checks.city import city, reach
from caseclock.checks.clickhouse import clickhouse
from caseclock.checks.finding import Finding, Level, ok
from caseclock.checks.kafka import kafka
from caseclock.checks.program import program
from caseclock.errors import CaseclockError, ExitCode
from caseclock.settings import CitySettings, ClickHouseSettings, Settings
from caseclock.worker import topic_names
from schemas.calendar import hanoi
from schemas.columns import CASE_COLUMNS
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from sinks.kafka import KafkaTopics, Sender, TopicSpec
from tests.caseclock.commands_kit import (
    NOBODY,
    caseclock,
    event,
    group_is_known,
    make_topics,
    settings_of,
    variables,
)
from tests.clickhouse_server import RunningServer, clickhouse_server
from tests.conftest import Broker

TODAY = date(2026, 3, 3)


def said(found: Iterator[Finding] | list[Finding], *levels: Level) -> list[str]:
    return [each.text for each in found if each.level in (levels or tuple(Level))]


def complaints(found: Iterator[Finding]) -> list[str]:
    return said(found, Level.NOTE, Level.WRONG)


def in_folder(path: Path) -> Settings:
    return Settings(clickhouse=ClickHouseSettings(url=f"chdb://{path}"))


def in_city(path: Path) -> Settings:
    return Settings(city=CitySettings(folder=path))


def test_a_part_that_fails_or_hangs_hides_no_other() -> None:
    def hangs(_: Settings) -> Iterator[Finding]:
        time.sleep(60)
        yield ok("too late")

    def fails(_: Settings) -> Iterator[Finding]:
        yield ok("before")
        raise CaseclockError("the door is shut: open it", ExitCode.DEPENDENCY)

    def breaks(_: Settings) -> Iterator[Finding]:
        raise KeyError("Nguyễn Văn A")
        yield ok("never")

    def works(_: Settings) -> Iterator[Finding]:
        yield ok("all is well")

    began = time.monotonic()
    found = list(findings(Settings(), (hangs, fails, breaks, works), seconds=0.3))

    assert time.monotonic() - began < 5
    assert [(each.level, each.code) for each in found] == [
        (Level.WRONG, ExitCode.DEPENDENCY),
        (Level.OK, ExitCode.DONE),
        (Level.WRONG, ExitCode.DEPENDENCY),
        (Level.WRONG, ExitCode.USE),
        (Level.OK, ExitCode.DONE),
    ]
    assert "hangs: no answer within 0.3 s" in found[0].text
    assert not any("Nguyễn" in each.text for each in found)


def test_the_program_tells_its_versions_and_its_rules() -> None:
    told = said(program(Settings(profile="instant")))

    assert any("Python 3." in line for line in told)
    assert any("faust-streaming 0." in line and "chdb" not in line for line in told)
    assert any("profile instant" in line for line in told)


def test_every_wrong_list_of_the_city_is_told(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name\n")
    (tmp_path / "procedures.csv").write_text("code,name,color\n")
    (tmp_path / "thresholds.yaml").write_text("due_soon_hours: -1\n")

    found = list(city(in_city(tmp_path)))

    assert {each.code for each in found} == {ExitCode.USE}
    assert [each.text.removeprefix(f"{tmp_path}/").partition(":")[0] for each in found] == [
        "procedures.csv",
        "thresholds.yaml",
        "units.csv",
    ]


def test_a_city_that_is_right_tells_its_counts_and_the_calendars_in_use(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name,kind,calendar\nW1,One,ward,\nW2,Two,ward,always\n")
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "unused.yaml").write_text(
        "zone: UTC\nweekly: {monday: [08:00-12:00]}\nhorizon: 2001-01-01\n"
    )

    found = list(city(in_city(tmp_path)))

    assert any("2 units, 0 procedures" in line for line in said(found, Level.OK))
    assert any("procedures.csv is empty or not there" in line for line in said(found, Level.NOTE))
    assert {line.split()[1].rstrip(":") for line in said(found) if line.startswith("calendar")} == {
        "hanoi",
        "always",
    }
    assert said(found, Level.WRONG) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (found,) = findings(in_city(tmp_path / "nowhere"), (city,))

    assert (found.level, found.code) == (Level.WRONG, ExitCode.USE)


@pytest.mark.parametrize(
    ("days", "level"),
    [(61, Level.OK), (60, Level.NOTE), (1, Level.NOTE), (0, Level.WRONG), (-9, Level.WRONG)],
)
def test_the_end_of_a_calendar_is_told_two_months_before(days: int, level: Level) -> None:
    ends = TODAY + timedelta(days=days)
    calendar = hanoi(TODAY).model_copy(update={"horizon": ends, "provisional_from": None})

    assert reach("hanoi", calendar, TODAY).level is level


def test_a_provisional_year_is_told_when_promises_reach_into_it() -> None:
    calendar = hanoi(TODAY)  # provisional from 2027 on

    assert reach("hanoi", calendar, date(2026, 9, 1)).level is Level.OK
    assert "provisional" in reach("hanoi", calendar, date(2026, 11, 20)).text


def test_kafka_tells_topics_and_lag(broker: Broker, prefix: str) -> None:
    settings = settings_of(broker, prefix)
    before = list(kafka(settings))
    make_topics(broker, prefix)
    group_is_known(broker, prefix)
    with Sender(broker.access, topic_names(prefix).events, lambda _: None) as sender:
        for number in range(5):
            sender.send(b"c1", event("c1", f"e{number}"), tag=number)

    found = list(kafka(settings))

    assert len(said(before, Level.NOTE)) == 3
    assert said(found, Level.WRONG) == []
    assert any("topic" in line and "2 partitions" in line for line in said(found, Level.OK))
    assert any("dead-letters: 1 partition, records kept for 7 days" in line for line in said(found))
    assert any("lag 5" in line for line in said(found, Level.NOTE))


@pytest.mark.kafka
def test_kafka_s_topics_that_would_lose_or_keep_too_much_are_told(kafka_broker: Broker, prefix: str) -> None:
    topics = topic_names(prefix)
    with KafkaTopics(kafka_broker.access) as admin:
        admin.ensure(
            [
                TopicSpec(topics.events, 2, max_message_bytes=2_000_000),
                TopicSpec(topics.dead_letters, 1, 30 * 86_400_000, 500_000),
                TopicSpec(topics.unit_partials, 3),
            ]
        )

    found = list(kafka(settings_of(kafka_broker, prefix)))

    assert said(found)[0].startswith("Kafka 4.")
    wrong = said(found, Level.WRONG)
    assert [each.code for each in found if each.level is Level.WRONG] == [ExitCode.USE] * 4
    assert any("unit-partials has 3 partitions and must have one" in line for line in wrong)
    assert any("longer than 7 days" in line for line in wrong)
    assert any("refuses a line of a megabyte" in line for line in wrong)
    assert any("has no room for the largest record" in line for line in wrong)


def test_the_embedded_engine_tells_migrations_and_rows(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    settings = in_folder(folder)
    nothing = complaints(clickhouse(settings))
    made_by_asking = folder.exists()
    folder.mkdir()
    empty = complaints(clickhouse(settings))
    store = ClickHouse(f"chdb://{folder}")
    migrate(store)
    store.close()

    found = list(clickhouse(settings))

    assert not made_by_asking
    assert "is not there yet" in nothing[0]
    assert len(empty) == 1
    assert "0001_tables" in empty[0]
    assert complaints(iter(found)) == []
    assert any("rows: events 0, cases 0" in line for line in said(found))


def test_what_was_changed_and_what_the_cases_complain_of_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = ClickHouse(f"chdb://{folder}")
    migrate(store)
    types = {name: kind for name, kind in CASE_COLUMNS.items() if name in ("case_id", "anomalies")}
    rows: list[tuple[Any, ...]] = [("c1", "beyond_calendar;backdated"), ("c2", "unknown_unit"), ("c3", "")]
    store.insert("cases", types, rows, "t")
    store.command(
        "INSERT INTO migrations (number, name, checksum) VALUES (1, 'x', 'another'), (99, 'y', 'z')"
    )
    store.close()

    found = complaints(clickhouse(in_folder(folder)))

    assert any("0001_tables was changed" in line for line in found)
    assert any("newer caseclock (migration 99)" in line for line in found)
    assert any(line.startswith("1 cases need working time beyond") for line in found)
    assert any("(unknown_unit)" in line for line in found)
    assert not any("(unknown_procedure)" in line for line in found)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with clickhouse_server(tmp_path_factory.mktemp("check")) as running:
        yield running


def test_a_server_tells_what_its_user_may_do(server: RunningServer) -> None:
    settings = Settings(clickhouse=ClickHouseSettings(url=server.url("checked")))

    assert any("its user may SELECT, INSERT" in line for line in said(clickhouse(settings), Level.OK))


def test_a_server_that_takes_no_password_of_ours_is_told(server: RunningServer) -> None:
    settings = Settings(
        clickhouse=ClickHouseSettings(url=server.url("checked", "somebody"), password="wrong")
    )

    (found,) = findings(settings, (clickhouse,))

    assert (found.level, found.code) == (Level.WRONG, ExitCode.DEPENDENCY)
    assert "refuses the user" in found.text


def test_when_everything_is_away_everything_is_told_in_time(tmp_path: Path, prefix: str) -> None:
    settings = variables(
        NOBODY,
        prefix,
        CLICKHOUSE__URL="http://127.0.0.1:1/nowhere",
        CITY__FOLDER=tmp_path / "nowhere",
    )

    ended = caseclock(tmp_path, "check", settings=settings)

    wrong = [line for line in ended.stdout.splitlines() if line.startswith("LỖI")]
    assert (ended.returncode, ended.stderr) == (3, "")
    assert [name in line for name, line in zip(("CITY", "KAFKA", "ClickHouse"), wrong, strict=True)] == [
        True
    ] * 3


def test_a_service_that_listens_and_never_answers_is_told_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/x"

        found = list(findings(Settings(clickhouse=ClickHouseSettings(url=url)), (clickhouse,), seconds=0.5))

    assert [each.code for each in found] == [ExitCode.DEPENDENCY]
