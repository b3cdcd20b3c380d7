"""The rules of the settings, and what ClickHouse must know of the city."""

from datetime import UTC, datetime

from caseclock.settings import Settings
from schemas.city import City, load_city
from schemas.profile import PROFILES
from sinks.clickhouse.case_store import ClickHouseCaseStore
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.rules_journal import note_changes
from streams.rules import Rules


def city_of(settings: Settings) -> City:
    """The city of the settings' folder, under the settings' calendar.

    Raises:
        CityError: one of its lists is wrong.
    """
    city = load_city(settings.city.folder, datetime.now(UTC).date())
    return city.only_calendar(settings.calendar) if settings.calendar else city


def rules_of(settings: Settings) -> Rules:
    """The compiled rules of the settings' city and profile."""
    return Rules(city_of(settings), PROFILES[settings.profile])


def prepare(store: ClickHouse, rules: Rules, change_reason: str | None = None) -> ClickHouseCaseStore:
    """Make what is missing in the database and tell it the city's units and calendars, and which rules count.

    Args:
        store: the database.
        rules: of the city.
        change_reason: why they are not those of the last time.
    """
    migrate(store)
    now = int(datetime.now(UTC).timestamp() * 1e6)
    note_changes(store, rules.parts(), change_reason or "", now)
    cases = ClickHouseCaseStore(store)
    units = [
        (
            unit.code,
            unit.name,
            unit.kind,
            unit.parent or "",
            list(rules.path(unit.code)),
            rules.calendar_of(unit.code).version,
        )
        for unit in rules.city.units
    ]
    marks = [
        (
            calendar.version,
            calendar.spec.zone,
            list(zip(*(column.tolist() for column in calendar.intervals()), strict=True)),
        )
        for calendar in rules.calendars()
    ]
    cases.write_reference(units, marks, now)
    return cases
