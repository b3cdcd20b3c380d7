"""Live connections: what changes is pushed, rendered once, within bounds, and ended with the server."""

import asyncio
import time
from dataclasses import replace

import pytest

from dashboards.board.web.live import PAUSE_SECONDS
from dashboards.board.web.metrics import BoardMetric
from dashboards.board.web.parts import Limits
from tests.dashboards.board_kit import board
from tests.dashboards.web_kit import UNLIMITED, PlainRenderer, Told, listening, newer, served

FIRST = board(8)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_client_is_told_the_version_and_then_what_changes(packed: bool) -> None:
    async with served() as site, listening(site, "page=/vi/units?period=7d&version=7", packed) as client:
        await site.ask("/vi/units?period=7d")  # the page that it has
        told = await client.next()
        assert (told.name, told.data) == ("version", {"version": 7, "as_of": "2026-11-26T10:12:30+07:00"})
        assert client.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert client.answer.headers["Cache-Control"] == "no-store"

        for versions in (1, 2):
            site.feed.show(newer(FIRST, versions))
            told = await client.next()

            assert (told.name, told.data["version"]) == ("fragments", 7 + versions)
            assert told.data["fragments"] == {"version": f"<b>{7 + versions}</b>"}


async def test_a_client_that_says_what_it_has_is_told_only_the_difference() -> None:
    async with served() as site:
        await site.ask("/vi/")
        async with listening(site, "page=%2Fvi%2F&version=7") as client:
            has = (await client.next()).id
        site.feed.show(newer(FIRST))

        async with listening(site, "page=%2Fvi%2F&version=3", Last_Event_ID=has) as client:
            told = [await client.next(), await client.next()]

        assert [each.name for each in told] == ["version", "fragments"]
        assert told[1].data["fragments"] == {"version": "<b>8</b>"}


async def test_a_version_of_a_process_that_is_gone_means_nothing() -> None:
    async with served() as site:
        await site.ask("/vi/")

        async with listening(site, "page=/vi/&version=7", Last_Event_ID="7.gone") as client:
            await client.next()
            told = await client.next()

        assert told.data["fragments"] == {"version": "<b>7</b>", "still": "the same"}


@pytest.mark.parametrize("has", ["", "&version=3", "&version=x"])
async def test_a_client_of_which_nothing_is_known_is_told_everything(has: str) -> None:
    async with served() as site, listening(site, f"page=/vi/{has}") as client:
        await client.next()
        told = await client.next()

        assert told.data["fragments"] == {"version": "<b>7</b>", "still": "the same"}


async def test_where_live_elements_come_or_go_the_client_is_asked_to_load_the_page_anew() -> None:
    async with served() as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            site.renderer.more = {"another": "new"}
            site.feed.show(newer(FIRST))
            told = [await client.next(), await client.next()]

            assert [each.name for each in told] == ["structure", "fragments"]
            assert told[1].data["fragments"] == {"version": "<b>8</b>"}
            site.feed.show(newer(FIRST, 2))
            assert (await client.next()).name == "fragments"


async def test_a_board_that_changes_nothing_on_the_page_is_not_told() -> None:
    async with served(renderer=PlainRenderer()) as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            site.feed.show(replace(FIRST, version=7))

            with pytest.raises(TimeoutError):
                await client.next(0.3)


async def test_a_thousand_clients_of_a_page_cost_one_rendering_of_each_board() -> None:
    clients = 300
    async with served(limits=replace(UNLIMITED, live_per_address=clients)) as site:
        await site.ask("/vi/")
        async with asyncio.TaskGroup() as group:
            ready = asyncio.Barrier(clients + 1)

            async def one() -> None:
                async with listening(site, "page=/vi/&version=7", packed=True) as client:
                    await client.next()
                    await ready.wait()
                    told = await client.next(10)
                    assert told.data["fragments"] == {"version": "<b>8</b>"}

            for _ in range(clients):
                group.create_task(one())
            await ready.wait()
            assert site.looked_up(BoardMetric.LIVE_CLIENTS) == clients
            site.feed.show(newer(FIRST))

        assert site.renderer.rendered == [("city", 7), ("city", 8)]


