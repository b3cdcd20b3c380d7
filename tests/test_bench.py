"""Every benchmark runs, with sizes too small to say how fast anything is."""

import asyncio
import json
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pytest

from bench.board import FEW, board
from bench.board.data import WHOLE, write_city
from bench.brokers import Broker as BenchBroker
from bench.brokers import fill
from bench.events import EVENTS_A_CASE, Sent, Shape, stream
from bench.live import live
from bench.peers.task import Task, run
from bench.results import Result, table, write
from schemas.city import load_city
from schemas.decode import decode
from tests.conftest import Broker
from tests.missing import missing

NOW_US: Final = 4_000_000_000_000_000
CASES, WARM = 120, 40
BYTEWAX: Final = [] if sys.version_info >= (3, 13) else ["bytewax_by_case", "bytewax_by_partition"]
"""It has no wheels for newer Pythons."""
ENGINES: Final = ("ours", "stock_faust", *BYTEWAX)
BYTEWAX_IS_THERE: Final = find_spec("bytewax") is not None


def _arrival(sent: Sent) -> int:
    event = decode(sent.value, NOW_US)
    return event.get("recorded_at", event["occurred_at"])


def test_the_stream_is_the_same_every_time() -> None:
    assert stream(Shape(cases=50)) == stream(Shape(cases=50))
    assert stream(Shape(cases=50)) != stream(Shape(cases=50, seed=2))


def test_every_case_has_seven_readable_events_of_some_257_bytes_in_order_of_arrival() -> None:
    sent = stream(Shape(cases=500))

    arrivals = [_arrival(each) for each in sent]

    assert set(Counter(each.key for each in sent).values()) == {EVENTS_A_CASE}
    assert arrivals == sorted(arrivals)
    assert 240 < sum(len(each.value) for each in sent) / len(sent) < 275


def test_one_event_in_fifty_is_entered_late() -> None:
    sent = stream(Shape(cases=1_000))

    late = sum("recorded_at" in decode(each.value, NOW_US) for each in sent)

    assert 0.01 < late / len(sent) < 0.03


def _is_there(engine: str) -> bool:
    return BYTEWAX_IS_THERE or not engine.startswith("bytewax")


@pytest.fixture(scope="module")
def answers(kafka_broker: Broker) -> Iterator[dict[str, "Future[dict[str, Any]]"]]:
    """Every engine at once, each in its process: here it only matters that they come to their end."""
    on = BenchBroker("for a test", kafka_broker.access, embedded=False)
    prefix = f"t{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(ENGINES)) as pool:
        started = {}
        for engine in filter(_is_there, ENGINES):
            names = [f"{prefix}.{engine}.{which}." for which in ("warm", "main")]
            warm = asyncio.run(fill(on, names[0], stream(Shape(cases=WARM, seed=2, name="W"))))
            main = asyncio.run(fill(on, names[1], stream(Shape(cases=CASES))))
            task = Task(
                bootstrap_servers=kafka_broker.access.bootstrap_servers,
                embedded=False,
                warm=names[0],
                prefix=names[1],
                ends={str(number): end for number, end in main.items()},
                warm_ends={str(number): end for number, end in warm.items()},
                events=100 if engine == "stock_faust" else CASES * EVENTS_A_CASE,
                folder=str(Path(folder) / engine),
                group=f"{prefix}-{engine}",
            )
            started[engine] = pool.submit(run, engine, task, within=150.0)
        yield started


@pytest.mark.kafka
@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_lands_every_event_once(
    engine: str, answers: dict[str, "Future[dict[str, Any]]"]
) -> None:
    if not _is_there(engine):
        missing("the benchmark's peer Bytewax", "install the extra `bench`: make bench")

    told = answers[engine].result()

    warm = 0 if engine == "ours" else WARM * EVENTS_A_CASE  # ours empties its tables after warming up
    assert told["stored"]["events"] == warm + told["events"]
    assert told["seconds"] > 0
    assert told["cpu_seconds"] > 0


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_broker")
def test_freshness_and_silence_are_measured() -> None:
    # in a process of its own: an engine opens one folder in its life, and other tests have opened theirs here
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        results = alone.submit(live, quick=True).result()

    assert sorted(results) == ["freshness_p50_ms", "freshness_p99_ms", "silence_ms"]
    assert all(result.value > 0 for result in results.values())


def test_every_page_and_answer_of_the_board_is_measured() -> None:
    results = board(quick=True)  # its engine is in a process of its own

    assert sorted(results) == [
        *("board_again_p95_ms", "board_api_p95_ms", "board_memory_mb", "board_new_s", "board_p95_ms"),
        *("board_page_kb", "board_start_s", "summaries_s"),
    ]
    assert all(result.value > 0 for result in results.values())
    assert f"{FEW.units} units" in results["board_p95_ms"].peer


def test_the_whole_city_of_the_board_has_seven_hundred_units(tmp_path: Path) -> None:
    lists = load_city(write_city(tmp_path), date(2026, 1, 1))

    assert len(lists.units) == WHOLE.units == 700


def test_results_are_written_as_others_read_them(tmp_path: Path) -> None:
    results = {
        "throughput": Result(100_000, "events/s", None, ""),
        "throughput_vs_bytewax": Result(50_000, "events/s (peer)", 2.0, "Bytewax"),
    }

    write(results, tmp_path / "latest.json")

    told = json.loads((tmp_path / "latest.json").read_text())
    assert told["throughput_vs_bytewax"] == {
        "value": 50_000,
        "unit": "events/s (peer)",
        "ratio": 2.0,
        "peer": "Bytewax",
    }
    assert "throughput_vs_bytewax" in table(results)
