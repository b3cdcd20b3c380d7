"""One record's bytes to one `Event`, or to the reason why not (domain.md §2: what cannot be read).

The quick way: a few searches for what only the slow way can judge, pydantic's JSON validation, times to
integers. When anything at all is odd, the slow way reads the record again step by step; it alone names
reason and field, so that the quick way need not know why something failed, and no value of the record can
slip into a message.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final, cast

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from schemas.dead_letter import Reason, Unreadable
from schemas.events import CODE_FIELDS, FIELDS, TIME_FIELDS, AnyEvent, Event
from schemas.moment import DAY_US, format_time, from_datetime, parse_time

__all__ = ["MAX_LINE_BYTES", "Unreadable", "decode", "encode", "format_time", "parse_time"]

MAX_LINE_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 50
FIRST_US: Final = from_datetime(datetime(2000, 1, 1, tzinfo=UTC))
LAST_DUE_US: Final = from_datetime(datetime(2100, 1, 1, tzinfo=UTC))

_ADAPTER: Final[TypeAdapter[Any]] = TypeAdapter(AnyEvent)
_validate_json: Final = _ADAPTER.validator.validate_json
_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[{\]}]")


def decode(raw: bytes, now_us: int) -> Event:
    """The event in one record, times as microseconds.

    Args:
        raw: one JSON object as UTF-8.
        now_us: the wall clock, in replay too: what happened more than a day after it cannot be read.

    Raises:
        Unreadable: with the reason and the first wrong field.
    """
    if len(raw) > MAX_LINE_BYTES or raw.find(b"{", 1) >= 0 or raw.find(b"[") >= 0:
        _check_whole(raw)
    if (raw.find(b"N") >= 0 and raw.find(b"NaN") >= 0) or (
        raw.find(b"I") >= 0 and raw.find(b"Infinity") >= 0
    ):
        _parse(raw)  # pydantic reads these as numbers
    try:
        event = _validate_json(raw)
        event["occurred_at"] = happened = parse_time(event["occurred_at"])
        if not FIRST_US <= happened <= now_us + DAY_US:
            return _decode_slowly(raw, now_us)
        if "due_at" in event:
            event["due_at"] = due = parse_time(event["due_at"])
            if not FIRST_US <= due <= LAST_DUE_US:
                return _decode_slowly(raw, now_us)
        if "step_due_at" in event:
            event["step_due_at"] = due = parse_time(event["step_due_at"])
            if not FIRST_US <= due <= LAST_DUE_US:
                return _decode_slowly(raw, now_us)
        if "recorded_at" in event:
            event["recorded_at"] = parse_time(event["recorded_at"])
    except ValueError:  # pydantic's ValidationError is one
        return _decode_slowly(raw, now_us)
    if "reason" in event and event["type"] != "suspended":
        del event["reason"]
    return cast(Event, event)


def _decode_slowly(raw: bytes, now_us: int) -> Event:
    """Judge a record step by step: the whole, its type, then each field in the order of its type."""
    given = _parse(raw)
    kind = given.get("type")
    if kind is None:
        raise Unreadable(Reason.MISSING_FIELD, "type")
    if not isinstance(kind, str):
        raise Unreadable(Reason.MALFORMED_FIELD, "type")
    if kind not in FIELDS:
        raise Unreadable(Reason.UNKNOWN_TYPE, "type")
    known = {name: given[name] for name in FIELDS[kind] if given.get(name) is not None}
    event: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    try:
        event = _ADAPTER.validate_python(known)
    except ValidationError as failed:
        for error in failed.errors(include_url=False, include_context=False, include_input=False):
            wrong.setdefault(str(error["loc"][1]), error["type"])
    for name in FIELDS[kind]:
        if name in wrong:
            raise Unreadable(_reason(name, wrong[name], known.get(name)), name) from None
        if name in TIME_FIELDS and name in known:
            event[name] = _moment(name, known[name], now_us)
    if kind != "suspended":
        event.pop("reason", None)
    return cast(Event, event)


def _reason(name: str, error: str, value: object) -> Reason:
    """What is wrong with a field that pydantic refuses."""
    if error == "missing":
        return Reason.MISSING_FIELD
    if name == "schema_version" and type(value) is int:
        return Reason.UNKNOWN_VERSION
    if name in CODE_FIELDS:
        return Reason.BAD_ID
    if error == "literal_error" and isinstance(value, str):
        return Reason.UNKNOWN_VALUE
    return Reason.MALFORMED_FIELD


def _moment(name: str, text: str, now_us: int) -> int:
    """A time field as microseconds, within the limits of that field."""
    try:
        us = parse_time(text)
    except ValueError:
        raise Unreadable(Reason.MALFORMED_FIELD, name) from None
    if name == "occurred_at":
        within = FIRST_US <= us <= now_us + DAY_US
    else:
        within = name == "recorded_at" or FIRST_US <= us <= LAST_DUE_US
    if not within:
        raise Unreadable(Reason.TIME_OUT_OF_RANGE, name)
    return us


def _parse(raw: bytes) -> dict[str, Any]:
    """The JSON object in a record; NaN and Infinity are not JSON."""
    _check_whole(raw)
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise Unreadable(Reason.NOT_JSON) from None
    if not isinstance(value, dict):
        raise Unreadable(Reason.NOT_AN_OBJECT)
    return value


def _check_whole(raw: bytes) -> None:
    """What can be said before the JSON is read: size, encoding, depth."""
    if len(raw) > MAX_LINE_BYTES:
        raise Unreadable(Reason.TOO_LARGE)
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise Unreadable(Reason.NOT_UTF8) from None
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise Unreadable(Reason.TOO_DEEP)


def _depth(raw: bytes) -> int:
    """How deep arrays and objects are nested, brackets inside strings left out; 1 is a flat object."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def encode(event: Event) -> bytes:
    """Native JSON of an event, times as RFC 3339 in UTC: `decode(encode(e)) == e`."""
    wire: dict[str, Any] = dict(event)
    for name in TIME_FIELDS:
        if name in wire:
            wire[name] = format_time(wire[name])
    return orjson.dumps(wire)
