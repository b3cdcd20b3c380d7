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

-- Stock at the end of each local day and flow of it, per unit and scope; days without a change are filled in.
CREATE OR REPLACE VIEW v_units_history AS
WITH
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
        GROUP BY unit_id, day
    ),
    known AS (
        SELECT unit_id, path FROM units FINAL
        UNION DISTINCT
        SELECT unit_id, [unit_id] AS path FROM own WHERE unit_id NOT IN (SELECT unit_id FROM units)
    ),
    scoped AS (
        SELECT unit_id, 'own' AS scope, day, received, transferred_in, transferred_out, reopened, completed_early, completed_on_time,
            completed_late, withdrawn, declined, stopped, late_first_promise, transferred_in_tree,
            transferred_out_tree, in_time, due_soon, overdue, suspended, no_deadline, awaiting,
            awaiting_overdue, corrected_at FROM own
        UNION ALL
        SELECT above AS unit_id, 'tree' AS scope, day, own.received, if(above = own.unit_id, transferred_in_tree, 0) AS transferred_in,
            if(above = own.unit_id, transferred_out_tree, 0) AS transferred_out, own.reopened,
            own.completed_early, own.completed_on_time, own.completed_late, own.withdrawn,
            own.declined, own.stopped, own.late_first_promise, own.transferred_in_tree,
            own.transferred_out_tree, own.in_time, own.due_soon, own.overdue, own.suspended,
            own.no_deadline, own.awaiting, own.awaiting_overdue, own.corrected_at
        FROM own INNER JOIN known USING (unit_id) ARRAY JOIN known.path AS above
    ),
    daily AS (
        SELECT unit_id, scope, day, sum(received) AS received, sum(transferred_in) AS transferred_in,
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
        FROM scoped
        GROUP BY unit_id, scope, day
    ),
    calendar AS (
        SELECT unit_id, scope, arrayJoin(arrayMap(n -> min_day + n, range(toUInt32(max_day - min_day) + 1))) AS day
        FROM (
            SELECT unit_id, scope, min(day) AS min_day, (SELECT max(day) FROM own) AS max_day
            FROM daily
            GROUP BY unit_id, scope
        )
    )
SELECT
    unit_id,
    scope,
    day,
    received,
    reopened,
    transferred_in,
    transferred_out,
    completed_early + completed_on_time + completed_late AS completed,
    completed_early,
    completed_on_time,
    completed_late,
    withdrawn,
    declined,
    stopped,
    late_first_promise,
    stock_in_time + stock_due_soon + stock_overdue + stock_suspended + stock_no_deadline AS open,
    stock_in_time AS in_time,
    stock_due_soon AS due_soon,
    stock_overdue AS overdue,
    stock_suspended AS suspended,
    stock_no_deadline AS no_deadline,
    stock_awaiting + stock_awaiting_overdue AS awaiting,
    stock_awaiting_overdue AS awaiting_overdue,
    nullIf(corrected_at, toDateTime64(0, 6, 'UTC')) AS corrected_at
FROM (
    SELECT unit_id, scope, day, received, transferred_in, transferred_out, reopened, completed_early, completed_on_time,
        completed_late, withdrawn, declined, stopped, late_first_promise, corrected_at,
        sum(daily.in_time) OVER so_far AS stock_in_time,
        sum(daily.due_soon) OVER so_far AS stock_due_soon,
        sum(daily.overdue) OVER so_far AS stock_overdue,
        sum(daily.suspended) OVER so_far AS stock_suspended,
        sum(daily.no_deadline) OVER so_far AS stock_no_deadline,
        sum(daily.awaiting) OVER so_far AS stock_awaiting,
        sum(daily.awaiting_overdue) OVER so_far AS stock_awaiting_overdue
    FROM calendar LEFT JOIN daily USING (unit_id, scope, day)
    WINDOW so_far AS (PARTITION BY unit_id, scope ORDER BY day ROWS UNBOUNDED PRECEDING)
);
