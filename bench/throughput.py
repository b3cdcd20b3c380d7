"""The whole job, ours beside the peers: broker, decode, fold, rows confirmed in ClickHouse, offsets committed.

Every engine runs in a process of its own, in turn with ours, on the same broker and the same events; what counts is
the median of the ratios between neighbours, for the machine's speed drifts. A peer's ratio of processor time is the
peer's divided by ours: like the rates', the larger the better for us.
"""

import asyncio
import statistics
import tempfile
import uuid
from typing import Any, Final

from bench.brokers import Broker, broker, clear_small_topics, fill
from bench.events import Shape, stream
from bench.peers.task import Task, run
from bench.results import Result

PEERS: Final = {
    "throughput_vs_stock_faust": ("stock_faust", "stock Faust agent, a table update per event"),
    "throughput_vs_bytewax": ("bytewax_by_case", "Bytewax, stateful_map keyed by case"),
    "throughput_vs_bytewax_partition": (
        "bytewax_by_partition",
        "Bytewax, keyed by partition over whole batches",
    ),
}


class _Rates:
    """What the runs of each engine told: events a second, and microseconds of processor time an event."""

    def __init__(self) -> None:
        self.rates: dict[str, list[float]] = {}
        self.processor: dict[str, list[float]] = {}
        self.commit_lag = 0.0

    def add(self, engine: str, told: dict[str, Any]) -> float:
        """Take one run; gives its rate."""
        rate = float(told["events"] / told["seconds"])
        self.rates.setdefault(engine, []).append(rate)
        self.processor.setdefault(engine, []).append(told["cpu_seconds"] / told["events"] * 1e6)
        self.commit_lag = max(self.commit_lag, told.get("commit_lag_s", 0.0))
        return rate

    def rate(self, engine: str) -> int:
        """The median rate."""
        return round(statistics.median(self.rates[engine]))

    def processor_us(self, engine: str) -> float:
        """The median of the processor time."""
        return round(statistics.median(self.processor[engine]), 1)


def throughput(*, quick: bool) -> dict[str, Result]:
    """Measure; rates in events a second."""
    cases, warm_cases, rounds, slow = (2_000, 500, 1, 5_000) if quick else (60_000, 3_000, 3, 100_000)
    rates = _Rates()
    ratios: dict[str, list[float]] = {name: [] for name in PEERS}
    with broker() as on:
        warm, main = stream(Shape(cases=warm_cases, seed=2, name="W")), stream(Shape(cases=cases))
        ends = {
            "warm_ends": asyncio.run(fill(on, "warm.", warm)),
            "ends": asyncio.run(fill(on, "main.", main)),
        }
        for _ in range(rounds):
            for name, (engine, _) in PEERS.items():
                ours = rates.add("ours", _run(on, "ours", ends, len(main)))
                few = min(slow, len(main)) if engine == "stock_faust" else len(main)
                ratios[name].append(ours / rates.add(engine, _run(on, engine, ends, few)))
    return {
        "throughput": Result(rates.rate("ours"), "events/s", None, on.name),
        **{
            name: Result(rates.rate(engine), "events/s (peer)", _ratio(ratios[name]), told)
            for name, (engine, told) in PEERS.items()
        },
        "processor_us": Result(rates.processor_us("ours"), "µs/event", None, "all threads of the process"),
        **{
            f"processor_us_{engine}": Result(
                rates.processor_us(engine),
                "µs/event (peer)",
                round(rates.processor_us(engine) / rates.processor_us("ours"), 2),
                told,
            )
            for engine, told in PEERS.values()
        },
        "commit_lag_s": Result(round(rates.commit_lag, 2), "s", None, "durable, not committed; the longest"),
    }


def _ratio(ratios: list[float]) -> float:
    return round(statistics.median(ratios), 2)


def _run(on: Broker, engine: str, ends: dict[str, Any], events: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder:
        task = Task(
            bootstrap_servers=on.access.bootstrap_servers,
            embedded=on.embedded,
            warm="warm.",
            prefix="main.",
            events=events,
            folder=folder,
            group=f"g{uuid.uuid4().hex[:8]}",
            **ends,
        )
        told = run(engine, task)
    if engine == "ours":
        for prefix in ("warm.", "main."):
            clear_small_topics(on, prefix)
    return told
