-- A unit's history begins with the first day on which a number is not 0, and ends with the newest such day of all units.
--
-- A row of unit_days stays when all that was counted in it is taken back, and is never written where it is taken back
-- within one batch. Such rows made zeros before a unit's first day, and days after the last one, which depended on how
-- the same events had arrived; what is told must depend on the events alone. Between first and last such a row changes
-- no number, for every day is told there anyway, and stays for its corrected_at: when a day was corrected depends on
-- what was known when, whatever is done here. So a day that was taken back before the first or after the last one has no
-- row that could say so; unit_days keeps it.
CREATE OR REPLACE VIEW units_history AS
WITH
    {unit:String} AS wanted,
    counted AS (
        SELECT day
        FROM day_units FINAL
        GROUP BY unit_id, day
        HAVING (
            sum(received), sum(reopened), sum(transferred_in), sum(transferred_out), sum(completed_early),
            sum(completed_on_time), sum(completed_late), sum(withdrawn), sum(declined), sum(stopped),
            sum(late_first_promise), sum(in_time), sum(due_soon), sum(overdue), sum(suspended), sum(no_deadline),
            sum(awaiting), sum(awaiting_overdue)
        ) != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    ),
    -- almost always among the newest days, which are read at once; all are read only where none of those counts
    (SELECT max(day) FROM counted WHERE day > (SELECT max(day) FROM day_units) - 7) AS newest_lately,
    ifNull((SELECT max(day) FROM counted WHERE day >= newest_lately), toDate(0)) AS newest_day,
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
        (in_time, due_soon, overdue, suspended, no_deadline, awaiting, awaiting_overdue) AS stock_more,
        (sum(in_time) OVER so_far, sum(due_soon) OVER so_far, sum(overdue) OVER so_far, sum(suspended) OVER so_far,
            sum(no_deadline) OVER so_far, sum(awaiting) OVER so_far, sum(awaiting_overdue) OVER so_far) AS stock,
        max(
            flow != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) OR stock_more != (0, 0, 0, 0, 0, 0, 0)
        ) OVER so_far AS begun,
        corrected_at AS corrected,
        leadInFrame(day, 1, newest_day + 1) OVER (
            PARTITION BY unit_id, scope ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS next_day
    FROM daily
    WINDOW so_far AS (PARTITION BY unit_id, scope ORDER BY day ROWS UNBOUNDED PRECEDING)
)
ARRAY JOIN range(toUInt32(greatest(0, least(next_day, newest_day + 1) - first_day))) AS later
WHERE begun;
