-- What dashboards and people with SQL rely on.

CREATE OR REPLACE VIEW v_cases AS SELECT * FROM cases_at(at = now64(6, 'UTC'));

CREATE OR REPLACE VIEW v_units_now AS
SELECT * EXCEPT (version) FROM unit_now FINAL;

CREATE OR REPLACE VIEW v_city_now AS
SELECT * EXCEPT (unit_id, scope, unit_name, parent_id) FROM v_units_now WHERE unit_id = '*';

CREATE OR REPLACE VIEW v_dead_letters AS
SELECT * FROM dead_letters FINAL;

CREATE OR REPLACE VIEW v_events AS
SELECT
    case_id,
    event_id,
    type,
    occurred_at,
    nullIf(recorded_at, toDateTime64(0, 6, 'UTC')) AS recorded_at,
    ingested_at,
    source,
    unit_id,
    content
FROM events FINAL;

-- Stays that are over: who held a case at which step, and for how long (working time less suspensions).
CREATE OR REPLACE VIEW v_stays AS
SELECT
    case_id,
    kind,
    procedure_code,
    stay.1 AS unit_id,
    stay.2 AS step,
    fromUnixTimestamp64Micro(stay.3, 'UTC') AS began_at,
    fromUnixTimestamp64Micro(stay.4, 'UTC') AS ended_at,
    stay.5 AS held_us
FROM cases FINAL
ARRAY JOIN JSONExtract(stays, 'Array(Tuple(String, String, Int64, Int64, Int64))') AS stay
WHERE status != '';

-- Holding times per unit and step; a quantile is the sorted value at index floor(q * (n - 1)).
CREATE OR REPLACE VIEW v_holding_times AS
SELECT
    unit_id,
    step,
    count() AS n,
    intDiv(2 * sum(held_us) + n * 1000000, 2 * n * 1000000) AS held_mean_s,
    intDiv(arrayElement(arraySort(groupArray(held_us)), intDiv(n - 1, 2) + 1) + 500000, 1000000) AS held_p50_s,
    intDiv(arrayElement(arraySort(groupArray(held_us)), intDiv(9 * (n - 1), 10) + 1) + 500000, 1000000) AS held_p90_s
FROM v_stays
GROUP BY unit_id, step;

-- Stock at the end of each local day and flow of it, per unit and scope. One text for one unit and for all (unit = ''):
-- a page about a unit must not compute the city. A day's row is carried on to the eve of the next one, so that no day
-- is missing up to the newest of all.
CREATE OR REPLACE VIEW units_history AS
WITH
    {unit:String} AS wanted,
    own AS (
        SELECT unit_id, day, sum(received) AS received, sum(transferred_in) AS transferred_in,
            sum(transferred_out) AS transferred_out, sum(reopened) AS reopened,
            sum(completed_early) AS completed_early, sum(completed_on_time) AS completed_on_time,
            sum(completed_late) AS completed_late, sum(withdrawn) AS withdrawn,
            sum(declined) AS declined, sum(stopped) AS stopped,
            sum(late_first_promise) AS late_first_promise,
            sum(transferred_in_tree) AS transferred_in_tree,
            sum(transferred_out_tree) AS transferred_out_tree, sum(in_time) AS in_time,
            sum(due_soon) AS due_soon, sum(overdue) AS overdue, sum(suspended) AS suspended,
            sum(no_deadline) AS no_deadline, sum(awaiting) AS awaiting,
            sum(awaiting_overdue) AS awaiting_overdue, max(corrected_at) AS corrected_at
        FROM unit_days FINAL
        WHERE wanted = '' OR unit_id = wanted
            OR unit_id IN (SELECT unit_id FROM units FINAL WHERE has(path, wanted))
        GROUP BY unit_id, day
    ),
    daily AS (
        SELECT target.1 AS unit_id, target.2 AS scope, day, sum(own.received) AS received,
            sum(multiIf(scope = 'own', own.transferred_in, target.1 = own.unit_id, own.transferred_in_tree, 0)) AS transferred_in,
            sum(multiIf(scope = 'own', own.transferred_out, target.1 = own.unit_id, own.transferred_out_tree, 0)) AS transferred_out,
            sum(own.reopened) AS reopened,
            sum(own.completed_early) AS completed_early, sum(own.completed_on_time) AS completed_on_time,
            sum(own.completed_late) AS completed_late, sum(own.withdrawn) AS withdrawn,
            sum(own.declined) AS declined, sum(own.stopped) AS stopped,
            sum(own.late_first_promise) AS late_first_promise, sum(own.in_time) AS in_time,
            sum(own.due_soon) AS due_soon, sum(own.overdue) AS overdue, sum(own.suspended) AS suspended,
            sum(own.no_deadline) AS no_deadline, sum(own.awaiting) AS awaiting,
            sum(own.awaiting_overdue) AS awaiting_overdue, max(own.corrected_at) AS corrected_at
        FROM own
        LEFT JOIN (SELECT unit_id, path FROM units FINAL) AS above USING (unit_id)
        ARRAY JOIN arrayFilter(
            t -> wanted = '' OR t.1 = wanted,
            arrayPushFront(
                arrayMap(unit -> (unit, 'tree'), if(empty(above.path), [toString(own.unit_id)], above.path)),
                (toString(own.unit_id), 'own')
            )
        ) AS target
        GROUP BY unit_id, scope, day
    )
SELECT
    unit_id,
    scope,
    toDate(first_day + later) AS day,
    if(later = 0, flow.1, 0) AS received,
    if(later = 0, flow.2, 0) AS reopened,
    if(later = 0, flow.3, 0) AS transferred_in,
    if(later = 0, flow.4, 0) AS transferred_out,
    completed_early + completed_on_time + completed_late AS completed,
    if(later = 0, flow.5, 0) AS completed_early,
    if(later = 0, flow.6, 0) AS completed_on_time,
    if(later = 0, flow.7, 0) AS completed_late,
    if(later = 0, flow.8, 0) AS withdrawn,
    if(later = 0, flow.9, 0) AS declined,
    if(later = 0, flow.10, 0) AS stopped,
    if(later = 0, flow.11, 0) AS late_first_promise,
    in_time + due_soon + overdue + suspended + no_deadline AS open,
    stock.1 AS in_time,
    stock.2 AS due_soon,
    stock.3 AS overdue,
    stock.4 AS suspended,
    stock.5 AS no_deadline,
    stock.6 + stock.7 AS awaiting,
    stock.7 AS awaiting_overdue,
    if(later = 0, nullIf(corrected, toDateTime64(0, 6, 'UTC')), NULL) AS corrected_at
FROM (
    SELECT unit_id, scope, day AS first_day,
        (received, reopened, transferred_in, transferred_out, completed_early, completed_on_time,
            completed_late, withdrawn, declined, stopped, late_first_promise) AS flow,
        (sum(in_time) OVER so_far, sum(due_soon) OVER so_far, sum(overdue) OVER so_far, sum(suspended) OVER so_far,
            sum(no_deadline) OVER so_far, sum(awaiting) OVER so_far, sum(awaiting_overdue) OVER so_far) AS stock,
        corrected_at AS corrected,
        leadInFrame(day, 1, ifNull((SELECT max(day) FROM unit_days), day) + 1) OVER (
            PARTITION BY unit_id, scope ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS next_day
    FROM daily
    WINDOW so_far AS (PARTITION BY unit_id, scope ORDER BY day ROWS UNBOUNDED PRECEDING)
)
ARRAY JOIN range(toUInt32(next_day - first_day)) AS later;

CREATE OR REPLACE VIEW v_units_history AS SELECT * FROM units_history(unit = '');
