"""The listener for staff: the clock of one case, told as the command tells it, and to nobody else."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr

from caseclock.city import prepare
from caseclock.explained import NoSuchCase, explained
from caseclock.settings import StaffSettings
from caseclock.staff import as_data, staff_server
from sinks.clickhouse.client import ClickHouse
from streams.explain_words import Teller
from streams.worktime_days import Language
from tests.oracle.story import Story, at
from tests.sinks.conftest import RULE
from tests.sinks.store_kit import give, restart, write

NOW = at("2025-03-20 09:00")
CASE = "H26/1 đặc biệt"
TOKEN = "a-token-for-the-staff"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One case: late, after a suspension."""
    made = ClickHouse(f"chdb://{tmp_path_factory.mktemp('staff') / 'store'}")
    cases = prepare(made, RULE)
    events = (
        Story(CASE)
        .then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00")
        .then("suspended", "2025-03-04 09:00")
        .then("resumed", "2025-03-06 09:00")
        .then("completed", "2025-03-19 10:00")
        .events
    )
    (book,) = restart(cases, 1, NOW)
    give(cases, [book], events, NOW)
    write(cases, book, "t1")
    yield made
    made.close()


class Desk:
    """A client of the listener."""

    def __init__(self, base: str, session: ClientSession) -> None:
        self._base, self._session = base, session

    async def ask(self, path: str, **headers: str) -> tuple[int, Any, str]:
        async with self._session.get(self._base + path, headers=headers) as answer:
            text = await answer.text()
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert answer.headers["Server"] == "caseclock"
            assert "Access-Control-Allow-Origin" not in answer.headers
            return answer.status, answer.headers["Content-Type"], text

    @property
    def port(self) -> str:
        return self._base.rpartition(":")[2]


@asynccontextmanager
async def desk(store: ClickHouse, token: str | None = None) -> AsyncIterator[Desk]:
    settings = StaffSettings(listen=("127.0.0.1", 0), token=SecretStr(token) if token else None)
    async with (
        staff_server(settings, store.reader, RULE, lambda: NOW) as where,
        ClientSession() as session,
    ):
        assert where is not None
        yield Desk(where, session)


LANGUAGES: tuple[Language, Language] = ("vi", "en")
PATH = "/staff/cases/H26%2F1%20%C4%91%E1%BA%B7c%20bi%E1%BB%87t/explain"


async def test_a_case_is_explained_as_data_with_moments_in_its_zone(store: ClickHouse) -> None:
    async with desk(store) as staff:
        status, media, text = await staff.ask(PATH)

    told = json.loads(text)
    assert (status, media) == (200, "application/json")
    assert (told["case_id"], told["as_of"]) == (CASE, "2025-03-20T09:00:00+07:00")
    assert [(step["type"], step["fate"]) for step in told["steps"] if step["event_id"]] == [
        ("received", "applied"), ("suspended", "applied"), ("resumed", "applied"), ("completed", "applied"),
    ]  # fmt: skip
    assert [span["kind"] for span in told["ledger"]] == ["runs", "suspended", "runs"]
    assert told["ledger"][1]["began"] == "2025-03-04T09:00:00+07:00"
    assert told["ledger"][1]["working_us"] == 16 * 3600 * 1_000_000
    assert [fact["timeliness"] for fact in told["result"] if "timeliness" in fact] == ["late"]
    assert told == as_data(CASE, explained(store, RULE, CASE, NOW))


async def test_as_text_it_is_what_the_command_says(store: ClickHouse) -> None:
    explanation = explained(store, RULE, CASE, NOW)
    words = [line for language in LANGUAGES for line in Teller(explanation, language).lines(CASE)]

    async with desk(store) as staff:
        by_header = await staff.ask(PATH, Accept="text/plain")
        by_query = await staff.ask(f"{PATH}?format=text")

    assert by_header[:2] == (200, "text/plain; charset=utf-8")
    assert by_header == by_query
    assert [line for line in by_header[2].splitlines() if line] == [line.strip("\n") for line in words]


async def test_a_case_that_is_not_there_is_a_problem_that_does_not_repeat_its_id(store: ClickHouse) -> None:
    async with desk(store) as staff:
        status, media, text = await staff.ask("/staff/cases/Nguyen/explain")

    assert (status, media) == (404, "application/problem+json")
    assert "Nguyen" not in text
    with pytest.raises(NoSuchCase):
        explained(store, RULE, "Nguyen", NOW)


@pytest.mark.parametrize("path", ["/", "/healthz/live", "/staff/cases", "/vi/"])
async def test_there_is_nothing_else_here(store: ClickHouse, path: str) -> None:
    async with desk(store) as staff:
        assert (await staff.ask(path))[0] == 404


async def test_with_a_token_it_must_be_shown(store: ClickHouse) -> None:
    async with desk(store, TOKEN) as staff:
        without = await staff.ask(PATH)
        wrong = await staff.ask(PATH, Authorization=f"Bearer {TOKEN}x")
        right = await staff.ask(PATH, Authorization=f"Bearer {TOKEN}", Host="case.internal")

    assert (without[0], wrong[0], right[0]) == (401, 401, 200)


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:{}", 200), ("localhost:{}", 200), ("rebound.example", 403)]
)
async def test_without_a_token_it_answers_under_its_own_address_only(
    store: ClickHouse, host: str, status: int
) -> None:
    async with desk(store) as staff:
        assert (await staff.ask(PATH, Host=host.format(staff.port)))[0] == status


async def test_without_an_address_there_is_no_listener(store: ClickHouse) -> None:
    async with staff_server(StaffSettings(), store.reader, RULE, lambda: NOW) as where:
        assert where is None
