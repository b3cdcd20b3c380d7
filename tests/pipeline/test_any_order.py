"""The same events in any order, doubled, in two runs or after a kill -9: the same files, byte for byte.

Each story is one or two runs of the command line, which mostly wait; so all stories of a file are begun at
once, and each test waits for its own.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from caseclock.sources import Line, load_mapping, open_source
from schemas.moment import format_time
from tests.conftest import Broker
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.command import MAPPINGS, replay
from tests.pipeline.judged import wrong_cases
from tests.pipeline.kit import CITY
from tests.pipeline.real_data import real_file

KILLED: Final = -9
SMALL: Final = {"WORKER__BATCH_ROWS": 400, "WORKER__BATCH_MS": 20, "WORKER__HOT_CASES": 30}
AT_ONCE: Final = 4

Numbers = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """Events as native lines, in the order in which they were told first, and how they are to be looked at."""

    lines: list[bytes]
    options: tuple[str, ...]
    settings: dict[str, Any]

    def mixed(self, seed: int) -> list[bytes]:
        lines = list(self.lines)
        random.Random(seed).shuffle(lines)
        return lines


def invented_events() -> tuple[list[Event], int]:
    """A nasty city in the order in which things happened, and a moment to look at it."""
    events, now = histories.random_city(11, cases=400)
    return sorted(events, key=lambda event: event["occurred_at"]), now


def invented() -> Told:
    events, now = invented_events()
    lines = [canonical(event) for event in events]
    return Told(lines, ("--as-of", format_time(now)), {"CITY__FOLDER": CITY})


def permits() -> Told:
    """The Dutch permits as native events, in the order of their file."""
    path = str(real_file("wabo_receipt.csv.gz"))
    with open_source(path, load_mapping(MAPPINGS / "wabo.yaml"), time.time_ns() // 1000) as source:
        lines = [line for line in source if isinstance(line, Line)]
    as_of = format_time(max(line.occurred_at for line in lines))
    options = ("--profile", "instant", "--calendar", "always", "--as-of", as_of)
    return Told([line.value for line in lines], options, {})


def write(path: Path, lines: Sequence[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


# The stories.


def in_one_run(told: Told, folder: Path) -> Numbers:
    file = write(folder / "events.ndjson", told.lines)
    return replay(folder, file, *told.options, settings=told.settings).numbers()


def shuffled_and_doubled(told: Told, folder: Path) -> Numbers:
    file = write(folder / "events.ndjson", told.mixed(1) + told.mixed(2))
    return replay(folder, file, *told.options, settings=told.settings | SMALL).numbers()


def cut_in_two_runs_over_one_folder(told: Told, folder: Path) -> Numbers:
    settings = told.settings | {"CLICKHOUSE__URL": f"chdb://{folder / 'store'}"}
    half = len(told.lines) // 2
    first = write(folder / "1" / "events.ndjson", told.lines[: half + 50])
    second = write(folder / "2" / "events.ndjson", told.lines[half:])

    replay(first.parent, first, *told.options, settings=settings).numbers()
    return replay(second.parent, second, *told.options, settings=settings).numbers()


def killed_and_started_again(told: Told, folder: Path, *, seed: int) -> Numbers:
    chance = random.Random(seed)
    moment = (str(chance.randint(2, 12)), chance.choice(["before", "after", "1", "3"]))
    settings = told.settings | SMALL | {"CLICKHOUSE__URL": f"chdb://{folder / 'store'}"}
    file = write(folder / "events.ndjson", told.mixed(seed))

    killed = replay(folder, file, *told.options, settings=settings, dies=moment)
    assert (killed.code, (folder / "out" / "units.csv").exists()) == (KILLED, False), killed.told
    return replay(folder, file, *told.options, settings=settings).numbers()


def killed_once(told: Told, folder: Path) -> Numbers:
    return killed_and_started_again(told, folder, seed=1)


def killed_elsewhere(told: Told, folder: Path) -> Numbers:
    return killed_and_started_again(told, folder, seed=2)


def killed_somewhere_else(told: Told, folder: Path) -> Numbers:
    return killed_and_started_again(told, folder, seed=3)


Story = Callable[[Told, Path], Numbers]
STORIES: Final[tuple[Story, ...]] = (
    shuffled_and_doubled,
    cut_in_two_runs_over_one_folder,
    killed_once,
    killed_elsewhere,
    killed_somewhere_else,
)
FILES: Final = {"invented": invented, "permits": permits}


@dataclass(frozen=True)
class Playing:
    """All stories of a file, under way."""

    told: Told
    plain: "Future[Numbers]"
    stories: "dict[Story, Future[Numbers]]"


@pytest.fixture(scope="module", params=["invented", pytest.param("permits", marks=pytest.mark.data)])
def playing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    told = FILES[request.param]()
    with ThreadPoolExecutor(AT_ONCE) as at_once:

        def begin(story: Story) -> "Future[Numbers]":
            return at_once.submit(story, told, tmp_path_factory.mktemp(story.__name__))

        yield Playing(told, begin(in_one_run), {story: begin(story) for story in STORIES})
        at_once.shutdown(cancel_futures=True)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_numbers_are_those_of_one_run(playing: Playing, story: Story) -> None:
    units, cases = playing.plain.result()

    again = playing.stories[story].result()

    assert again[1].splitlines() == cases.splitlines()
    assert again == (units, cases)


@pytest.mark.kafka
def test_the_numbers_are_those_of_one_run_on_apache_kafka(
    kafka_broker: Broker, playing: Playing, tmp_path: Path
) -> None:
    told = playing.told
    settings = told.settings | {
        "KAFKA__BOOTSTRAP_SERVERS": kafka_broker.access.bootstrap_servers,
        "CLICKHOUSE__URL": f"chdb://{tmp_path / 'store'}",
    }
    file = write(tmp_path / "events.ndjson", told.mixed(7))

    ran = replay(tmp_path, file, *told.options, "--on-services", settings=settings)

    assert ran.numbers() == playing.plain.result()


@pytest.mark.parametrize("playing", ["invented"], indirect=True)
def test_the_cases_of_one_run_are_the_oracle_s(playing: Playing) -> None:
    events, now = invented_events()

    _, cases = playing.plain.result()

    assert wrong_cases(cases, events, now, "one_stop") == []
