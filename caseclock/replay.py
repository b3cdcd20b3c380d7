"""Replay: files through the very pipeline that runs live, with a clock that stands at the moment asked for."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caseclock.city import prepare, rules_of
from caseclock.clocks import ReplayClock, WallClock
from caseclock.console import Progress, progress, say
from caseclock.errors import CaseclockError
from caseclock.feed import Fed, feed
from caseclock.outputs import write_cases, write_dead_letters, write_summary, write_units
from caseclock.services import Services
from caseclock.settings import Settings
from caseclock.sources import Mapping, Source, open_source
from caseclock.worker import WorkerParts, ensure_topics, topic_names, worker
from schemas.moment import format_time
from sinks.kafka import BulkSender, KafkaTopics
from streams.engine import Engine, Topics
from streams.metrics import Metric
from streams.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What to replay, and how.

    Attributes:
        files, mapping: what to read; ``-`` is standard input.
        as_of: the moment, µs UTC; None: the latest ``occurred_at`` in the files.
        out: the folder for the results.
    """

    files: Sequence[str]
    mapping: Mapping | None
    as_of: int | None
    out: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Any:  # noqa: ANN401  # a context manager
        """Measure a part of the work."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0) + time.monotonic() - began, 3)


async def replay(what: Replay, settings: Settings, services: Services) -> int:
    """Run it and write the results. Returns the number of dead letters."""
    what.out.mkdir(parents=True, exist_ok=True)
    rules = rules_of(settings)
    store = prepare(services.store, rules)
    topics = topic_names(services.prefix)
    with what.phase("read"):
        fed = await _feed_files(what, settings, services, topics)
    if fed.latest is None and what.as_of is None:
        msg = (
            f"none of {fed.dead_letters} lines could be read as an event; give --as-of to write what there is"
        )
        raise CaseclockError(msg)
    as_of = what.as_of if what.as_of is not None else fed.latest or 0
    _warn_of_horizon(rules, as_of)
    with what.phase("process"):
        async with worker(
            access=services.access,
            prefix=services.prefix,
            group_id=services.group_id,
            rules=rules,
            store=store,
            clock=ReplayClock(as_of),
            settings=settings.worker,
            embedded=services.embedded,
        ) as running:
            await _everything_done(running, services, topics, fed)
            duplicates = int(running.metrics.values[Metric.DUPLICATES])
    with what.phase("write"):
        write_units(services.store, what.out)
        cases = write_cases(services.store, as_of, what.out)
        dead = write_dead_letters(services.store, [*_names(what.files), topics.events], what.out)
    seconds = what.seconds
    write_summary(
        {
            "events_read": fed.events,
            "events_distinct": fed.events - duplicates,
            "duplicates": duplicates,
            "dead_letters": dead,
            "cases": cases,
            "as_of": format_time(as_of, rules.default_calendar.zone),
            "profile": rules.profile.name,
            "calendar": rules.default_calendar.spec.name,
            "rules": rules.version,
            "seconds": seconds | {"total": round(sum(seconds.values()), 3)},
            "events_per_second": round(fed.events / max(seconds["read"] + seconds["process"], 0.001)),
        },
        what.out,
    )
    say(f"{fed.events} events, {cases} cases, {dead} dead letters: numbers in {what.out}")
    return dead


def _names(files: Sequence[str]) -> list[str]:
    return [Path(file).name if file != "-" else "-" for file in files]


def _warn_of_horizon(rules: Rules, as_of: int) -> None:
    for calendar in rules.calendars():
        if as_of >= calendar.horizon_us:
            name, horizon = calendar.spec.name, calendar.spec.horizon
            say(f"the calendar {name} ends on {horizon}: working time after it is not known")


async def _feed_files(what: Replay, settings: Settings, services: Services, topics: Topics) -> Fed:
    with KafkaTopics(services.access) as admin:
        partitions = ensure_topics(admin, topics, settings.worker.partitions)
    fed = Fed()
    async with BulkSender(services.access, idempotent=not services.embedded) as sender:
        for file in what.files:
            with open_source(file, what.mapping, WallClock().wall()) as source:
                with progress(f"reading {source.name}", source.size) as bar:

                    def show(bar: Progress = bar, source: Source = source) -> None:
                        bar.show(source.position, fed.events)

                    await feed(source, source.name, sender, topics, partitions, fed, show)
                for note in source.notes():
                    say(note)
    return fed


def _all_taken(engine: Engine, fed: Fed) -> bool:
    taken = all(engine.durable.get(number, 0) >= end for number, end in fed.ends.items())
    return taken and all(partition.caught_up for partition in engine.partitions.values())


async def _everything_done(running: WorkerParts, services: Services, topics: Topics, fed: Fed) -> None:
    """Wait until all that was sent is durable and counted as of the replay's moment."""
    engine = running.engine
    count = sum(fed.ends.values())
    with progress("processing", count, unit="records") as bar:
        while not _all_taken(engine, fed):  # the bar moves on meanwhile
            done = sum(engine.durable.values())
            bar.show(done, done)
            await asyncio.sleep(0.05)  # the bar moves on meanwhile
        await engine.flush(refresh=True)
        with KafkaTopics(services.access) as admin:
            partials = admin.end_offsets(topics.unit_partials)
        units, dead = running.units, running.dead_letters
        while units.durable < sum(partials.values()) or dead.durable < fed.dead_end:  # noqa: ASYNC110  # once
            await asyncio.sleep(0.02)  # some milliseconds, once
        bar.show(count, count)
