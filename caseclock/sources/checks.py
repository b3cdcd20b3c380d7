"""Whether a mapping makes sense, told before the first row is read: fields, values, formats, ids."""

import codecs
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NotRequired, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from caseclock.sources.expression import Expression, Scalar
from caseclock.sources.mapping import EventRule, Mapping
from caseclock.sources.times import TimeReader, parser_of, zone_named
from schemas.events import FIELDS, MODELS, TIME_FIELDS, Envelope, Event, EventType

Mistake = tuple[str, str]
"""Where in the mapping, and what is wrong with a word on how to mend it."""

_ENVELOPE: Final = frozenset({"type", *Envelope.__annotations__})
_HINTS: Final = get_type_hints(Event)
FLAGS: Final = frozenset(name for name, kind in _HINTS.items() if kind is bool)
"""Fields that are true or false."""
NUMBERS: Final = frozenset(name for name, kind in _HINTS.items() if kind is int) - {*TIME_FIELDS}
"""Fields that are whole numbers (times, that are numbers only inside, are not among them)."""


def mistakes(mapping: Mapping) -> Iterator[Mistake]:
    """Yield all that is wrong with a mapping whose keys and shapes are right."""
    yield from _csv_mistakes(mapping)
    yield from _time_mistakes(mapping)
    yield from _static_mistakes("case_id", "case_id", mapping.case_id, "received")
    if mapping.case_id.reads_time:
        yield "case_id", "formats, zone and date_only are only for times"
    once: dict[str, int] = {}
    for number, rule in enumerate(mapping.events, 1):
        at = f"events[{number}]"
        yield from _rule_mistakes(at, rule)
        yield from _rule_time_mistakes(at, mapping, rule)
        if rule.once and rule.id is None and once.setdefault(rule.type, number) != number:
            earlier = once[rule.type]
            yield f"{at}.once", f"events[{earlier}] is {rule.type!r} and once too: give one of them an id"


def _csv_mistakes(mapping: Mapping) -> Iterator[Mistake]:
    try:
        encoding = codecs.lookup(mapping.csv.encoding).name
        "".encode(encoding)
    except LookupError:
        yield "csv.encoding", f"there is no encoding {mapping.csv.encoding!r}; write one like utf-8 or cp1258"
    for name in ("delimiter", "quote"):
        if getattr(mapping.csv, name) in "\r\n\0":
            yield f"csv.{name}", 'must be a character that stands in a line; a tab is written "\\t"'
    if mapping.csv.delimiter == mapping.csv.quote:
        yield "csv.quote", "is the delimiter; one of the two must be another character"


def _time_mistakes(mapping: Mapping) -> Iterator[Mistake]:
    yield from _reading_mistakes("time", mapping.time.formats, mapping.time.zone)


def _reading_mistakes(at: str, formats: list[str] | None, zone: str | None) -> Iterator[Mistake]:
    for each in formats or ():
        try:
            parser_of(each)
        except ValueError as error:
            yield f"{at}.formats", str(error)
    if zone is not None:
        try:
            zone_named(zone)
        except ValueError as error:
            yield f"{at}.zone", str(error)


def _rule_mistakes(at: str, rule: EventRule) -> Iterator[Mistake]:
    """Fields that the type does not have, does not get, or cannot take the mapping's own values for."""
    model = MODELS[rule.type]
    allowed = [name for name in FIELDS[rule.type] if name not in _ENVELOPE]
    if rule.type != "suspended" and "reason" in allowed:
        allowed.remove("reason")
    for name, expression in rule.fields.items():
        where = f"{at}.fields.{name}"
        if name == "reason" and name in FIELDS[rule.type] and name not in allowed:
            yield where, "free text is dropped wherever it is read, for it may name people; leave it out"
        elif name in _ENVELOPE:
            yield (
                where,
                f"stands beside 'fields' ({'id' if name == 'event_id' else name}) or is set by itself",
            )
        elif name not in allowed:
            yield where, f"{rule.type!r} has no such field; it has: {', '.join(allowed)}"
        else:
            yield from _static_mistakes(where, name, expression, rule.type)
            if expression.reads_time and name not in TIME_FIELDS:
                yield where, "formats, zone and date_only are only for times"
    for name in FIELDS[rule.type]:
        if name in model.__required_keys__ and name not in _ENVELOPE and name not in rule.fields:
            yield (
                f"{at}.fields",
                f"{rule.type!r} needs {name!r}: a column, or {{constant: …}} if the source has none",
            )
    if rule.id is not None and rule.id.reads_time:
        yield f"{at}.id", "formats, zone and date_only are only for times"


def _rule_time_mistakes(at: str, mapping: Mapping, rule: EventRule) -> Iterator[Mistake]:
    """Formats and zones said at a field, and the times that the mapping itself gives."""
    timed = {"occurred_at": rule.occurred_at, "recorded_at": rule.recorded_at}
    timed |= {f"fields.{name}": each for name, each in rule.fields.items() if name in TIME_FIELDS}
    for name, expression in timed.items():
        if expression is None:
            continue
        found = list(_reading_mistakes(f"{at}.{name}", expression.formats, expression.zone))
        yield from found
        if found or list(_time_mistakes(mapping)):
            continue
        reader = reader_of(mapping, expression)
        for value in expression.statics:
            try:
                reader.read(str(value))
            except ValueError as error:
                yield f"{at}.{name}", f"{value!r} is no time: it {error}"


def reader_of(mapping: Mapping, expression: Expression) -> TimeReader:
    """The reader of a field's times: the mapping's rules, with what the field says itself.

    Raises:
        ValueError: a format or zone that is none (`mistakes` finds it first).
    """
    rules = mapping.time
    return TimeReader(
        expression.formats or rules.formats,
        expression.zone or rules.zone,
        date_only=expression.date_only or rules.date_only,
        calendar=mapping.calendar,
        ambiguous=rules.ambiguous,
        nonexistent=rules.nonexistent,
    )


def _static_mistakes(at: str, name: str, expression: Expression, kind: EventType) -> Iterator[Mistake]:
    """Constants, defaults and meanings that the field cannot have."""
    if name in TIME_FIELDS:
        return
    for value in expression.statics:
        try:
            _adapter(kind, name).validate_python(_typed(name, value))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            yield at, f"{value!r} is no value of {name!r}: {first['msg']}"


def _typed(name: str, value: Scalar) -> Scalar:
    return str(value) if type(value) is int and name not in NUMBERS else value


@cache
def _adapter(kind: EventType, name: str) -> TypeAdapter[Any]:
    hint = get_type_hints(MODELS[kind], include_extras=True)[name]
    while get_origin(hint) is NotRequired:
        hint = get_args(hint)[0]
    return TypeAdapter(hint, config=ConfigDict(strict=True))
