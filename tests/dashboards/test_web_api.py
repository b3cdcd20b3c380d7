"""The public API: every answer is what its document says, and says how it is to be understood."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from dashboards.board.model.facts import Figure
from dashboards.board.web.openapi import document
from dashboards.board.web.operations import OPERATIONS
from dashboards.board.web.records import figure_of, numbers, value_of
from schemas.registry import REGISTRY, UNIT_KEYS, UNIT_NUMBERS
from tests.dashboards.board_kit import AS_OF, CORRECTED_AT, board
from tests.dashboards.web_kit import Answered, Served, newer, served

CITY = board(12)
UNIT = next(code for code, unit in CITY.units.items() if unit.parent)
DOCUMENT = document()


@pytest.fixture
async def site() -> AsyncIterator[Served]:
    async with served(CITY) as running:
        yield running


def described(operation: str, answer: Answered) -> dict[str, Any]:
    """The answer, after it was held against the document."""
    path = next(each.path for each in OPERATIONS if each.name == operation)
    status = DOCUMENT["paths"][path]["get"]["responses"][str(answer.status)]
    ((media, content),) = status["content"].items()
    assert answer.headers["Content-Type"] == media
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json)
    told: dict[str, Any] = answer.json
    return told


def test_the_document_is_openapi() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("query", ["", "?period=7d", "?period=all&scope=own", "?scope=own&period=year"])
@pytest.mark.parametrize("operation", [each.name for each in OPERATIONS])
async def test_every_answer_is_what_the_document_says(site: Served, operation: str, query: str) -> None:
    path = next(each.path for each in OPERATIONS if each.name == operation)

    told = described(operation, await site.ask(f"/api/v1{path.format(unit_id=UNIT)}{query}"))

    assert told["as_of"] == "2026-11-26T10:12:30+07:00"
    assert told["generated_at"] == "2026-11-26T10:12:31+07:00"
    assert told["period"] == (query.partition("period=")[2].partition("&")[0] or "30d")
    assert told["scope"] in {"own", "tree"}


@pytest.mark.parametrize("operation", ["procedures", "coordination", "quality"])
async def test_some_answers_can_be_narrowed_to_a_unit(site: Served, operation: str) -> None:
    whole = described(operation, await site.ask(f"/api/v1/{operation}"))
    narrowed = described(operation, await site.ask(f"/api/v1/{operation}?unit_id={UNIT}"))

    assert (whole["scope"], narrowed["scope"]) == ("own", "tree")
    assert whole != narrowed


async def test_the_document_is_served_with_a_mark(site: Served) -> None:
    answer = await site.ask("/api/v1/openapi.json")
    again = await site.ask("/api/v1/openapi.json", If_None_Match=answer.headers["ETag"])

    assert answer.json == DOCUMENT
    assert again.status == 304


async def test_units_have_the_fields_of_units_csv_and_with_period_all_its_numbers(site: Served) -> None:
    told = described("units", await site.ask("/api/v1/units?period=all&scope=own"))

    assert [row["unit_id"] for row in told["units"]] == list(CITY.units)
    for row in told["units"]:
        assert {*UNIT_KEYS, *UNIT_NUMBERS} <= row.keys()
        now = CITY.now(row["unit_id"], "own")
        assert {name: row[name] for name in UNIT_NUMBERS} == {
            name: value_of(now[name]) for name in UNIT_NUMBERS
        }


async def test_the_ledger_of_the_period_adds_up_to_what_is_open_now(site: Served) -> None:
    told = described("units", await site.ask("/api/v1/units?period=7d"))

    for row in told["units"]:
        came = row["carried_over"] + row["received"] + row["reopened"] + row["transferred_in"]
        went = sum(row[name] for name in ("completed", "withdrawn", "declined", "stopped", "transferred_out"))
        assert came - went == row["open"]
        assert row["flow_gap"] == 0


async def test_what_is_suppressed_is_null_and_named_and_never_given_away(site: Served) -> None:
    told = described("procedures", await site.ask(f"/api/v1/procedures?unit_id={UNIT}&period=7d"))

    hidden = [row for row in told["procedures"] if row["suppressed"]]
    assert hidden
    for row in hidden:
        assert all(row[name] is None for name in row["suppressed"])
        assert not row["n"].keys() & set(row["suppressed"])


async def test_what_is_kept_back_between_two_units_is_null_and_named(site: Served) -> None:
    told = described("coordination", await site.ask("/api/v1/coordination"))

    kept_back = {(pair.unit_id, pair.other_id): pair.hidden for pair in CITY.pairs()}
    assert any(kept_back.values())
    for row in told["pairs"]:
        hidden = kept_back[row["unit_id"], row["other_id"]]
        assert set(row["suppressed"]) == hidden
        assert all(row[name] is None for name in hidden)


def test_a_rate_says_on_how_many_it_is_built_and_a_corrected_number_when_it_was() -> None:
    figures = {
        "on_time_rate": Figure("on_time_rate", 2 / 3, 3, AS_OF),
        "received": Figure("received", 7, None, AS_OF, corrected_at=CORRECTED_AT),
        "processing_p50_s": Figure("processing_p50_s", 3600, 2, AS_OF, hidden=True),
        "open": Figure("open", None, None, AS_OF),
    }

    record = numbers([*figures, "overdue"], figures.get)

    assert record == {
        "on_time_rate": 0.666667,
        "received": 7,
        "processing_p50_s": None,
        "open": None,
        "overdue": None,
        "n": {"on_time_rate": 3},
        "suppressed": ["processing_p50_s"],
        "corrected": {"received": "2026-11-25T16:05:00+07:00"},
    }


def test_stock_is_of_now_and_flow_of_the_period() -> None:
    now = {name: Figure(name, 1, None, AS_OF) for name in ("open", "received", "anomalies", "stopped")}
    counted = {name: Figure(name, 2, None, AS_OF) for name in ("open", "received")}

    taken = {
        period: [
            value_of(figure_of(name, (now, counted), period))
            for name in ("open", "received", "anomalies", "stopped", "overdue")
        ]
        for period in ("7d", "all")
    }

    assert taken == {"7d": [1, 2, 1, None, None], "all": [1, 2, 1, 1, None]}


async def test_the_methods_are_the_registry(site: Served) -> None:
    told = described("methods", await site.ask("/api/v1/methods"))

    assert [each["id"] for each in told["numbers"]] == list(REGISTRY)


@pytest.mark.parametrize(
    ("path", "status", "operation", "detail"),
    [
        ("/units?period=never", 400, "units", "today, 7d, 30d"),
        ("/units?scope=", 400, "units", "own, tree"),
        ("/units?period=7d&period=7d", 400, "units", "more than once"),
        ("/units?perod=7d", 400, "units", "There is no such parameter here; there are period, scope."),
        ("/city?unit_id=x", 400, "city", "no such parameter"),
        ("/units/nobody", 404, "unit", "/api/v1/units lists"),
        ("/units/*", 404, "unit", "/api/v1/units lists"),
        ("/procedures?unit_id=nobody", 404, "procedures", "/api/v1/units lists"),
    ],
)
async def test_an_error_says_what_to_do_and_not_what_was_sent(
    site: Served, path: str, status: int, operation: str, detail: str
) -> None:
    answer = await site.ask(f"/api/v1{path}")

    told = described(operation, answer)
    assert answer.status == told["status"] == status
    assert detail in told["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "never" not in answer.text
    assert "nobody" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing", "/api/", "/data/v1/nothing.csv"])
async def test_an_unknown_address_is_a_problem_too(site: Served, path: str) -> None:
    answer = await site.ask(path)

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "/api/v1/openapi.json" in answer.json["detail"]


async def test_an_answer_is_made_once_for_each_board_and_has_a_mark(site: Served) -> None:
    first = await site.ask("/api/v1/city")
    again = await site.ask("/api/v1/city?period=30d", If_None_Match=first.headers["ETag"])

    assert (again.status, again.body) == (304, b"")
    assert 'renderings_total{kind="api"} 1\n' in "".join(site.metrics.lines())
    site.feed.show(newer(CITY))
    await site.ask("/api/v1/city")
    assert 'renderings_total{kind="api"} 2\n' in "".join(site.metrics.lines())


async def test_a_script_of_another_site_may_read_and_nothing_else(site: Served) -> None:
    asked = await site.ask("/api/v1/units", "OPTIONS", Origin="https://example.org")
    posted = await site.ask("/api/v1/units", "POST", b"{}")

    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Access-Control-Allow-Credentials" not in asked.headers
    assert posted.status == 405
    assert posted.json["detail"].startswith("This address is for reading only")
