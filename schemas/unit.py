"""Units: the offices that receive and hold cases (đơn vị)."""

from datetime import date
from functools import cached_property
from typing import Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.fields import CODE_PATTERN
from schemas.version import content_version

UnitKind = Literal["city", "department", "ward", "commune", "division", "centre", "other"]
UNIT_KINDS: Final[tuple[UnitKind, ...]] = get_args(UnitKind)


class Unit(BaseModel):
    """One office. Days are local dates: valid from the first to the last day, both included, None = open.

    `calendar` None means the one of the nearest unit above that names one, else the default. After a merger
    `succeeded_by` names the unit that took over. `head_post` is a post, never a person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Đơn vị / Unit")

    code: str = Field(min_length=1, max_length=200, pattern=CODE_PATTERN)
    name: str = Field(min_length=1)
    name_en: str | None = None
    kind: UnitKind
    parent: str | None = None
    calendar: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    succeeded_by: str | None = None
    head_post: str | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from; swap them")
        return self

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of the content."""
        return content_version(self.model_dump(mode="json"))
