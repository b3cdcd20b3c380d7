"""The columns of the summaries: what the board shows that is not live per unit, by table: name -> ClickHouse type.

A *cell* is a unit's numbers for one value of a dimension over one period; the dimension ``''`` is the unit itself.
Number columns bear the ids of the registry (schemas/registry.py). Two helpers are no numbers of their own: how many
cases or stays a mean and a quantile are built on (``processing_n``, ``holding_n``).

Where the registry leaves it open: a period's flow, and so ``completed`` and the rates of the promise, counts what
happened (a case completed, reopened and completed again counts twice), while speed, outcome and voice count cases as
they stand now. A case's rating counts in the period of the case's last event, for ratings bear no moment of their own.
``handovers`` are those that a unit made (of a tree: inside it too), ``sent_back_and_forth`` the cases which it handed
to a unit that had held them before. Stock, consultations open and anomalies are the same for every period.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from schemas.registry import OVERDUE_BANDS, STOCK_PARTS

_CODE: Final = "LowCardinality(String)"
_MOMENT: Final = "DateTime64(6, 'UTC')"

Dimension = Literal["", "procedure", "channel", "kind", "cause", "step", "aspect"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
"""``''``: the unit itself. ``step`` has the stock by the step where it stands, and the stays there; no flow.

``aspect`` has the ratings (``RATED``) by the aspect that each names, and nothing else: a case may be rated on several.
"""
NO_FLOW: Final[frozenset[Dimension]] = frozenset({"step", "aspect"})
"""Dimensions of parts of a case: what came in and went out by them is not counted."""

CELL_KEYS: Final[dict[str, str]] = {
    "dimension": _CODE,
    "unit_id": _CODE,
    "scope": _CODE,
    "period": _CODE,
    "value": _CODE,
}
"""What a cell is about. ``value``: a procedure's code, a channel, an aspect ...; ``''`` where none was named."""

FLOW: Final = (
    "received",
    "reopened",
    "transferred_in",
    "transferred_out",
    "completed",
    "completed_early",
    "completed_on_time",
    "completed_late",
    "completed_in_time",
    "withdrawn",
    "declined",
    "stopped",
    "late_first_promise",
)
STOCK: Final = (
    "open",
    *STOCK_PARTS,
    *OVERDUE_BANDS,
    "suspended_beyond_limit",
    "awaiting",
    "awaiting_overdue",
    "waiting_on_others",
    "inherited_overdue",
)
COORDINATION: Final = (
    "consultations_open",
    "consultations_overdue",
    "consultations_answered",
    "consultations_answered_late",
    "handovers",
    "sent_back_and_forth",
)
RATED: Final = ("ratings", "rating_sum", "ratings_with_answer", "ratings_solved")
"""What citizens said; counted by aspect, too."""
VOICE: Final = (*RATED, "ends_solved")
CAUSES: Final = ("judged", "late_or_overdue", "late_without_cause")
ATTRIBUTES: Final = (
    "received_online",
    "received_digitised",
    "received_fee_due",
    "received_cashless",
    "received_vneid",
)
COUNTS: Final = (
    *FLOW,
    *STOCK,
    *COORDINATION,
    *VOICE,
    *CAUSES,
    *ATTRIBUTES,
    "processing_n",
    "holding_n",
    "anomalies",
)
"""Whole numbers that are there in every cell, 0 where nothing was counted."""

RATES: Final[dict[str, tuple[str, str]]] = {
    "on_time_rate": ("completed_in_time", "completed"),
    "on_time_rate_strict": ("completed_in_time", "judged"),
    "late_first_promise_rate": ("late_first_promise", "completed"),
    "rating_mean": ("rating_sum", "ratings"),
    "solved_share": ("ratings_solved", "ratings_with_answer"),
    "ends_solved_share": ("ends_solved", "completed"),
    "late_without_cause_share": ("late_without_cause", "late_or_overdue"),
    "online_share": ("received_online", "received"),
    "digitised_share": ("received_digitised", "received"),
    "cashless_share": ("received_cashless", "received_fee_due"),
    "vneid_share": ("received_vneid", "received"),
}
"""Quotients of two counts to six decimals; null without a denominator."""

