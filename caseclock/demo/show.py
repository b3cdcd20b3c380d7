"""The demo as a whole: history into the pipeline, the worker on it, the city going on, board and table in front."""

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Final

from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.console import progress
from caseclock.demo.feeder import Feeder
from caseclock.demo.figures import FiguresReader
from caseclock.demo.front import Address, front
from caseclock.demo.paper import Message, local_day
from caseclock.demo.simulator import Simulator
from caseclock.demo.watch import Ending, watch
from caseclock.services import Services
from caseclock.settings import Settings
from caseclock.summaries import summary_store
from caseclock.worker import WorkerParts, ensure_topics, topic_names, worker
from sinks.kafka import BulkSender, KafkaTopics
from streams.engine import Topics
from streams.metrics import Metrics

_LOOK_SECONDS: Final = 0.05
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def show(
    seed: int,
    ending: Ending,
    settings: Settings,
    on: Services,
    places: Sequence[Address],
    *,
    browser: bool,
) -> None:
    """Run until the time is over or a signal comes (Ctrl-C, TERM, HUP).

    Args:
        seed: another seed, another city.
        ending: when it is over by itself.
        settings: with the demo city's folder.
        on: embedded services, empty.
        places: where the board may listen, the first that is free.
        browser: whether to open one on it.

    Raises:
        AddressTaken: none is free.
        CancelledError: a signal came before there was anything to see.
    """
    with _signals_to(ending):
        rules = rules_of(settings)
        topics = topic_names(on.prefix)
        with KafkaTopics(on.access) as admin:
            partitions = ensure_topics(admin, topics, settings.worker.partitions)
        city = Simulator(rules, seed, WallClock().wall())
        async with AsyncExitStack() as stack:
            sender = await stack.enter_async_context(BulkSender(on.access, idempotent=not on.embedded))
            feeder = Feeder(sender, topics.events, partitions, Metrics())
            store, _ = await asyncio.gather(asyncio.to_thread(prepare, on.store, rules), _load(city, feeder))
            running = await stack.enter_async_context(
                worker(
                    access=on.access,
                    prefix=on.prefix,
                    group_id=on.group_id,
                    rules=rules,
                    store=store,
                    clock=WallClock(),
                    settings=settings.worker,
                    embedded=on.embedded,
                    summary_store=stack.enter_context(summary_store(on.store, rules)),
                )
            )
            await _processed(running, feeder, topics, on)
            board = await stack.enter_async_context(front(settings, rules.city, on, places, browser=browser))
            ending.main = None
            await _go_on(running, city, feeder, FiguresReader(on.store, rules), board.address, ending)


@contextmanager
def _signals_to(ending: Ending) -> Iterator[None]:
    """Signals end the demo in order, instead of the process in the middle of something."""
    loop = asyncio.get_running_loop()
    ending.main = asyncio.current_task()
    for each in _SIGNALS:
        loop.add_signal_handler(each, ending.end)
    try:
        yield
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)


async def _load(city: Simulator, feeder: Feeder) -> None:
    """History goes to Kafka while it is being made up."""
    first = local_day(city.start) - city.days + 1
    sent = 0
    with progress("nạp lịch sử / loading history", city.days, unit="sự kiện / events") as bar:

        def on_chunk(chunk: list[Message]) -> None:
            nonlocal sent
            sent += len(chunk)
            bar.show(local_day(chunk[-1].at) - first + 1, sent)

        await feeder.send_all(city.history(), on_chunk)


async def _processed(running: WorkerParts, feeder: Feeder, topics: Topics, on: Services) -> None:
    """Wait until all of history is durable and counted."""
    engine, count = running.engine, sum(feeder.ends.values())
    with progress("xử lý / processing", count, unit="sự kiện / events") as bar:
        while (done := sum(engine.durable.get(number, 0) for number in feeder.ends)) < count:
            bar.show(done, done)
            await asyncio.sleep(_LOOK_SECONDS)
        bar.show(count, count)
        while not all(each.caught_up for each in engine.partitions.values()):  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(_LOOK_SECONDS)
        await engine.flush()
        with KafkaTopics(on.access) as admin:
            told = sum(admin.end_offsets(topics.unit_partials).values())
        while running.units.durable < told:  # noqa: ASYNC110  # nor does it
            await asyncio.sleep(_LOOK_SECONDS)


async def _go_on(
    running: WorkerParts,
    city: Simulator,
    feeder: Feeder,
    reader: FiguresReader,
    address: str,
    ending: Ending,
) -> None:
    live = asyncio.create_task(feeder.send_in_time(city.live()))
    try:
        await watch(running, reader, live, address, ending)
    finally:
        live.cancel()
        await asyncio.wait({live})
