"""What is counted of cases, as SQL: families of facts that are told of the same unit in the same periods.

A family is a query of rows (dimension, value, unit, periods, place, n): ``place`` is a place in ``FACTS``, ``periods``
a set of bits (summary_facts.py), n the sum over the cases of that value. Each reads only the columns that it needs and
only the cases that have something to tell; what many cases tell alike is added up before it is told by dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas.columns import FLOW
from schemas.summary import RATED
from schemas.thresholds import HOURS_OF_WORKING_DAY
from sinks.clickhouse.summary_facts import (
    BANDS,
    CASE_FLOWS,
    EVERY_PERIOD,
    FACT,
    STOCK_COLUMNS,
    cases_now,
    cases_told,
    periods_of,
    periods_of_day,
    us,
)

_ALL: Final = str(EVERY_PERIOD)
_EVER: Final = f"toUInt8({EVERY_PERIOD})"
_DAY_US: Final = HOURS_OF_WORKING_DAY * 3_600_000_000


class _Told(NamedTuple):
    """By what a family is told: columns of the case that tell it apart, and pairs (dimension, value)."""

    case: tuple[str, ...]
    pairs: tuple[str, ...]

    def keys(self, *more: str) -> str:
        """The columns of the case, and others, as a list."""
        return ", ".join((*self.case, *more))

    @property
    def dims(self) -> str:
        """The pairs as an array."""
        return f"[{', '.join(self.pairs)}]"


_OF_CASE: Final = _Told(
    ("procedure_code", "channel", "kind", "cause"),
    (
        "('', '')",
        "('procedure', toString(procedure_code))",
        "('channel', toString(channel))",
        "('kind', toString(kind))",
        "('cause', toString(cause))",
    ),
)
_OF_STOCK: Final = _Told(_OF_CASE.case, (*_OF_CASE.pairs, "('step', part)"))
_OF_VOICE: Final = _Told(_OF_CASE.case, (*_OF_CASE.pairs, "('aspect', part)"))
_OF_STAYS: Final = _Told((), ("('', '')", "('step', part)"))
_OF_UNIT: Final = _Told((), ("('', '')",))
_PATHS: Final = "(SELECT mapFromArrays(groupArray(unit_id), groupArray(path)) FROM units FINAL) AS paths"


def _together(
    numbers: Mapping[str, str], *, unit: str, periods: str, source: str, told: _Told, part: str = "''"
) -> str:
    """A family whose numbers are told of the same unit and periods: one row a case, as many sums as numbers."""
    sums = {f"n{FACT[name]}": n for name, n in numbers.items()}
    of_cases = ", ".join(f"sum(toInt64({n})) AS {name}" for name, n in sums.items())
    of_values = ", ".join(f"sum({name}) AS {name}" for name in sums)
    places = ", ".join(f"(toUInt8({FACT[name]}), n{FACT[name]})" for name in numbers)
    chosen = told.keys(f"toString({part}) AS part", f"toString({unit}) AS unit", f"{periods} AS periods")
    return f"""
    SELECT dimension, value, unit, periods, fact.1 AS place, fact.2 AS n
    FROM (
        SELECT dim.1 AS dimension, dim.2 AS value, unit, periods, {of_values}
        FROM (SELECT {chosen}, {of_cases} FROM ({source}) GROUP BY {told.keys("part", "unit", "periods")})
        ARRAY JOIN {told.dims} AS dim
        GROUP BY dimension, value, unit, periods
    )
    ARRAY JOIN arrayFilter(t -> t.2 != 0, [{places}]) AS fact
    """  # noqa: S608  # only our own names are put in


def _one_by_one(facts: str, *, source: str, told: _Told, total: str = "sum") -> str:
    """A family of facts (unit, periods, place, n, part), of which a case may tell many."""
    chosen = told.keys("fact.1 AS unit", "fact.2 AS periods", "fact.3 AS place", "fact.5 AS part")
    return f"""
    SELECT dim.1 AS dimension, dim.2 AS value, unit, periods, place, {total}(n) AS n
    FROM (
        SELECT {chosen}, {total}(fact.4) AS n
        FROM ({source})
        ARRAY JOIN arrayFilter(f -> f.4 != 0, {facts}) AS fact
        GROUP BY {told.keys("part", "unit", "periods", "place")}
    )
    ARRAY JOIN {told.dims} AS dim
    GROUP BY dimension, value, unit, periods, place
    """  # noqa: S608  # only our own names are put in


def _fact(unit: str, periods: str, name: str, n: str = "1", part: str = "''") -> str:
    return _placed(unit, periods, str(FACT[name]), n, part)


def _placed(unit: str, periods: str, place: str, n: str, part: str = "''") -> str:
    return f"(toString({unit}), toUInt8({periods}), toUInt8({place}), toInt64({n}), toString({part}))"


def _list(*facts: str) -> str:
    return f"[{', '.join(facts)}]"


def _flows() -> str:
    """Many of each case: as rows of their own they take half of what arrays of facts do."""
    case, late = _OF_CASE.keys(), FLOW["completed_late"]
    moved = cases_told("flows != ''")
    source = f"SELECT *, arrayJoin(happened) AS f FROM ({moved})"  # noqa: S608  # our own
    return f"""
    SELECT dim.1 AS dimension, dim.2 AS value, unit, periods, place, sum(n) AS n
    FROM (
        SELECT {case}, unit, periods, n,
            arrayJoin(if(cause = '' AND flow = {late}, [flow, {FACT["late_without_cause"]}], [flow])) AS place
        FROM (
            SELECT {case}, toLowCardinality(f.1) AS unit, {periods_of_day("f.2")} AS periods, f.3 AS flow,
                sum(toInt64(f.4)) AS n
            FROM ({source})
            WHERE f.3 < {len(CASE_FLOWS)}
            GROUP BY {case}, unit, periods, flow
        )
    )
    ARRAY JOIN {_OF_CASE.dims} AS dim
    GROUP BY dimension, value, unit, periods, place
    """  # noqa: S608  # only our own names are put in


def _stock() -> str:
    columns = ", ".join(f"'{name}'" for name in STOCK_COLUMNS)
    places = ", ".join(str(FACT[name]) for name in STOCK_COLUMNS)
    bands = ", ".join(f"late_now_us <= {days * _DAY_US}, {FACT[name]}" for days, name in BANDS.items())
    overdue = "stock = 'overdue'"
    limit = (
        "transform(toString(suspended_reason), {reasons:Array(String)}, {limits:Array(Int64)}, {limit:Int64})"
    )

    def held(name: str, n: str) -> str:
        return _fact("unit_id", _ALL, name, n, "step")

    facts = _list(
        _placed("unit_id", _ALL, f"transform(stock, [{columns}], [{places}], 0)", "1", "step"),
        _placed("unit_id", _ALL, f"multiIf({bands}, {FACT['overdue_over_30_days']})", overdue, "step"),
        held("suspended_beyond_limit", f"status = 'suspended' AND suspended_now_us > {limit}"),
        held("waiting_on_others", "waits"),
        held("inherited_overdue", f"{overdue} AND inherited_overdue"),
    )
    return _one_by_one(facts, source=cases_now("status IN ('processing', 'suspended')"), told=_OF_STOCK)


def _overdue_without_cause() -> str:
    source = cases_now("status IN ('processing', 'suspended') AND cause = ''")
    numbers = {"late_without_cause": "stock = 'overdue'"}
    return _together(numbers, unit="unit_id", periods=_EVER, source=source, told=_OF_CASE)


def _reception() -> str:
    numbers = {
        "awaiting": "1",
        "awaiting_overdue": f"{{at:Int64}} > {us('reception_due_at')} AND {us('reception_due_at')} != 0",
    }
    source = cases_now(f"status = 'registered' AND {us('registered_at')} != 0")
    return _together(
        numbers, unit="registering_unit", periods=_EVER, source=source, told=_OF_STOCK, part="step"
    )


def _receipts() -> str:
    paid = "JSONExtractString(attributes, 'paid_online') IN ('national', 'local')"
    fee = "JSONExtractBool(attributes, 'fee_due')"
    numbers = {
        "received_online": "channel = 'online'",
        "received_digitised": "JSONExtractBool(attributes, 'digitised')",
        "received_fee_due": fee,
        "received_cashless": f"{fee} AND {paid}",
        "received_vneid": "JSONExtractBool(attributes, 'vneid')",
    }
    source = cases_now(f"status != '' AND {us('received_at')} != 0")
    return _together(numbers, unit="receiving_unit", periods="since_received", source=source, told=_OF_CASE)


def _ends() -> str:
    numbers = {
        "processing_n": "1",
        "processing_us": "elapsed_us",
        "clock_us": "clock_case_us",
        "ends_solved": "outcome IN ('granted', 'resolved')",
    }
    source = cases_now("timeliness != ''")
    return _together(numbers, unit="unit_id", periods="since_done", source=source, told=_OF_CASE)


def _voice() -> str:
    counts = {
        "ratings": "1",
        "rating_sum": "r.1",
        "ratings_with_answer": "r.2 IS NOT NULL",
        "ratings_solved": "ifNull(r.2, false)",
    }
    each = "arrayJoin(JSONExtract(ratings, 'Array(Tuple(Int64, Nullable(Bool), String))'))"
    rated = cases_now("ratings NOT IN ('', '[]')")
    source = f"SELECT *, {each} AS r FROM ({rated})"  # noqa: S608  # our own
    numbers = {name: counts[name] for name in RATED}
    return _together(
        numbers, unit="unit_id", periods="since_latest", source=source, told=_OF_VOICE, part="r.3"
    )


def _consultations() -> str:
    since = periods_of("c.5")
    facts = _list(
        _fact("c.2", _ALL, "consultations_open", "c.5 = 0"),
        _fact("c.2", _ALL, "consultations_overdue", "c.5 = 0 AND c.4 != 0 AND {at:Int64} > c.4"),
        _fact("c.2", since, "consultations_answered", "c.5 != 0"),
        _fact("c.2", since, "consultations_answered_late", "c.5 != 0 AND c.4 != 0 AND c.5 > c.4"),
    )
    every = f"arrayFlatten(arrayMap(c -> {facts}, asked))"
    return _one_by_one(every, source=cases_told("consultations NOT IN ('', '[]')"), told=_OF_UNIT)


def _stays() -> str:
    stayed = cases_told("stays NOT IN ('', '[]')")
    source = f"SELECT *, arrayJoin(held) AS s FROM ({stayed})"  # noqa: S608  # our own
    return _together(
        {"holding_n": "1"}, unit="s.1", periods=periods_of("s.4"), source=source, told=_OF_STAYS, part="s.2"
    )


def _sent_back() -> str:
    """A case counts once for a unit, and once for each above it, however often it was sent back."""
    since = periods_of("held[i].4")
    path = "if(has(mapKeys(paths), holders[i]), paths[holders[i]], [holders[i]])"

    def of(which: str, unit: str, inside: str) -> str:
        periods = f"arrayReduce('groupBitOr', arrayMap(i -> {since}, arrayFilter(i -> {inside}, backs)))"
        return f"arrayMap(u -> {_fact('u', periods, which)}, arrayDistinct({unit}))"

    own = of("sent_back_own", "arrayMap(i -> holders[i], backs)", "holders[i] = u")
    above = f"arrayFlatten(arrayMap(i -> arrayPushBack({path}, '*'), backs))"
    tree = of("sent_back_tree", above, f"u = '*' OR has({path}, u)")
    source = f"WITH {_PATHS} SELECT *, paths FROM ({cases_told('handovers > 0')})"  # noqa: S608  # our own
    return _one_by_one(f"arrayConcat({own}, {tree})", source=source, told=_OF_CASE)


def _signs_of_life() -> str:
    """When something last happened at each unit: the greatest, no sum."""
    ends = f"arrayMap(s -> {_fact('s.1', _ALL, 'last_event_us', 's.4')}, held)"
    facts = _list(
        _fact("unit_id", _ALL, "last_event_us", "latest_us"),
        _fact("receiving_unit", _ALL, "last_event_us", "received_us"),
        _fact("registering_unit", _ALL, "last_event_us", us("registered_at")),
    )
    return _one_by_one(
        f"arrayConcat({ends}, {facts})", source=cases_told("status != ''"), told=_OF_UNIT, total="max"
    )


def _anomalies() -> str:
    source = cases_now("status != '' AND anomaly_count > 0")
    numbers = {"anomalies": "anomaly_count"}
    return _together(numbers, unit="unit_id", periods=_EVER, source=source, told=_OF_UNIT)


def _every_unit() -> str:
    """A row of each unit, so that one of which nothing is told has a cell."""
    unit = "arrayJoin(arrayPushBack((SELECT groupArray(unit_id) FROM units FINAL), '*'))"
    return f"""
    SELECT '' AS dimension, '' AS value, {unit} AS unit, {_EVER} AS periods,
        toUInt8({FACT["anomalies"]}) AS place, toInt64(0) AS n
    """


FAMILIES: Final = (
    _flows(),
    _stock(),
    _overdue_without_cause(),
    _reception(),
    _receipts(),
    _ends(),
    _voice(),
    _consultations(),
    _stays(),
    _sent_back(),
    _signs_of_life(),
    _anomalies(),
    _every_unit(),
)
"""Every fact stands in exactly one of them, but ``late_without_cause``: of ends, and of the overdue."""
