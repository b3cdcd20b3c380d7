"""What groups of settings are made of."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, SecretStr

from caseclock.settings_checks import EmptyIsNone

OptionalPath = Annotated[Path | None, EmptyIsNone]
OptionalText = Annotated[str | None, EmptyIsNone]
OptionalSecret = Annotated[SecretStr | None, EmptyIsNone]


class Part(BaseModel):
    """A group of settings: never changed, and no name in it that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
