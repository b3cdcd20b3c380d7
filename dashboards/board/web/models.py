"""What the API answers, as models: the OpenAPI document is made of them, and tests hold every answer against them."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from dashboards.board.web.models_parts import (
    AnomalyCount,
    Breakdowns,
    CellNumbers,
    DayRow,
    DeadLetterCount,
    Heading,
    PairRow,
    Part,
    ProcedureRow,
    ReportingState,
    SourceState,
    UnitRow,
    UnitWhole,
)
from schemas.number import Number


class CityAnswer(Heading):
    """Everything together."""

    city: UnitWhole  # type: ignore[valid-type]  # made from the registry
    bands: CellNumbers = Field(description="The overdue by delay.")  # type: ignore[valid-type]
    breakdowns: Breakdowns
    days: list[DayRow] = Field(description="The last 30 local days, oldest first.")
    reporting: ReportingState
    sources: list[SourceState]


class UnitsAnswer(Heading):
    """Every unit."""

    units: list[UnitRow]  # type: ignore[valid-type]  # as above


class UnitAnswer(Heading):
    """One unit."""

    unit: UnitWhole  # type: ignore[valid-type]  # as above
    path: list[str] = Field(description="The unit and those above it, upwards.")
    children: list[str]
    bands: CellNumbers = Field(description="The overdue by delay.")  # type: ignore[valid-type]
    breakdowns: Breakdowns
    anomalies: list[AnomalyCount]
    days: list[DayRow] = Field(description="The last 30 local days, oldest first.")


class ProceduresAnswer(Heading):
    """Procedures of everything together, or of one unit."""

    unit_id: str
    procedures: list[ProcedureRow]


class CoordinationAnswer(Heading):
    """Who waits for whom."""

    unit_id: str
    pairs: list[PairRow]


class MethodsAnswer(Heading):
    """The registry: every number, defined once."""

    numbers: list[Number]


class QualityAnswer(Heading):
    """What is known of how good the data is."""

    anomalies: list[AnomalyCount]
    dead_letters: list[DeadLetterCount]
    sources: list[SourceState]
    reporting: ReportingState


class ProblemAnswer(BaseModel):
    """What is wrong and what to do (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str


class RefusedLine(Part):
    """A line that was not taken; its content is not repeated."""

    line: int = Field(ge=1)
    reason: str = Field(description="A reason of the dead letters, or `other_source`.")
    field: str = Field(description="The first wrong field; empty: the line as a whole.")


class IntakeAnswer(Part):
    """What became of the lines: the accepted ones have been acknowledged by Kafka."""

    accepted: int
    refused: int
    lines: list[RefusedLine] = Field(description="The refused ones; at most 1000 are named.")


ANSWERS: Final[dict[str, type[BaseModel]]] = {
    "city": CityAnswer,
    "units": UnitsAnswer,
    "unit": UnitAnswer,
    "procedures": ProceduresAnswer,
    "coordination": CoordinationAnswer,
    "methods": MethodsAnswer,
    "quality": QualityAnswer,
}
"""By the name of the operation."""
