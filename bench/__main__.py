"""`python -m bench [names…] [--quick]`: measures, prints a table, writes bench/latest.json."""

import argparse
import os
import sys
from pathlib import Path

from bench.board import board
from bench.grafana import grafana
from bench.live import live
from bench.memory import memory
from bench.restart import restart
from bench.results import Result, table, write
from bench.throughput import throughput

BENCHMARKS = {
    "throughput": throughput,
    "live": live,
    "restart": restart,
    "memory": memory,
    "board": board,
    "grafana": grafana,
}


def main() -> int:
    """Run those asked for, all when none is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run, not how fast")
    told = parser.parse_args()
    results: dict[str, Result] = {}
    for name in told.names or BENCHMARKS:
        sys.stderr.write(f"{name} … (load {os.getloadavg()[0]:.1f})\n")
        results |= BENCHMARKS[name](quick=told.quick)
    sys.stdout.write(table(results) + "\n")
    write(results, Path(__file__).parent / "latest.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
