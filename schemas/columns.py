"""The columns of what a partition writes, by table: name -> ClickHouse type.

The migrations and the row builder are both held against these tables by a test. A moment that does not
exist is stored as the epoch (0): cheaper than a nullable column, and no moment of ours is before 2000.
"""

from __future__ import annotations

from typing import Final

_CODE: Final = "LowCardinality(String)"
_MOMENT: Final = "DateTime64(6, 'UTC')"

EVENT_COLUMNS: Final[dict[str, str]] = {
    "case_id": "String",
    "event_id": "String",
    "type": _CODE,
    "occurred_at": _MOMENT,
    "recorded_at": _MOMENT,
    "ingested_at": _MOMENT,
    "source": _CODE,
    "unit_id": _CODE,
    "content": "String",
}
"""One row per distinct event; ``content``: every other field as JSON with sorted keys."""

CASE_COLUMNS: Final[dict[str, str]] = {
    "case_id": "String",
    "kind": _CODE,
    "channel": _CODE,
    "procedure_code": _CODE,
    "unit_id": _CODE,
    "receiving_unit": _CODE,
    "registering_unit": _CODE,
    "step": _CODE,
    "officer": _CODE,
    "status": _CODE,
    "suspended_reason": _CODE,
    "waiting_on": _CODE,
    "outcome": _CODE,
    "cause": _CODE,
    "timeliness": _CODE,
    "first_timeliness": _CODE,
    "counted_as": _CODE,
    "counted_at": _CODE,
    "anomalies": "String",
    "attributes": "String",
    "consultations": "String",
    "ratings": "String",
    "flows": "String",
    "stays": "String",
    "ledger": "String",
    "calendar": _CODE,
    "profile": _CODE,
    "rules": _CODE,
    "registered_at": _MOMENT,
    "reception_due_at": _MOMENT,
    "reception_ended_at": _MOMENT,
    "received_at": _MOMENT,
    "first_due_at": _MOMENT,
    "due_at": _MOMENT,
    "effective_due_at": _MOMENT,
    "legal_due_at": _MOMENT,
    "suspended_at": _MOMENT,
    "ended_at": _MOMENT,
    "delivered_at": _MOMENT,
    "first_ended_at": _MOMENT,
    "last_event_at": _MOMENT,
    "wake_at": _MOMENT,
    "due_soon_at": _MOMENT,
    "elapsed_us": "Int64",
    "suspended_us": "Int64",
    "reopened_gap_us": "Int64",
    "late_us": "Int64",
    "elapsed_base_us": "Int64",
    "due_mark_us": "Int64",
    "suspended_mark_us": "Int64",
    "anomaly_count": "UInt32",
    "reopened": "UInt32",
    "handovers": "UInt32",
    "handovers_back": "UInt32",
    "supplements": "UInt32",
    "overdue_whatever_dates": "UInt8",
    "late_first_promise": "UInt8",
    "inherited_overdue": "UInt8",
    "live": "UInt8",
    "version": "UInt64",
    "updated_at": _MOMENT,
}
"""One row per case: its state, free of the present moment.

What runs with the clock is stored as marks of working time (see ``WorkingTime.mark``): of an open, running
case, at a moment t, elapsed = mark(t) - elapsed_base_us, late = mark(t) - due_mark_us, and while suspended,
suspended = suspended_us + mark(t) - suspended_mark_us. ``live`` = 1: a worker keeps the case in memory.
``counted_as``, ``counted_at``: the column of FLOWS in which the case counts now, and the unit, when the row
was written (time alone may have moved it on since: ``wake_at``). ``flows``: JSON list of [unit, local day,
place in FLOWS, n]; ``stays``: JSON list of [unit, step, from µs, to µs, held µs]; ``ledger``: the packed
events (streams/ledger.py).
"""

FLOWS: Final[tuple[str, ...]] = (
    "received",
    "transferred_in",
    "transferred_out",
    "reopened",
    "completed_early",
    "completed_on_time",
    "completed_late",
    "withdrawn",
    "declined",
    "stopped",
    "late_first_promise",
    "transferred_in_tree",
    "transferred_out_tree",
    "in_time",
    "due_soon",
    "overdue",
    "suspended",
    "no_deadline",
    "awaiting",
    "awaiting_overdue",
)
"""What a case adds to a unit's local day: flow counts, then stock as +1 on entering and -1 on leaving."""

FLOW: Final[dict[str, int]] = {name: index for index, name in enumerate(FLOWS)}

FIRST_STOCK: Final = FLOW["in_time"]
"""Columns of FLOWS from here on are changes of stock."""

UNIT_DAY_COLUMNS: Final[dict[str, str]] = {
    "unit_id": _CODE,
    "day": "Date",
    "partition": "UInt16",
    **dict.fromkeys(FLOWS, "Int64"),
    "corrected_at": _MOMENT,
    "caught_up_until": _MOMENT,
    "version": "UInt64",
}
"""One row per unit, local day and Kafka partition: the sums of its cases' flows, absolute.

``corrected_at``: when the row last changed although the day had been over and shown; epoch: never.
``caught_up_until``: up to when the partition had read everything there was when the row was written.
"""

UNIT_NOW_COLUMNS: Final[dict[str, str]] = {
    "unit_id": _CODE,
    "scope": _CODE,
    "unit_name": "String",
    "parent_id": _CODE,
    **dict.fromkeys(
        (
            "received",
            "transferred_in",
            "transferred_out",
            "open",
            "in_time",
            "due_soon",
            "overdue",
            "suspended",
            "no_deadline",
            "completed",
            "completed_early",
            "completed_on_time",
            "completed_late",
            "withdrawn",
            "declined",
            "stopped",
        ),
        "Int64",
    ),
    "on_time_rate": "Nullable(Float64)",
    "on_time_rate_strict": "Nullable(Float64)",
    **dict.fromkeys(
        (
            "processing_mean_s",
            "processing_p50_s",
            "processing_p90_s",
            "open_age_p50_s",
            "open_age_p90_s",
            "worst_overdue_s",
        ),
        "Nullable(Int64)",
    ),
    **dict.fromkeys(("anomalies", "awaiting", "awaiting_overdue", "reopened", "late_first_promise"), "Int64"),
    "as_of": _MOMENT,
    "computed_at": _MOMENT,
    "version": "UInt64",
}
"""One row per unit and scope (``own``, ``tree``; ``*`` has scope ``own``): its numbers now."""

DEAD_LETTER_COLUMNS: Final[dict[str, str]] = {
    "source": _CODE,
    "topic": _CODE,
    "partition": "Int32",
    "position": "Int64",
    "reason": _CODE,
    "field": _CODE,
    "seen_at": _MOMENT,
}
"""One row per record or line that could not be read. ``position``: the offset, or with no topic the line."""
