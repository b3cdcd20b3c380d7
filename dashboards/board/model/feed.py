"""The newest board, kept up to date: looks at the database a few times a second, in a thread of its own.

While the database is away the last board stays and says so; looking goes on. A defect ends the feed:
everybody who waits for it is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from dashboards.board.model.live import LiveBoard
from dashboards.board.model.maker import BoardMaker, BoardTerms
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse, StoreError

log = logging.getLogger(__name__)

_NOT_MADE_YET: Final = frozenset({60, 81})
"""ClickHouse's codes for a table or a database that the first worker will make."""
_LONGEST_PAUSE: Final = 2.0
_STOP_SECONDS: Final = 10.0
_TELL_AGAIN: Final = timedelta(seconds=10)
"""A board without news is told again so often, so that its pages know how old they are."""


class BoardFeed:
    """Use it as ``async with BoardFeed(...) as feed``, or ``start`` and ``stop`` it.

    Args:
        connect: opens a connection for reading (``ClickHouse.reader``); called in the feed's thread, closed by it.
        terms: what boards are told beside the numbers.
        poll_seconds: between two looks.
        now: the wall clock.
    """

    def __init__(
        self,
        connect: Callable[[], ClickHouse],
        terms: BoardTerms,
        *,
        poll_seconds: float = 0.2,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connect, self._terms, self._poll_seconds, self._now = connect, terms, poll_seconds, now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="board-feed")
        self._store: ClickHouse | None = None
        self._maker: BoardMaker | None = None
        self._current: LiveBoard | None = None
        self._away_since: datetime | None = None
        self._next = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    @property
    def current(self) -> LiveBoard | None:
        """The newest board; None before there are numbers."""
        return self._current

    @property
    def away_since(self) -> datetime | None:
        """Since when the database has not answered; None: it answers."""
        return self._away_since

    async def changed(self) -> LiveBoard | None:
        """Return once there is another board than when it was called; the newest. Many may wait.

        Raises:
            RuntimeError: the feed has ended, by a defect (its cause) or because it was stopped.
        """
        if self._failure is None and not self._stopping.is_set():
            await self._next.wait()
        if self._failure is not None:
            raise RuntimeError("the board's feed has failed") from self._failure
        if self._stopping.is_set():
            raise RuntimeError("the board's feed was stopped")
        return self._current

    async def start(self) -> None:
        """Begin to look, in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name="board-feed")

    async def stop(self) -> None:
        """End it and close the connection. Twice is fine."""
        self._stopping.set()
        self._next.set()
        if self._task is not None:
            with suppress(Exception):  # a defect has been told to everybody
                await asyncio.wait_for(self._task, _STOP_SECONDS)
        self._thread.shutdown(wait=False)

    async def __aenter__(self) -> BoardFeed:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def run(self) -> None:
        """Look until it is stopped; a defect is raised."""
        loop, pause = asyncio.get_running_loop(), self._poll_seconds
        try:
            while not self._stopping.is_set():
                try:
                    board = await loop.run_in_executor(self._thread, self._look)
                    self._come_back()
                    pause = self._poll_seconds
                    if board is not None:
                        self._publish(board)
                except Unavailable as error:
                    pause = self._stay_away(str(error), pause)
                except StoreError as error:
                    if error.code not in _NOT_MADE_YET:
                        raise
                    pause = self._stay_away(str(error), pause)
                self._tell_again()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
        except Exception as defect:
            self._failure = defect
            log.critical("the board's feed has failed", exc_info=defect)
            raise
        finally:
            self._next.set()
            if self._store is not None:
                await loop.run_in_executor(self._thread, self._store.close)

    def _look(self) -> LiveBoard | None:
        """In the feed's thread."""
        if self._store is None:
            self._store = self._connect()
        if self._maker is None:
            self._maker = BoardMaker(self._store, self._terms, lambda: self._away_since is not None)
        return self._maker.look(self._now())

    def _publish(self, board: LiveBoard) -> None:
        self._current = board
        waiting, self._next = self._next, asyncio.Event()
        waiting.set()

    def _tell_again(self) -> None:
        """Tell the last board anew when it has grown old, or when the database has gone or come back."""
        board, now = self._current, self._now()
        if board is None or self._maker is None:
            return
        if board.away_since != self._away_since or now - board.generated_at >= _TELL_AGAIN:
            again = self._maker.told_again(now, self._away_since)
            if again is not None:
                self._publish(again)

    def _stay_away(self, why: str, pause: float) -> float:
        if self._away_since is None:
            self._away_since = self._now()
            log.warning("%s; the board stays as it was", why)
        return min(2 * pause, _LONGEST_PAUSE)

    def _come_back(self) -> None:
        if self._away_since is not None:
            log.warning("the board's numbers go on, after %s", self._now() - self._away_since)
        self._away_since = None
