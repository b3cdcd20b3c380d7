"""`caseclock demo --clickhouse-http`: what clients of ClickHouse read there, and what nobody gets through."""

import gzip
import http.client
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from rich.console import Console

from caseclock.demo.table import page
from caseclock.embedded.native import Column, framed
from tests.caseclock.engine_door import engine_door
from tests.caseclock.refused_statements import REACHES_OUTSIDE, WRITES
from tests.caseclock.test_demo_table import PULSE, figures

SECRET = "nobody's business"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return self.headers.get("X-ClickHouse-Exception-Code", "")


class Door:
    """Where clients are let in, asked as plain HTTP."""

    def __init__(self, port: int, file: Path) -> None:
        self.port, self.file = port, file

    def ask(self, statement: str, headers: dict[str, str] | None = None, **arguments: str) -> Answer:
        return self.send("POST", f"/?{urlencode(arguments)}", statement.encode(), headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    file = folder / "beside.csv"
    file.write_text(f"{SECRET}\n")
    with engine_door(folder) as port:
        yield Door(port, file)


@pytest.fixture(scope="module")
def client(door: Door) -> Any:
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=door.port, username="caseclock_reader", database="caseclock"
    )


VALUES = {
    "toInt8(-5)": -5,
    "toUInt64(18446744073709551615)": 2**64 - 1,
    "toFloat64(0.25)": 0.25,
    "'Đống Đa'": "Đống Đa",
    "true": True,
    "toNullable(7)": 7,
    "CAST(NULL AS Nullable(Int32))": None,
    "toLowCardinality('tree')": "tree",
    "CAST('x' AS LowCardinality(Nullable(String)))": "x",
    "[1, 2, 3]": [1, 2, 3],
    "map('a', 1)": {"a": 1},
    "(1, 'x')": (1, "x"),
    "CAST('b' AS Enum8('a' = 1, 'b' = 2))": "b",
    "toDecimal64(1.5, 3)": Decimal("1.500"),
    "toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')": UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0"),
    "toFixedString('ab', 2)": b"ab",
    "toIPv4('10.0.0.1')": IPv4Address("10.0.0.1"),
    "toDate('2026-02-11')": date(2026, 2, 11),
}
"""An expression, and what a client makes of it."""


def test_an_unchanged_client_reads_every_type(client: Any) -> None:
    columns = ", ".join(f"{expression} AS c{at}" for at, expression in enumerate(VALUES))

    told = client.query(f"SELECT {columns} FROM numbers(2)")

    assert told.result_rows == [tuple(VALUES.values())] * 2
    assert told.column_names == tuple(f"c{at}" for at in range(len(VALUES)))


