"""One row of a mapped file to its events.

Every event goes through `schemas.decode` before it is handed on, like one that came over the wire: what a
mapping makes is judged by the same rules as what an office sends.
"""

import difflib
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from caseclock.sources.checks import FLAGS, NUMBERS, reader_of
from caseclock.sources.evaluate import Binder, Get, Row
from caseclock.sources.expression import Expression, Scalar
from caseclock.sources.identity import IDENTIFYING, stable_id
from caseclock.sources.mapping import EventRule, Mapping
from caseclock.sources.records import Line, SourceError
from schemas.dead_letter import Reason, Unreadable
from schemas.decode import decode, encode
from schemas.events import SCHEMA_VERSION, TIME_FIELDS, Event

_REMEMBERED: Final = 65_536


class RowEvents:
    """The events of a mapping, bound to the columns of one file.

    Args:
        mapping: checked.
        columns: the columns of a row, in their order.
        now_us: the wall clock.

    Raises:
        SourceError: the mapping names a column that is not there.

    Attributes:
        idle: rows so far that gave nothing: left out by `when`, or none of whose events was meant.
    """

    def __init__(self, mapping: Mapping, columns: Sequence[str], now_us: int) -> None:
        index = {name: at for at, name in reversed(list(enumerate(columns)))}
        missing = [_named(name, columns) for name in mapping.columns if name not in index]
        if missing:
            raise SourceError(
                f"the mapping names columns that are not there: {', '.join(missing)}; "
                f"the header has {len(columns)} others (a fixed value is written {{constant: …}})"
            )
        twice = [repr(name) for name in mapping.columns if columns.count(name) > 1]
        if twice:
            raise SourceError(
                f"columns of the mapping stand twice in the header: {', '.join(twice)}; rename one"
            )
        binder = Binder(index, mapping.empty, mapping.source, mapping.opaque_key)
        self._wanted = binder.test(mapping.when) if mapping.when else None
        self._case_id = binder.value(mapping.case_id)
        self._case_column = "+".join(mapping.case_id.columns)
        self._rules = [_Rule(mapping, rule, binder, now_us) for rule in mapping.events]
        self.idle = 0

    def read(self, row: Row, number: int) -> tuple[list[Line], Unreadable | None]:
        """Give the row's events, and the first thing in it that cannot be read (its field is a column).

        Raises:
            SourceError: two events of the mapping gave one id.
        """
        lines: list[Line] = []
        first: Unreadable | None = None
        try:
            if self._wanted is not None and not self._wanted(row):
                self.idle += 1
                return lines, None
            case_id = self._case_id(row)
            if case_id is None:
                raise Unreadable(Reason.MISSING_FIELD, self._case_column)
        except Unreadable as why:
            return lines, why
        meant = False
        for rule in self._rules:
            if rule.when is not None and not rule.when(row):
                continue
            meant = True
            try:
                line = rule.line(row, number, str(case_id), self._case_column)
            except Unreadable as why:
                first = first or why
                continue
            if line is not None:
                if lines and line.event_id in [other.event_id for other in lines]:
                    raise SourceError(
                        "two events of a row have one id, so they would be one event: "
                        "give them different ids, as in {join: [id, {constant: end}], with: -}"
                    )
                lines.append(line)
        self.idle += not meant
        return lines, first


