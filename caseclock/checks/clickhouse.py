"""`caseclock check`: ClickHouse, what we may do there, the tables, and what their rows complain of."""

from collections.abc import Iterator, Mapping
from typing import Final

from caseclock.checks.finding import Finding, note, ok, wrong
from caseclock.services import open_store
from caseclock.settings import Settings
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.migrate import migrations

GRANTS: Final = (
    "SELECT",
    "INSERT",
    "CREATE TABLE",
    "CREATE VIEW",
    "DROP VIEW",
    "ALTER SETTINGS",
    "ALTER ADD PROJECTION",
    "ALTER MATERIALIZE PROJECTION",
)
"""What a worker needs in its database."""
_COMPLAINTS: Final[Mapping[str, str]] = {
    "beyond_calendar": "need working time beyond their calendar: extend it, then replay",
    "unknown_unit": "name a unit that is not in the list: add it to units.csv",
    "unknown_procedure": "name a procedure that is not in the list: add it to procedures.csv",
}


def clickhouse(settings: Settings) -> Iterator[Finding]:
    """Everything about it that can be asked without changing a table."""
    folder = settings.clickhouse.folder
    if folder is not None and not folder.exists():
        yield note(f"{folder} is not there yet; `caseclock run` or `replay` makes it")
        return
    store = open_store(settings)
    try:
        version = store.columns("SELECT version() AS version")["version"][0]
        where = str(folder) if folder is not None else settings.clickhouse.url
        yield ok(f"ClickHouse {version} answers at {where}, database {store.database}")
        if not store.embedded:
            yield from _grants(store)
        yield from _tables(store)
    finally:
        store.close()


def _grants(store: ClickHouse) -> Iterator[Finding]:
    missing = []
    for grant in GRANTS:
        try:
            if not int(store.command(f"CHECK GRANT {grant} ON `{store.database}`.*")):
                missing.append(grant)
        except StoreError:
            yield note("this ClickHouse does not tell what its user may do; see what `caseclock run` says")
            return
    if missing:
        user = store.columns("SELECT currentUser() AS user")["user"][0]
        yield wrong(
            f"the user {user} may not {', '.join(missing)}; as an administrator: "
            f"GRANT {', '.join(missing)} ON {store.database}.* TO {user}"
        )
    else:
        yield ok(f"its user may {', '.join(GRANTS)}")


def _tables(store: ClickHouse) -> Iterator[Finding]:
    found = store.columns(
        "SELECT name, toInt64(ifNull(total_rows, 0)) AS n FROM system.tables WHERE database = {database:String}",
        {"database": store.database},
    )
    rows = dict(zip(found["name"], found["n"], strict=True))
    applied: dict[int, str] = {}
    if "migrations" in rows:
        known = store.columns("SELECT number, checksum FROM migrations FINAL")
        applied = dict(zip(known["number"], known["checksum"], strict=True))
    yield from _migrations(applied)
    if applied:
        tables = ("events", "cases", "unit_days", "unit_now", "dead_letters")
        missing = [name for name in tables if name not in rows]
        if missing:
            yield wrong(
                f"tables {', '.join(missing)} are gone though they were made; restore them, or use a new database"
            )
            return
        yield ok("rows: " + ", ".join(f"{name} {rows[name]}" for name in tables))
        yield from _complaints(store)


def _migrations(applied: Mapping[int, str]) -> Iterator[Finding]:
    shipped = migrations()
    pending = [each.name for each in shipped if each.number not in applied]
    changed = [each.name for each in shipped if applied.get(each.number, each.checksum) != each.checksum]
    newer = sorted(set(applied) - {each.number for each in shipped})
    if pending:
        yield note(f"migrations to be applied: {', '.join(pending)}; `caseclock run` does it")
    for name in changed:
        yield wrong(
            f"migration {name} was changed after it had been applied; restore it, or use a new database and replay"
        )
    if newer:
        yield wrong(f"the database was made by a newer caseclock (migration {newer[-1]}); install that one")
    if not (pending or changed or newer):
        yield ok(f"migrations: all {len(shipped)} applied")


def _complaints(store: ClickHouse) -> Iterator[Finding]:
    counts = ", ".join(
        f"countIf(has(splitByChar(';', anomalies), '{kind}')) AS {kind}" for kind in _COMPLAINTS
    )
    found = store.columns(f"SELECT {counts} FROM cases FINAL")  # noqa: S608  # our own names
    for kind, what in _COMPLAINTS.items():
        if number := sum(found[kind]):
            yield note(f"{number} cases {what} ({kind})")
