-- What leaders' dashboards need to answer in a third of a second over ten million cases.

-- Cases are kept by their id: who holds what open could only be found by reading all of them. A projection is a part of
-- the part that it belongs to: nothing can be in one and not in the other, and merges make it anew (57 MB for ten
-- million cases). It finds candidates; that they are the newest version is asked of the table, by their ids.
ALTER TABLE cases MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE cases ADD PROJECTION IF NOT EXISTS open_by_unit (
    SELECT live, unit_id, effective_due_at, counted_as, status, case_id
    ORDER BY live, unit_id, effective_due_at
);

-- In the background; parts that have none yet are read whole.
ALTER TABLE cases MATERIALIZE PROJECTION open_by_unit SETTINGS mutations_sync = 0;

-- unit_days in the order of days: the last month of all units is one stretch of it, where unit_days has to be read
-- whole. Rows are absolute and versioned here as there; a retried insert is repeated here too, or known by its token.
CREATE TABLE IF NOT EXISTS day_units (
    unit_id LowCardinality(String),
    day Date,
    partition UInt16,
    received Int64,
    transferred_in Int64,
    transferred_out Int64,
    reopened Int64,
    completed_early Int64,
    completed_on_time Int64,
    completed_late Int64,
    withdrawn Int64,
    declined Int64,
    stopped Int64,
    late_first_promise Int64,
    transferred_in_tree Int64,
    transferred_out_tree Int64,
    in_time Int64,
    due_soon Int64,
    overdue Int64,
    suspended Int64,
    no_deadline Int64,
    awaiting Int64,
    awaiting_overdue Int64,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (day, unit_id, partition)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS day_units_of_unit_days TO day_units AS
SELECT * EXCEPT (corrected_at, caught_up_until) FROM unit_days;

-- Of a database that had days before. Twice does no harm: the same rows replace each other.
INSERT INTO day_units
SELECT * EXCEPT (corrected_at, caught_up_until)
FROM unit_days
WHERE (SELECT count() FROM day_units) < (SELECT count() FROM unit_days);

-- The overdue cases of a unit (scope own, or tree: with all units below), those longest past their due first, at most
-- as many as asked for. How late a case is, and whether it is overdue at all, is said by v_cases alone.
CREATE OR REPLACE VIEW overdue_cases AS
SELECT case_id, kind, channel, unit_id, procedure_code, step, officer, status, suspended_reason, received_at,
    due_at, effective_due_at, late_s
FROM v_cases
WHERE overdue AND case_id IN (
    SELECT case_id
    FROM cases
    WHERE live = 1
        AND unit_id IN (
            SELECT unit_id FROM units FINAL WHERE {scope:String} = 'tree' AND has(path, {unit:String})
            UNION ALL
            SELECT {unit:String}
        )
        AND (
            counted_as = 'overdue'
            OR (
                status = 'processing' AND effective_due_at < now64(6)
                AND effective_due_at > toDateTime64(0, 6, 'UTC')
            )
        )
    ORDER BY effective_due_at = toDateTime64(0, 6, 'UTC'), effective_due_at
    LIMIT {most:UInt32}
);

-- Flow of each day from one on, and the stock at its end, of one unit (scope own or tree) or of all ('*'). The stock is
-- counted back from now: what is open now, less what has changed since that day; no day before the first is read.
CREATE OR REPLACE VIEW unit_trend AS
WITH
    {unit:String} AS wanted,
    if(wanted = '*', 'own', {scope:String}) AS wanted_scope,
    {since:Date} AS first_day,
    (
        SELECT (sum(in_time), sum(due_soon), sum(overdue), sum(suspended), sum(no_deadline), sum(awaiting),
            sum(awaiting_overdue), max(as_of))  -- of one row, or of none: a unit that never held a case
        FROM unit_now FINAL
        WHERE unit_id = wanted AND scope = wanted_scope
    ) AS stock,
    toDate(greatest(now64(6), stock.8), 'Asia/Ho_Chi_Minh') AS last_day,
    days AS (
        SELECT
            day,
            sum(received) AS received,
            sum(reopened) AS reopened,
            sum(multiIf(
                wanted = '*', 0, wanted_scope = 'own', transferred_in, unit_id = wanted, transferred_in_tree, 0
            )) AS transferred_in,
            sum(multiIf(
                wanted = '*', 0, wanted_scope = 'own', transferred_out, unit_id = wanted, transferred_out_tree, 0
            )) AS transferred_out,
            sum(completed_early) AS completed_early,
            sum(completed_on_time) AS completed_on_time,
            sum(completed_late) AS completed_late,
            sum(withdrawn) AS withdrawn,
            sum(declined) AS declined,
            sum(stopped) AS stopped,
            sum(late_first_promise) AS late_first_promise,
            sum(in_time) AS in_time_more,
            sum(due_soon) AS due_soon_more,
            sum(overdue) AS overdue_more,
            sum(suspended) AS suspended_more,
            sum(no_deadline) AS no_deadline_more,
            sum(awaiting) AS awaiting_more,
            sum(awaiting_overdue) AS awaiting_overdue_more
        FROM day_units FINAL
        WHERE day >= first_day AND (
            wanted = '*' OR unit_id = wanted
            OR (wanted_scope = 'tree' AND unit_id IN (SELECT unit_id FROM units FINAL WHERE has(path, wanted)))
        )
        GROUP BY day
    )
SELECT
    day,
    received,
    reopened,
    transferred_in,
    transferred_out,
    completed_early + completed_on_time + completed_late AS completed,
    completed_early + completed_on_time AS completed_in_time,
    completed_early,
    completed_on_time,
    completed_late,
    withdrawn,
    declined,
    stopped,
    late_first_promise,
    in_time + due_soon + overdue + suspended + no_deadline AS open,
    stock.1 - ifNull(sum(in_time_more) OVER later, 0) AS in_time,
    stock.2 - ifNull(sum(due_soon_more) OVER later, 0) AS due_soon,
    stock.3 - ifNull(sum(overdue_more) OVER later, 0) AS overdue,
    stock.4 - ifNull(sum(suspended_more) OVER later, 0) AS suspended,
    stock.5 - ifNull(sum(no_deadline_more) OVER later, 0) AS no_deadline,
    stock.6 + stock.7 - ifNull(sum(awaiting_more + awaiting_overdue_more) OVER later, 0) AS awaiting,
    stock.7 - ifNull(sum(awaiting_overdue_more) OVER later, 0) AS awaiting_overdue
FROM (SELECT toDate(first_day + arrayJoin(range(toUInt32(greatest(0, last_day - first_day + 1))))) AS day) AS every
LEFT JOIN days USING (day)
WINDOW later AS (ORDER BY day DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
ORDER BY day;

-- For the public: the city's last 36 days, 30 and those before of which a week's rate on the first of them is made.
CREATE OR REPLACE VIEW v_public_city_days AS
SELECT * FROM unit_trend(unit = '*', scope = 'own', since = toDate(now('Asia/Ho_Chi_Minh')) - 35);

-- Units that lag most, each with the strongest reason that its numbers show; the same as on the board
-- (dashboards/board/model/lagging.py), from what the public may see. `about`: a unit, a cause or a step.
CREATE OR REPLACE VIEW v_public_lagging AS
WITH
    lagging AS (
        SELECT unit_id, unit_name, open, overdue, suspended, overdue / open AS overdue_share
        FROM unit_now FINAL
        WHERE scope = 'own' AND unit_id NOT IN ('*', '') AND open >= 5 AND overdue > 0
        ORDER BY overdue_share DESC, unit_id
        LIMIT {most:UInt32}
    ),
    known AS (
        SELECT
            unit_id,
            countIf(dimension = '') > 0 AS counted,
            sumIf(received + reopened + transferred_in, dimension = '') AS came,
            sumIf(completed + withdrawn + declined + stopped + transferred_out, dimension = '') AS went,
            countIf(dimension = '' AND NOT has(suppressed, 'waiting_on_others')) > 0 AS waiting_shown,
            sumIf(waiting_on_others, dimension = '') AS for_others,
            sumIf(inherited_overdue, dimension = '' AND NOT has(suppressed, 'inherited_overdue')) AS inherited,
            sumIf(late_or_overdue, dimension = '' AND NOT has(suppressed, 'late_or_overdue')) AS late,
            countIf(dimension = '' AND NOT has(suppressed, 'late_without_cause')) > 0 AS unnamed_shown,
            sumIf(late_without_cause, dimension = '') AS unnamed,
            argMaxIf(
                (toString(value), late_or_overdue), late_or_overdue,
                dimension = 'cause' AND value != '' AND NOT has(suppressed, 'late_or_overdue')
            ) AS cause,
            countIf(
                dimension = 'step' AND value != '' AND holding_p90_s > 0 AND NOT has(suppressed, 'holding_p90_s')
            ) AS steps,
            argMaxIf(
                (toString(value), if(has(suppressed, 'overdue'), 0, overdue)), holding_p90_s,
                dimension = 'step' AND value != '' AND holding_p90_s > 0 AND NOT has(suppressed, 'holding_p90_s')
            ) AS step
        FROM summary_cells
        WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries)
            AND dimension IN ('', 'cause', 'step') AND scope = 'own' AND period = {period:String}
            AND unit_id IN (SELECT unit_id FROM lagging)
        GROUP BY unit_id
    ),
    waits AS (
        SELECT unit_id, argMax(toString(other_id), summary_pairs.waiting) AS other,
            max(summary_pairs.waiting) AS waiting
        FROM summary_pairs
        WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries)
            AND period = {period:String} AND NOT has(suppressed, 'waiting')
            AND unit_id IN (SELECT unit_id FROM lagging)
        GROUP BY unit_id
    )
