"""What the plugin's backend makes of an answer: tables as they are, time series from long to wide, by its rules."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

TIME_SERIES, TABLE = 0, 1
_EXACT: Final = 2**53
_WRAPPED: Final = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")


class Answer(NamedTuple):
    """Rows of a statement: names and ClickHouse types of the columns, and the values row by row."""

    names: list[str]
    types: list[str]
    rows: list[tuple[object, ...]]


class Field(NamedTuple):
    """A column of a frame; ``type``: time, number, string, boolean or other."""

    name: str
    type: str
    labels: dict[str, str]
    values: list[object]


class Frame(NamedTuple):
    """What a panel gets."""

    fields: list[Field]


class FrameError(ValueError):
    """An answer that the plugin would refuse, or that a panel would show wrongly."""


def kind(clickhouse_type: str) -> str:
    """What Grafana takes a column of a type for: time, number, string, boolean or other."""
    while found := _WRAPPED.fullmatch(clickhouse_type):
        clickhouse_type = found[1]
    if clickhouse_type.startswith("DateTime"):
        return "time"
    if re.match(r"U?Int|Float|Decimal", clickhouse_type):
        return "number"
    if clickhouse_type == "Bool":
        return "boolean"
    return "string" if re.match(r"(Fixed)?String|Enum|UUID", clickhouse_type) else "other"


def frames(answer: Answer, query_format: int) -> list[Frame]:
    """The frames of an answer.

    Args:
        answer: rows in the order in which they came.
        query_format: of the target: 0 time series, 1 table.

    Raises:
        FrameError: no time, a time that is null or goes back, two rows of one time and labels, no number, a column
            that no panel can show, two columns of one name, or a whole number that JavaScript would round.
    """
    if len(set(answer.names)) != len(answer.names):
        raise FrameError(f"two columns of one name: {answer.names}")
    kinds = [kind(each) for each in answer.types]
    if "other" in kinds:
        raise FrameError(f"{answer.names[kinds.index('other')]}: {answer.types[kinds.index('other')]}")
    for row in answer.rows:
        if any(isinstance(value, int) and abs(value) > _EXACT for value in row):
            raise FrameError(f"beyond 2^53: {row}")
    if query_format == TABLE:
        columns = [[row[at] for row in answer.rows] for at in range(len(answer.names))]
        return [
            Frame([Field(*each[:2], {}, each[2]) for each in zip(answer.names, kinds, columns, strict=True)])
        ]
    if query_format != TIME_SERIES:
        raise FrameError(f"format {query_format}")
    return _wide(answer, kinds)


def _wide(answer: Answer, kinds: Sequence[str]) -> list[Frame]:
    if "time" not in kinds:
        raise FrameError(f"no DateTime column: {answer.names}")
    time = kinds.index("time")
    labels = [at for at, each in enumerate(kinds) if each in {"string", "boolean"}]
    numbers = [at for at, each in enumerate(kinds) if each == "number"]
    if not numbers or len(numbers) + len(labels) + 1 != len(kinds):
        raise FrameError(f"one time, labels and at least one number: {answer.names} {answer.types}")
    if not answer.rows:
        return []
    times: list[object] = []
    cells: dict[tuple[int, tuple[str, ...]], dict[int, object]] = {}
    for row in answer.rows:
        moment = row[time]
        if not isinstance(moment, datetime):
            raise FrameError(f"a time that is none: {moment}")
        if times and moment < times[-1]:  # type: ignore[operator]
            raise FrameError("long series must be sorted ascending by time")
        if not times or moment != times[-1]:
            times.append(moment)
        factor = tuple(str(row[at]) for at in labels)
        for at in numbers:
            column = cells.setdefault((at, factor), {})
            if len(times) - 1 in column:
                raise FrameError(f"twice at one time: {moment} {factor}")
            column[len(times) - 1] = row[at]
    series = list(cells.items())
    if labels:  # the backend sorts what it made wide, and leaves alone what was so
        series.sort(key=lambda each: (answer.names[each[0][0]], each[0][1]))
    fields = [Field(answer.names[time], "time", {}, times)]
    for (at, factor), column in series:
        named = dict(zip((answer.names[each] for each in labels), factor, strict=True))
        fields.append(Field(answer.names[at], "number", named, [column.get(n) for n in range(len(times))]))
    return [Frame(fields)]
