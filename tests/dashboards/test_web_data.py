"""Open data: files at stable addresses that any program and any spreadsheet can read, and none is harmed by."""

import csv
import gzip
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.board.render import LICENCE_ADDRESS
from dashboards.board.web.datasets import COLUMNS, HISTORY_NUMBERS
from dashboards.board.web.records import value_of
from dashboards.board.web.tables import csv_rows
from schemas.registry import REGISTRY, UNIT_KEYS, UNIT_NUMBERS
from tests.dashboards.board_kit import board
from tests.dashboards.web_kit import Answered, Served, newer, served

CITY = board(12)
FILES = ("units.csv", "units-history.csv", "procedures.csv", "dictionary.csv")


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    async with served(CITY) as running:
        yield running


def rows_of(answer: Answered) -> list[dict[str, str]]:
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("file", FILES)
async def test_a_file_is_utf8_with_the_promised_columns_and_its_licence(site: Served, file: str) -> None:
    answer = await site.ask(f"/data/v1/{file}")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'
    assert answer.headers["Link"] == f'<{LICENCE_ADDRESS}>; rel="license"'
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.text.startswith(",".join(COLUMNS[file.removesuffix(".csv")]) + "\r\n")
    assert answer.text.endswith("\r\n")
    assert rows_of(answer)


async def test_units_csv_is_the_one_that_a_replay_writes_and_says_for_what_it_stands(site: Served) -> None:
    rows = rows_of(await site.ask("/data/v1/units.csv"))

    assert list(rows[0])[: len(UNIT_KEYS) + len(UNIT_NUMBERS)] == [*UNIT_KEYS, *UNIT_NUMBERS]
    assert [row["unit_id"] for row in rows] == [*CITY.units, "*"]
    for row in rows:
        now = CITY.now(row["unit_id"], "own")
        values = {name: value_of(now[name]) for name in UNIT_NUMBERS}
        assert {name: row[name] for name in UNIT_NUMBERS} == {
            name: "" if value is None else str(value) for name, value in values.items()
        }
        assert (row["period"], row["scope"], row["as_of"]) == ("all", "own", "2026-11-26T10:12:30+07:00")


@pytest.mark.parametrize("file", ["units", "procedures"])
@pytest.mark.parametrize("query", ["", "?period=7d&scope=tree"])
async def test_the_same_is_to_be_had_as_json(site: Served, file: str, query: str) -> None:
    rows = rows_of(await site.ask(f"/data/v1/{file}.csv{query}"))
    told = (await site.ask(f"/data/v1/{file}.json{query}")).json

    assert told["licence"] == LICENCE_ADDRESS
    assert told["as_of"] == "2026-11-26T10:12:30+07:00"
    assert [[_cell(row[name]) for name in rows[0]] for row in told["rows"]] == [
        list(row.values()) for row in rows
    ]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else str(value)


async def test_procedures_keep_back_what_the_board_keeps_back(site: Served) -> None:
    unit = next(code for code, each in CITY.units.items() if each.parent)

    rows = rows_of(await site.ask(f"/data/v1/procedures.csv?unit_id={unit}&period=7d"))

    hidden = [row for row in rows if row["suppressed"]]
    assert hidden
    assert all(row[name] == "" for row in hidden for name in row["suppressed"].split(";") if name in row)


async def test_history_has_every_day_of_every_unit_and_scope(site: Served) -> None:
    rows = rows_of(await site.ask("/data/v1/units-history.csv?days=40"))

    assert len(rows) == 40 * (1 + 2 * len(CITY.units))
    by_place = {(row["unit_id"], row["scope"], row["day"]): row for row in rows}
    for unit_id, scope in (("*", "own"), (list(CITY.units)[3], "own"), (next(iter(CITY.units)), "tree")):
        for day in CITY.trend(unit_id, scope, 40):  # type: ignore[arg-type]  # two of the scopes
            row = by_place[unit_id, scope, day.day.isoformat()]
            numbers = {name: str(day.numbers[name]) for name in HISTORY_NUMBERS if name in day.numbers}
            assert {name: row[name] for name in numbers} == numbers
            assert row["corrected_at"] == (day.corrected_at.isoformat() if day.corrected_at else "")


async def test_history_is_packed_on_its_way_and_the_same_as_json(site: Served) -> None:
    unit = list(CITY.units)[2]
    plain = await site.ask(f"/data/v1/units-history.csv?unit_id={unit}")
    packed = await site.ask(f"/data/v1/units-history.csv?unit_id={unit}", Accept_Encoding="gzip")
    told = (await site.ask(f"/data/v1/units-history.json?unit_id={unit}")).json
    again = await site.ask(f"/data/v1/units-history.csv?unit_id={unit}", If_None_Match=plain.headers["ETag"])
    head = await site.ask("/data/v1/units-history.csv", "HEAD")

    assert gzip.decompress(packed.body) == plain.body
    assert [row["day"] for row in told["rows"]] == [row["day"] for row in rows_of(plain)]
    assert len(told["rows"]) == 60
    assert (again.status, head.status, head.body) == (304, 200, b"")
    site.feed.show(newer(CITY))
    changed = await site.ask(
        f"/data/v1/units-history.csv?unit_id={unit}", If_None_Match=plain.headers["ETag"]
    )
    assert changed.status == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [("days=0", 400), ("days=367", 400), ("days=x", 400), ("period=7d", 400), ("unit_id=x", 404)],
)
async def test_what_history_there_is_not_is_a_problem(site: Served, query: str, status: int) -> None:
    answer = await site.ask(f"/data/v1/units-history.csv?{query}")

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_dictionary_explains_every_column_of_every_file_in_both_languages(site: Served) -> None:
    rows = rows_of(await site.ask("/data/v1/dictionary.csv"))

    assert [(row["file"], row["column"]) for row in rows] == [
        (file, column) for file, columns in COLUMNS.items() for column in columns
    ]
    assert all(row[name] for row in rows for name in row if name not in {"measured_in"})
    assert all(
        row["measured_in"] == REGISTRY[row["column"]].unit for row in rows if row["column"] in REGISTRY
    )


async def test_methods_are_a_file_too(site: Served) -> None:
    told = (await site.ask("/data/v1/methods.json")).json

    assert [each["id"] for each in told["numbers"]] == list(REGISTRY)
    assert told["licence"] == LICENCE_ADDRESS


async def test_a_name_that_looks_like_a_formula_is_harmless() -> None:
    code = next(iter(CITY.units))
    units = dict(CITY.units) | {code: CITY.units[code].model_copy(update={"name": '=HYPERLINK("x")'})}
    async with served(replace(CITY, units=units)) as site:
        row = rows_of(await site.ask("/data/v1/units.csv"))[0]

    assert row["unit_name"] == '\'=HYPERLINK("x")'


@given(st.lists(st.lists(st.one_of(st.text(), st.integers(), st.none()), min_size=2, max_size=3), max_size=5))
def test_whatever_is_written_is_read_back_but_for_the_apostrophe(rows: list[list[Any]]) -> None:
    text = csv_rows(rows)

    back = list(csv.reader(io.StringIO(text, newline="")))
    assert [[_bare(cell) for cell in row] for row in back] == [
        [_bare(_cell(value)) for value in row] for row in rows
    ]
    for row, given_row in zip(back, rows, strict=True):
        for cell, value in zip(row, given_row, strict=True):
            assert not isinstance(value, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def _bare(cell: str) -> str:
    return cell.lstrip("'")
