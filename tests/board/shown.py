"""What a page says: its numbers with their ids, and the cells of its live rows, read from its HTML."""

from html.parser import HTMLParser
from typing import NamedTuple


class Shown(NamedTuple):
    """A page's numbers.

    Attributes:
        numbers: (id of the registry, value) of every ``<data class="number">`` outside the rows of other units.
        rows: texts of the cells of every row with an id (``u-T.P1``: a unit's), the heading first.
        kept_back: ids of the numbers that are said to be hidden.
    """

    numbers: list[tuple[str, float]]
    rows: dict[str, list[str]]
    kept_back: list[str]


def read(html: str) -> Shown:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    return Shown(reader.numbers, reader.rows, reader.kept_back)


def number_of(text: str) -> float | None:
    """The first number in an English text: ``1,584``, ``91.1% (1,584)``; None: a dash, or words."""
    first = next((part for part in text.split() if part[0].isdigit() or part[0] in "−-"), "")
    digits = first.replace(",", "").replace("−", "-").rstrip("%")
    try:
        return float(digits) / (100 if first.endswith("%") else 1)
    except ValueError:
        return None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[tuple[str, float]] = []
        self.rows: dict[str, list[str]] = {}
        self.kept_back: list[str] = []
        self._row: str | None = None
        self._in_cell = False
        self._of_another: list[tuple[str, float]] | None = None
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        classes = (of.get("class") or "").split()
        if tag == "tr":
            self._row = of.get("data-live")
            if self._row is not None:
                self.rows[self._row] = []
            self._of_another = None
        elif tag in {"th", "td"}:
            self._in_cell, self._heading = True, tag == "th"
            if self._row is not None:
                self.rows[self._row].append("")
        elif tag == "a" and self._heading and "/units/" in (of.get("href") or ""):
            self._of_another = []
        elif tag == "data" and "number" in classes and self._of_another is None:
            self.numbers.append((of.get("data-number") or "", float(of.get("value") or "nan")))
        elif "hidden" in classes and of.get("data-number"):
            self.kept_back.append(of["data-number"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._row = self._of_another = None
        elif tag in {"th", "td"}:
            self._in_cell = self._heading = False

    def handle_data(self, data: str) -> None:
        if self._row is not None and self._in_cell:
            self.rows[self._row][-1] += data