async def test_a_client_is_told_at_most_twice_a_second_and_in_the_end_the_newest() -> None:
    async with served() as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            began = time.monotonic()
            told: list[Told] = []
            shown = 0
            while not told or told[-1].data["version"] != 37:
                if shown < 30:
                    shown += 1
                    site.feed.show(newer(FIRST, shown))
                try:
                    told.append(await client.next(0.04))
                except TimeoutError:
                    continue
            seconds = time.monotonic() - began

        assert 2 <= len(told) <= seconds / PAUSE_SECONDS + 1


async def test_a_large_message_is_followed_by_a_longer_pause() -> None:
    async with served(limits=replace(UNLIMITED, live_bytes_per_s=200)) as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            site.renderer.more = {"still": "x" * 150}
            site.feed.show(newer(FIRST))
            await client.next()
            began = time.monotonic()
            site.feed.show(newer(FIRST, 2))
            await client.next()

        assert time.monotonic() - began > 2 * PAUSE_SECONDS


async def test_a_client_of_a_dear_page_is_told_the_newest_in_the_end() -> None:
    async with served(renderer=PlainRenderer(seconds=0.15), limits=Limits()) as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            site.feed.show(newer(FIRST))
            told = await client.next()

            assert (told.name, told.data["version"]) == ("fragments", 8)


async def test_while_nothing_changes_there_are_heartbeats() -> None:
    async with served(limits=replace(UNLIMITED, heartbeat_s=0.05)) as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            told = [await client.next() for _ in range(3)]

        assert [(each.name, each.data["version"]) for each in told[1:]] == [("heartbeat", 7)] * 2


@pytest.mark.parametrize(("limit", "n"), [({"live_clients": 2}, 2), ({"live_per_address": 1}, 1)])
async def test_more_clients_than_there_is_room_for_are_told_so(limit: dict[str, int], n: int) -> None:
    async with served(limits=replace(UNLIMITED, **limit)) as site, asyncio.TaskGroup() as group:  # type: ignore[arg-type]  # counts
        for _ in range(n):
            client = await group.create_task(_held(site))
            assert client == 200
        answer = await site.ask("/live?page=/vi/")

        assert answer.status == 503
        assert answer.headers["Retry-After"] == "30"
        assert "too many live connections" in answer.json["detail"]
        await site.session.close()


async def _held(site: object) -> int:
    """A connection that stays until the session is closed."""
    answer = await site.session.get(site.base + "/live?page=/vi/")  # type: ignore[attr-defined]
    return int(answer.status)


async def test_a_seat_is_free_again_when_its_client_goes() -> None:
    async with served(limits=replace(UNLIMITED, live_clients=1)) as site:
        async with listening(site, "page=/vi/") as client:
            await client.next()
        shown = FIRST
        for _ in range(40):
            shown = newer(shown)
            site.feed.show(shown)  # whoever has gone is missed when there is something to tell
            await asyncio.sleep(0.05)
            if not site.looked_up(BoardMetric.LIVE_CLIENTS):
                break

        async with listening(site, "page=/vi/") as client:
            assert (await client.next()).name == "version"


async def test_the_end_of_the_server_is_the_end_of_every_connection_at_once() -> None:
    async with (
        served() as site,
        listening(site, "page=/vi/") as client,
        listening(site, "page=/en/") as other,
    ):
        await client.next()
        await other.next()
        began = time.monotonic()

        closing = asyncio.create_task(site.server.close())

        assert await client.ends()
        assert await other.ends()
        await closing
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("page=", 400), ("page=/vi/nothing", 404), ("page=/vi/units/nobody", 404), ("page=/", 404),
     ("page=https://elsewhere/vi/", 404), ("page=/vi/?period=never", 404)],
)  # fmt: skip
async def test_what_is_no_page_cannot_be_listened_to(query: str, status: int) -> None:
    async with served() as site:
        answer = await site.ask(f"/live?{query}")

        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_page_that_cannot_be_rendered_ends_the_connection_and_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served() as site:
        await site.ask("/vi/")
        async with listening(site, "page=/vi/&version=7") as client:
            await client.next()
            site.renderer.fails = KeyError("Nguyen")
            site.feed.show(newer(FIRST))

            assert await client.ends()
        assert "KeyError" in caplog.text
        assert "Nguyen" not in caplog.text


def test_limits_leave_room_for_an_office_behind_one_address() -> None:
    limits = Limits()

    assert limits.live_clients >= 1000
    assert limits.burst >= 100
