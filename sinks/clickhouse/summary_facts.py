"""The facts of one case, as SQL: what it adds to which unit in which periods; sums over them are the summaries' counts.

A fact is a tuple (unit, periods, place, n, step). ``periods`` is a set of bits in the order of ``PERIODS``: all of them
end now, so what happened on a day belongs to each that had begun by then. ``place`` is a place in ``FACTS``.
"""

from __future__ import annotations

from typing import Final

from schemas.columns import FLOW, FLOWS
from schemas.period import PERIODS
from schemas.thresholds import HOURS_OF_WORKING_DAY

EVERY_PERIOD: Final = (1 << len(PERIODS)) - 1

_FLOWS: Final = FLOWS[: FLOW["in_time"]]
_COLUMNS: Final = FLOWS[FLOW["in_time"] : FLOW["awaiting"]]
_BANDS: Final = {
    1: "overdue_to_1_day",
    3: "overdue_to_3_days",
    10: "overdue_to_10_days",
    30: "overdue_to_30_days",
}
STOCK_FACTS: Final = (
    *_COLUMNS,
    *_BANDS.values(),
    "overdue_over_30_days",
    "suspended_beyond_limit",
    "awaiting",
    "awaiting_overdue",
    "waiting_on_others",
    "inherited_overdue",
)
"""What stands open now; told by the step where it stands, too."""
UNIT_FACTS: Final = (
    "consultations_open",
    "consultations_overdue",
    "consultations_answered",
    "consultations_answered_late",
    "anomalies",
    "last_event_us",
)
"""Told of a unit as a whole alone."""
FACTS: Final = (
    *_FLOWS,
    *STOCK_FACTS,
    *UNIT_FACTS,
    "sent_back_own",
    "sent_back_tree",
    "ratings",
    "rating_sum",
    "ratings_with_answer",
    "ratings_solved",
    "ends_solved",
    "late_without_cause",
    "received_online",
    "received_digitised",
    "received_fee_due",
    "received_cashless",
    "received_vneid",
    "processing_n",
    "processing_us",
    "clock_us",
    "holding_n",
)
FACT: Final = {name: place for place, name in enumerate(FACTS)}
_ALL: Final = str(EVERY_PERIOD)
_DAY_US: Final = HOURS_OF_WORKING_DAY * 3_600_000_000

WINDOWS: Final = """windows AS (
    SELECT window.1 AS calendar, window.2 AS first_days, window.3 AS first_us, marks.mark AS mark
    FROM (
        SELECT arrayJoin(arrayZip(
            {calendars:Array(String)}, {first_days:Array(Array(Int64))}, {first_us:Array(Array(Int64))}
        )) AS window
    ) AS each
    LEFT JOIN (
        SELECT calendar, max(work_before + least({at:Int64}, stop) - start) AS mark
        FROM calendar_marks
        WHERE start <= {at:Int64}
        GROUP BY calendar
    ) AS marks ON marks.calendar = window.1
)"""
"""By calendar: where each period begins, as a local day and as a moment, and the working time up to now."""


def us(column: str) -> str:
    """A moment as µs; 0: none."""
    return f"toUnixTimestamp64Micro({column})"


def _bits(what: str, begins: str) -> str:
    each = (f"{1 << place} * ({what} >= {begins}[{place + 1}])" for place in range(len(PERIODS)))
    return f"toUInt8({' + '.join(each)})"


def periods_of_day(day: str) -> str:
    """The periods that hold a local day."""
    return _bits(day, "first_days")


def periods_of(moment: str) -> str:
    """The periods that hold a moment, µs."""
    return _bits(moment, "first_us")


_STATE: Final = f"""
    {us("received_at")} AS received_us,
    {us("last_event_at")} AS latest_us,
    status IN ('processing', 'suspended') AS is_open,
    multiIf(
        NOT is_open, '',
        status = 'suspended' OR counted_as = 'overdue', toString(counted_as),
        {us("due_at")} = 0, 'no_deadline',
        {{at:Int64}} > {us("effective_due_at")}, 'overdue',
        {us("due_soon_at")} != 0 AND {{at:Int64}} >= {us("due_soon_at")}, 'due_soon',
        'in_time'
    ) AS stock,
    multiIf(
        status = 'suspended', late_us,
        {us("due_at")} != 0, greatest(0, mark - due_mark_us),
        0
    ) AS late_now_us,
    if(status = 'suspended', elapsed_us, mark - elapsed_base_us) AS age_us,
    if(status = 'suspended', mark - suspended_mark_us, 0) AS suspended_now_us,
    status = 'suspended' AND suspended_reason = 'other_agency' AND waiting_on != '' AS waits,
    timeliness != '' AS is_done,
    greatest({us("ended_at")}, received_us) AS done_us,
    greatest({us("ended_at")} - received_us, 0) AS clock_case_us"""
