"""Grafana's dashboards over ten million cases: how long ClickHouse takes for each panel, variable and all.

`python -m bench.grafana FOLDER` measures over a database that is there already (one of bench/board/serve.py), which
saves the half hour of filling it.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final

from bench.board.data import fill, write_city
from bench.results import Result
from caseclock.embedded.child import die_with_parent
from dashboards.grafana.build import dashboards
from schemas.thresholds import Thresholds
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.summary_store import ClickHouseSummaryStore
from streams.summaries import refresh_once
from tests.grafana.asked import ALL, asked

CASES: Final = 10_000_000
QUICK: Final = 3_000
GOAL_MS: Final = 300
Times = dict[str, list[tuple[float, float]]]
"""By statement: milliseconds by the clock and of all processors, each time."""
_CHOICES: Final[Sequence[Mapping[str, Sequence[str]]]] = (
    {"unit": ["H26.W001"], "scope": ["tree"], "period": ["30d"]},
    {"unit": ["H26.D05"], "scope": ["own"], "period": ["quarter"]},
    {"unit": ["H26"], "scope": ["tree"], "period": ["30d"]},
    {"unit": [ALL], "kind": ["ward"], "parent": [ALL], "scope": ["tree"], "period": ["year"]},
)
"""What is chosen of the variables: a ward, a department, everything, and many at once."""


def grafana(*, quick: bool) -> dict[str, Result]:
    """Measure every statement of the dashboards in a process of its own over a database made up for it."""
    with tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder:
        told = _in_a_process(Path(folder), QUICK if quick else CASES, 2 if quick else 20)
    return results(told, QUICK if quick else CASES)


def results(told: Times, cases: int) -> dict[str, Result]:
    """The figures of milliseconds by statement; each statement's go to standard error."""
    clock = {name: [each[0] for each in times] for name, times in told.items()}
    work = {name: _quantile([each[1] for each in times], 0.5) for name, times in told.items()}
    rows = sorted(
        ((_quantile(each, 0.95), _quantile(each, 0.5), name) for name, each in clock.items()), reverse=True
    )
    lines = [f"{'':84} {'p50 ms':>7} {'p95 ms':>7} {'processor':>9}"]
    lines += [f"{name[:84]:84} {p50:7.0f} {p95:7.0f} {work[name]:9.0f}" for p95, p50, name in rows]
    sys.stderr.write("\n".join(lines) + "\n")
    slow = sum(p95 > GOAL_MS for p95, _, _ in rows)
    slowest = max(rows)
    everything = [each for times in clock.values() for each in times]
    return {
        "grafana_panel_p95_ms": Result(
            round(slowest[0]), "ms", None, f"slowest: {slowest[2]}; {cases:,} cases"
        ),
        "grafana_panel_p50_ms": Result(
            round(_quantile(everything, 0.5)), "ms", None, f"of {len(rows)} statements"
        ),
        "grafana_processor_ms": Result(
            round(max(work.values())), "ms", None, "p50 of the processor time of the dearest"
        ),
        "grafana_panels_over_goal": Result(slow, "statements", None, f"p95 over {GOAL_MS} ms"),
    }


def _in_a_process(folder: Path, cases: int, rounds: int) -> Times:
    """The embedded engine opens one folder in a process's life."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.grafana", str(folder), str(cases), str(rounds)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        preexec_fn=die_with_parent(),  # only a system call prepared before the fork
    )
    told: Times = json.loads(done.stdout)
    return told


def _filled(folder: Path, cases: int) -> ClickHouse:
    store = ClickHouse(f"chdb://{folder / 'store'}")
    if cases:
        fill(store, write_city(folder / "city"), cases, _note)
        summaries = ClickHouseSummaryStore(store, Thresholds().suspension_limits_us())
        refresh_once(summaries, *[time.time_ns() // 1000] * 2)
    else:
        migrate(store)
    return store


def _note(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def _statements() -> Iterator[tuple[str, str]]:
    """Names and SQL; a dashboard's other language asks the same."""
    for uid, dashboard in dashboards().items():
        if uid.endswith("-en"):
            continue
        varied = _CHOICES if dashboard["templating"]["list"] else _CHOICES[:1]
        for values in varied:
            chosen = " ".join(each[0] for each in values.values()) if len(varied) > 1 else ""
            for each in asked(dashboard, _known(dashboard, values)):
                yield f"{uid.removeprefix('caseclock-')} {each.panel} [{chosen}] {each.title}", each.sql


def _known(dashboard: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """What is chosen: of a variable that takes several all, of one that takes one never all."""
    several = {each["name"] for each in dashboard["templating"]["list"] if each.get("multi")}
    return {
        name: ["H26"] if value == [ALL] and name not in several else value for name, value in values.items()
    }


def _measure(store: ClickHouse, rounds: int) -> Times:
    told: Times = {}
    for name, sql in _statements():
        store.columns(sql)  # the first reads from the disk what the others find in memory
        for _ in range(rounds):
            begun, worked = time.perf_counter(), time.process_time()
            store.columns(sql)
            spent = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
            told.setdefault(name, []).append(spent)
    return told


def _quantile(values: Sequence[float], q: float) -> float:
    return sorted(values)[ceil(q * len(values)) - 1]


def main() -> None:
    """``FOLDER [CASES [ROUNDS]]``: fill the folder (0: it is filled), measure, and write the milliseconds as JSON."""
    folder, cases, rounds = Path(sys.argv[1]), *(int(each) for each in [*sys.argv[2:], "0", "20"][:2])
    store = _filled(folder, cases)
    told = _measure(store, rounds)
    store.close()
    if len(sys.argv) == 2:
        results(told, CASES)
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
