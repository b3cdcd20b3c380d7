"""What a mapping file says: how a city's own export becomes events. Written once per source, read-only here.

The keys are described for their users in docs/mapping.md. Here stands the shape; whether it makes sense as a
whole (fields of the type, values the field may have, formats) is `caseclock.sources.checks`.
"""

from typing import ClassVar, Literal

from pydantic import Field, PrivateAttr

from caseclock.sources.expression import Condition, DateOnly, Expression, Strict
from schemas.events import Code, EventType
from streams.worktime import WorkingTime


class CsvFormat(Strict):
    """How the text of a CSV file is to be read."""

    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str = Field('"', min_length=1, max_length=1)
    encoding: str = "utf-8"
    columns: list[str] | None = Field(None, min_length=1)
    """The columns of a file without a header line."""


class TimeRules(Strict):
    """How the source writes times. The first three may be said again at a single field."""

    zone: str
    """IANA name of the zone of times without an offset."""
    formats: list[str] = Field(default=["auto"], min_length=1)
    """Tried in this order: `auto`, `rfc3339`, `epoch`, `epoch_ms` or a pattern of `datetime.strptime`."""
    date_only: DateOnly = "closing"
    """A date without a time is the moment the calendar closes (domain.md §4) or opens on that day, or dead.
    """
    calendar: str | None = None
    """The calendar whose hours these are; none: the whole day in `zone`."""
    ambiguous: Literal["earlier", "later", "dead"] = "earlier"
    """A local time that came twice because the clocks went back."""
    nonexistent: Literal["forward", "dead"] = "forward"
    """A local time that was jumped over: `forward` reads it as if the clocks had not been changed yet."""


class Identity(Expression):
    """The event's id: an expression like any other, or a hash of what identifies the event."""

    origins: ClassVar[tuple[str, ...]] = ("column", "join", "hash")

    hash: list[Expression] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, in their order."""
        if self.hash is not None:
            return tuple(column for part in self.hash for column in part.columns)
        return super().columns


class EventRule(Strict):
    """One kind of event that a row may give."""

    type: EventType
    when: Condition | None = None
    once: Literal["case"] | None = None
    """The event belongs to the case and is repeated on each of its rows: one id, however many rows."""
    id: Identity | None = None
    occurred_at: Expression
    recorded_at: Expression | None = None
    fields: dict[str, Expression] = Field(default={})

    @property
    def column_names(self) -> dict[str, tuple[str, ...]]:
        """The columns behind each field of the event, for whoever has to say what was wrong."""
        named = {
            "occurred_at": self.occurred_at,
            "recorded_at": self.recorded_at,
            "event_id": self.id,
            **self.fields,
        }
        return {field: expression.columns for field, expression in named.items() if expression is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the event is made of; those of `when` are not among them."""
        return tuple(column for columns in self.column_names.values() for column in columns)


class Mapping(Strict):
    """A whole mapping file."""

    source: Code
    """The `source` of every event."""
    about: str = ""
    """For people; read by nobody else."""
    csv: CsvFormat = CsvFormat()
    time: TimeRules
    empty: list[str] = Field(default=[])
    """Texts that mean an empty cell, besides nothing at all."""
    opaque_key_file: str | None = None
    """File (beside the mapping) with the secret that makes opaque references unguessable."""
    when: Condition | None = None
    """Rows that are meant at all."""
    case_id: Expression
    events: list[EventRule] = Field(min_length=1)

    _calendar: WorkingTime | None = PrivateAttr(None)
    _opaque_key: bytes = PrivateAttr(b"")

    @property
    def calendar(self) -> WorkingTime | None:
        """The compiled calendar of `time.calendar`, resolved by `load_mapping`."""
        return self._calendar

    @property
    def opaque_key(self) -> bytes:
        """The secret of `opaque_key_file`, read by `load_mapping`; empty without one."""
        return self._opaque_key

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping reads, each once."""
        used = list(self.case_id.columns)
        conditions = [self.when, *(rule.when for rule in self.events)]
        used += [column for condition in conditions if condition for column in condition.columns]
        used += [
            column for rule in self.events for columns in rule.column_names.values() for column in columns
        ]
        return tuple(dict.fromkeys(used))
