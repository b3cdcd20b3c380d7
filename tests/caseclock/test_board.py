"""The board as it is wired: a real database, the real feed, the real pages, over loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession

from caseclock.board import LISTEN, board_beside_worker, board_server, limits_of, reader_of
from caseclock.city import prepare
from caseclock.embedded.child import free_port
from caseclock.errors import CaseclockError
from caseclock.events_topic import EventsTopic
from caseclock.health import PROMETHEUS, Health
from caseclock.listening import AddressTaken
from caseclock.run_board import run_board
from caseclock.settings import BoardSettings, Settings
from dashboards.board.pages import PAGES
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse, StoreError
from sinks.kafka import KafkaAccess
from tests.oracle.story import Story, at
from tests.pipeline.kit import until
from tests.sinks.conftest import RULE
from tests.sinks.store_kit import give, restart, write

NOW = at("2025-03-20 09:00")
ANY_PORT = {"listen": ("127.0.0.1", 0)}


def settings(**board: Any) -> Settings:
    return Settings(board=BoardSettings(**(ANY_PORT | board)))


def topic() -> EventsTopic:
    return EventsTopic(KafkaAccess(bootstrap_servers="127.0.0.1:1", connect_seconds=1.0), "none.", 1)


def add(store: ClickHouse, *names: str) -> None:
    """Cases, one received late and one open."""
    cases = prepare(store, RULE)
    (book,) = restart(cases, 1, NOW)
    for name in names:
        events = (
            Story(name)
            .then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00")
            .then("assigned", "2025-03-04 09:00")
            .events
        )
        give(cases, [book], events, NOW)
    write(cases, book, f"t{'-'.join(names)}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    made = ClickHouse(f"chdb://{tmp_path_factory.mktemp('board') / 'store'}")
    add(made, "C1", "C2")
    yield made
    made.close()


@asynccontextmanager
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def get(session: ClientSession, address: str) -> tuple[int, str, str]:
    async with session.get(address) as answer:
        return answer.status, answer.headers.get("Content-Type", ""), await answer.text()


async def test_every_page_is_served_in_both_languages_with_health_metrics_api_and_live(
    store: ClickHouse,
) -> None:
    health = Health([])
    async with (
        board_server(settings(), RULE.city, store.reader, health=health, demo=True) as board,
        client() as session,
    ):
        await until(lambda: board.feed.current is not None)
        for page in PAGES:
            for language in ("vi", "en"):
                path = page.path.replace("{unit_id}", "ward")
                status, media, text = await get(session, f"{board.address}/{language}{path}")
                assert (status, media) == (200, "text/html; charset=utf-8"), path
                assert f'<html lang="{language}"' in text

        ready = await get(session, f"{board.address}/healthz/ready")
        fresh = await get(session, f"{board.address}/healthz/fresh")
        metrics = await get(session, f"{board.address}/metrics")
        city = await get(session, f"{board.address}/api/v1/city?period=all")
        missing = await get(session, f"{board.address}/en/nothing")
        assert (ready[0], json.loads(ready[2])["ready"], fresh[0]) == (200, True, 200)
        assert metrics[1] == PROMETHEUS
        assert 'caseclock_board_renderings_total{kind="page"} 18\n' in metrics[2]
        told = json.loads(city[2])
        assert (told["city"]["received"], told["city"]["overdue"], told["invented"]) == (2, 2, True)
        assert missing[0] == 404
        assert '<html lang="en"' in missing[2]

        shown = board.feed.current
        assert shown is not None
        async with session.get(f"{board.address}/live?page=/vi/&version={shown.version}") as live:
            await live.content.readuntil(b"\n\n")
            await asyncio.to_thread(add, store, "C1", "C2", "C3")
            assert b"event: fragments" in await live.content.readuntil(b"data: ")
    assert health.parts == []


async def test_before_there_is_a_table_the_board_says_that_there_are_no_numbers_yet() -> None:
    def nothing_there() -> ClickHouse:
        raise StoreError("there is no database yet", 81)

    async with board_server(settings(), RULE.city, nothing_there) as board, client() as session:
        page = await get(session, f"{board.address}/vi/")
        ready = await get(session, f"{board.address}/healthz/ready")
        live = await get(session, f"{board.address}/healthz/live")

        assert (page[0], ready[0], live[0]) == (503, 503, 200)
        assert json.loads(ready[2])["board"]["version"] is None


async def test_beside_a_worker_the_default_address_may_be_taken_and_a_chosen_one_may_not(
    store: ClickHouse,
) -> None:
    taken = free_port()
    said: list[str] = []
    chosen = settings(listen=f"127.0.0.1:{taken}")
    by_default = Settings(board=BoardSettings.model_construct(**chosen.board.model_dump(), _fields_set=set()))
    assert not by_default.board.listen_was_chosen
    beside = partial(
        board_beside_worker,
        city=RULE.city,
        connect=store.reader,
        topic=topic(),
        health=Health([]),
        tell=said.append,
    )

    async with beside(chosen) as first:
        async with beside(by_default) as second:
            assert first is not None
            assert second is None
        with pytest.raises(AddressTaken) as raised:
            async with beside(chosen):
                pass

    assert said == [
        f"the board is on http://127.0.0.1:{taken}",
        f"no board here: 127.0.0.1:{taken} is taken; {LISTEN} names another address, or none",
    ]
    assert raised.value.exit_code == 2
    assert LISTEN in raised.value.message


async def test_a_board_that_fails_is_told_and_taken_away_and_the_worker_goes_on() -> None:
    def forbidden() -> ClickHouse:
        raise StoreError("the user may not do this", 497)

    said: list[str] = []
    health = Health([])
    async with (
        board_beside_worker(
            settings(), RULE.city, forbidden, topic=topic(), health=health, tell=said.append
        ) as board,
        client() as session,
    ):
        assert board is not None
        await until(lambda: len(said) == 2)
        with pytest.raises(ClientConnectorError):
            await get(session, f"{board.address}/vi/")

        assert said[1] == "the board has ended (StoreError); the worker goes on without it"
        assert health.parts == []


async def test_without_an_address_a_worker_has_no_board(store: ClickHouse) -> None:
    said: list[str] = []
    async with board_beside_worker(
        settings(listen=None), RULE.city, store.reader, topic=topic(), health=Health([]), tell=said.append
    ) as board:
        assert board is None
    assert said == []


def test_the_board_reads_with_its_own_user_where_there_is_one(store: ClickHouse) -> None:
    own = settings(clickhouse_url="http://reader@127.0.0.1:1/city", clickhouse_password="x" * 20)

    shared = reader_of(settings(), store)()
    told = (shared.read_only, shared.url)
    shared.close()

    assert told == (True, store.url)
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:1"):
        reader_of(own, store)()


def test_limits_come_from_the_settings() -> None:
    limits = limits_of(BoardSettings(trusted_proxies="10.0.0.0/8, fd00::1", cache_mb=3, burst=7))

    assert [str(network) for network in limits.trusted_proxies] == ["10.0.0.0/8", "fd00::1/128"]
    assert (limits.cache_bytes, limits.burst) == (3_000_000, 7)


@pytest.mark.parametrize(
    ("given_settings", "error", "words"),
    [
        ({"listen": None}, CaseclockError, LISTEN),
        ({"clickhouse_url": "http://127.0.0.1:1/x"}, Unavailable, "is it running there"),
    ],
)
async def test_what_keeps_a_board_from_serving_says_what_to_do(
    given_settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await run_board(settings(**given_settings))
