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
from sinks.clickhouse.client import ClickHouse
from tests.conftest import Broker
from tests.oracle import histories
from tests.oracle.events import canonical
from tests.oracle.model import Event
from tests.pipeline.command import MAPPINGS, replay
from tests.pipeline.judged import rows_of, wrong_cases
from tests.pipeline.kit import CITY
from tests.pipeline.real_data import real_file

KILLED: Final = -9
SMALL: Final = {"WORKER__BATCH_ROWS": 400, "WORKER__BATCH_MS": 20, "WORKER__HOT_CASES": 30}
AT_ONCE: Final = 4

Numbers = tuple[str, str]
"""units.csv and cases.csv."""


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


def over_a_folder(told: Told, folder: Path) -> dict[str, Any]:
    """Settings with an embedded engine that stays."""
    return told.settings | {"CLICKHOUSE__URL": f"chdb://{folder / 'store'}"}


# The stories.


def in_one_run(told: Told, folder: Path) -> Numbers:
    file = write(folder / "events.ndjson", told.lines)
    return replay(folder, file, *told.options, settings=over_a_folder(told, folder)).numbers()


def shuffled_and_doubled(told: Told, folder: Path) -> Numbers:
    file = write(folder / "events.ndjson", told.mixed(1) + told.mixed(2))
    return replay(folder, file, *told.options, settings=over_a_folder(told, folder) | SMALL).numbers()


def cut_in_two_runs_over_one_folder(told: Told, folder: Path) -> Numbers:
    settings = over_a_folder(told, folder)
    half = len(told.lines) // 2
    first = write(folder / "1" / "events.ndjson", told.lines[: half + 50])
    second = write(folder / "2" / "events.ndjson", told.lines[half:])

    replay(first.parent, first, *told.options, settings=settings).numbers()
    return replay(second.parent, second, *told.options, settings=settings).numbers()


def killed_and_started_again(told: Told, folder: Path, *, seed: int) -> Numbers:
    chance = random.Random(seed)
    moment = (str(chance.randint(2, 12)), chance.choice(["before", "after", "1", "3"]))
    settings = over_a_folder(told, folder) | SMALL
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
OF_REAL_CASES: Final[tuple[Story, ...]] = (shuffled_and_doubled, cut_in_two_runs_over_one_folder, killed_once)
STORIES: Final[tuple[Story, ...]] = (*OF_REAL_CASES, killed_elsewhere, killed_somewhere_else)


@dataclass(frozen=True)
class Played:
    """A story under way, and where it leaves its traces."""

    numbers: "Future[Numbers]"
    folder: Path

    def history(self) -> list[list[str]]:
        """The days of the units, but for when they were corrected: that depends on what was known when."""
        store = ClickHouse(f"chdb://{self.folder / 'store'}")
        try:
            rows = rows_of(store, "SELECT * EXCEPT corrected_at FROM v_units_history ORDER BY ALL")
        finally:
            store.close()
        return [[f"{name} {value}" for name, value in row.items()] for row in rows]


@dataclass(frozen=True)
class Playing:
    """The stories of a file."""

    told: Told
    plain: Played
    stories: dict[Story, Played]


def play(told: Told, stories: Sequence[Story], folders: pytest.TempPathFactory) -> Iterator[Playing]:
    with ThreadPoolExecutor(AT_ONCE) as at_once:

        def begin(story: Story) -> Played:
            folder = folders.mktemp(story.__name__)
            return Played(at_once.submit(story, told, folder), folder)

        yield Playing(told, begin(in_one_run), {story: begin(story) for story in stories})
        at_once.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def a_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    yield from play(invented(), STORIES, tmp_path_factory)


@pytest.fixture(scope="module")
def real_cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    yield from play(permits(), OF_REAL_CASES, tmp_path_factory)


def assert_same_numbers(playing: Playing, story: Story) -> None:
    plain, played = playing.plain, playing.stories[story]
    units, cases = plain.numbers.result()
    again = played.numbers.result()
    assert again[1].splitlines() == cases.splitlines()  # so that a difference can be read
    assert again == (units, cases)
    assert played.history() == plain.history()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_city_s_numbers_are_those_of_one_run(a_city: Playing, story: Story) -> None:
    assert_same_numbers(a_city, story)


@pytest.mark.kafka
def test_a_city_s_numbers_are_those_of_one_run_on_apache_kafka(
    kafka_broker: Broker, a_city: Playing, tmp_path: Path
) -> None:
    told = a_city.told
    settings = told.settings | {
        "KAFKA__BOOTSTRAP_SERVERS": kafka_broker.access.bootstrap_servers,
        "CLICKHOUSE__URL": f"chdb://{tmp_path / 'store'}",
    }
    file = write(tmp_path / "events.ndjson", told.mixed(7))

    ran = replay(tmp_path, file, *told.options, "--on-services", settings=settings)

    assert ran.numbers() == a_city.plain.numbers.result()


def test_a_city_s_cases_are_the_oracle_s(a_city: Playing) -> None:
    events, now = invented_events()

    _, cases = a_city.plain.numbers.result()

    assert wrong_cases(cases, events, now, "one_stop") == []


@pytest.mark.data
@pytest.mark.parametrize("story", OF_REAL_CASES, ids=lambda story: story.__name__)
def test_real_cases_numbers_are_those_of_one_run(real_cases: Playing, story: Story) -> None:
    assert_same_numbers(real_cases, story)
