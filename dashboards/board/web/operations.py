"""The addresses of the API: what is served, and what its document describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Operation:
    """One address of the API.

    Attributes:
        name: also of its model and of what makes its answer.
        path: below ``/api/v1``.
        of_unit: may be narrowed to a unit by ``unit_id=``.
    """

    name: str
    path: str
    summary: str
    of_unit: bool = False


OPERATIONS: Final = (
    Operation("city", "/city", "Everything together: every number, breakdowns, days, sources."),
    Operation("units", "/units", "Every unit with the numbers of units.csv."),
    Operation("unit", "/units/{unit_id}", "One unit: every number, breakdowns, days, anomalies."),
    Operation("procedures", "/procedures", "Numbers by procedure.", of_unit=True),
    Operation("coordination", "/coordination", "Who waits for whom, how long and how late.", of_unit=True),
    Operation("methods", "/methods", "Every number: titles, formula, unit, direction."),
    Operation("quality", "/quality", "Anomalies, dead letters, sources, silent units.", of_unit=True),
)
