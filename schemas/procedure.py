"""Procedures (thủ tục hành chính): what a case is about, and the time that the law allots to it."""

from datetime import date, time
from functools import cached_property
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from schemas.fields import CODE_PATTERN
from schemas.moment import EPOCH_DAY
from schemas.version import content_version

AllottedUnit = Literal["working_hour", "working_day", "calendar_day", "month"]
AuthorityLevel = Literal["city", "department", "ward"]
ALLOTTED_UNITS: Final[tuple[AllottedUnit, ...]] = get_args(AllottedUnit)
AUTHORITY_LEVELS: Final[tuple[AuthorityLevel, ...]] = get_args(AuthorityLevel)


class Allotted(BaseModel):
    """The time allotted to a case: a whole number of working hours or days, calendar days, or months."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1, le=10_000)
    unit: AllottedUnit


class Procedure(BaseModel):
    """One version of a procedure; the one in force on the day of the receipt counts.

    `allotted` None: the law names no time. A receipt after `cutoff` (local wall time) counts from the next
    opening.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Thủ tục hành chính / Procedure")

    code: str = Field(min_length=1, max_length=200, pattern=CODE_PATTERN)
    name: str = Field(min_length=1)
    name_en: str | None = None
    allotted: Allotted | None = None
    cutoff: time | None = None
    valid_from: date | None = None
    authority_level: AuthorityLevel | None = None
    field: str | None = None

    def in_force_on(self, day: int) -> bool:
        """Whether this version had begun on a local day (days since 1970-01-01); the latest such counts."""
        return self.valid_from is None or self.valid_from.toordinal() - EPOCH_DAY <= day

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of the content."""
        return content_version(self.model_dump(mode="json"))
