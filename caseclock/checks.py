"""What is wrong with an installation, and how to mend it: every finding, not only the first."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import Final, NamedTuple

from caseclock.city import city_of
from caseclock.errors import told
from caseclock.services import open_store
from caseclock.settings import Settings
from caseclock.worker import DEAD_LETTERS_KEPT_MS, topic_names
from schemas.city import City
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrations
from sinks.kafka import KafkaTopics

_PACKAGES: Final = (
    "faust-streaming",
    "aiokafka",
    "kafka-python",
    "clickhouse-connect",
    "pydantic",
    "holidays",
)
_HORIZON_NOTICE: Final = timedelta(days=60)


class Level(StrEnum):
    """How bad it is."""

    OK = "OK"
    NOTE = "LƯU Ý / NOTE"
    WRONG = "LỖI / ERROR"
    AWAY = "MẤT KẾT NỐI / AWAY"


class Finding(NamedTuple):
    """One line."""

    level: Level
    text: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Check everything; a part that is away does not hide the others."""
    for part in (_program, _city, _kafka, _clickhouse):
        try:
            yield from part(settings)
        except Exception as error:  # noqa: BLE001  # whatever a part fails at is a finding
            known = told(error)
            level = Level.AWAY if known and known[1] == 3 else Level.WRONG
            yield Finding(level, known[0] if known else f"{part.__name__.strip('_')}: {type(error).__name__}")


def _program(settings: Settings) -> Iterator[Finding]:
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Finding(Level.OK, f"Python {sys.version.split()[0]}; {versions}")
    yield Finding(Level.OK, f"settings: profile {settings.profile}, group {settings.kafka.group_id}")


def _city(settings: Settings) -> Iterator[Finding]:
    city = city_of(settings)
    yield Finding(Level.OK, f"city: {len(city.units)} units, {len(city.procedures)} procedures")
    yield from _horizons(city, datetime.now(UTC).date())


def _horizons(city: City, today: date) -> Iterator[Finding]:
    for name, calendar in city.calendars.items():
        if calendar.horizon - _HORIZON_NOTICE <= today:
            text = f"calendar {name} ends on {calendar.horizon}; add the next year's days and set its horizon"
            yield Finding(Level.WRONG if calendar.horizon <= today else Level.NOTE, text)
        elif calendar.provisional_from and calendar.provisional_from <= today:
            yield Finding(Level.NOTE, f"calendar {name} is provisional since {calendar.provisional_from}")
        else:
            yield Finding(Level.OK, f"calendar {name}: known to {calendar.horizon}")


def _kafka(settings: Settings) -> Iterator[Finding]:
    topics = topic_names(settings.kafka.topic_prefix)
    with KafkaTopics(settings.kafka.access()) as admin:
        yield Finding(Level.OK, f"Kafka answers at {settings.kafka.bootstrap_servers}")
        names = (topics.events, topics.dead_letters, topics.unit_partials)
        for name, count in admin.partitions(names).items():
            if count:
                yield Finding(Level.OK, f"topic {name}: {count} partitions")
            else:
                text = f"topic {name} is not there yet; `caseclock run` makes it"
                yield Finding(
                    Level.NOTE, f"{text} (dead letters are kept {DEAD_LETTERS_KEPT_MS // 86_400_000} days)"
                )
        lag = sum(admin.lag(settings.kafka.group_id, topics.events).values())
        yield Finding(
            Level.NOTE if lag else Level.OK, f"group {settings.kafka.group_id}: {lag} records to read"
        )


def _clickhouse(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        found = store.columns("SELECT version() AS version")["version"][0]
        yield Finding(Level.OK, f"ClickHouse {found} answers, database {store.database}")
        yield from _migrations(store)
    finally:
        store.close()


def _migrations(store: ClickHouse) -> Iterator[Finding]:
    tables = store.columns(
        "SELECT name FROM system.tables WHERE database = {database:String}", {"database": store.database}
    )["name"]
    applied: dict[int, str] = {}
    if "migrations" in tables:
        rows = store.columns("SELECT number, checksum FROM migrations FINAL")
        applied = dict(zip(rows["number"], rows["checksum"], strict=True))
    for migration in migrations():
        known = applied.get(migration.number)
        if known is None:
            yield Finding(
                Level.NOTE, f"migration {migration.name} is not applied yet; `caseclock run` does it"
            )
        elif known != migration.checksum:
            yield Finding(
                Level.WRONG, f"migration {migration.name} was changed after it had been applied; restore it"
            )
    if not applied:
        return
    yield Finding(Level.OK, f"{len(applied)} migrations applied")
    beyond = store.columns(
        "SELECT count() AS n FROM cases FINAL WHERE has(splitByChar(';', anomalies), 'beyond_calendar')"
    )
    if beyond["n"][0]:
        text = f"{beyond['n'][0]} cases need working time beyond their calendar; extend it and replay"
        yield Finding(Level.NOTE, text)