_SINCE: Final = f"""
    {periods_of("received_us")} AS since_received,
    {periods_of("done_us")} AS since_done,
    {periods_of("latest_us")} AS since_latest"""
_PARSED: Final = """
    JSONExtract(flows, 'Array(Tuple(String, Int32, UInt8, Int32))') AS happened,
    JSONExtract(stays, 'Array(Tuple(String, String, Int64, Int64, Int64))') AS held,
    JSONExtract(consultations, 'Array(Tuple(String, String, Int64, Int64, Int64))') AS asked"""
_HOLDERS: Final = "arrayConcat(arrayMap(s -> s.1, held), if(is_open, [toString(unit_id)], [])) AS holders"
_MOVES: Final = """if(
        handovers > 0, arrayFilter(i -> holders[i] != holders[i + 1], range(1, length(holders))), []
    ) AS moves"""
_BACKS: Final = "arrayFilter(i -> has(arraySlice(holders, 1, i), holders[i + 1]), moves) AS backs"


def _layered(source: str, layers: tuple[str, ...]) -> str:
    """Each layer sees the columns of those before; aliases of one query would be worked out again at every use."""
    for layer in layers:
        source = f"SELECT *, {layer} FROM ({source})"  # noqa: S608  # our own
    return source


def cases_now(where: str) -> str:
    """The cases as they stand now; the clock runs on marks of working time (as in migrations/0002_cases_at.sql).

    Beside the columns of ``cases``: ``received_us``, ``is_open``, ``stock``, ``late_now_us``, ``age_us`` ..., and the
    sets of periods ``since_received``, ``since_done``, ``since_latest``.
    """
    source = f"SELECT * FROM cases FINAL LEFT JOIN windows USING (calendar) WHERE {where}"  # noqa: S608  # our own
    return _layered(source, (_STATE, _SINCE))


def cases_told(where: str) -> str:
    """The same with what their JSON says.

    ``happened``: the flows; ``held``: the stays (unit, step, from, to, held µs); ``asked``: the consultations
    (request, unit asked, when, due or 0, answered or 0); ``holders``: who held it one after the other; ``moves``:
    places in it after which it was handed over; ``backs``: those after which it went to an earlier holder.
    """
    return _layered(cases_now(where), (_PARSED, _HOLDERS, _MOVES, _BACKS))


def _fact(unit: str, periods: str, name: str, n: str = "1", step: str = "''") -> str:
    return _placed(unit, periods, str(FACT[name]), n, step)


def _placed(unit: str, periods: str, place: str, n: str, step: str = "''") -> str:
    return f"(toString({unit}), toUInt8({periods}), toUInt8({place}), toInt64({n}), toString({step}))"


def _held(name: str, n: str) -> str:
    return _fact("unit_id", _ALL, name, n, "step")


def _list(*facts: str) -> str:
    return f"[{', '.join(facts)}]"


def _flow_facts() -> str:
    flow = _placed("f.1", periods_of_day("f.2"), "f.3", "f.4")
    return f"arrayMap(f -> {flow}, arrayFilter(f -> f.3 < {len(_FLOWS)}, happened))"


def _late_without_cause() -> str:
    late = f"cause = '' AND f.3 = {FLOW['completed_late']}"
    fact = _fact("f.1", periods_of_day("f.2"), "late_without_cause", "f.4")
    return f"arrayMap(f -> {fact}, arrayFilter(f -> {late}, happened))"


def _stock_facts() -> str:
    columns = ", ".join(f"'{name}'" for name in _COLUMNS)
    places = ", ".join(str(FACT[name]) for name in _COLUMNS)
    bands = ", ".join(f"late_now_us <= {days * _DAY_US}, {FACT[name]}" for days, name in _BANDS.items())
    overdue = "stock = 'overdue'"
    limit = (
        "transform(toString(suspended_reason), {reasons:Array(String)}, {limits:Array(Int64)}, {limit:Int64})"
    )
    facts = _list(
        _placed("unit_id", _ALL, f"transform(stock, [{columns}], [{places}], 0)", "1", "step"),
        _placed("unit_id", _ALL, f"multiIf({bands}, {FACT['overdue_over_30_days']})", f"{overdue}", "step"),
        _held("suspended_beyond_limit", f"status = 'suspended' AND suspended_now_us > {limit}"),
        _held("waiting_on_others", "waits"),
        _held("inherited_overdue", f"{overdue} AND inherited_overdue"),
        _fact("unit_id", _ALL, "late_without_cause", f"{overdue} AND cause = ''"),
    )
    return f"if(is_open, {facts}, [])"