class _Rule:
    """One kind of event, bound."""

    def __init__(self, mapping: Mapping, rule: EventRule, binder: Binder, now_us: int) -> None:
        self._now_us = now_us
        self._common: dict[str, Any] = {
            "type": rule.type,
            "schema_version": SCHEMA_VERSION,
            "source": mapping.source,
        }
        self._columns = {field: "+".join(columns) for field, columns in rule.column_names.items()}
        self.when = binder.test(rule.when) if rule.when else None
        self._occurred_at = binder.time(rule.occurred_at, reader_of(mapping, rule.occurred_at))
        self._fields: list[tuple[str, Get]] = []
        timed = (
            dict(rule.fields)
            if rule.recorded_at is None
            else {"recorded_at": rule.recorded_at, **rule.fields}
        )
        for name, expression in timed.items():
            if name in TIME_FIELDS:
                self._fields.append((name, binder.time(expression, reader_of(mapping, expression))))
            else:
                self._fields.append((name, _typed(name, binder.value(expression), expression)))
        self._once = _Recent(_REMEMBERED) if rule.once else None
        self._made_of = binder.cells([*mapping.case_id.columns, *rule.columns])
        self._identify = self._identity(mapping, rule, binder)

    def _identity(
        self, mapping: Mapping, rule: EventRule, binder: Binder
    ) -> Callable[[Row, dict[str, Any]], Any]:
        source, kind, once = mapping.source, rule.type, rule.once is not None
        if rule.id is not None and rule.id.hash is None:
            own = _typed("event_id", binder.value(rule.id), rule.id)
            return lambda row, _event: own(row)
        named = IDENTIFYING.get(kind, ())
        parts = None if rule.id is None else [binder.value(part) for part in rule.id.hash or ()]

        def hashed(row: Row, event: dict[str, Any]) -> str:
            more = [event.get(name) for name in named] if parts is None else [part(row) for part in parts]
            if once:
                return stable_id(source, event["case_id"], kind, None, () if parts is None else more)
            return stable_id(source, event["case_id"], kind, event["occurred_at"], more)

        return hashed

    def line(self, row: Row, number: int, case_id: str, case_column: str) -> Line | None:
        """Give the event of this row; None where a row before gave the very same.

        Raises:
            Unreadable: with the column as its field.
        """
        if self._once is not None:
            cells = hash(self._made_of(row))
            if cells in self._once:
                return None
        event = dict(self._common)
        event["case_id"] = case_id
        happened = self._occurred_at(row)
        if happened is None:
            raise Unreadable(Reason.MISSING_FIELD, self._columns["occurred_at"])
        event["occurred_at"] = happened
        for name, get in self._fields:
            value = get(row)
            if value is not None:
                event[name] = value
        event_id = self._identify(row, event)
        if event_id is not None:
            event["event_id"] = event_id
        raw = encode(cast(Event, event))
        try:
            read = decode(raw, self._now_us)
        except Unreadable as why:
            column = case_column if why.field == "case_id" else self._columns.get(why.field, "")
            raise Unreadable(why.reason, column or why.field) from None
        if self._once is not None:
            self._once.add(cells)
        return Line(number, case_id.encode(), raw, read["occurred_at"], read["event_id"])


def _named(name: str, columns: Sequence[str]) -> str:
    """Name a missing column and the nearest there is; others may be somebody's data, in want of a header."""
    near = difflib.get_close_matches(name, columns, 1)
    return f"{name!r} (did you mean {near[0]!r}?)" if near else repr(name)


def _typed(name: str, get: Get, expression: Expression) -> Get:
    """Turn text into what the field holds; what cannot be turned is left for `decode` to refuse."""
    if name in FLAGS:
        words = {"true": True, "false": False}

        def flag(row: Row) -> Scalar | None:
            value = get(row)
            return words.get(value.lower(), value) if isinstance(value, str) else value

        return flag

    def number(row: Row) -> Scalar | None:
        value = get(row)
        return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value

    def text(row: Row) -> Scalar | None:
        value = get(row)
        return str(value) if type(value) is int else value

    if name in NUMBERS:
        return number
    return text if any(type(value) is int for value in expression.statics) else get


class _Recent:
    """Remembers the newest `bound` to twice as many numbers: 64-bit hashes of what need not be made again."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._new: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, number: int) -> bool:
        return number in self._new or number in self._old

    def add(self, number: int) -> None:
        """Remember a number; perhaps forget the oldest."""
        self._new.add(number)
        if len(self._new) >= self._bound:
            self._old, self._new = self._new, set()
