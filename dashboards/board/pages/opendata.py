"""The numbers as files: where they are, what their columns mean, under which licence, how to cite them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from dashboards.board.model.facts import Board
from dashboards.board.pages.page import Asked, Page
from schemas.number import Number
from schemas.registry import REGISTRY, UNIT_KEYS, UNIT_NUMBERS

DATA: Final = "/data/v1"
API: Final = "/api/v1"


class DataSet(NamedTuple):
    """One set of numbers: a key of the words, and its addresses on this server by format."""

    key: str
    files: Mapping[str, str]


DATA_SETS: Final = (
    DataSet("units", {"CSV": f"{DATA}/units.csv", "JSON": f"{DATA}/units.json"}),
    DataSet("history", {"CSV": f"{DATA}/units-history.csv", "JSON": f"{DATA}/units-history.json"}),
    DataSet("procedures", {"CSV": f"{DATA}/procedures.csv", "JSON": f"{DATA}/procedures.json"}),
    DataSet("methods", {"JSON": f"{DATA}/methods.json"}),
    DataSet("dictionary", {"CSV": f"{DATA}/dictionary.csv"}),
)
ENDPOINTS: Final = (
    ("city", f"{API}/city"),
    ("units", f"{API}/units"),
    ("unit", f"{API}/units/{{unit_id}}"),
    ("procedures", f"{API}/procedures"),
    ("coordination", f"{API}/coordination"),
    ("methods", f"{API}/methods"),
    ("quality", f"{API}/quality"),
    ("openapi", f"{API}/openapi.json"),
)
CHANGES: Final = ((date(2026, 11, 24), "first"),)
"""Changes of names or meanings of what is offered, newest first: the day and a key of the words."""


def context(_board: Board, _asked: Asked) -> Mapping[str, Any]:
    """What is offered and what its columns are."""
    columns: list[Number] = [REGISTRY[name] for name in UNIT_NUMBERS]
    return {
        "data_sets": DATA_SETS,
        "endpoints": ENDPOINTS,
        "unit_keys": UNIT_KEYS,
        "columns": columns,
        "changes": CHANGES,
    }


PAGE: Final = Page(name="opendata", path="/data", context=context)
