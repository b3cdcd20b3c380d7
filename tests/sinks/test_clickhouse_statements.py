"""Cutting files of SQL into statements: pure text, without an engine."""

from __future__ import annotations

import pytest

from sinks.clickhouse.migrate import migrations
from sinks.clickhouse.statements import statements


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        (";;\n; -- nothing\n", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        (r"SELECT 'it\'s; so', 'a''b;'; SELECT 2", [r"SELECT 'it\'s; so', 'a''b;'", "SELECT 2"]),
        ('SELECT ";" AS `a;b`; SELECT 2', ['SELECT ";" AS `a;b`', "SELECT 2"]),
        ("SELECT 1 -- one; and it's\n, 2; SELECT 3", ["SELECT 1  \n, 2", "SELECT 3"]),
        ("/* a; 'b */ SELECT 1 - 2 / 3;\n", ["SELECT 1 - 2 / 3"]),
        ("SELECT '-- no comment', '/* nor this */'", ["SELECT '-- no comment', '/* nor this */'"]),
        ("SELECT 'Đống Đa;\n2';", ["SELECT 'Đống Đa;\n2'"]),
    ],
)
def test_a_semicolon_ends_a_statement_only_where_it_is_code(text: str, wanted: list[str]) -> None:
    assert list(statements(text)) == wanted


def test_no_shipped_statement_is_empty_or_two_in_one() -> None:
    for migration in migrations():
        found = list(migration.statements())
        assert found
        assert all(
            each.startswith(("CREATE ", "ALTER ", "INSERT ")) and each.count("CREATE ") <= 1 for each in found
        )


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))
