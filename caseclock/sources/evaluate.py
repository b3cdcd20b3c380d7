"""Expressions and conditions of a mapping, bound to the columns of one file: functions of a row.

Compiled once per file, because the look-ups of a mapping would otherwise be made again for every row.
"""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict

from caseclock.sources.expression import Condition, Expression, Scalar
from caseclock.sources.identity import opaque
from caseclock.sources.times import AmbiguousTimeError, TimeReader
from schemas.dead_letter import Reason, Unreadable

Row = Sequence[str]
Get = Callable[[Row], Scalar | None]
Test = Callable[[Row], bool]


class Binder:
    """Binds a mapping to the columns of one file.

    Args:
        columns: position of every column in a row.
        empty: texts that mean an empty cell, besides nothing at all.
        source: the mapping's `source`, for opaque references.
        key: the secret for them; empty without one.
    """

    def __init__(self, columns: Dict[str, int], empty: Sequence[str], source: str, key: bytes) -> None:
        self._columns = columns
        self._empty = frozenset({"", *empty})
        self._source = source
        self._key = key

    def value(self, expression: Expression) -> Get:
        """A function from a row to the expression's value, None without one.

        It raises `Unreadable` (`unmapped_value`, the column) for a text that `values` does not know.
        """
        if expression.constant is not None:
            constant = expression.constant
            return lambda _row: constant
        get = self._joined(expression) if expression.join is not None else self._cell(expression)
        if expression.values is not None:
            get = _translated(get, expression)
        if expression.opaque:
            get = self._opaque(get)
        if expression.default is not None:
            get = _with_default(get, expression.default)
        return get

    def time(self, expression: Expression, reader: TimeReader) -> Callable[[Row], int | None]:
        """A function from a row to microseconds; it raises `Unreadable` (`bad_time`, `ambiguous_time`)."""
        get = self.value(expression)
        field = "+".join(expression.columns)
        read = reader.read

        def moment(row: Row) -> int | None:
            text = get(row)
            if text is None:
                return None
            try:
                return read(str(text))
            except AmbiguousTimeError:
                raise Unreadable(Reason.AMBIGUOUS_TIME, field) from None
            except ValueError:
                raise Unreadable(Reason.BAD_TIME, field) from None

        return moment

    def cells(self, columns: Sequence[str]) -> Callable[[Row], tuple[str, ...]]:
        """A function from a row to some of its cells as they stand there."""
        at = [self._columns[column] for column in columns]
        return lambda row: tuple([row[each] for each in at])

    def test(self, condition: Condition) -> Test:
        """A function from a row to whether the condition holds."""
        if condition.column is not None:
            return self._cell_test(condition.column, condition)
        if condition.not_ is not None:
            inner = self.test(condition.not_)
            return lambda row: not inner(row)
        tests = [self.test(each) for each in (*(condition.any_ or ()), *(condition.all_ or ()))]
        if condition.any_ is not None:
            return lambda row: any(test(row) for test in tests)
        return lambda row: all(test(row) for test in tests)

    def _cell_test(self, column: str, condition: Condition) -> Test:
        at, empty = self._columns[column], self._empty
        if condition.empty is not None:
            wanted = condition.empty
            return lambda row: (row[at].strip() in empty) is wanted
        texts = frozenset(condition.in_ or (condition.equals,))
        return lambda row: row[at].strip() in texts

    def _cell(self, expression: Expression) -> Get:
        at, empty = self._columns[expression.columns[0]], self._empty

        def cell(row: Row) -> str | None:
            text = row[at].strip()
            return None if text in empty else text

        return cell

    def _joined(self, expression: Expression) -> Get:
        parts = [self.value(part) for part in expression.join or ()]
        between = expression.with_

        def joined(row: Row) -> str | None:
            values = [part(row) for part in parts]
            return None if None in values else between.join(map(str, values))

        return joined

    def _opaque(self, get: Get) -> Get:
        source, key = self._source, self._key

        def reference(row: Row) -> str | None:
            value = get(row)
            return None if value is None else opaque(source, str(value), key)

        return reference


def _translated(get: Get, expression: Expression) -> Get:
    values = expression.values or {}
    otherwise, keep = expression.otherwise, expression.keep_others
    field = "+".join(expression.columns)

    def translated(row: Row) -> Scalar | None:
        text = get(row)
        if text is None:
            return None
        try:
            return values[str(text)]
        except KeyError:
            if keep:
                return text
            if otherwise is not None:
                return otherwise
            raise Unreadable(Reason.UNMAPPED_VALUE, field) from None

    return translated


def _with_default(get: Get, default: Scalar) -> Get:
    def defaulted(row: Row) -> Scalar | None:
        value = get(row)
        return default if value is None else value

    return defaulted
