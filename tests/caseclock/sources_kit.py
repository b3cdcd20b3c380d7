"""Small files for the tests of sources, and what is read from them."""

import json
from pathlib import Path
from typing import Any, Final

import yaml

from caseclock.sources import Bad, Line, Mapping, open_source
from caseclock.sources.mapping_file import parse_mapping
from schemas.decode import parse_time

NOW: Final = parse_time("2026-11-24T00:00:00Z")
DOCS: Final = Path(__file__).parents[2] / "docs"
DATA: Final = Path(__file__).parent / "data"

PLAIN: Final[dict[str, Any]] = {
    "source": "desk",
    "time": {"zone": "UTC"},
    "case_id": "case",
    "events": [{"type": "delivered", "occurred_at": "at"}],
}
"""The smallest mapping: a column `case`, a column `at`, every row a `delivered`."""


def event(**changes: object) -> bytes:
    """A native event as one line without its end; a field changed to `...` is left out."""
    content: dict[str, object] = {
        "schema_version": 1,
        "type": "delivered",
        "event_id": "e-1",
        "case_id": "H-1",
        "occurred_at": "2026-01-05T09:00:00+07:00",
        "source": "desk",
    }
    content |= changes
    return json.dumps({name: value for name, value in content.items() if value is not ...}).encode()


def mapping(**changes: object) -> Mapping:
    """The smallest mapping with other top-level keys."""
    return parse_mapping(yaml.safe_dump(PLAIN | changes, allow_unicode=True), "m.yaml")


def one_event(**rule: object) -> Mapping:
    """A mapping with one event, other than in the smallest one."""
    return mapping(events=[{"type": "delivered", "occurred_at": "at"} | rule])


def read(path: Path, by: Mapping | None = None) -> tuple[list[Line], list[Bad]]:
    """All that a file gives: events, dead lines."""
    with open_source(str(path), by, NOW) as source:
        found = list(source)
    return [each for each in found if isinstance(each, Line)], [
        each for each in found if isinstance(each, Bad)
    ]


def written(folder: Path, content: str | bytes, name: str = "events.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def values(lines: list[Line]) -> list[dict[str, Any]]:
    """The events as JSON objects."""
    return [json.loads(line.value) for line in lines]


def whys(dead: list[Bad]) -> list[tuple[int, str, str]]:
    """Line, reason and field of each dead line."""
    return [(each.number, each.reason.value, each.field) for each in dead]
