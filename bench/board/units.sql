-- Rows of `unit_now`, counted from `unit_days` (flow) and `cases` (stock, times): own, with all below, and all.
WITH
    {now:Int64} AS now_us,
    (
        SELECT max(work_before + least(now_us, stop) - start)
        FROM calendar_marks
        WHERE calendar = {calendar:String} AND start <= now_us
    ) AS mark_now,
    flow AS (
        SELECT
            target.1 AS unit_id,
            target.2 AS scope,
            sum(days.received) AS received,
            sum(multiIf(
                scope = 'own', days.transferred_in, target.1 = days.unit_id, days.transferred_in_tree, 0
            )) * (target.1 != '*') AS transferred_in,
            sum(multiIf(
                scope = 'own', days.transferred_out, target.1 = days.unit_id, days.transferred_out_tree, 0
            )) * (target.1 != '*') AS transferred_out
        FROM unit_days AS days
        LEFT JOIN units AS above USING (unit_id)
        ARRAY JOIN arrayConcat(
            [(toString(days.unit_id), 'own'), ('*', 'own')], arrayMap(unit -> (unit, 'tree'), above.path)
        ) AS target
        GROUP BY unit_id, scope
    ),
    stock AS (
        SELECT
            target.1 AS unit_id,
            target.2 AS scope,
            countIf(counted_as = 'in_time') AS in_time,
            countIf(counted_as = 'due_soon') AS due_soon,
            countIf(counted_as = 'overdue') AS overdue,
            countIf(counted_as = 'suspended') AS suspended,
            countIf(counted_as = 'completed_early') AS completed_early,
            countIf(counted_as = 'completed_on_time') AS completed_on_time,
            countIf(counted_as = 'completed_late') AS completed_late,
            countIf(counted_as = 'withdrawn') AS withdrawn,
            in_time + due_soon + overdue + suspended AS open,
            completed_early + completed_on_time + completed_late AS completed,
            avgIf(elapsed_us, timeliness != '') AS processing_mean,
            quantilesIf(0.5, 0.9)(elapsed_us, timeliness != '') AS processing,
            quantilesIf(0.5, 0.9)(if(status = 'suspended', elapsed_us, mark_now - elapsed_base_us), live) AS age,
            maxIf(if(status = 'suspended', late_us, mark_now - due_mark_us), counted_as = 'overdue') AS worst,
            sum(anomaly_count) AS anomalies,
            sum(late_first_promise) AS late_first_promise
        FROM cases
        LEFT JOIN units AS above USING (unit_id)
        ARRAY JOIN arrayConcat(
            [(toString(cases.unit_id), 'own'), ('*', 'own')], arrayMap(unit -> (unit, 'tree'), above.path)
        ) AS target
        GROUP BY unit_id, scope
    )
SELECT
    flow.unit_id AS unit_id,
    flow.scope AS scope,
    named.name AS unit_name,
    named.parent_id AS parent_id,
    received,
    transferred_in,
    transferred_out,
    open,
    in_time,
    due_soon,
    overdue,
    suspended,
    0 AS no_deadline,
    completed,
    completed_early,
    completed_on_time,
    completed_late,
    withdrawn,
    0 AS declined,
    0 AS stopped,
    if(completed = 0, NULL, round((completed - completed_late) / completed, 6)) AS on_time_rate,
    if(completed + overdue = 0, NULL, round((completed - completed_late) / (completed + overdue), 6))
        AS on_time_rate_strict,
    if(completed = 0, NULL, toInt64(processing_mean / 1e6)) AS processing_mean_s,
    if(completed = 0, NULL, toInt64(processing[1] / 1e6)) AS processing_p50_s,
    if(completed = 0, NULL, toInt64(processing[2] / 1e6)) AS processing_p90_s,
    if(open = 0, NULL, toInt64(age[1] / 1e6)) AS open_age_p50_s,
    if(open = 0, NULL, toInt64(age[2] / 1e6)) AS open_age_p90_s,
    if(overdue = 0, NULL, intDiv(greatest(worst, 0), 1000000)) AS worst_overdue_s,
    anomalies,
    0 AS awaiting,
    0 AS awaiting_overdue,
    0 AS reopened,
    late_first_promise,
    fromUnixTimestamp64Micro(now_us, 'UTC') AS as_of,
    as_of AS computed_at,
    toUInt64(now_us) AS version
FROM flow
LEFT JOIN stock ON stock.unit_id = flow.unit_id AND stock.scope = flow.scope
LEFT JOIN units AS named ON named.unit_id = flow.unit_id
