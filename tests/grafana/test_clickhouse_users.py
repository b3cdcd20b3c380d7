"""The users, grants and quotas of a ClickHouse server, judged by ClickHouse's engine itself.

The engine in a process has no place to keep users, and says so last: what gets that far was understood and allowed.
But its one user can be given any rights by a file, so the rights of the shipped files are tried on the real tables.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sinks.clickhouse.migrate import migrations
from sinks.clickhouse.statements import statements

SERVER_SQL: Final = Path(__file__).parents[2] / "sinks/clickhouse/server"
NOWHERE_TO_KEEP_IT: Final = {514, 511, 180}
"""No place for new users; so no user or role, and no profile, of that name."""
_ADMINISTRATOR: Final = "<access_management>1</access_management>"
_RUN: Final = """
import chdb, json, re, sys
session = chdb.connect(sys.argv[1])
for statement in json.load(sys.stdin):
    try:
        session.query(statement, "TabSeparated", params={"writer_password": "w", "reader_password": "r"})
        print(0)
    except Exception as error:
        print(re.search(r"Code: ([0-9]+)", str(error))[1])
"""


def codes(told: list[str], folder: Path, rights: str = _ADMINISTRATOR, profile: str = "") -> list[int]:
    """ClickHouse's codes for statements, 0 where it did them, by an engine whose user has these rights."""
    users, config = folder / "users.xml", folder / "config.xml"
    users.write_text(
        f"<clickhouse><profiles><default>{profile}</default></profiles><quotas><default/></quotas><users><default>"
        "<password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>"
        f"{rights}</default></users></clickhouse>"
    )
    config.write_text(f"<clickhouse><users_config>{users}</users_config></clickhouse>")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, f"{folder / 'data'}?config-file={config}"],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return [int(line) for line in done.stdout.split()]


def shipped() -> list[str]:
    return [
        each
        for path in sorted(SERVER_SQL.glob("*.sql"))
        for each in statements(path.read_text(encoding="utf-8"))
    ]


def granted_to(user: str) -> str:
    """The rights of the shipped files as a users' file has them."""
    queries = [each.removesuffix(f" TO {user}") for each in shipped() if each.endswith(f" TO {user}")]
    grants = [each for each in queries if each.startswith("GRANT")]
    assert grants
    return "<grants>" + "".join(f"<query>{each}</query>" for each in grants) + "</grants>"


def profile_of_the_reader() -> str:
    """The shipped settings profile as a users' file has it."""
    (text,) = [each for each in shipped() if each.startswith("CREATE SETTINGS PROFILE")]
    found = re.findall(r"(\w+) = (\d+)", text)
    assert {name for name, _ in found} == {"readonly", "max_execution_time", "max_memory_usage"}
    return "".join(f"<{name}>{value}</{name}>" for name, value in found)


def test_the_engine_understands_every_statement_and_every_limit(tmp_path: Path) -> None:
    assert set(codes(shipped(), tmp_path)) <= NOWHERE_TO_KEEP_IT


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SETTINGS PROFILE p SETTINGS max_executon_time = 30 MAX 60",
        "GRANT SELECT, DROP VIEWS ON caseclock.* TO caseclock_writer",
        "CREATE QUOTA q FOR INTERVAL 1 minute MAX querys = 3",
    ],
)
def test_a_statement_that_no_server_would_take_is_found(statement: str, tmp_path: Path) -> None:
    assert not set(codes([statement], tmp_path)) <= NOWHERE_TO_KEEP_IT


def test_the_writer_may_do_what_the_worker_does_and_the_reader_may_only_read(tmp_path: Path) -> None:
    made = [each for migration in migrations() for each in migration.statements()]
    begun = ["CREATE DATABASE IF NOT EXISTS caseclock", "USE caseclock"]
    record = [
        "CREATE TABLE IF NOT EXISTS migrations (number UInt32) ENGINE = MergeTree ORDER BY number",
        "INSERT INTO migrations VALUES (1)",
    ]
    plain = [each for each in made if not re.search(r"\{\w+:", each)]  # the others want parameters
    views = {name for each in plain for name in re.findall(r"^CREATE OR REPLACE VIEW (\w+)", each)}
    assert {"v_cases", "v_units_now", "v_units_history", "v_city_now", "v_dead_letters"} <= views
    reading = ["USE caseclock", *(f"SELECT * FROM {view} LIMIT 0" for view in sorted(views))]
    taking_away = [
        "DROP TABLE events",
        "TRUNCATE TABLE events",
        "ALTER TABLE events DELETE WHERE 1",
        "ALTER TABLE events MODIFY TTL toDateTime(0)",
    ]
    forbidden = [
        "INSERT INTO migrations VALUES (2)",
        "CREATE TABLE mine (a UInt8) ENGINE = Memory",
        "DROP VIEW v_cases",
        "SET readonly = 0",
    ]

    working = [*begun, *record, *made, *made]
    worker = codes(working, tmp_path, granted_to("caseclock_writer"))
    taken = codes(["USE caseclock", *taking_away], tmp_path, granted_to("caseclock_writer"))
    reader = codes([*reading, *forbidden], tmp_path, granted_to("caseclock_reader"), profile_of_the_reader())

    refused = [each for each, code in zip(working, worker, strict=True) if code]
    assert refused == []
    assert taken == [0, 497, 497, 497, 497]
    assert reader[: len(reading)] == [0] * len(reading)
    assert set(reader[len(reading) :]) <= {164, 497}
