"""Parts of what the API answers, as models: numbers, units, cells, sources."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from dashboards.board.model.facts import Scope
from dashboards.board.web.records import UNIT_COLUMNS
from schemas.period import Period
from schemas.registry import REGISTRY

Value = int | float | None


class Part(BaseModel):
    """A part of an answer; nothing is in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class Heading(Part):
    """What every answer says of itself."""

    as_of: AwareDatetime = Field(description="Up to when all events that have come are counted.")
    generated_at: AwareDatetime = Field(description="When these numbers were put together.")
    summaries_at: AwareDatetime | None = Field(
        description="When speed, breakdowns and coordination were last computed; null: not yet."
    )
    period: Period = Field(description="Of flow, promise, speed, voice, attributes and causes.")
    scope: Scope = Field(description="`own`: the unit's own cases; `tree`: with all units below it.")
    profile: str = Field(description="The rules by which due and late are judged.")
    time_zone: str = Field(description="Of days and periods.")
    invented: bool = Field(description="True: a demonstration, nothing in it is real.")


class Trust(Part):
    """What makes numbers trustworthy."""

    n: dict[str, int] = Field(description="On how many a rate, a mean or a quantile is built.")
    suppressed: list[str] = Field(
        description="Numbers that are null because so few cases could be people (1 to 4, or given away by totals)."
    )
    corrected: dict[str, AwareDatetime] = Field(
        description="Numbers that a late event changed after their period was over, and when."
    )


def _field(name: str, *, optional: bool) -> tuple[Any, Any]:
    number = REGISTRY[name]
    text = f"{number.title_vi} / {number.title_en}. {number.formula_en} ({number.unit})"
    return (Value, Field(default=None, description=text) if optional else Field(description=text))


def _numbers(name: str, doc: str, base: type[Part], required: bool, ids: Any) -> type[Part]:  # noqa: ANN401
    fields: dict[str, Any] = {each: _field(each, optional=not required) for each in ids}
    return create_model(name, __base__=base, __doc__=doc, **fields)


class UnitKeys(Trust):
    """Which unit; `*` is everything together."""

    unit_id: str
    unit_name: str
    unit_name_en: str | None
    parent_id: str | None
    kind: str | None
    valid_to: str | None = Field(description="Its last day; null: it is in being.")
    succeeded_by: str | None = Field(description="The unit that took over.")
    last_event_at: AwareDatetime | None = Field(description="When something last happened there.")


UnitRow = _numbers("UnitRow", "A unit with the numbers of units.csv.", UnitKeys, True, UNIT_COLUMNS)
UnitWhole = _numbers(
    "UnitWhole",
    "A unit with every number there is; those that were not computed yet are absent.",
    UnitRow,
    False,
    [name for name in REGISTRY if name not in UNIT_COLUMNS],
)
CellNumbers = _numbers("CellNumbers", "The numbers of a breakdown.", Trust, False, list(REGISTRY))


class ProcedureRow(CellNumbers):  # type: ignore[misc, valid-type]  # made from the registry
    """A procedure with its numbers."""

    procedure: str = Field(description="Its code.")
    procedure_name: str
    procedure_name_en: str | None
    authority_level: str | None
    field: str | None = Field(description="Its field of administration.")


class ChannelCell(CellNumbers):  # type: ignore[misc, valid-type]  # as above
    """By channel."""

    channel: str


class KindCell(CellNumbers):  # type: ignore[misc, valid-type]  # as above
    """By kind of case."""

    kind: str


class StepCell(CellNumbers):  # type: ignore[misc, valid-type]  # as above
    """By step."""

    step: str


class CauseCell(CellNumbers):  # type: ignore[misc, valid-type]  # as above
    """By the cause that was named; empty: none."""

    cause: str


class AspectCell(CellNumbers):  # type: ignore[misc, valid-type]  # as above
    """Ratings by the aspect that they name; empty: none."""

    aspect: str


class Breakdowns(Part):
    """A unit's numbers split up; small cells are suppressed."""

    procedure: list[ProcedureRow]
    channel: list[ChannelCell]
    kind: list[KindCell]
    step: list[StepCell]
    cause: list[CauseCell]
    aspect: list[AspectCell]


class AnomalyCount(Part):
    """How often an anomaly was found."""

    anomaly: str
    n: int


class DayRow(Part):
    """A local day: flow of the day, stock at its end."""

    day: str = Field(description="ISO 8601.")
    numbers: dict[str, int]
    corrected_at: AwareDatetime | None


class SilentUnit(Part):
    """A unit from which nothing has come for too long."""

    unit_id: str
    unit_name: str
    last_event_at: AwareDatetime | None
    open: int | None = Field(description="What it last had open.")


class ReportingState(Part):
    """How many of the units in being have sent something lately."""

    reporting: int
    expected: int
    missing: list[SilentUnit]


class SourceState(Part):
    """A system that sends events."""

    source: str
    last_event_at: AwareDatetime
    silence_s: int
    stale: bool
    events: int


class DeadLetterCount(Part):
    """Records of a source that could not be read."""

    source: str
    reason: str
    n: int
    last_at: AwareDatetime


class PairRow(Part):
    """What is between two units: who waits, asks, hands over, and for whom, whom, to whom."""

    unit_id: str
    other_id: str
    waiting: int | None
    waiting_worst_s: int | None
    asked: int | None
    asked_open: int | None
    asked_overdue: int | None
    answered_late: int | None
    handed_over: int | None
    handed_back: int | None
    inherited_overdue: int | None
    suppressed: list[str] = Field(description="Numbers that are null because so few cases could be people.")