def test_moments_come_with_the_zones_of_their_columns(client: Any) -> None:
    noon = "2026-02-11 12:00:00"

    told = client.query(
        f"SELECT toDateTime('{noon}', 'Asia/Ho_Chi_Minh') AS a, toDateTime64('{noon}.25', 6, 'UTC') AS b, "
        f"toDateTime('{noon}') AS c"
    )

    (first, second, third) = told.result_rows[0]
    assert [each.name for each in told.column_types] == [
        "DateTime('Asia/Ho_Chi_Minh')",
        "DateTime64(6, 'UTC')",
        "DateTime",
    ]
    assert first.astimezone(UTC) == datetime(2026, 2, 11, 5, tzinfo=UTC)
    assert second.replace(tzinfo=UTC) == datetime(2026, 2, 11, 12, 0, 0, 250_000, UTC)
    # the session's zone is UTC, wherever this machine is
    assert third.replace(tzinfo=UTC) == datetime(2026, 2, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", ["a'b", 'a"b', "a\\b", "a\tb\nc", "ạ; DROP TABLE cases", ""])
def test_parameters_arrive_as_they_are(client: Any, value: str) -> None:
    told = client.query("SELECT {v:String} AS v, {n:Array(UInt8)} AS n", parameters={"v": value, "n": [1, 2]})

    assert told.result_rows == [(value, [1, 2])]


def test_a_client_learns_the_columns_of_an_empty_answer(client: Any) -> None:
    told = client.query("SELECT unit_id, as_of FROM v_units_now")

    assert told.result_rows == []
    assert told.column_names == ("unit_id", "as_of")
    assert [each.name for each in told.column_types] == ["LowCardinality(String)", "DateTime64(6, 'UTC')"]


@pytest.mark.parametrize(
    "statement", ["SHOW TABLES", "DESCRIBE v_units_now", "EXPLAIN SELECT 1", "SHOW DATABASES"]
)
def test_what_tells_about_the_database_is_told(client: Any, statement: str) -> None:
    assert client.query(statement).result_rows


@pytest.mark.parametrize("packing", ["gzip", "zstd", "lz4", False])
def test_many_rows_come_whole_however_they_are_packed(door: Door, packing: str | bool) -> None:
    client = clickhouse_connect.get_client(host="127.0.0.1", port=door.port, compress=packing)

    told = client.query("SELECT number, toString(number) AS text FROM numbers(150000)", column_oriented=True)

    numbers, texts = told.result_columns
    assert list(numbers) == list(range(150_000))
    assert texts[-1] == "149999"


def test_many_may_ask_at_once(door: Door) -> None:
    with ThreadPoolExecutor(20) as clients:
        told = list(
            clients.map(lambda n: door.ask(f"SELECT {n} + count() FROM numbers(100000)").body, range(60))
        )

    assert told == [f"{n + 100_000}\n".encode() for n in range(60)]


def test_formats_are_asked_for_in_every_way(door: Door) -> None:
    assert door.ask("SELECT 1 AS a").body == b"1\n"
    assert door.ask("SELECT 1 AS a", default_format="JSONEachRow").body == b'{"a":1}\n'
    assert door.ask("SELECT 1 AS a", {"X-ClickHouse-Format": "CSVWithNames"}).body == b'"a"\n1\n'
    assert (
        door.ask("SELECT 1 AS a FORMAT JSONEachRow -- as we like it", default_format="CSV").body
        == b'{"a":1}\n'
    )
    assert door.ask("SELECT 1 AS a FORMAT Nonsense").code == "73"
    packed = door.ask("SELECT 1", {"Accept-Encoding": "gzip"}, enable_http_compression="1")
    assert gzip.decompress(packed.body) == b"1\n"
    assert door.ask("SELECT 1", {"Accept-Encoding": "gzip"}).body == b"1\n"


def test_a_statement_may_come_in_the_address_or_in_two_pieces(door: Door) -> None:
    assert door.send("GET", "/?query=SELECT%201").body == b"1\n"
    assert door.send("POST", "/?query=SELECT", b"2").body == b"2\n"


def test_native_has_what_the_revision_of_the_client_asks_for() -> None:
    block = b"".join(n.to_bytes(8, "little") for n in (1, 2, 2)) + b"\x07\x08"
    column = [Column("a", "UInt8")]
    head, data = b"\x01a\x05UInt8", b"\x07\x08"
    info = b"\x01\x00\x02\xff\xff\xff\xff\x00"

    assert framed(block, column, 0) == b"\x01\x02" + head + data
    assert framed(block, column, 54_405) == info + b"\x01\x02" + head + data
    assert framed(block + block, column, 54_454) == (info + b"\x01\x02" + head + b"\x00" + data) * 2
    assert framed(b"", column, 54_454) == info + b"\x01\x00" + head + b"\x00"


def test_settings_of_readers_are_kept_within_bounds(door: Door) -> None:
    asked = "SELECT getSetting('max_execution_time'), getSetting('max_threads'), getSetting('join_use_nulls')"

    assert door.ask(asked, default_format="CSV").body == b"30,2,false\n"
    assert (
        door.ask(
            asked, default_format="CSV", max_execution_time="5", max_threads="64", join_use_nulls="1"
        ).body
        == b"5,2,true\n"
    )
    assert (
        door.ask(f"{asked} SETTINGS max_execution_time = 99, max_threads = 1 FORMAT CSV").body
        == b"30,1,false\n"
    )
    assert door.ask("SELECT getSetting('readonly')", readonly="0").body == b"1\n"
    assert door.ask(
        "SELECT toString(now()) = toString(now('Asia/Tokyo'))", session_timezone="Asia/Tokyo"
    ).body in {
        b"1\n",
        b"0\n",  # a second has passed in between
    }
    assert door.ask("SELECT 1", nonsense="1").code == "115"
    assert door.ask("SELECT 1", max_execution_time="soon").code == "72"


@pytest.mark.parametrize(
    ("statement", "code", "status"),
    [
        ("SELECT nothing", "47", 404),
        ("SELECT 1 FROM nowhere", "60", 404),
        ("SELECT FROM WHERE", "62", 400),
        ("SELECT 1; SELECT 2", "62", 400),
        ("SELECT nonsense(1)", "46", 404),
        ("SELECT {missing:String}", "456", 500),
        ("SELECT throwIf(1)", "395", 500),
        (
            "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1, max_execution_time = 1",
            "159",
            408,
        ),
        ("SELECT repeat('x', 1000000) FROM numbers(10000)", "241", 500),
        ("SELECT number FROM numbers(2000000)", "396", 500),
        ("SELECT 1 FROM system.one", "81", 404),
    ],
)
def test_errors_are_told_with_clickhouses_code(door: Door, statement: str, code: str, status: int) -> None:
    answer = door.ask(statement, database="nowhere" if code == "81" else "caseclock")

    assert (answer.code, answer.status) == (code, status), answer.body
    assert answer.body.startswith(f"Code: {code}. DB::Exception: ".encode())
    assert b"formatQuery" not in answer.body


def test_a_client_raises_what_was_told(client: Any) -> None:
    with pytest.raises(DatabaseError, match=r"Code: 47\. DB::Exception: Unknown expression"):
        client.query("SELECT nothing FROM v_units_now")


@pytest.fixture(scope="module")
def made(door: Door) -> bytes:
    """What is in the database before anybody tries to change it."""
    return door.ask("SHOW TABLES").body + door.ask("SHOW CREATE TABLE v_cases").body


@pytest.mark.parametrize("statement", WRITES + REACHES_OUTSIDE)
def test_what_writes_or_reaches_outside_is_refused(door: Door, made: bytes, statement: str) -> None:
    beside = sorted(door.file.parent.iterdir())

    for database in ("caseclock", "default"):
        answer = door.ask(statement.replace("BESIDE", str(door.file)), database=database)

        assert answer.code in {"164", "497"}, answer
        assert SECRET.encode() not in answer.body
    assert door.ask("SHOW TABLES").body + door.ask("SHOW CREATE TABLE v_cases").body == made
    assert sorted(door.file.parent.iterdir()) == beside


def test_no_parameter_names_what_may_not_be_named(door: Door) -> None:
    by_name = "SELECT * FROM {d:Identifier}.{t:Identifier}"

    assert door.ask(by_name, param_d="default", param_t=str(door.file)).code == "497"
    assert door.ask(by_name, param_d="caseclock", param_t=str(door.file)).code == "497"
    assert door.ask("SELECT count() FROM {t:Identifier}", param_t="v_units_now").body == b"0\n"


def test_words_that_only_look_dangerous_pass(door: Door) -> None:
    text = "SELECT 'file(1) INTO OUTFILE x' AS `url`, 1 AS file, 2 AS `default`, 3 AS format, 4 AS settings"

    assert door.ask(text, default_format="CSV").body == b'"file(1) INTO OUTFILE x",1,2,3,4\n'


def test_only_who_asks_for_this_machine_is_answered(door: Door) -> None:
    def status(**headers: str) -> int:
        return door.send(
            "GET", "/?query=SELECT%201", None, {k.replace("_", "-"): v for k, v in headers.items()}
        ).status

    for host in ("127.0.0.1", "localhost", f"localhost:{door.port}", "[::1]:1", "host.docker.internal:1"):
        assert status(Host=host) == 200, host
    for host in ("evil.example", f"evil.example:{door.port}", "127.0.0.1.evil.example", "[", ""):
        assert status(Host=host) in {400, 403}, host
    assert status(Sec_Fetch_Site="cross-site") == 403
    assert status(Sec_Fetch_Site="same-site") == 403
    assert status(Sec_Fetch_Site="none") == 200


def test_no_other_origin_is_let_in(door: Door) -> None:
    answer = door.send("GET", "/?query=SELECT%201", None, {"Origin": "https://evil.example"})

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert door.send("OPTIONS", "/").status == 405


def test_it_says_that_it_lives(door: Door) -> None:
    for path in ("/ping", "/", "/replicas_status"):
        answer = door.send("GET", path)
        assert (answer.status, answer.body) == (200, b"Ok.\n")


def test_any_name_and_password_will_do_and_no_database_means_ours(door: Door) -> None:
    client = clickhouse_connect.get_client(
        host="127.0.0.1", port=door.port, username="somebody", password="anything"
    )

    assert client.command("SELECT currentDatabase()") == "caseclock"


def test_what_cannot_be_done_here_says_what_to_do(door: Door) -> None:
    assert b"gzip" in door.ask("SELECT 1", compress="1").body
    assert door.ask("SELECT 1", {"Content-Encoding": "gzip"}).code == "48"
    assert door.send("POST", "/", b"\xff").code == "62"
    assert door.send("POST", "/", b"SELECT '" + b"x" * 300_000 + b"'").status == 413
    assert door.send("GET", "/nowhere").status == 404


def test_nobody_waits_at_the_end_for_what_still_runs(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as client:
        with engine_door(tmp_path) as port:
            endless = "SELECT count() FROM numbers(1000000000000)"
            asked = client.submit(Door(port, tmp_path).ask, endless)
            while endless not in Door(port, tmp_path).ask("SELECT query FROM system.processes").body.decode():
                assert not asked.done()
            began = time.monotonic()
        took = time.monotonic() - began

        assert asked.result().code == "394"
    assert took < 8


@pytest.mark.parametrize("width", [80, 130, 200])
def test_the_demo_says_where_it_is_and_as_whom_to_ask(width: int) -> None:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(page(figures(), PULSE._replace(clickhouse="http://127.0.0.1:8123"), width))

    assert isinstance(console.file, io.StringIO)
    said = " ".join(console.file.getvalue().split())
    assert "http://127.0.0.1:8123" in said
    assert "database caseclock, user caseclock_reader" in said
