"""The statements beside counts and times: pairs of units, anomalies, and the cells put together."""

from __future__ import annotations

from typing import Final

from schemas.period import PERIODS
from schemas.summary import ANOMALY_COLUMNS, CELL_COLUMNS, CELL_KEYS, COUNTS, RATES
from sinks.clickhouse.summary_facts import EVERY_PERIOD, WINDOWS, cases_told, periods_of

_KINDS: Final = (
    "waiting",
    "asked",
    "asked_open",
    "asked_overdue",
    "answered_late",
    "handed_over",
    "handed_back",
    "inherited_overdue",
)


def _pair(unit: str, other: str, periods: str, kind: str, n: str = "1", worst: str = "-1") -> str:
    place = _KINDS.index(kind)
    units = f"toString({unit}), toString({other})"
    return f"({units}, toUInt8({periods}), toUInt8({place}), toInt64({n}), toInt64({worst}))"


_ALL: Final = str(EVERY_PERIOD)
_MOVED: Final = periods_of("held[i].4")
# who asked: who held it then; before the receipt, where it was registered
_ASKER: Final = (
    "multiIf(received_us = 0 OR c.3 < received_us, toString(registering_unit),"
    " arrayFirstIndex(s -> s.3 <= c.3 AND c.3 < s.4, held) != 0,"
    " held[arrayFirstIndex(s -> s.3 <= c.3 AND c.3 < s.4, held)].1, toString(unit_id))"
)
_PAIRS: Final = f"""arrayFilter(f -> f.5 != 0, arrayConcat(
            if(waits, [{_pair("unit_id", "waiting_on", _ALL, "waiting", "1", "suspended_now_us")}], []),
            arrayFlatten(arrayMap(c -> [
                {_pair(_ASKER, "c.2", periods_of("c.3"), "asked")},
                {_pair(_ASKER, "c.2", _ALL, "asked_open", "c.5 = 0")},
                {_pair(_ASKER, "c.2", _ALL, "asked_overdue", "c.5 = 0 AND c.4 != 0 AND {at:Int64} > c.4")},
                {_pair(_ASKER, "c.2", periods_of("c.5"), "answered_late", "c.5 != 0 AND c.4 != 0 AND c.5 > c.4")}
            ], asked)),
            arrayMap(i -> {_pair("holders[i]", "holders[i + 1]", _MOVED, "handed_over")}, moves),
            arrayMap(i -> {_pair("holders[i]", "holders[i + 1]", _MOVED, "handed_back")}, backs),
            if(stock = 'overdue' AND inherited_overdue AND notEmpty(moves),
                [{_pair("holders[moves[-1]]", "unit_id", _ALL, "inherited_overdue")}], [])
        ))"""
_NAMES: Final = ", ".join(f"'{period}'" for period in PERIODS)
_WEIGHTS: Final = ", ".join(str(1 << place) for place in range(len(PERIODS)))
_PAIR_SUMS: Final = ", ".join(f"sumIf(n, place = {place}) AS {kind}" for place, kind in enumerate(_KINDS))
PAIR: Final = f"""
INSERT INTO summary_pairs
    (slot, generation, unit_id, other_id, period, {", ".join(_KINDS)}, waiting_worst_s, computed_at)
WITH {WINDOWS}
SELECT {{slot:UInt8}}, {{generation:UInt64}}, unit, other, period, {_PAIR_SUMS},
    if(max(worst) < 0, NULL, intDiv(max(worst) + 500000, 1000000)),
    fromUnixTimestamp64Micro({{computed_at:Int64}}, 'UTC')
FROM (
    SELECT pair.1 AS unit, pair.2 AS other, pair.4 AS place, pair.5 AS n, pair.6 AS worst,
        arrayJoin(arrayFilter((p, w) -> bitAnd(pair.3, w) != 0, [{_NAMES}], [{_WEIGHTS}])) AS period
    FROM (
        SELECT {_PAIRS} AS pairs
        FROM ({cases_told("status != '' AND (handovers > 0 OR consultations != '' OR waiting_on != '')")})
    )
    ARRAY JOIN pairs AS pair
)
GROUP BY unit, other, period
"""  # noqa: S608  # only our own names are put in
"""Rows of ``summary_pairs``."""

