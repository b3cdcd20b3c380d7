"""What a command tells a person while it works: on stderr, because stdout belongs to results.

In a terminal a bar; elsewhere (a log, a pipe) a plain line every few seconds.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Protocol, Self, TextIO

from caseclock.grouping import grouped

PLAIN_SECONDS: Final = 5.0
"""Between two plain lines."""


def say(line: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Progress(Protocol):
    """How far a long work has come."""

    def show(self, done: int, count: int) -> None:
        """Tell how far it is.

        Args:
            done: of the total, in the total's unit (bytes of a file, say).
            count: how many things are done, in words of the unit (events).
        """

    def note(self, line: str) -> None:
        """Say a line in between."""


@contextmanager
def progress(title: str, total: int | None = None, *, unit: str = "events") -> Iterator[Progress]:
    """Show how a long work goes on, for as long as the block lasts.

    Args:
        title: a word or two: what is done.
        total: what `done` will reach; None where nobody knows.
        unit: what is counted.
    """
    if sys.stderr.isatty():
        from caseclock.console_bar import Bar  # noqa: PLC0415  # rich: 50 ms that a pipe need not wait for

        with Bar(title, total, unit, sys.stderr) as bar:
            yield bar
    else:
        with Lines(title, total, unit, sys.stderr) as lines:
            yield lines


class Lines:
    """Progress as plain lines.

    Args:
        title: what is done.
        total: what `done` will reach, if known.
        unit: what is counted.
        stream: where to write.
        clock: seconds, from any beginning.
    """

    def __init__(
        self,
        title: str,
        total: int | None,
        unit: str,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._title, self._total, self._unit, self._stream, self._clock = title, total, unit, stream, clock
        self._began = self._told = clock()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = self._clock() - self._began
        ended = "" if error is None else ", not finished"
        self.note(f"{self._title}: {self._counted()} in {seconds:.1f} s{ended}")

    def show(self, done: int, count: int) -> None:
        """Tell how far it is; written when the last line is some seconds old."""
        self._count = count
        now = self._clock()
        if now - self._told < PLAIN_SECONDS:
            return
        self._told = now
        share = f"{min(100 * done // self._total, 100)} %, " if self._total else ""
        self.note(f"{self._title}: {share}{self._counted()}, {grouped(count / (now - self._began))}/s")

    def note(self, line: str) -> None:
        """Write a line."""
        self._stream.write(line + "\n")
        self._stream.flush()

    def _counted(self) -> str:
        return f"{grouped(self._count)} {self._unit}"
