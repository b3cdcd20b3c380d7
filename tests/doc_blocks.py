"""The pages of the documentation, and what stands in their fenced blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        *ROOT.glob("docs/**/*.md"),
    ]
)

_BLOCK: Final = re.compile(
    r"^(?:<!-- needs: (?P<needs>[^>]*?) -->\n+)?```(?P<kind>\w*)(?: (?P<name>\S+))?\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        kind: the word after the fence: `sh`, `python`, `json`, …
        name: the file it is, when a second word says so.
        needs: what it needs that a test has not, from a comment before it: `<!-- needs: docker -->`.
        body: its lines.
        line: where it begins in the page, from 1.
    """

    kind: str
    name: str | None
    needs: str | None
    body: str
    line: int


def blocks_of(text: str) -> Iterator[Block]:
    """Every block of a page, in order."""
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("body"))
        yield Block(found["kind"], found["name"], found["needs"], found["body"], line)