_ODD: Final = "SELECT case_id, unit_id, anomalies FROM cases FINAL WHERE status != '' AND anomaly_count > 0"
ANOMALY: Final = f"""
INSERT INTO summary_anomalies ({", ".join(ANOMALY_COLUMNS)})
SELECT {{slot:UInt8}}, {{generation:UInt64}}, about, id, kind, count(),
    fromUnixTimestamp64Micro({{computed_at:Int64}}, 'UTC')
FROM (
    SELECT 'unit' AS about, arrayJoin(arrayDistinct([toString(unit_id), '*'])) AS id,
        arrayJoin(splitByChar(';', anomalies)) AS kind
    FROM ({_ODD})
    UNION ALL
    SELECT 'source' AS about, toString(told.source) AS id, arrayJoin(splitByChar(';', odd.anomalies)) AS kind
    FROM (
        SELECT DISTINCT case_id, source FROM events WHERE case_id IN (SELECT case_id FROM ({_ODD}))
    ) AS told
    INNER JOIN ({_ODD}) AS odd USING (case_id)
)
GROUP BY about, id, kind
"""  # noqa: S608  # only our own names are put in
"""Rows of ``summary_anomalies``. Of ``events`` only those of cases with an anomaly are looked up, by the key."""

_KEY: Final = ", ".join(CELL_KEYS)


def _rate(name: str) -> str:
    part, whole = RATES[name]
    return f"if(c.{whole} = 0, NULL, round(c.{part} / c.{whole}, 6))"


def _rounded(total: str, n: str) -> str:
    return f"if({n} = 0, NULL, intDiv(2 * {total} + {n} * 1000000, 2 * {n} * 1000000))"


_FROM_TIMES: Final = {
    "processing_p50_s": ("processing", "p50_s"),
    "processing_p90_s": ("processing", "p90_s"),
    "clock_p50_s": ("clock", "p50_s"),
    "clock_p90_s": ("clock", "p90_s"),
    "open_age_p50_s": ("open_age", "p50_s"),
    "open_age_p90_s": ("open_age", "p90_s"),
    "oldest_open_s": ("open_age", "worst_s"),
    "worst_overdue_s": ("late", "worst_s"),
    "holding_p50_s": ("holding", "p50_s"),
    "holding_p90_s": ("holding", "p90_s"),
}


def _column(name: str) -> str:
    if name in RATES:
        return _rate(name)
    if name in _FROM_TIMES:
        return f"if(t.there = 0 OR t.{name} < 0, NULL, t.{name})"
    made = {
        "slot": "c.slot",
        "generation": "c.generation",
        "carried_over": "if(c.dimension = '', c.carried_over, NULL)",
        "processing_sum_s": "if(c.processing_n = 0, NULL, intDiv(c.processing_us + 500000, 1000000))",
        "processing_mean_s": _rounded("c.processing_us", "c.processing_n"),
        "clock_sum_s": "if(c.processing_n = 0, NULL, intDiv(c.clock_us + 500000, 1000000))",
        "clock_mean_s": _rounded("c.clock_us", "c.processing_n"),
        "last_event_at": "fromUnixTimestamp64Micro(c.last_event_us, 'UTC')",
        "suppressed": "arrayFilter((n, b) -> bitAnd(h.hidden, b) != 0, {names:Array(String)}, {bits:Array(UInt64)})",
        "computed_at": "fromUnixTimestamp64Micro({computed_at:Int64}, 'UTC')",
    }
    return made.get(name, f"c.{name}")


_MINE: Final = "slot = {slot:UInt8} AND generation = {generation:UInt64}"
_TIMES: Final = ", ".join(
    f"maxIf({column}, measure = '{measure}') - (countIf(measure = '{measure}') = 0) AS {name}"
    for name, (measure, column) in _FROM_TIMES.items()
)
PUT_TOGETHER: Final = f"""
INSERT INTO summary_cells ({", ".join(CELL_COLUMNS)})
SELECT {", ".join(f"{_column(name)} AS {name}_" for name in CELL_COLUMNS)}
FROM (SELECT * FROM summary_counts WHERE {_MINE}) AS c
LEFT JOIN (SELECT {_KEY}, 1 AS there, {_TIMES} FROM summary_times WHERE {_MINE} GROUP BY {_KEY}) AS t USING ({_KEY})
LEFT JOIN (SELECT {_KEY}, hidden FROM summary_hidden WHERE {_MINE}) AS h USING ({_KEY})
"""  # noqa: S608  # only our own names are put in
"""Rows of ``summary_cells`` from what was counted, measured and found to be hidden."""

READ_COUNTS: Final = f"""
SELECT {_KEY}, {", ".join(COUNTS)} FROM summary_counts WHERE {_MINE} AND dimension = {{dimension:String}}
"""  # noqa: S608  # only our own names are put in
