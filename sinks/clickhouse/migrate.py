"""Migrations: numbered SQL files, applied once and recorded.

Every statement may be run again and by two workers at once (IF NOT EXISTS, OR REPLACE), so there is no lock; the
record only saves the work and notices a file that was changed after it had been applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.clickhouse.statements import statements


class Migration(NamedTuple):
    """One file: its number, name and text."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the text, 16 hex digits."""
        return hashlib.blake2b(self.text.encode(), digest_size=8).hexdigest()

    def statements(self) -> Iterator[str]:
        """The statements, in order."""
        return statements(self.text)


def migrations() -> list[Migration]:
    """The shipped files in order."""
    folder = files("sinks.clickhouse") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(
        Migration(int(f.name[:4]), f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in found
    )


def migrate(store: ClickHouse, wanted: list[Migration] | None = None) -> list[str]:
    """Apply what is missing. Returns the names of those applied now.

    Raises:
        StoreError: a file is not what was applied under its number.
    """
    store.command(
        "CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String, checksum String,"
        " applied_at DateTime64(6, 'UTC') DEFAULT now64(6)) ENGINE = ReplacingMergeTree ORDER BY number"
    )
    done = []
    for migration in migrations() if wanted is None else wanted:
        # read anew each time: what another worker has just finished must not be done over it
        applied = store.columns("SELECT number, checksum FROM migrations FINAL")
        known = dict(zip(applied["number"], applied["checksum"], strict=True)).get(migration.number)
        if known is None:
            for statement in migration.statements():
                store.command(statement)
            row = (migration.number, migration.name, migration.checksum)
            types = {"number": "UInt32", "name": "String", "checksum": "String"}
            store.insert("migrations", types, [row], f"{migration.number}:{migration.checksum}")
            done.append(migration.name)
        elif known != migration.checksum:
            msg = (
                f"{store.database}: migration {migration.name} was changed after it had been applied; "
                "restore the file, or use a new database and replay"
            )
            raise StoreError(msg)
    return done
