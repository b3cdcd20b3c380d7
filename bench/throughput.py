"""The whole job, ours beside the peers: broker, decode, fold, rows confirmed in ClickHouse, offsets committed.

Every engine runs in a process of its own, in turn with ours, on the same broker and the same events; what counts is
the median of the ratios between neighbours, for the machine's speed drifts.
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


def throughput(*, quick: bool) -> dict[str, Result]:
    """Measure; rates in events a second."""
    cases, rounds, slow = (3_000, 1, 5_000) if quick else (60_000, 3, 100_000)
    with broker() as on:
        warm, main = stream(Shape(cases=min(cases, 3_000), seed=2, name="W")), stream(Shape(cases=cases))
        ends = {
            "warm_ends": asyncio.run(fill(on, "warm.", warm)),
            "ends": asyncio.run(fill(on, "main.", main)),
        }
        rates: dict[str, list[float]] = {
            name: [] for name in ("ours", *(engine for engine, _ in PEERS.values()))
        }
        ratios: dict[str, list[float]] = {name: [] for name in PEERS}
        for _ in range(rounds):
            for name, (engine, _) in PEERS.items():
                ours = _rate(on, "ours", ends, len(main))
                theirs = _rate(
                    on, engine, ends, min(slow, len(main)) if engine == "stock_faust" else len(main)
                )
                rates["ours"].append(ours)
                rates[engine].append(theirs)
                ratios[name].append(ours / theirs)
        results = {"throughput": Result(round(statistics.median(rates["ours"])), "events/s", None, on.name)}
        for name, (engine, told) in PEERS.items():
            rate, ratio = statistics.median(rates[engine]), statistics.median(ratios[name])
            results[name] = Result(round(rate), "events/s (peer)", round(ratio, 2), told)
        return results


def _rate(on: Broker, engine: str, ends: dict[str, Any], events: int) -> float:
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
    return float(told["events"] / told["seconds"])
