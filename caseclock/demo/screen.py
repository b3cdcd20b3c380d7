"""Where the demo's table is shown: redrawn in place on a terminal, as lines every few seconds elsewhere."""

import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.live import Live

from caseclock.demo.figures import Figures
from caseclock.demo.table import Pulse, city_line, machine_line, page

LINES_SECONDS: Final = 5.0
"""Between two lines where there is no terminal."""
_PLAIN_WIDTH: Final = 130
_FEWEST_UNITS: Final = 3
"""So many are shown on however low a terminal; what then does not fit is cut off below."""


class Screen(AbstractContextManager["Screen"], Protocol):
    """Shows figures."""

    def show(self, figures: Figures, pulse: Pulse) -> None:
        """Show these."""


def screen() -> Screen:
    """The one that fits standard output."""
    return (
        TerminalScreen(Console())
        if sys.stdout.isatty()
        else LineScreen(Console(width=_PLAIN_WIDTH, color_system=None))
    )


class TerminalScreen:
    """Redraws the table in place; the last one stays."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")
        self._last: tuple[Figures, Pulse] | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last is not None:
            self._live.update(page(*self._last, self._console.width))
        self._live.stop()

    def show(self, figures: Figures, pulse: Pulse) -> None:
        """Redraw."""
        self._last = (figures, pulse)
        console = self._console
        whole = page(figures, pulse, console.width)
        too_many = len(console.render_lines(whole)) - console.height + 1
        if too_many > 0:
            most = max(_FEWEST_UNITS, len(figures.lagging) - too_many)
            whole = page(figures, pulse, console.width, most)
        self._live.update(whole, refresh=True)


class LineScreen:
    """The table at the beginning and at the end, in between a few lines now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: tuple[Figures, Pulse] | None = None
        self._told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last is not None:
            self._table(*self._last)

    def show(self, figures: Figures, pulse: Pulse) -> None:
        """Tell these, if the last ones are old enough."""
        if self._last is None:
            self._table(figures, pulse)
            self._told = time.monotonic()
        elif time.monotonic() - self._told >= LINES_SECONDS:
            self._told = time.monotonic()
            self._line(f"{pulse.now:%H:%M:%S}  {city_line(figures)}")
            self._line(f"          {machine_line(figures, pulse, 'vi')}")
        self._last = (figures, pulse)

    def _table(self, figures: Figures, pulse: Pulse) -> None:
        self._console.print(page(figures, pulse, self._console.width))
        self._console.file.flush()

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._console.file.flush()
