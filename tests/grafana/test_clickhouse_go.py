"""Grafana's own driver for ClickHouse (clickhouse-go over HTTP) reads the demo city, and reads what Python reads."""

import time
from collections.abc import Iterator
from typing import Final

import pytest

from tests.grafana.asked import everything
from tests.grafana.city import DemoCity
from tests.grafana.go_reader import GoMissingError, GoReader, as_go_tells, go_reader
from tests.missing import missing

VIEWS: Final = ("v_units_now", "v_city_now", "v_units_history", "v_cases", "v_dead_letters")
TIMES: Final = 25
"""The city lives: so often both are asked until nothing has happened in between."""
_TYPES: Final = """
    SELECT toUInt8(200) AS u8, toInt32(-5) AS i32, toUInt32(5) AS u32, toInt64(-5) AS i64,
        toUInt64(18446744073709551615) AS u64, toFloat64(0.25) AS part, toFloat64(nan) AS none,
        'Đống Đa' AS words, toLowCardinality('tree') AS low, CAST(NULL AS LowCardinality(Nullable(String))) AS low_none,
        true AS yes, CAST(7 AS Nullable(Int64)) AS maybe, CAST(NULL AS Nullable(Int64)) AS nothing,
        CAST(0.5 AS Nullable(Float64)) AS part_maybe, CAST(now() AS Nullable(DateTime64(6, 'UTC'))) AS at_maybe,
        CAST(['own', 'tree', 'own'] AS Array(LowCardinality(String))) AS lows, CAST([] AS Array(Float64)) AS parts,
        CAST([1, 65535] AS Array(UInt16)) AS u16s,
        CAST(toDateTime64(1e9, 6, 'UTC') AS SimpleAggregateFunction(max, DateTime64(6, 'UTC'))) AS last,
        toDate('2026-02-11') AS day, toDateTime('2026-02-11 12:00:00', 'Asia/Ho_Chi_Minh') AS noon,
        toDateTime64('2026-02-11 12:00:00.123456', 6, 'UTC') AS exact, toDateTime('2026-02-11 12:00:00') AS plain,
        [1, 2] AS many, map('a', 1) AS pairs, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS id,
        CAST('b' AS Enum8('a' = 1, 'b' = 2)) AS one_of, toDecimal64(1.5, 3) AS money
    FROM numbers(3)
"""


@pytest.fixture(scope="module")
def go(demo_city: DemoCity) -> Iterator[GoReader]:
    try:
        with go_reader(demo_city.http_port) as reader:
            yield reader
    except GoMissingError as reason:
        missing("Grafana's driver for ClickHouse", str(reason))


def same(go: GoReader, city: DemoCity, sql: str) -> bool:
    """Whether both read the same, as soon as the city stands still for a moment."""
    for _ in range(TIMES):
        told = go.ask(sql)
        assert not told.error, f"{told.error}\n{sql}"
        if told == as_go_tells(city.query(sql)):
            return True
        time.sleep(0.05)
    return False


def test_every_type_is_read_as_python_reads_it(go: GoReader, demo_city: DemoCity) -> None:
    assert same(go, demo_city, _TYPES)


def test_every_type_of_our_views_is_among_those(demo_city: DemoCity) -> None:
    used = demo_city.query(
        "SELECT DISTINCT type FROM system.columns WHERE database = 'caseclock' AND startsWith(table, 'v_')"
    )

    assert {str(kind) for (kind,) in used.rows} <= set(demo_city.query(_TYPES).types)


@pytest.mark.parametrize("view", VIEWS)
def test_the_stable_views_are_read_as_python_reads_them(go: GoReader, demo_city: DemoCity, view: str) -> None:
    assert same(go, demo_city, f"SELECT * FROM {view} ORDER BY ALL LIMIT 300")


def test_the_public_views_are_read_as_python_reads_them(go: GoReader, demo_city: DemoCity) -> None:
    views = demo_city.query(
        "SELECT name FROM system.tables WHERE database = 'caseclock' AND startsWith(name, 'v_public_') "
        "AND NOT match(create_table_query, '[{]\\w+:')"  # those with parameters are called like functions
    )

    assert views.rows
    for (view,) in views.rows:
        assert same(go, demo_city, f"SELECT * FROM {view} ORDER BY ALL LIMIT 100"), view


def test_every_panel_is_read_as_python_reads_it(go: GoReader, demo_city: DemoCity) -> None:
    ((unit,),) = demo_city.query(
        "SELECT unit_id FROM v_units_now WHERE scope = 'own' AND unit_id != '*' ORDER BY completed DESC LIMIT 1"
    ).rows
    # the English ones differ in words
    asked = [each for each in everything({"unit": [str(unit)]}) if not each.dashboard.endswith("-en")]
    statements = {each.sql: str(each) for each in asked}

    differ = [panel for sql, panel in statements.items() if not same(go, demo_city, sql)]

    assert len(statements) > 40
    assert differ == []


def test_an_answer_without_rows_has_its_columns(go: GoReader) -> None:
    told = go.ask("SELECT unit_id, as_of FROM v_units_now WHERE unit_id = 'nowhere'")

    assert (told.names, told.n) == (["unit_id", "as_of"], 0)
    assert told.types == ["LowCardinality(String)", "DateTime64(6, 'UTC')"]


def test_an_answer_of_several_blocks_comes_whole(go: GoReader) -> None:
    assert go.ask("SELECT number, toString(number) FROM numbers(200000)").n == 200_000


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT nothing FROM v_city_now", "Code: 47. DB::Exception"),
        ("SELECT * FROM nowhere", "Code: 60. DB::Exception"),
        ("SELECT (1", "Code: 62. DB::Exception"),
        ("DROP TABLE cases", "Code: 164. DB::Exception"),
        ("SELECT * FROM url('http://127.0.0.1:1/')", "Code: 497. DB::Exception"),
    ],
)
def test_errors_arrive_with_clickhouses_code(go: GoReader, statement: str, told: str) -> None:
    assert told in go.ask(statement).error
