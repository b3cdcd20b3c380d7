"""The cases as SQL sees them for the summaries, and the names of what is counted of them (summary_families.py).

``periods`` is a set of bits in the order of ``PERIODS``: all of them end now, so what happened on a day belongs to each
that had begun by then.
"""

from __future__ import annotations

from typing import Final

from schemas.columns import FLOW, FLOWS
from schemas.period import PERIODS
from schemas.summary import RATED

EVERY_PERIOD: Final = (1 << len(PERIODS)) - 1

CASE_FLOWS: Final = FLOWS[: FLOW["in_time"]]
"""What happens to a case; the flows behind them change a stock."""
STOCK_COLUMNS: Final = FLOWS[FLOW["in_time"] : FLOW["awaiting"]]
BANDS: Final = {
    1: "overdue_to_1_day",
    3: "overdue_to_3_days",
    10: "overdue_to_10_days",
    30: "overdue_to_30_days",
}
"""By the most working days of delay."""
STOCK_FACTS: Final = (
    *STOCK_COLUMNS,
    *BANDS.values(),
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
    *CASE_FLOWS,
    *STOCK_FACTS,
    *UNIT_FACTS,
    "sent_back_own",
    "sent_back_tree",
    *RATED,
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
