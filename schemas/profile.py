"""Rule profiles: the practices by which cases are judged, as data, not as code paths (domain.md §5)."""

from functools import cached_property
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.version import content_version


class Profile(BaseModel):
    """How due and late are judged."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Bộ quy tắc / Profile")

    name: str = Field(min_length=1)
    precision: Literal["instant", "date"] = Field(description="Compare moments, or local dates.")
    stopped: Literal["ends", "pauses"] = Field(description="What the event `stopped` does to a case.")
    second_supplement: Literal["ignored", "late"] = Field(
        description="Whether asking twice for a supplement makes a case late whatever its dates."
    )
    no_due: Literal["no_deadline", "statutory"] = Field(
        description="What a receipt without a due time promises: nothing, or the allotted time."
    )

    @cached_property
    def version(self) -> str:
        """12 hex digits of a hash of the content."""
        return content_version(self.model_dump(mode="json"))


ONE_STOP: Final = Profile(
    name="one_stop", precision="date", stopped="pauses", second_supplement="ignored", no_due="statutory"
)
"""The software of one-stop offices: dates are compared, a stop is a pause."""
NATIONAL_766: Final = Profile(
    name="national_766", precision="date", stopped="ends", second_supplement="late", no_due="statutory"
)
"""The national scoring (Decision 766/QĐ-TTg, criterion 2.1): a second supplement request is late."""
INSTANT: Final = Profile(
    name="instant", precision="instant", stopped="ends", second_supplement="ignored", no_due="no_deadline"
)
"""Service request (311) systems: moments are compared, nothing is promised that was not said."""

PROFILES: Final[dict[str, Profile]] = {each.name: each for each in (ONE_STOP, NATIONAL_766, INSTANT)}
"""The shipped profiles by name."""
DEFAULT_PROFILE: Final = ONE_STOP.name