SELECT
    unit_id,
    unit_name,
    open,
    overdue,
    overdue_share,
    came,
    went,
    arraySort(
        each -> (-each.3 / each.4, each.5),
        arrayFilter(
            each -> each.3 > 0,
            [
                ('waiting_on', other, waiting, greatest(open, waiting), 1),
                ('supplements', '', if(waiting_shown, suspended - for_others, 0), open, 2),
                ('inflow', '', came - went, came, 3),
                ('inherited', '', inherited, greatest(overdue, inherited), 4),
                ('cause', cause.1, if(late > 0, cause.2, 0), late, 5),
                ('step', step.1, if(steps > 1, step.2, 0), greatest(overdue, step.2), 6)
            ]
        )
    )[1] AS strongest,
    multiIf(
        strongest.3 / strongest.4 >= 0.2, strongest,
        counted AND unnamed_shown, ('no_cause', '', unnamed, greatest(unnamed, late), 7),
        strongest.3 > 0, strongest,
        ('unknown', '', 0, 0, 8)
    ) AS found,
    found.1 AS reason,
    found.2 AS about,
    found.3 AS n,
    found.4 AS of_n
FROM lagging
LEFT JOIN known USING (unit_id)
LEFT JOIN waits USING (unit_id)
ORDER BY overdue_share DESC, unit_id;
