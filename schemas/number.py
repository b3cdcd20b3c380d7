"""What the registry says of one number."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Group = Literal[
    "flow", "stock", "coordination", "speed", "promise", "voice", "causes", "attributes", "data_quality"
]
MeasuredIn = Literal[
    "cases", "events", "hand_overs", "consultations", "ratings", "fraction", "score", "working_seconds",
    "working_days", "seconds", "records",
]  # fmt: skip
Direction = Literal["more_is_better", "less_is_better", "neutral"]


class Number(BaseModel):
    """One number: what it is called, how it is made, which way is good.

    `numerator` and `denominator` are ids of numbers, and set together where the number is their quotient.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Chỉ số / Number")

    id: str = Field(pattern="^[a-z][a-z0-9_]*$", description="Also the name of its column.")
    title_vi: str
    title_en: str
    formula_vi: str = Field(description="In words.")
    formula_en: str = Field(description="In words.")
    group: Group
    unit: MeasuredIn
    direction: Direction = "neutral"
    numerator: str | None = None
    denominator: str | None = None
