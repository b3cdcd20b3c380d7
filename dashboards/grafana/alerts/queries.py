"""What is asked for the alerts. Each answer: text columns that become labels, and one number ``Value`` per row.

A row is one alert. So there is a row for everything that is judged, well or not: an alert ends when its number is well
again, not when its row is gone. Grafana's macros are not used: an alert has no time range but now.
"""

from __future__ import annotations

from typing import Final

from dashboards.limits import DEAD_LETTERS_RISE, FEW
from schemas.thresholds import HOURS_OF_WORKING_DAY

_DAY_S: Final = HOURS_OF_WORKING_DAY * 3600
_NAME: Final = (
    "multiIf(unit_id = '*', 'Toàn thành phố', unit_name = '', toString(unit_id), unit_name) AS unit_name"
)
_UNITS: Final = f"SELECT unit_id, {_NAME}, * EXCEPT (unit_id, unit_name) FROM v_units_now WHERE scope = 'own'"
"""Units by their own cases, the city as a whole among them: who holds a case answers for it."""

OVERDUE_SHARE: Final = f"""
SELECT unit_id, unit_name, overdue / open AS Value
FROM ({_UNITS}) WHERE open >= {FEW} ORDER BY unit_id
"""
"""Fraction of a unit's open cases that is overdue."""

ON_TIME_RATE: Final = f"""
SELECT cells.unit_id AS unit_id, units.unit_name AS unit_name, assumeNotNull(cells.on_time_rate) AS Value
FROM (
    SELECT unit_id, on_time_rate FROM v_cells
    WHERE dimension = '' AND scope = 'own' AND period = '30d' AND value = '' AND completed >= {FEW}
        AND isNotNull(on_time_rate)
) AS cells
INNER JOIN ({_UNITS}) AS units USING (unit_id)
ORDER BY unit_id
"""
"""Fraction of the cases completed in 30 days that was completed in time."""

OLDEST_CASE: Final = f"""
SELECT unit_id, unit_name, ifNull(worst_overdue_s, 0) / {_DAY_S} AS Value
FROM ({_UNITS}) WHERE open > 0 AND unit_id != '*' ORDER BY unit_id
"""
"""Working days for which a unit's longest overdue case is past its due time. The city's is that of one of its units."""

SOURCE_SILENT: Final = f"""
SELECT source, silent_working_s / {_DAY_S} AS Value FROM v_source_silence ORDER BY source
"""
"""Working days of the default calendar for which nothing has come from a source."""

DEAD_LETTERS: Final = f"""
SELECT source, if(of_hour > {DEAD_LETTERS_RISE} * of_week / 168, of_hour, 0) AS Value
FROM (
    SELECT if(source = '', topic, source) AS source,
        countIf(seen_at > now64(6) - INTERVAL 1 HOUR) AS of_hour,
        countIf(seen_at <= now64(6) - INTERVAL 1 HOUR) AS of_week
    FROM v_dead_letters WHERE seen_at > now64(6) - INTERVAL 169 HOUR
    GROUP BY source
) ORDER BY source
"""
"""Records of a source in the last hour that could not be read; 0 while that is no more than usual."""

LEDGER: Final = f"""
SELECT unit_id, unit_name,
    abs(received + transferred_in - transferred_out - completed - withdrawn - declined - stopped - open) AS Value
FROM ({_UNITS}) ORDER BY unit_id
"""
"""By how many cases a unit's ledger does not add up. Every row is of one moment, whenever it was written."""

NO_FRESH_NUMBERS: Final = """
SELECT 'numbers' AS what, toFloat64(if(
    in_time + due_soon + no_deadline > 0
        OR (SELECT sum(lag_records) FROM pipeline_samples WHERE at > now64(6) - INTERVAL 30 SECOND) > 0,
    dateDiff('second', least(computed_at, as_of), now64(6)), 0
)) AS Value
FROM v_city_now
UNION ALL
SELECT 'samples' AS what, toFloat64(least(dateDiff('second', max(at), now64(6)), 2592000)) AS Value
FROM pipeline_samples
UNION ALL
SELECT 'waiting' AS what, max(waited) AS Value
FROM (
    SELECT argMax(oldest_waiting_record_seconds, at) AS waited FROM pipeline_samples
    WHERE at > now64(6) - INTERVAL 1 MINUTE GROUP BY worker
)
"""
"""Seconds, of three kinds. ``numbers``: age of the city's row, which is told anew twice a minute while the clock of any
open case runs (suspended cases alone change nothing), or while records wait. ``samples``: since any worker told of
itself; 30 days: none ever did. ``waiting``: how long the oldest record has waited with a worker that is alive."""
