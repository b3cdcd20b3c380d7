"""The statements that count: cases become facts, facts become cells of units, of trees and of everything."""

from __future__ import annotations

from typing import Final

from schemas.period import PERIODS
from schemas.summary import COUNT_COLUMNS, FACT_COLUMNS
from sinks.clickhouse.summary_facts import (
    FACT,
    FACTS,
    STOCK_FACTS,
    WINDOWS,
)
from sinks.clickhouse.summary_families import FAMILIES

_MEMORY_BYTES: Final = 1_000_000_000
"""Sums that need more memory than this are made on disk."""
_AT_ONCE: Final = 500_000
"""Facts that become cells in one statement: their sums take some hundred megabytes."""
_MINE: Final = "slot = {slot:UInt8} AND generation = {generation:UInt64}"
_LAST: Final = FACT["last_event_us"]
TARGETS: Final = """if(
        unit IN ('', '*'), [('*', 'own')],
        arrayConcat(
            [(unit, 'own'), ('*', 'own')],
            arrayMap(u -> (u, 'tree'), if(empty(above.path), [unit], above.path))
        )
    )"""
"""Whose cells a unit's facts belong to: its own, everything's, and those of the trees it stands in."""

_COLUMNS: Final = ", ".join(
    f"sumIf(n, place = {place}) AS f{place}" for place in range(len(FACTS)) if place != _LAST
)
_TOLD: Final = f"""
    SELECT dimension, value, unit, periods, {_COLUMNS}, maxIf(n, place = {_LAST}) AS f{_LAST}
    FROM summary_facts
    WHERE {_MINE} AND dimension = {{dimension:String}} AND cityHash64(value) % {{chunks:UInt64}} = {{chunk:UInt64}}
    GROUP BY dimension, value, unit, periods
"""  # noqa: S608  # only our own names are put in

_NAMES: Final = ", ".join(f"'{period}'" for period in PERIODS)
_WEIGHTS: Final = ", ".join(str(1 << place) for place in range(len(PERIODS)))


def _at(name: str) -> str:
    return f"{FACT[name]}"


# of a tree, what is told of the tree itself: nothing of it adds up from the units in it
_OF_TREES: Final = ("transferred_in_tree", "transferred_out_tree", "sent_back_tree")
_SUMS: Final = ", ".join(
    f"{'max' if place == _LAST else 'sum'}(f{place}) AS v{place}" for place in range(len(FACTS))
)
_BY_TARGET: Final = f"""
    SELECT dimension, target.1 AS unit_id, target.2 AS scope, period, value, {_SUMS},
        {", ".join(f"sumIf(f{_at(name)}, target.1 = unit) AS {name}" for name in _OF_TREES)}
    FROM (
        SELECT told.*, {TARGETS} AS targets,
            arrayJoin(arrayFilter((p, w) -> bitAnd(periods, w) != 0, [{_NAMES}], [{_WEIGHTS}])) AS period
        FROM ({_TOLD}) AS told
        LEFT JOIN (SELECT unit_id, path FROM units FINAL) AS above ON above.unit_id = told.unit
    )
    ARRAY JOIN targets AS target
    GROUP BY dimension, unit_id, scope, period, value
"""  # noqa: S608  # only our own names are put in

_ACROSS: Final = "multiIf(unit_id = '*', 0, scope = 'own', v{own}, {name}_tree)"
_COMPLETED: Final = " + ".join(
    f"v{_at(name)}" for name in ("completed_early", "completed_on_time", "completed_late")
)
_MADE_OF: Final = {
    "transferred_in": _ACROSS.format(own=_at("transferred_in"), name="transferred_in"),
    "transferred_out": _ACROSS.format(own=_at("transferred_out"), name="transferred_out"),
    "handovers": f"v{_at('transferred_out')}",
    "sent_back_and_forth": f"if(scope = 'own' AND unit_id != '*', v{_at('sent_back_own')}, sent_back_tree)",
    "completed_in_time": f"v{_at('completed_early')} + v{_at('completed_on_time')}",
    "completed": _COMPLETED,
    "open": " + ".join(f"v{_at(name)}" for name in STOCK_FACTS[:5]),
    "judged": f"{_COMPLETED} + v{_at('overdue')}",
    "late_or_overdue": f"v{_at('completed_late')} + v{_at('overdue')}",
    "last_event_us": f"v{_LAST}",
}
_MADE_LAST: Final = (
    "open - received - reopened - transferred_in + transferred_out + completed + withdrawn + declined"
    " + stopped"
)
_KEYS: Final = ("slot", "generation", "dimension", "unit_id", "scope", "period", "value")
_NUMBERS: Final = [name for name in COUNT_COLUMNS if name not in (*_KEYS, "carried_over")]


def _number(name: str) -> str:
    return f"{_MADE_OF.get(name) or f'v{_at(name)}'} AS {name}"


FACTS_TOLD: Final = tuple(
    f"""
INSERT INTO summary_facts ({", ".join(FACT_COLUMNS)})
WITH {WINDOWS}
SELECT {{slot:UInt8}}, {{generation:UInt64}}, dimension, value, unit, periods, place, toUInt8({number}), n
FROM ({family})
SETTINGS max_bytes_before_external_group_by = {_MEMORY_BYTES}
"""  # noqa: S608  # only our own names are put in
    for number, family in enumerate(FAMILIES)
)
"""Rows of ``summary_facts``, a statement for each family."""
TELLING: Final = f"""
SELECT dimension, intDiv(count(), {_AT_ONCE}) + 1 AS chunks FROM summary_facts WHERE {_MINE} GROUP BY dimension
ORDER BY dimension
"""  # noqa: S608  # only our own names are put in
"""The dimensions that have facts, and into how many chunks of values each is cut."""
COUNT: Final = f"""
INSERT INTO summary_counts ({", ".join((*_KEYS, *_NUMBERS, "carried_over"))})
SELECT {{slot:UInt8}}, {{generation:UInt64}}, *, {_MADE_LAST}
FROM (
    SELECT dimension, unit_id, scope, period, value, {", ".join(map(_number, _NUMBERS))}
    FROM ({_BY_TARGET})
)
SETTINGS max_bytes_before_external_group_by = {_MEMORY_BYTES}
"""  # noqa: S608  # only our own names are put in
"""Rows of ``summary_counts`` of a chunk. ``transferred_*`` of a tree cross its border, of everything there are none."""
