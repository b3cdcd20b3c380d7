"""The small words of a mapping: where a value comes from, and when an event is meant."""

import difflib
from typing import ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Scalar = str | int | bool
ORIGINS: Final = ("column", "constant", "join", "hash")
DateOnly = Literal["closing", "opening", "dead"]


def wrong(message: str) -> PydanticCustomError:
    """A mistake in a mapping, in words for the person who writes it."""
    return PydanticCustomError("mapping", "{message}", {"message": message})


class Strict(BaseModel):
    """A block of a mapping: keys it does not know are errors, and the nearest known key is named."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)
    shorthand: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, given: object) -> object:
        if cls.shorthand is not None and isinstance(given, str):
            return {cls.shorthand: given}
        known = [field.alias or name for name, field in cls.model_fields.items()]
        if not isinstance(given, dict):
            raise wrong(f"must be a block of keys ({', '.join(known)})")
        for key in given:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
                raise wrong(f"unknown key {key!r}; {hint}")
        return given


class Expression(Strict):
    """Where a value comes from: exactly one of `column`, `constant`, `join`; text alone names a column.

    Every cell is stripped of surrounding white space first; an empty one (`Mapping.empty`) is no value.
    """

    shorthand: ClassVar[str | None] = "column"
    origins: ClassVar[tuple[str, ...]] = ("column", "constant", "join")

    column: str | None = Field(None, min_length=1)
    constant: Scalar | None = None
    join: list["Expression"] | None = Field(None, min_length=1)
    """Parts put together; without a value when one of them has none."""
    with_: str = Field("", alias="with")
    """What stands between the parts of `join`."""
    values: dict[str, Scalar | None] | None = Field(None, min_length=1)
    """What the texts of the source mean; null: no value. A text that is not named here is a dead letter …"""
    otherwise: Scalar | None = None
    """… or means this …"""
    keep_others: bool = False
    """… or stays as it is."""
    default: Scalar | None = None
    """The value where there is none; it is not looked up in `values`."""
    opaque: bool = False
    """Replace the value by a reference that does not show it (see `caseclock.sources.identity.opaque`)."""
    formats: list[str] | None = Field(None, min_length=1)
    zone: str | None = None
    date_only: DateOnly | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [name for name in ORIGINS if getattr(self, name, None) is not None]
        if len(given) != 1 or given[0] not in self.origins:
            raise wrong(f"needs exactly one of: {', '.join(self.origins)}")
        if self.join is None and self.with_:
            raise wrong("'with' belongs to 'join'")
        if self.values is None and (self.otherwise is not None or self.keep_others):
            raise wrong("'otherwise' and 'keep_others' belong to 'values'")
        if self.otherwise is not None and self.keep_others:
            raise wrong("'otherwise' and 'keep_others' exclude each other; leave one out")
        if self.values is not None and "" in self.values:
            raise wrong("an empty cell has no value to look up; say 'default' instead of an entry for ''")
        options = {"values", "default", "opaque"} & self.model_fields_set
        if self.column is None and self.join is None and options:
            raise wrong(f"{', '.join(sorted(options))}: only for a column or a join")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, in their order."""
        if self.column is not None:
            return (self.column,)
        return tuple(column for part in self.join or () for column in part.columns)

    @property
    def statics(self) -> list[Scalar]:
        """Every value the mapping itself gives."""
        own = [self.constant, self.default, self.otherwise, *(self.values or {}).values()]
        return [value for value in own if value is not None]

    @property
    def reads_time(self) -> bool:
        """Whether it says how a time is to be read."""
        return self.formats is not None or self.zone is not None or self.date_only is not None


class Condition(Strict):
    """A test of one column, or of other conditions: exactly one. Texts are compared stripped."""

    column: str | None = Field(None, min_length=1)
    empty: bool | None = None
    equals: str | None = Field(None, min_length=1)
    in_: list[str] | None = Field(None, alias="in", min_length=1)
    not_: "Condition | None" = Field(None, alias="not")
    any_: list["Condition"] | None = Field(None, alias="any", min_length=1)
    all_: list["Condition"] | None = Field(None, alias="all", min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _list_means_all(cls, given: object) -> object:
        return {"all": given} if isinstance(given, list) else given

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = [name for name in ("empty", "equals", "in_") if getattr(self, name) is not None]
        groups = [name for name in ("not_", "any_", "all_") if getattr(self, name) is not None]
        if self.column is not None and (len(tests) != 1 or groups):
            raise wrong("a column needs exactly one test: empty, equals, in")
        if self.column is None and (len(groups) != 1 or tests):
            raise wrong("needs a column with a test (empty, equals, in), or one of: not, any, all")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        below = [*([self.not_] if self.not_ else []), *(self.any_ or ()), *(self.all_ or ())]
        own = () if self.column is None else (self.column,)
        return own + tuple(column for condition in below for column in condition.columns)
