"""The statement that counts: cases become facts, facts become cells of units, of trees and of everything."""

from __future__ import annotations

from typing import Final

from schemas.period import PERIODS
from schemas.summary import COUNT_COLUMNS
from sinks.clickhouse.summary_facts import (
    EVERY_PERIOD,
    FACT,
    FACTS,
    STOCK_FACTS,
    UNIT_FACTS,
    WINDOWS,
    case_facts,
    cases_told,
)

_MEMORY_BYTES: Final = 1_000_000_000
"""Sums that need more memory than this are made on disk: ten million cases have tens of millions of different facts."""
_LAST: Final = FACT["last_event_us"]
_STOCK: Final = ", ".join(str(FACT[name]) for name in STOCK_FACTS)
_UNIT: Final = ", ".join(str(FACT[name]) for name in UNIT_FACTS)
TARGETS: Final = """if(
        unit IN ('', '*'), [('*', 'own')],
        arrayConcat(
            [(unit, 'own'), ('*', 'own')],
            arrayMap(u -> (u, 'tree'), if(empty(above.path), [unit], above.path))
        )
    )"""
"""Whose cells a unit's facts belong to: its own, everything's, and those of the trees it stands in."""

_FACTS: Final = f"""
    SELECT procedure_code, channel, kind, cause, fact.5 AS at_step, fact.1 AS unit, fact.2 AS periods, fact.3 AS place,
        if(place = {_LAST}, max(fact.4), sum(fact.4)) AS n
    FROM (
        WITH (SELECT mapFromArrays(groupArray(unit_id), groupArray(path)) FROM units FINAL) AS paths
        SELECT procedure_code, channel, kind, cause, {case_facts()} AS facts
        FROM ({cases_told("status != ''")})
    )
    ARRAY JOIN facts AS fact
    GROUP BY procedure_code, channel, kind, cause, at_step, unit, periods, place
    UNION ALL
    SELECT '', '', '', '', '', arrayJoin(arrayPushBack((SELECT groupArray(unit_id) FROM units FINAL), '*')) AS unit,
        toUInt8({EVERY_PERIOD}), toUInt8({FACT["anomalies"]}), toInt64(0)
"""  # noqa: S608  # only our own names are put in

_BY_DIMENSION: Final = f"""
    SELECT dim.1 AS dimension, dim.2 AS value, unit, periods, maxIf(n, place = {_LAST}) AS latest,
        [{", ".join("0" if place == _LAST else f"sumIf(n, place = {place})" for place in range(len(FACTS)))}] AS sums
    FROM ({_FACTS})
    ARRAY JOIN multiIf(
        place IN ({_UNIT}), [('', '')],
        place = {FACT["holding_n"]}, [('', ''), ('step', at_step)],
        arrayConcat(
            [
                ('', ''), ('procedure', toString(procedure_code)), ('channel', toString(channel)),
                ('kind', toString(kind)), ('cause', toString(cause))
            ],
            if(place IN ({_STOCK}), [('step', at_step)], [])
        )
    ) AS dim
    GROUP BY dimension, value, unit, periods
"""  # noqa: S608  # only our own names are put in

_NAMES: Final = ", ".join(f"'{period}'" for period in PERIODS)
_WEIGHTS: Final = ", ".join(str(1 << place) for place in range(len(PERIODS)))
_BY_PERIOD: Final = f"""
    SELECT dimension, value, unit, period, max(latest) AS last_us, sumForEach(sums) AS own
    FROM (
        SELECT *, arrayJoin(arrayFilter((p, w) -> bitAnd(periods, w) != 0, [{_NAMES}], [{_WEIGHTS}])) AS period
        FROM ({_BY_DIMENSION})
    )
    GROUP BY dimension, value, unit, period
"""  # noqa: S608  # only our own names are put in


def _at(name: str) -> str:
    return f"[{FACT[name] + 1}]"


# of a tree, what is told of the tree itself: nothing of it adds up from the units in it
_OF_TREES: Final = ("transferred_in_tree", "transferred_out_tree", "sent_back_tree")
_BY_TARGET: Final = f"""
    SELECT dimension, target.1 AS unit_id, target.2 AS scope, period, value, max(last_us) AS last_event_us,
        sumForEach(own) AS v, {", ".join(f"sumIf(own{_at(name)}, target.1 = unit) AS {name}" for name in _OF_TREES)}
    FROM (
        SELECT cells.*, {TARGETS} AS targets
        FROM ({_BY_PERIOD}) AS cells
        LEFT JOIN (SELECT unit_id, path FROM units FINAL) AS above ON above.unit_id = cells.unit
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
    "last_event_us": "last_event_us",
}
_MADE_LAST: Final = (
    "open - received - reopened - transferred_in + transferred_out + completed + withdrawn + declined"
    " + stopped"
)
_KEYS: Final = ("slot", "generation", "dimension", "unit_id", "scope", "period", "value")
_NUMBERS: Final = [name for name in COUNT_COLUMNS if name not in (*_KEYS, "carried_over")]


def _number(name: str) -> str:
    return f"{_MADE_OF.get(name) or f'v{_at(name)}'} AS {name}"


COUNT: Final = f"""
INSERT INTO summary_counts ({", ".join((*_KEYS, *_NUMBERS, "carried_over"))})
WITH {WINDOWS}
SELECT {{slot:UInt8}}, {{generation:UInt64}}, *, {_MADE_LAST}
FROM (
    SELECT dimension, unit_id, scope, period, value, {", ".join(map(_number, _NUMBERS))}
    FROM ({_BY_TARGET})
)
SETTINGS max_bytes_before_external_group_by = {_MEMORY_BYTES}
"""  # noqa: S608  # only our own names are put in
"""Rows of ``summary_counts``. ``transferred_*`` of a tree are those across its border, of everything none."""
