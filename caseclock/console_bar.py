"""Progress as a bar, for a terminal."""

from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from caseclock.grouping import grouped


class Bar:
    """A bar, or a spinner where no total is known; beside it the count and its rate.

    Args:
        title: what is done.
        total: what `done` will reach, if known.
        unit: what is counted.
        stream: the terminal.
    """

    def __init__(self, title: str, total: int | None, unit: str, stream: TextIO) -> None:
        shape = (BarColumn(), TaskProgressColumn()) if total else (SpinnerColumn(),)
        self._bar = Progress(
            TextColumn("{task.description}"),
            *shape,
            TextColumn("{task.fields[counted]}"),
            TimeElapsedColumn(),
            console=Console(file=stream),
        )
        self._unit = unit
        self._task = self._bar.add_task(title, total=total, counted="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, done: int, count: int) -> None:
        """Tell how far it is; the terminal is redrawn ten times a second at most."""
        seconds = self._bar.tasks[0].elapsed
        rate = f", {grouped(count / seconds)}/s" if seconds else ""
        self._bar.update(self._task, completed=done, counted=f"{grouped(count)} {self._unit}{rate}")

    def note(self, line: str) -> None:
        """Say a line above the bar."""
        self._bar.console.print(line, markup=False, highlight=False)
