"""The wiring of the board: database, feed, pages, intake and health become one server on the settings' address."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network

from caseclock.bearer import Bearers
from caseclock.board_health import BoardHealth
from caseclock.clocks import WallClock
from caseclock.console import say
from caseclock.events_topic import EventsTopic
from caseclock.health import Health
from caseclock.intake import Intake
from caseclock.listening import AddressTaken, listening
from caseclock.settings import BoardSettings, Settings
from dashboards.board.model.feed import BoardFeed
from dashboards.board.model.maker import BoardTerms
from dashboards.board.pages import PAGES
from dashboards.board.render import Renderer
from dashboards.board.web.app import make_app
from dashboards.board.web.headers import hide_version
from dashboards.board.web.metrics import BoardMetrics
from dashboards.board.web.parts import Limits
from dashboards.board.web.static import StaticFiles
from schemas.city import City
from sinks.clickhouse.client import READ_SECONDS, ClickHouse

LISTEN = "CASECLOCK_BOARD__LISTEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBoard:
    """A board that answers.

    Attributes:
        address: where: ``http://127.0.0.1:8080``.
        feed: what it shows.
    """

    address: str
    feed: BoardFeed

    async def until_failed(self) -> None:
        """Wait for ever, or until the feed has ended by a defect or for good: then that is raised."""
        try:
            while True:
                await self.feed.changed()
        except RuntimeError as ended:
            raise (ended.__cause__ or ended) from None


def reader_of(settings: Settings, store: ClickHouse | None = None) -> Callable[[], ClickHouse]:
    """How to open a connection for reading as the board does it.

    Args:
        settings: the board's own user, or else that of the worker.
        store: an open connection of this process; the embedded engine knows no other.
    """
    board, worker = settings.board, settings.clickhouse
    if store is not None and not board.clickhouse_url:
        return store.reader
    url = board.clickhouse_url or worker.url
    secret = board.clickhouse_password if board.clickhouse_url else worker.password
    password = secret.get_secret_value() if secret else None
    return lambda: ClickHouse(url, password, timeout_seconds=READ_SECONDS, read_only=True)


def limits_of(board: BoardSettings) -> Limits:
    """The settings as the server wants them."""
    networks = tuple(ip_network(each) for each in board.trusted_proxies.split(",") if each)
    return Limits(
        rate_per_s=board.rate_per_s,
        burst=board.burst,
        live_clients=board.live_clients,
        live_per_address=board.live_per_address,
        cache_bytes=board.cache_mb * 1_000_000,
        trusted_proxies=networks,
    )


@asynccontextmanager
async def board_server(
    settings: Settings,
    city: City,
    connect: Callable[[], ClickHouse],
    *,
    topic: EventsTopic | None = None,
    health: Health | None = None,
    demo: bool = False,
) -> AsyncIterator[RunningBoard]:
    """Serve the board for as long as the block lasts.

    Args:
        settings: the address, limits, and the intake's tokens.
        city: units, procedures, calendars.
        connect: opens a connection for reading; called in a thread of the feed's.
        topic: where events of the intake go; None: there is no intake, whatever tokens there are.
        health: of the other parts of the process; the board joins it for as long as it runs.
        demo: everything on it is invented.

    Raises:
        AddressTaken: nothing can listen there.
    """
    if settings.board.listen is None:
        raise ValueError("there is no address for a board")
    hide_version()
    static, metrics, health = StaticFiles(), BoardMetrics(), health or Health([])
    terms = BoardTerms(city=city, profile=settings.profile, demo=demo)
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(BoardFeed(connect, terms))
        part = BoardHealth(feed, metrics, settings.health.fresh_budget_s)
        routes = health.routes()
        if topic is not None and settings.intake.tokens:
            tokens = {source: token.get_secret_value() for source, token in settings.intake.tokens.items()}
            stack.push_async_callback(topic.close)
            intake = Intake(Bearers(tokens), topic, settings.intake.max_body_bytes, WallClock().wall, metrics)
            routes += intake.routes()
        renderer = Renderer(static.addresses)
        await asyncio.to_thread(renderer.prepare)
        app = make_app(
            feed,
            renderer,
            PAGES,
            static=static,
            limits=limits_of(settings.board),
            metrics=metrics,
            routes=routes,
        )
        address = await stack.enter_async_context(listening(app, settings.board.listen, LISTEN))
        health.parts.append(part)
        stack.callback(health.parts.remove, part)
        yield RunningBoard(address=address, feed=feed)


@asynccontextmanager
async def board_beside_worker(
    settings: Settings,
    city: City,
    connect: Callable[[], ClickHouse],
    *,
    topic: EventsTopic,
    health: Health,
    tell: Callable[[str], None] = say,
) -> AsyncIterator[RunningBoard | None]:
    """The board in a worker's process, if the settings want one; it never stops the worker.

    Where the default address is taken, by another worker on this machine most likely, that is told and there is none.
    A board that fails later is told and taken away, for one that stands still would look like a quiet city.

    Raises:
        AddressTaken: the address that somebody chose.
    """
    async with AsyncExitStack() as stack:
        board = None
        if settings.board.listen is not None:
            try:
                board = await stack.enter_async_context(
                    board_server(settings, city, connect, topic=topic, health=health)
                )
            except AddressTaken:
                if settings.board.listen_was_chosen:
                    raise
                host, port = settings.board.listen
                tell(f"no board here: {host}:{port} is taken; {LISTEN} names another address, or none")
        if board is None:
            yield None
            return
        tell(f"the board is on {board.address}")
        guarding = asyncio.create_task(_take_away(board, stack.pop_all(), tell))
        try:
            yield board
        finally:
            guarding.cancel()
            with suppress(asyncio.CancelledError):
                await guarding


async def _take_away(board: RunningBoard, stack: AsyncExitStack, tell: Callable[[str], None]) -> None:
    """Hold the board until it fails or the end comes."""
    async with stack:
        try:
            await board.until_failed()
        except Exception as error:  # noqa: BLE001  # whatever it is, the worker goes on
            tell(f"the board has ended ({type(error).__name__}); the worker goes on without it")
