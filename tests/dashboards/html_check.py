"""What every page of the board must be, whatever it says: found by reading its HTML, tag by tag."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}


@dataclass
class Table:
    """A table as it was read."""

    caption: str = ""
    heads: int = 0
    heads_without_scope: int = 0


@dataclass
class Document(HTMLParser):
    """A page taken apart: its outline, ids, tables and visible text."""

    problems: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    live: Counter[str] = field(default_factory=Counter)
    outline: list[int] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _live_depth: int = 0
    _live_at: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice: {attrs}")
        if "style" in given or any(name.startswith("on") for name in given):
            self.problems.append(f"<{tag}> has inline style or script, which the CSP forbids")
        if given.get("id") is not None:
            self.ids[str(given["id"])] += 1
        if given.get("data-live") is not None:
            self.live[str(given["data-live"])] += 1
            if self._live_at:
                self.problems.append(f"live element {given['data-live']} stands within another")
            self._live_at.append(len(self._open))
        self._read(tag, given)
        if tag not in VOID:
            self._open.append(tag)
        elif given.get("data-live") is not None:
            self._live_at.pop()

    def _read(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in HEADINGS:
            self.outline.append(HEADINGS[tag])
        elif tag == "table":
            self.tables.append(Table())
        elif tag == "th" and self.tables:
            self.tables[-1].heads += 1
            self.tables[-1].heads_without_scope += given.get("scope") not in {
                "col",
                "row",
                "colgroup",
                "rowgroup",
            }
        elif tag == "a":
            self.links.append(given.get("href") or ("." if "href" in given else ""))
        elif tag == "img" and given.get("alt") is None:
            self.problems.append("an image without alt")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self._open[-3:]} at {self.getpos()}")
            return
        self._open.pop()
        if self._live_at and self._live_at[-1] == len(self._open):
            self._live_at.pop()

    def handle_data(self, data: str) -> None:
        if "caption" in self._open and self.tables:
            self.tables[-1].caption += data
        if not {"script", "style"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, white space evened out."""
        return " ".join(" ".join(self.words).split())


def read(html: str) -> Document:
    """Takes a page apart."""
    document = Document()
    document.feed(html)
    document.close()
    return document


def faults(html: str) -> list[str]:
    """What is wrong with a page; [] for one that is well made."""
    document = read(html)
    found = list(document.problems)
    found += [f"never closed: {tag}" for tag in document._open]
    found += [f"id {name} stands {n} times" for name, n in document.ids.items() if n > 1]
    found += [f"live element {name} stands {n} times" for name, n in document.live.items() if n > 1]
    if document.outline.count(1) != 1:
        found.append(f"{document.outline.count(1)} h1")
    for before, after in zip(document.outline, document.outline[1:], strict=False):
        if after > before + 1:
            found.append(f"h{after} follows h{before}")
    for table in document.tables:
        if not table.caption.strip():
            found.append("a table without caption")
        if not table.heads or table.heads_without_scope:
            found.append(f"table {table.caption.strip()!r}: {table.heads_without_scope} th without scope")
    for href in document.links:
        if href.startswith("#") and href[1:] not in document.ids:
            found.append(f"link to {href}, which is not there")
        if not href:
            found.append("a link to nowhere")
    return found
