"""The feed keeps the board up to date, tells everybody who waits, and outlives a database that is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dashboards.board.model.facts import WHOLE_CITY
from dashboards.board.model.feed import BoardFeed
from dashboards.board.model.live import LiveBoard
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse, StoreError
from tests.dashboards.model_kit import TERMS, Office, at, made, store
from tests.sinks.store_kit import odd_city

__all__ = ["made", "store"]

POLL_S = 0.02


class Line:
    """The way to the database, which can be cut: what is asked then is answered by an error."""

    def __init__(self, store: ClickHouse) -> None:
        self._store = store
        self.error: Exception | None = None
        self.cuts = 0

    def connect(self) -> ClickHouse:
        self._refuse()
        reader = self._store.reader()
        ask = reader.columns

        def columns(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
            self._refuse()
            return ask(query, parameters)

        reader.columns = columns  # type: ignore[method-assign]
        return reader

    def _refuse(self) -> None:
        if self.error is not None:
            self.cuts += 1
            raise self.error


def feed_of(line: Line, now: int) -> BoardFeed:
    return BoardFeed(line.connect, TERMS, poll_seconds=POLL_S, now=lambda: at(now))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # nobody tells of what is waited for
            await asyncio.sleep(0.005)


def shown(feed: BoardFeed) -> LiveBoard:
    assert feed.current is not None
    return feed.current


def opened(feed: BoardFeed) -> Any:
    return shown(feed).now(WHOLE_CITY, "own")["received"].value


def told_by(board: LiveBoard | None) -> dict[str, Any]:
    assert board is not None
    return {
        f"{unit} {name}": figure.value
        for unit in (WHOLE_CITY, *board.units)
        for name, figure in (*board.period(unit, "tree", "all").items(), *board.now(unit, "own").items())
    }


async def test_whoever_waits_is_told_of_the_next_board(store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    office = Office(store, now)
    async with feed_of(Line(store), now) as feed:
        await until(lambda: feed.current is not None)
        before, first = opened(feed), shown(feed).version
        waiting = [asyncio.create_task(feed.changed()) for _ in range(3)]
        await asyncio.sleep(5 * POLL_S)
        assert not any(task.done() for task in waiting)

        await asyncio.to_thread(office.take, events)

        told = await asyncio.wait_for(asyncio.gather(*waiting), 10)
        assert {board.version for board in told if board} == {first + 1}
        await until(lambda: opened(feed) != before)


async def test_while_the_database_is_away_the_last_board_stays_and_says_so_and_then_it_goes_on(
    store: ClickHouse, caplog: pytest.LogCaptureFixture
) -> None:
    events, now = odd_city(5, cases=10)
    office, line = Office(store, now), Line(store)
    await asyncio.to_thread(office.take, events[:20])
    async with feed_of(line, now) as feed:
        await until(lambda: feed.current is not None)
        before = told_by(feed.current)

        line.error = Unavailable("somewhere: ClickHouse does not answer")
        await until(lambda: line.cuts >= 2)
        await asyncio.to_thread(office.take, events[20:])
        assert (shown(feed).away_since, told_by(feed.current)) == (at(now), before)
        assert "somewhere: ClickHouse does not answer" in caplog.text
        line.error = None
        board = await asyncio.wait_for(feed.changed(), 10)

        assert board is not None
        assert (feed.away_since, board.away_since) == (None, None)
        wanted = told_by(await asyncio.to_thread(office.fresh))
        await until(lambda: told_by(feed.current) == wanted)


async def test_a_quiet_board_is_told_again_so_that_it_knows_its_age(store: ClickHouse) -> None:
    _, now = odd_city(5, cases=10)
    clock = [now]
    async with BoardFeed(Line(store).connect, TERMS, poll_seconds=POLL_S, now=lambda: at(clock[0])) as feed:
        await until(lambda: feed.current is not None)
        first = shown(feed)

        clock[0] += 9_000_000
        await asyncio.sleep(5 * POLL_S)
        assert feed.current is first
        clock[0] += 2_000_000
        await asyncio.wait_for(feed.changed(), 10)

    assert shown(feed).generated_at == at(clock[0])
    assert shown(feed).as_of == first.as_of
    assert told_by(shown(feed)) == told_by(first)


@pytest.mark.parametrize("part", ["unit_now FINAL", "groupArray"])
async def test_nothing_is_lost_when_the_line_is_cut_in_the_middle_of_a_look(
    store: ClickHouse, part: str
) -> None:
    events, now = odd_city(7, cases=20)
    office, line = Office(store, now), Line(store)
    await asyncio.to_thread(office.take, events[:60])
    reader = line.connect()
    feed = BoardFeed(lambda: reader, TERMS, poll_seconds=POLL_S, now=lambda: at(now))
    ask = reader.columns
    cuts: list[str] = []

    def columns(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        if len(cuts) < 3 and feed.current is not None and part in query:
            cuts.append(query)
            raise Unavailable("cut")
        return ask(query, parameters)

    reader.columns = columns  # type: ignore[method-assign]
    async with feed:
        await until(lambda: feed.current is not None)
        await asyncio.to_thread(office.take, events[60:])

        wanted = told_by(await asyncio.to_thread(office.fresh))
        await until(lambda: len(cuts) == 3 and told_by(feed.current) == wanted)


async def test_a_database_that_is_not_made_yet_is_waited_for(store: ClickHouse) -> None:
    _, now = odd_city(5, cases=1)
    line = Line(store)
    line.error = StoreError("there is no table unit_days", 60)
    async with feed_of(line, now) as feed:
        await until(lambda: line.cuts >= 2)
        assert (feed.current, feed.away_since) == (None, at(now))
        line.error = None

        await until(lambda: feed.current is not None)

        assert feed.away_since is None


async def test_a_defect_ends_the_feed_and_everybody_is_told(
    store: ClickHouse, caplog: pytest.LogCaptureFixture
) -> None:
    _, now = odd_city(5, cases=1)
    line = Line(store)
    feed = feed_of(line, now)
    await feed.start()
    await until(lambda: feed.current is not None)
    waiting = asyncio.create_task(feed.changed())
    await asyncio.sleep(0)

    line.error = ZeroDivisionError("a defect")

    with pytest.raises(RuntimeError, match="has failed") as told:
        await asyncio.wait_for(waiting, 10)
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    with pytest.raises(RuntimeError, match="has failed"):
        await feed.changed()
    assert "the board's feed has failed" in caplog.text
    await feed.stop()


async def test_looking_does_not_hold_up_the_event_loop(store: ClickHouse) -> None:
    events, now = odd_city(5, cases=10)
    office = Office(store, now)
    await asyncio.to_thread(office.take, events)
    line = Line(store)
    reader = line.connect()
    ask = reader.columns

    def slowly(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        time.sleep(0.1)
        return ask(query, parameters)

    reader.columns = slowly  # type: ignore[method-assign]
    turns = 0
    async with BoardFeed(lambda: reader, TERMS, poll_seconds=POLL_S, now=lambda: at(now)) as feed:
        while feed.current is None:
            await asyncio.sleep(0.005)
            turns += 1

    assert turns > 50


async def test_a_stopped_feed_ends_the_waiting_and_closes_its_connection(store: ClickHouse) -> None:
    _, now = odd_city(5, cases=1)
    feed = feed_of(Line(store), now)
    await feed.start()
    await until(lambda: feed.current is not None)
    waiting = asyncio.create_task(feed.changed())
    await asyncio.sleep(0)

    await feed.stop()
    await feed.stop()

    with pytest.raises(RuntimeError, match="stopped"):
        await waiting
