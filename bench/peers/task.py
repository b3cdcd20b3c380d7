"""What a process is asked to do, and what it answers: JSON in its argument, JSON on its last line."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Fold all events of a topic and land their rows.

    Attributes:
        bootstrap_servers, embedded: the broker.
        warm: prefix of the topics with the events to warm up with, not measured.
        prefix: prefix of those to measure.
        ends: by partition of the topic of events the offset after its last record.
        events: how many to measure.
        folder: for the embedded ClickHouse engine; empty.
        profile: write the profile of the main thread here.
        settings: of our worker, where they are not the default.
    """

    bootstrap_servers: str
    embedded: bool
    warm: str
    prefix: str
    ends: dict[str, int]
    warm_ends: dict[str, int]
    events: int
    folder: str
    group: str
    profile: str = ""
    settings: dict[str, int] = field(default_factory=dict)

    @classmethod
    def given(cls) -> "Task":
        """The task of this process."""
        return cls(**json.loads(sys.argv[1]))


class EngineFailedError(Exception):
    """A measured process did not come to its end; the message is the end of what it said."""


def run(engine: str, task: Task, *, within: float = 600.0) -> dict[str, Any]:
    """Run an engine's process to its end and give what it answers."""
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [sys.executable, "-m", f"bench.peers.{engine}", json.dumps(asdict(task))],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            timeout=within,
            check=False,
        )
        said.seek(0)
        words = said.read()
    try:
        answer = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise EngineFailedError(f"{engine}: {words[-3000:]}") from None
    if not isinstance(answer, dict):
        raise EngineFailedError(f"{engine}: answered {answer!r}")
    return answer


def answer(**values: Any) -> None:  # noqa: ANN401  # whatever JSON can hold
    """Give the answer of this process."""
    print(json.dumps(values), flush=True)


class Stopwatch:
    """Starts at the first record and tells the seconds since, of the clock and of this process's processors."""

    def __init__(self) -> None:
        self._began = self._cpu_began = 0.0

    def start(self) -> None:
        """Start, once."""
        if not self._began:
            self._began, self._cpu_began = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """``seconds`` and ``cpu_seconds`` since the start."""
        return {
            "seconds": time.perf_counter() - self._began,
            "cpu_seconds": time.process_time() - self._cpu_began,
        }