TIMES: Final[dict[str, str]] = {
    "processing_sum_s": "processing_n",
    "processing_mean_s": "processing_n",
    "processing_p50_s": "processing_n",
    "processing_p90_s": "processing_n",
    "clock_sum_s": "processing_n",
    "clock_mean_s": "processing_n",
    "clock_p50_s": "processing_n",
    "clock_p90_s": "processing_n",
    "open_age_p50_s": "open",
    "open_age_p90_s": "open",
    "oldest_open_s": "open",
    "worst_overdue_s": "overdue",
    "holding_p50_s": "holding_n",
    "holding_p90_s": "holding_n",
}
"""Whole seconds, and the count they are built on; null where there is nothing to measure."""

NUMBER_COLUMNS: Final[dict[str, str]] = {
    **dict.fromkeys(COUNTS, "Int64"),
    "carried_over": "Nullable(Int64)",
    **dict.fromkeys(RATES, "Nullable(Float64)"),
    **dict.fromkeys(TIMES, "Nullable(Int64)"),
}
"""The numbers of a cell. ``carried_over`` only in dimension ``''``, else null."""

_WRITTEN: Final[dict[str, str]] = {"slot": "UInt8", "generation": "UInt64"}
"""A refresh writes a generation (µs, its beginning) into a slot whose rows nobody reads any more."""

CELL_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    **CELL_KEYS,
    **NUMBER_COLUMNS,
    "last_event_at": _MOMENT,
    "suppressed": f"Array({_CODE})",
    "computed_at": _MOMENT,
}
"""``last_event_at``: when something last happened at the unit (dimension ``''``; epoch: never, or elsewhere).

``suppressed``: the numbers that ``v_public_cells`` keeps back (domain.md §7); the row itself holds them all.
"""

PAIR_NUMBERS: Final = (
    "waiting",
    "waiting_worst_s",
    "asked",
    "asked_open",
    "asked_overdue",
    "answered_late",
    "handed_over",
    "handed_back",
    "inherited_overdue",
)
PAIR_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    "unit_id": _CODE,
    "other_id": _CODE,
    "period": _CODE,
    **{name: "Nullable(Int64)" if name == "waiting_worst_s" else "Int64" for name in PAIR_NUMBERS},
    "suppressed": f"Array({_CODE})",
    "computed_at": _MOMENT,
}
"""Who waits (asks, hands over), and for whom. ``waiting*``, ``asked_open``, ``asked_overdue`` and
``inherited_overdue`` stand as they are now whatever the period; the others happened in it."""

ANOMALY_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    "about": _CODE,
    "id": _CODE,
    "kind": _CODE,
    "n": "Int64",
    "computed_at": _MOMENT,
}
"""``about``: ``unit`` (``id``: the holder, ``*`` all) or ``source``. A case that several sources told of counts its
anomalies at each of them."""

GENERATION_COLUMNS: Final[dict[str, str]] = {
    "slot": "UInt8",
    "complete": "UInt8",
    "generation": "UInt64",
    "as_of": _MOMENT,
    "computed_at": _MOMENT,
    "seconds": "Float64",
    "cells": "UInt64",
}
"""Written with ``complete`` 0 when a refresh begins, and with 1 when all of its rows are there."""

SLOTS: Final = 4
"""A generation's rows stand untouched until three more have been written."""

FACT_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    "dimension": _CODE,
    "value": _CODE,
    "unit": _CODE,
    "periods": "UInt8",
    "place": "UInt8",
    "family": "UInt8",
    "n": "Int64",
}
"""A step on the way: what cases tell of a unit in a set of periods (a bit for each), by place among all facts."""

COUNT_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    **CELL_KEYS,
    **dict.fromkeys(COUNTS, "Int64"),
    "carried_over": "Int64",
    "processing_us": "Int64",
    "clock_us": "Int64",
    "last_event_us": "Int64",
}
"""A step on the way: everything that adds up."""

TIME_COLUMNS: Final[dict[str, str]] = {
    **_WRITTEN,
    **CELL_KEYS,
    "measure": _CODE,
    "p50_s": "Int64",
    "p90_s": "Int64",
    "worst_s": "Int64",
}
"""A step on the way: the quantiles and the greatest of a ``measure`` (processing, clock, open_age, late, holding)."""

HIDDEN_COLUMNS: Final[dict[str, str]] = {**_WRITTEN, **CELL_KEYS, "hidden": "UInt64"}
"""A step on the way: a bit for each of ``COUNTS`` that is kept back, in their order."""
