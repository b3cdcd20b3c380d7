"""What the agent `cases` tells the agent `units`: absolute totals of some units in one partition."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Buckets = Annotated[
    dict[int, tuple[int, int]],
    Field(description="Durations by bucket of less than 1 % width: how many, and their sum in microseconds."),
]


class UnitSnapshot(BaseModel):
    """One unit's own cases in one partition, added up. Absolute: a later snapshot replaces an earlier one."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", title="Số liệu đơn vị (một phân vùng) / Unit snapshot"
    )

    counts: dict[str, int] = Field(description="Flow of all time and stock, by the names of units.csv.")
    processing: Buckets = Field(description="Working time of the completed cases.")
    open_age: Buckets = Field(description="Working time so far of the open cases, at `as_of`.")
    worst_overdue_us: int | None = Field(description="Longest working time past a due moment, microseconds.")


class UnitPartial(BaseModel):
    """Snapshots of the units of one partition that changed.

    A newer `epoch` (the partition was assigned anew) puts aside everything said in an older one; it begins with
    messages that together name every unit, the first of them `full`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", title="Số liệu theo phân vùng / Unit partial")

    partition: int = Field(ge=0, description="Partition of the events topic.")
    epoch: int = Field(
        ge=0, description="Generation of the consumer group in which the partition was assigned."
    )
    full: bool = Field(description="Forget what was said before about this partition.")
    as_of: int = Field(description="The moment the numbers stand for, microseconds since 1970, UTC.")
    units: dict[str, UnitSnapshot]


UNIT_PARTIAL: TypeAdapter[UnitPartial] = TypeAdapter(UnitPartial)