def _reception_facts() -> str:
    unit = "registering_unit"
    overdue = f"{{at:Int64}} > {us('reception_due_at')} AND {us('reception_due_at')} != 0"
    facts = _list(
        _fact(unit, _ALL, "awaiting", "1", "step"), _fact(unit, _ALL, "awaiting_overdue", overdue, "step")
    )
    return f"if(status = 'registered' AND {us('registered_at')} != 0, {facts}, [])"


def _receipt_facts() -> str:
    unit, since = "receiving_unit", "since_received"
    paid = "JSONExtractString(attributes, 'paid_online') IN ('national', 'local')"
    fee = "JSONExtractBool(attributes, 'fee_due')"
    facts = _list(
        _fact(unit, since, "received_online", "channel = 'online'"),
        _fact(unit, since, "received_digitised", "JSONExtractBool(attributes, 'digitised')"),
        _fact(unit, since, "received_fee_due", fee),
        _fact(unit, since, "received_cashless", f"{fee} AND {paid}"),
        _fact(unit, since, "received_vneid", "JSONExtractBool(attributes, 'vneid')"),
    )
    return f"if(received_us != 0, {facts}, [])"


def _end_facts() -> str:
    since = "since_done"
    facts = _list(
        _fact("unit_id", since, "processing_n"),
        _fact("unit_id", since, "processing_us", "elapsed_us"),
        _fact("unit_id", since, "clock_us", "clock_case_us"),
        _fact("unit_id", since, "ends_solved", "outcome IN ('granted', 'resolved')"),
    )
    return f"if(is_done, {facts}, [])"


def _voice_facts() -> str:
    since = "since_latest"
    facts = _list(
        _fact("unit_id", since, "ratings"),
        _fact("unit_id", since, "rating_sum", "r.1"),
        _fact("unit_id", since, "ratings_with_answer", "r.2 IS NOT NULL"),
        _fact("unit_id", since, "ratings_solved", "ifNull(r.2, false)"),
    )
    told = "JSONExtract(ratings, 'Array(Tuple(Int64, Nullable(Bool), String))')"
    return f"arrayFlatten(arrayMap(r -> {facts}, {told}))"


def _consultation_facts() -> str:
    since = periods_of("c.5")
    facts = _list(
        _fact("c.2", _ALL, "consultations_open", "c.5 = 0"),
        _fact("c.2", _ALL, "consultations_overdue", "c.5 = 0 AND c.4 != 0 AND {at:Int64} > c.4"),
        _fact("c.2", since, "consultations_answered", "c.5 != 0"),
        _fact("c.2", since, "consultations_answered_late", "c.5 != 0 AND c.4 != 0 AND c.5 > c.4"),
    )
    return f"arrayFlatten(arrayMap(c -> {facts}, asked))"


def _holding_facts() -> str:
    return f"arrayMap(s -> {_fact('s.1', periods_of('s.4'), 'holding_n', '1', 's.2')}, held)"


def _sent_back_facts() -> str:
    """A case counts once for a unit, and once for each above it, however often it was sent back."""
    since = periods_of("held[i].4")
    path = "if(has(mapKeys(paths), holders[i]), paths[holders[i]], [holders[i]])"

    def of(which: str, unit: str, inside: str) -> str:
        periods = f"arrayReduce('groupBitOr', arrayMap(i -> {since}, arrayFilter(i -> {inside}, backs)))"
        return f"arrayMap(u -> {_fact('u', periods, which)}, arrayDistinct({unit}))"

    own = of("sent_back_own", "arrayMap(i -> holders[i], backs)", "holders[i] = u")
    above = f"arrayFlatten(arrayMap(i -> arrayPushBack({path}, '*'), backs))"
    tree = of("sent_back_tree", above, f"u = '*' OR has({path}, u)")
    return f"if(empty(backs), [], arrayConcat({own}, {tree}))"


def _sign_of_life() -> str:
    ends = f"arrayMap(s -> {_fact('s.1', _ALL, 'last_event_us', 's.4')}, held)"
    facts = _list(
        _fact("unit_id", _ALL, "last_event_us", "latest_us"),
        _fact("receiving_unit", _ALL, "last_event_us", "received_us"),
        _fact("registering_unit", _ALL, "last_event_us", us("registered_at")),
        _fact("unit_id", _ALL, "anomalies", "anomaly_count"),
    )
    return f"arrayConcat({ends}, {facts})"


def case_facts() -> str:
    """The expression for all facts of a case, over the columns of ``cases_told``."""
    groups = (
        _flow_facts(),
        _late_without_cause(),
        _stock_facts(),
        _reception_facts(),
        _receipt_facts(),
        _end_facts(),
        _voice_facts(),
        _consultation_facts(),
        _holding_facts(),
        _sent_back_facts(),
        _sign_of_life(),
    )
    every = ",\n        ".join(groups)
    return f"arrayFilter(f -> f.4 != 0, arrayConcat(\n        {every}\n    ))"
