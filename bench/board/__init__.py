"""The board over ten million cases: how long a page takes, how big it is, how long the summaries take."""

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from bench.board.data import WHOLE, Size
from bench.results import Result
from caseclock.embedded.child import die_with_parent, end, free_port
from schemas.period import PERIODS

CASES: Final = 10_000_000
QUICK: Final = 500
FEW: Final = Size(departments=2, wards=3)
"""Enough for the first address of each kind below, which alone is asked where it only matters that it runs."""
_ORDERS: Final = ("open", "name", "processing_p90_s", "on_time_rate")
PAGES: Final = {
    "city": ["/"],
    "units": [f"/units?sort={order}" for order in _ORDERS],
    "ward": [f"/units/H26.W{n:03}" for n in range(1, 6)],
    "department": [f"/units/H26.D{n:02}" for n in range(1, 6)],
    "procedures": [f"/procedures?sort={order}" for order in _ORDERS],
    "coordination": ["/coordination"],
    "quality": ["/quality"],
    "methods": ["/methods"],
    "data": ["/data"],
    "wall": ["/wall"],
}
"""The more of a kind there are, the more of them are asked for the first time."""
ANSWERS: Final = {
    "api city": ["/api/v1/city"],
    "api units": ["/api/v1/units"],
    "api unit": [f"/api/v1/units/H26.W{n:03}" for n in range(1, 6)],
    "api procedures": ["/api/v1/procedures"],
    "api coordination": ["/api/v1/coordination"],
    "units.csv": ["/data/v1/units.csv"],
}
_ENCODING: Final = "gzip, deflate, br, zstd"
"""As browsers ask."""


class Timed(NamedTuple):
    """How long an address took.

    Attributes:
        first: milliseconds where nobody had asked before: another language or period each time.
        again: milliseconds while new boards come: the server may answer with what it made a moment ago.
        kb: the largest as transferred, packed.
    """

    first: Sequence[float]
    again: Sequence[float]
    kb: float


def board(*, quick: bool) -> dict[str, Result]:
    """Measure pages and answers of a server in a process of its own over a database made up for it."""
    cases, size, rounds, most = (QUICK, FEW, 1, 1) if quick else (CASES, WHOLE, 20, None)
    with (
        tempfile.TemporaryDirectory(prefix="caseclock-bench-") as folder,
        _Server(Path(folder), cases, size) as server,
    ):
        pages = {
            name: _time(server, [f"/{lang}{path}" for lang in ("vi", "en") for path in paths[:most]], rounds)
            for name, paths in PAGES.items()
        }
        answers = {name: _time(server, paths[:most], rounds) for name, paths in ANSWERS.items()}
        told = server.told
    sys.stderr.write(_table(pages | answers))
    over = f"{cases:,} cases, {size.units} units"
    return {
        "board_p95_ms": _worst([each.first for each in pages.values()], f"slowest page, never asked; {over}"),
        "board_again_p95_ms": _worst(
            [each.again for each in pages.values()], "slowest page, new boards coming"
        ),
        "board_api_p95_ms": _worst([each.first for each in answers.values()], "slowest answer, never asked"),
        "board_page_kb": Result(
            max(each.kb for each in pages.values()), "KB", None, "largest page, transferred"
        ),
        "board_new_s": Result(
            round(_quantile(told["new_board_s"], 0.95), 2), "s", None, "p95, a row to a new board"
        ),
        "board_start_s": Result(round(told["first_board_s"][0], 1), "s", None, "until there is a board"),
        "board_memory_mb": Result(
            max(told["memory_mb"]), "MB", None, "database, summaries and board, at most"
        ),
        "summaries_s": Result(
            round(told["summaries_s"][0], 1), "s", None, f"all anew, {told['cells'][0]:,} cells"
        ),
    }


class _Server:
    """The process of bench/board/serve.py, and a connection to it.

    Attributes:
        told: what it has told of itself, by name.
    """

    def __init__(self, folder: Path, cases: int, size: Size) -> None:
        self.told: dict[str, list[float]] = {}
        port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.board.serve", str(folder), *map(str, (cases, *size, port))],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
        )
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> "_Server":
        while "first_board_s" not in self.told:
            self._hear()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        end(self._process, patience=10)

    def _hear(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            msg = f"the board's process has ended with {self._process.wait(10)}"
            raise RuntimeError(msg)
        for name, value in json.loads(line).items():
            self.told.setdefault(name, []).append(value)

    def new_board(self) -> None:
        """Have a row written, and wait for the board that shows it."""
        assert self._process.stdin is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        self._hear()

    def ask(self, path: str) -> tuple[float, int]:
        """Milliseconds until the last byte, and bytes as transferred."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": _ENCODING})
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            msg = f"{path} answers {answer.status}"
            raise RuntimeError(msg)
        return took, len(body)


def _time(server: _Server, paths: Sequence[str], rounds: int) -> Timed:
    first, again, size = [], [], 0
    for path, period in itertools.product(paths, PERIODS):
        took, octets = server.ask(f"{path}{'&' if '?' in path else '?'}period={period}")
        first.append(took)
        size = max(size, octets)
    for _ in range(rounds):
        server.new_board()
        again.append(server.ask(paths[0])[0])
    return Timed(first, again, round(size / 1000, 1))


def _quantile(values: Sequence[float], q: float) -> float:
    return sorted(values)[ceil(q * (len(values) - 1))]


def _worst(columns: Sequence[Sequence[float]], of: str) -> Result:
    return Result(round(max(_quantile(each, 0.95) for each in columns), 1), "ms", None, of)


def _table(found: dict[str, Timed]) -> str:
    lines = [f"{'':18} {'first p50':>9} {'p95 ms':>8} {'again p50':>10} {'p95 ms':>8} {'KB':>8}"]
    for name, each in found.items():
        first, again = ((_quantile(times, 0.5), _quantile(times, 0.95)) for times in (each.first, each.again))
        lines.append(
            f"{name:18} {first[0]:9.1f} {first[1]:8.1f} {again[0]:10.1f} {again[1]:8.1f} {each.kb:8.1f}"
        )
    return "\n".join(lines) + "\n"
