"""Which numbers come from where: the ledger and the stock live, ages from ``unit_now``, the rest from summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboards.board.model.counts import PERIOD
from dashboards.board.model.facts import Dimension
from dashboards.board.model.figures import Value
from schemas.columns import UNIT_NOW_COLUMNS
from schemas.registry import REGISTRY, UNIT_NUMBERS
from schemas.summary import COUNTS, NUMBER_COLUMNS, RATED, STOCK, TIMES
from schemas.thresholds import HOURS_OF_WORKING_DAY
from sinks.clickhouse.board_summaries import PART_NUMBERS

LIVE_RATES: Final = ("on_time_rate", "on_time_rate_strict", "late_first_promise_rate")
"""Divided from live counts."""
LEDGER: Final = frozenset(name for name in (*PERIOD, *LIVE_RATES) if name in REGISTRY)
"""Of a period, live."""
AGES: Final = ("open_age_p50_s", "open_age_p90_s", "worst_overdue_s", "anomalies")
"""Of ``unit_now``, the same for every period."""
NOW: Final = frozenset({*UNIT_NUMBERS, "completed_in_time", "judged", "late_or_overdue", *LIVE_RATES})
"""Of a unit now: the flow of units.csv from ``unit_now``, the stock from the days."""
STOCK_NOW: Final = (
    "open", "in_time", "due_soon", "overdue", "suspended", "no_deadline", "awaiting", "awaiting_overdue",
)  # fmt: skip
"""Of now, from the days: a page shows the same in its ledger and beside it."""
CORRECTED: Final = LEDGER.difference((*STOCK_NOW, "flow_gap"))
"""What a late event changes in a day that is over."""
BANDS: Final = frozenset(
    {*(name for name in REGISTRY if name.startswith("overdue_")), "oldest_open_s", "worst_overdue_s"}
)
"""The overdue by delay, and how old the oldest are."""
SUMMARY: Final = frozenset(name for name in NUMBER_COLUMNS if name in REGISTRY)
"""What a summary can tell of a unit and a period; what is live is told live."""
CELL: Final = SUMMARY.intersection(PART_NUMBERS)
"""What it tells of a part of a unit."""
STEP: Final = frozenset(
    name for name in CELL if name in STOCK or TIMES.get(name) in {"open", "overdue", "holding_n"}
)
"""What it tells of a step: where cases stand and how long they stay, no flow."""
ASPECT: Final = frozenset({*RATED, "rating_mean", "solved_share"})
"""What it tells of an aspect: what citizens say of it."""
BIGGEST: Final[Mapping[Dimension, str]] = {"cause": "late_or_overdue", "step": "open", "aspect": "ratings"}
"""By which count the parts of a dimension are ordered; elsewhere by ``received``."""
NO_CELL: Final[Mapping[str, Value]] = dict.fromkeys(COUNTS, 0) | dict.fromkeys(
    (name for name in NUMBER_COLUMNS if name not in COUNTS), None
)
"""Of a unit that no summary names: nothing happened."""
NO_ROW: Final[Mapping[str, Value]] = {
    name: 0 if kind == "Int64" else None for name, kind in UNIT_NOW_COLUMNS.items()
}
"""Of a unit that has no row in ``unit_now``."""
UNREAD: Final[Mapping[str, Value]] = dict.fromkeys(NUMBER_COLUMNS, None)
"""Of summaries that are not there."""
DAY_S: Final = HOURS_OF_WORKING_DAY * 3600
"""Seconds of a working day."""
