"""The statements that measure: quantiles and the greatest of processing, clock, age, lateness and holding times.

A value is packed with the periods it belongs to into 32 bits: the second is exact for the first 388 days, a minute
afterwards (a quantile may be 1 % off, domain.md §6). A dimension's arrays are thus 4 bytes per case and tree; one
dimension at a time is measured, so that ten million cases need hundreds of megabytes and not gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.period import PERIODS
from schemas.summary import TIME_COLUMNS, Dimension
from sinks.clickhouse.summary_counts import TARGETS
from sinks.clickhouse.summary_facts import EVERY_PERIOD, WINDOWS, cases_now, periods_of

_OF_CASES: Final[dict[Dimension, str]] = {
    "": "''",
    "procedure": "procedure_code",
    "channel": "channel",
    "kind": "kind",
    "cause": "cause",
}
"""Dimensions by which a case is measured as a whole, and the column of each."""
_OF_OPEN: Final[dict[Dimension, str]] = {**_OF_CASES, "step": "step"}
_EXACT: Final = 1 << 25
_LARGEST: Final = (1 << 26) - 1
_NAMES: Final = ", ".join(f"'{period}'" for period in PERIODS)
_AT_ONCE: Final = 2_000_000
_WHOLE: Final = PERIODS.index("all")


def _packed(us: str, periods: str) -> str:
    seconds = f"intDiv(greatest({us}, 0) + 500000, 1000000)"
    code = f"least(if({seconds} < {_EXACT}, {seconds}, {_EXACT} + intDiv({seconds}, 64)), {_LARGEST})"
    return f"toUInt32({code} * 64 + bitAnd({periods}, 63))"


def _seconds(packed: str) -> str:
    code = f"intDiv({packed}, 64)"
    return f"toInt64(if({code} < {_EXACT}, {code}, ({code} - {_EXACT}) * 64))"


def _measured(values: str) -> str:
    """(period, n, p50, p90, greatest) of each period; 'all' is in every value and has no bit."""
    found = []
    for place, period in enumerate(PERIODS):
        mine = values if place == _WHOLE else f"arrayFilter(x -> bitTest(x, {place}), {values})"
        picked = ("intDiv(length(mine) - 1, 2) + 1", "intDiv(9 * (length(mine) - 1), 10) + 1", "-1")
        told = ", ".join(_seconds(f"{mine}[{index.replace('mine', mine)}]") for index in picked)
        found.append(f"('{period}', toInt64(length({mine})), {told})")
    return f"[{', '.join(found)}]"


def _statement(measures: tuple[str, ...], inner: str) -> str:
    """Rows of ``summary_times`` from an inner query that gives unit, dims and a packed column per measure.

    ``dims``: pairs (dimension, value) that the case counts in.
    """
    gathered = ", ".join(f"groupArray({name}) AS {name}_l" for name in measures)
    joined = ", ".join(f"groupArrayArray({name}_l) AS {name}_a" for name in measures)
    ordered = ", ".join(f"arraySort({name}_a) AS {name}" for name in measures)
    told = ", ".join(
        f"arrayMap(t -> ('{name}', t.1, t.2, t.3, t.4, t.5), {_measured(name)})" for name in measures
    )
    return f"""
INSERT INTO summary_times ({", ".join(TIME_COLUMNS)})
WITH {WINDOWS}
SELECT {{slot:UInt8}}, {{generation:UInt64}}, dimension, unit_id, scope, told.2, value, told.1, told.4, told.5, told.6
FROM (
    SELECT dimension, unit_id, scope, value, arrayJoin(arrayConcat({told})) AS told
    FROM (
        SELECT dimension, unit_id, scope, value, {ordered}
        FROM (
            SELECT dim.1 AS dimension, dim.2 AS value, target.1 AS unit_id, target.2 AS scope, {joined}
            FROM (
                SELECT own.*, {TARGETS} AS targets
                FROM (SELECT unit, dims, {gathered} FROM ({inner}) GROUP BY unit, dims) AS own
                LEFT JOIN (SELECT unit_id, path FROM units FINAL) AS above ON above.unit_id = own.unit
            )
            ARRAY JOIN dims AS dim
            ARRAY JOIN targets AS target
            GROUP BY dimension, value, unit_id, scope
        )
    )
)
WHERE told.3 > 0
"""  # noqa: S608  # only our own names are put in


def _dims(dimensions: Iterable[Dimension]) -> str:
    pairs = (f"('{name}', toString({_OF_OPEN[name]}))" for name in dimensions)
    return f"[{', '.join(pairs)}]"


def of_done(dimensions: Iterable[Dimension]) -> str:
    """Processing and clock time of the cases that stand completed."""
    return _statement(
        ("processing", "clock"),
        f"""
        SELECT toString(unit_id) AS unit, {_dims(dimensions)} AS dims,
            {_packed("elapsed_us", "since_done")} AS processing, {_packed("clock_case_us", "since_done")} AS clock
        FROM ({cases_now("timeliness != ''")})
        """,  # noqa: S608  # only our own names are put in
    )


def of_open(dimensions: Iterable[Dimension]) -> str:
    """Age of the open cases, and lateness of the overdue among them."""
    every = str(EVERY_PERIOD)
    return _statement(
        ("open_age", "late"),
        f"""
        SELECT toString(unit_id) AS unit, {_dims(dimensions)} AS dims, {_packed("age_us", every)} AS open_age,
            if(stock = 'overdue', {_packed("late_now_us", every)}, NULL) AS late
        FROM ({cases_now("status IN ('processing', 'suspended')")})
        """,  # noqa: S608  # only our own names are put in
    )


def of_stays() -> str:
    """How long stays lasted that are over, by unit and by step."""
    return _statement(
        ("holding",),
        f"""
        SELECT stay.1 AS unit, [('', ''), ('step', stay.2)] AS dims,
            {_packed("stay.5", periods_of("stay.4"))} AS holding
        FROM (
            SELECT first_us, arrayJoin(JSONExtract(stays, 'Array(Tuple(String, String, Int64, Int64, Int64))')) AS stay
            FROM cases FINAL
            LEFT JOIN windows USING (calendar)
            WHERE status != ''
        )
        """,  # noqa: S608  # only our own names are put in
    )


def measures(cases: int) -> list[str]:
    """The statements for so many cases: a dimension at a time where all together would need too much memory."""
    if cases <= _AT_ONCE:
        return [of_done(_OF_CASES), of_open(_OF_OPEN), of_stays()]
    return [*(of_done([each]) for each in _OF_CASES), *(of_open([each]) for each in _OF_OPEN), of_stays()]
