"""What a benchmark finds, as a table and as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Result(NamedTuple):
    """One figure; with a peer, ``ratio`` is ours divided by the peer's."""

    value: float
    unit: str
    ratio: float | None
    peer: str


def table(results: Mapping[str, Result]) -> str:
    """Columns for a person."""
    lines = [f"{'':34} {'value':>12}  {'unit':18} {'ratio':>7}  beside"]
    for name, result in results.items():
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        lines.append(f"{name:34} {result.value:>12,.6g}  {result.unit:18} {ratio:>7}  {result.peer}")
    return "\n".join(lines)


def write(results: Mapping[str, Result], path: Path) -> None:
    """The file that others read (interfaces.md)."""
    told = {
        name: {"value": r.value, "unit": r.unit, "ratio": r.ratio, "peer": r.peer or None}
        for name, r in results.items()
    }
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
