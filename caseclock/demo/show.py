"""The demo as a whole: history into the pipeline, the worker on it, the city going on, board and table in front."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

from caseclock.city import prepare, rules_of
from caseclock.clocks import WallClock
from caseclock.console import progress
from caseclock.demo.feeder import Feeder
from caseclock.demo.figures import FiguresReader
from caseclock.demo.front import Doors, Open, front
from caseclock.demo.paper import Message, local_day
from caseclock.demo.simulator import Simulator
from caseclock.demo.watch import Ending, watch
from caseclock.oversight import Oversight
from caseclock.sampling import sampling
from caseclock.services import Services
from caseclock.settings import Settings
from caseclock.summaries import summary_store
from caseclock.worker import WorkerParts, ensure_topics, topic_names, worker
from sinks.kafka import BulkSender, KafkaTopics
from streams.engine import Topics
from streams.metrics import Metrics

_LOOK_SECONDS: Final = 0.05
_WORKER: Final = "demo"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def show(
    seed: int,
    ending: Ending,
    settings: Settings,
    on: Services,
    doors: Doors,
) -> None:
    """Run until the time is over or a signal comes (Ctrl-C, TERM, HUP).

    Args:
        seed: another seed, another city.
        ending: when it is over by itself.
        settings: with the demo city's folder.
        on: embedded services, empty.
        doors: where one can look in.

    Raises:
        AddressTaken: nothing can listen there.
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
            await stack.enter_async_context(_looked_after(running, on))
            await _processed(running, feeder, topics, on)
            opened = await stack.enter_async_context(front(settings, rules.city, on, doors))
            ending.main = None
            await _go_on(running, city, feeder, FiguresReader(on.store, rules), opened, ending)


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


@asynccontextmanager
async def _looked_after(running: WorkerParts, on: Services) -> AsyncIterator[None]:
    """See how the worker does, and write it down as a worker of a city does it; the table tells the person here."""
    oversight, ended = Oversight(lambda _line: None), asyncio.Event()
    oversight.running = running
    watching = asyncio.create_task(oversight.watch(ended))
    try:
        async with sampling(on.store, oversight, running, _WORKER):
            yield
    finally:
        ended.set()
        await watching


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
    opened: Open,
    ending: Ending,
) -> None:
    live = asyncio.create_task(feeder.send_in_time(city.live()))
    try:
        await watch(running, reader, live, opened, ending)
    finally:
        live.cancel()
        await asyncio.wait({live})
