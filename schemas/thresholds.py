"""Limits that a city sets for itself: reception, due soon, how long a suspension may last, and silence."""

from functools import cached_property
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.events import KINDS, Kind, Priority, SuspensionReason
from schemas.moment import HOUR_US
from schemas.version import content_version

HOURS_OF_WORKING_DAY: Final = 8
"""One working day is eight hours, as in the national list of procedures."""
DEFAULT_RECEPTION_HOURS: Final[dict[Priority, float]] = {"urgent": 4, "normal": 8, "complex": 8}
DEFAULT_SUSPENSION_DAYS: Final[dict[SuspensionReason, float]] = {
    "supplement": 30,
    "payment": 30,
    "other_agency": 15,
    "other": 15,
}
Sender = Literal["unit", "source"]
DEFAULT_SILENCE_DAYS: Final[dict[Sender, float]] = {"unit": 3, "source": 1}


class Thresholds(BaseModel):
    """Limits in working time: hours, and days of eight hours. What is left out keeps its default."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Ngưỡng / Thresholds")

    due_soon_hours: float = Field(default=8, gt=0, le=1_000)
    reception_hours: dict[Kind, dict[Priority, float]] = Field(default_factory=dict, validate_default=True)
    suspension_days: dict[SuspensionReason, float] = Field(default_factory=dict, validate_default=True)
    silence_days: dict[Sender, float] = Field(default_factory=dict, validate_default=True)

    @field_validator("reception_hours", mode="before")
    @classmethod
    def _fill_reception(cls, given: object) -> object:
        if not isinstance(given, dict) or not all(isinstance(each, dict) for each in given.values()):
            return given
        return given | {kind: DEFAULT_RECEPTION_HOURS | given.get(kind, {}) for kind in KINDS}

    @field_validator("suspension_days", mode="before")
    @classmethod
    def _fill_suspension(cls, given: object) -> object:
        return DEFAULT_SUSPENSION_DAYS | given if isinstance(given, dict) else given

    @field_validator("silence_days", mode="before")
    @classmethod
    def _fill_silence(cls, given: object) -> object:
        return DEFAULT_SILENCE_DAYS | given if isinstance(given, dict) else given

    @field_validator("reception_hours", "suspension_days", "silence_days")
    @classmethod
    def _positive(cls, value: dict[str, Any]) -> dict[str, Any]:
        numbers = [
            each for part in value.values() for each in (part.values() if isinstance(part, dict) else [part])
        ]
        if not all(0 < number <= 10_000 for number in numbers):
            raise ValueError("a limit is more than 0 and at most 10000")
        return value

    def reception_limit_hours(self, kind: str, priority: str | None) -> float:
        """Working hours within which a registered case must be received or declined (domain.md §5.8).

        No priority means `normal`.
        """
        by_priority: dict[Any, float] = self.reception_hours.get(kind, {})  # type: ignore[call-overload]
        return by_priority.get(priority or "normal", DEFAULT_RECEPTION_HOURS["normal"])

    def suspension_limit_us(self, reason: str) -> int:
        """Working microseconds for which a suspension of this reason may last."""
        days: dict[Any, float] = dict(self.suspension_days)
        return round(days.get(reason, days["other"]) * HOURS_OF_WORKING_DAY * HOUR_US)

    def suspension_limits_us(self) -> dict[str, int]:
        """By reason, working microseconds for which a suspension may last."""
        return {reason: self.suspension_limit_us(reason) for reason in self.suspension_days}

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of what cases are computed by; from when on silence is told moves no number."""
        return content_version(self.model_dump(mode="json", exclude={"silence_days"}))
