-- Summaries: everything that is not live per unit, computed anew every few seconds (schemas/summary.py).
--
-- A refresh writes one generation into one of four slots, and says so at the end in summary_generations. Its rows
-- replace those of the fourth generation before, key by key: nothing has to be deleted, nothing grows but with the
-- codes that were ever seen, and who reads the newest complete generation is not disturbed by the next one.

CREATE TABLE IF NOT EXISTS summary_generations (
    slot UInt8,
    complete UInt8,
    generation UInt64,
    as_of DateTime64(6, 'UTC'),
    computed_at DateTime64(6, 'UTC'),
    seconds Float64,
    cells UInt64
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, complete);

CREATE TABLE IF NOT EXISTS summary_cells (
    slot UInt8,
    generation UInt64,
    dimension LowCardinality(String),
    unit_id LowCardinality(String),
    scope LowCardinality(String),
    period LowCardinality(String),
    value LowCardinality(String),
    received Int64,
    reopened Int64,
    transferred_in Int64,
    transferred_out Int64,
    completed Int64,
    completed_early Int64,
    completed_on_time Int64,
    completed_late Int64,
    completed_in_time Int64,
    withdrawn Int64,
    declined Int64,
    stopped Int64,
    late_first_promise Int64,
    open Int64,
    in_time Int64,
    due_soon Int64,
    overdue Int64,
    suspended Int64,
    no_deadline Int64,
    overdue_to_1_day Int64,
    overdue_to_3_days Int64,
    overdue_to_10_days Int64,
    overdue_to_30_days Int64,
    overdue_over_30_days Int64,
    suspended_beyond_limit Int64,
    awaiting Int64,
    awaiting_overdue Int64,
    waiting_on_others Int64,
    inherited_overdue Int64,
    consultations_open Int64,
    consultations_overdue Int64,
    consultations_answered Int64,
    consultations_answered_late Int64,
    handovers Int64,
    sent_back_and_forth Int64,
    ratings Int64,
    rating_sum Int64,
    ratings_with_answer Int64,
    ratings_solved Int64,
    ends_solved Int64,
    judged Int64,
    late_or_overdue Int64,
    late_without_cause Int64,
    received_online Int64,
    received_digitised Int64,
    received_fee_due Int64,
    received_cashless Int64,
    received_vneid Int64,
    processing_n Int64,
    holding_n Int64,
    anomalies Int64,
    carried_over Nullable(Int64),
    on_time_rate Nullable(Float64),
    on_time_rate_strict Nullable(Float64),
    late_first_promise_rate Nullable(Float64),
    rating_mean Nullable(Float64),
    solved_share Nullable(Float64),
    ends_solved_share Nullable(Float64),
    late_without_cause_share Nullable(Float64),
    online_share Nullable(Float64),
    digitised_share Nullable(Float64),
    cashless_share Nullable(Float64),
    vneid_share Nullable(Float64),
    processing_sum_s Nullable(Int64),
    processing_mean_s Nullable(Int64),
    processing_p50_s Nullable(Int64),
    processing_p90_s Nullable(Int64),
    clock_sum_s Nullable(Int64),
    clock_mean_s Nullable(Int64),
    clock_p50_s Nullable(Int64),
    clock_p90_s Nullable(Int64),
    open_age_p50_s Nullable(Int64),
    open_age_p90_s Nullable(Int64),
    oldest_open_s Nullable(Int64),
    worst_overdue_s Nullable(Int64),
    holding_p50_s Nullable(Int64),
    holding_p90_s Nullable(Int64),
    last_event_at DateTime64(6, 'UTC'),
    suppressed Array(LowCardinality(String)),
    computed_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, dimension, unit_id, scope, period, value);

CREATE TABLE IF NOT EXISTS summary_pairs (
    slot UInt8,
    generation UInt64,
    unit_id LowCardinality(String),
    other_id LowCardinality(String),
    period LowCardinality(String),
    waiting Int64,
    waiting_worst_s Nullable(Int64),
    asked Int64,
    asked_open Int64,
    asked_overdue Int64,
    answered_late Int64,
    handed_over Int64,
    handed_back Int64,
    inherited_overdue Int64,
    suppressed Array(LowCardinality(String)),
    computed_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, unit_id, other_id, period);

CREATE TABLE IF NOT EXISTS summary_anomalies (
    slot UInt8,
    generation UInt64,
    about LowCardinality(String),
    id LowCardinality(String),
    kind LowCardinality(String),
    n Int64,
    computed_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, about, id, kind);

-- Steps on the way to summary_cells: what was counted, what was measured, what is to be hidden.
CREATE TABLE IF NOT EXISTS summary_counts (
    slot UInt8,
    generation UInt64,
    dimension LowCardinality(String),
    unit_id LowCardinality(String),
    scope LowCardinality(String),
    period LowCardinality(String),
    value LowCardinality(String),
    received Int64,
    reopened Int64,
    transferred_in Int64,
    transferred_out Int64,
    completed Int64,
    completed_early Int64,
    completed_on_time Int64,
    completed_late Int64,
    completed_in_time Int64,
    withdrawn Int64,
    declined Int64,
    stopped Int64,
    late_first_promise Int64,
    open Int64,
    in_time Int64,
    due_soon Int64,
    overdue Int64,
    suspended Int64,
    no_deadline Int64,
    overdue_to_1_day Int64,
    overdue_to_3_days Int64,
    overdue_to_10_days Int64,
    overdue_to_30_days Int64,
    overdue_over_30_days Int64,
    suspended_beyond_limit Int64,
    awaiting Int64,
    awaiting_overdue Int64,
    waiting_on_others Int64,
    inherited_overdue Int64,
    consultations_open Int64,
    consultations_overdue Int64,
    consultations_answered Int64,
    consultations_answered_late Int64,
    handovers Int64,
    sent_back_and_forth Int64,
    ratings Int64,
    rating_sum Int64,
    ratings_with_answer Int64,
    ratings_solved Int64,
    ends_solved Int64,
    judged Int64,
    late_or_overdue Int64,
    late_without_cause Int64,
    received_online Int64,
    received_digitised Int64,
    received_fee_due Int64,
    received_cashless Int64,
    received_vneid Int64,
    processing_n Int64,
    holding_n Int64,
    anomalies Int64,
    carried_over Int64,
    processing_us Int64,
    clock_us Int64,
    last_event_us Int64
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, dimension, unit_id, scope, period, value);

CREATE TABLE IF NOT EXISTS summary_times (
    slot UInt8,
    generation UInt64,
    dimension LowCardinality(String),
    unit_id LowCardinality(String),
    scope LowCardinality(String),
    period LowCardinality(String),
    value LowCardinality(String),
    measure LowCardinality(String),
    p50_s Int64,
    p90_s Int64,
    worst_s Int64
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, dimension, unit_id, scope, period, value, measure);

CREATE TABLE IF NOT EXISTS summary_hidden (
    slot UInt8,
    generation UInt64,
    dimension LowCardinality(String),
    unit_id LowCardinality(String),
    scope LowCardinality(String),
    period LowCardinality(String),
    value LowCardinality(String),
    hidden UInt64
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, dimension, unit_id, scope, period, value);

-- Per source, as rows of events come; rows_written counts rows, so what came twice may count twice.
CREATE TABLE IF NOT EXISTS source_totals (
    source LowCardinality(String),
    last_occurred_at SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    last_ingested_at SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
    rows_written SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
ORDER BY source
SETTINGS non_replicated_deduplication_window = 1000;

-- Of a database that had events before: once.
INSERT INTO source_totals
SELECT source, max(occurred_at), max(ingested_at), count()
FROM events
WHERE (SELECT count() FROM source_totals) = 0
GROUP BY source;

CREATE MATERIALIZED VIEW IF NOT EXISTS source_totals_of_events TO source_totals AS
SELECT source, max(occurred_at) AS last_occurred_at, max(ingested_at) AS last_ingested_at, count() AS rows_written
FROM events
GROUP BY source;

CREATE OR REPLACE VIEW v_sources AS
SELECT source, max(last_occurred_at) AS last_occurred_at, max(last_ingested_at) AS last_ingested_at,
    sum(rows_written) AS events
FROM source_totals
GROUP BY source;

-- The newest complete generation; no row before the first.
CREATE OR REPLACE VIEW v_summaries AS
SELECT slot, generation, as_of, computed_at, seconds, cells
FROM summary_generations FINAL
WHERE complete
ORDER BY generation DESC
LIMIT 1;

-- For staff: every number.
CREATE OR REPLACE VIEW v_cells AS
SELECT * EXCEPT (slot, generation)
FROM summary_cells
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);

CREATE OR REPLACE VIEW v_pairs AS
SELECT * EXCEPT (slot, generation)
FROM summary_pairs
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);

CREATE OR REPLACE VIEW v_anomalies AS
SELECT * EXCEPT (slot, generation)
FROM summary_anomalies
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);

-- What the public may see (domain.md, 7): what is built on 1 to 4 cases is null and named in suppressed.
CREATE OR REPLACE VIEW v_public_cells AS
SELECT
    dimension,
    unit_id,
    scope,
    period,
    value,
    if(has(suppressed, 'received'), NULL, received) AS received,
    if(has(suppressed, 'reopened'), NULL, reopened) AS reopened,
    if(has(suppressed, 'transferred_in'), NULL, transferred_in) AS transferred_in,
    if(has(suppressed, 'transferred_out'), NULL, transferred_out) AS transferred_out,
    if(has(suppressed, 'completed'), NULL, completed) AS completed,
    if(has(suppressed, 'completed_early'), NULL, completed_early) AS completed_early,
    if(has(suppressed, 'completed_on_time'), NULL, completed_on_time) AS completed_on_time,
    if(has(suppressed, 'completed_late'), NULL, completed_late) AS completed_late,
    if(has(suppressed, 'completed_in_time'), NULL, completed_in_time) AS completed_in_time,
    if(has(suppressed, 'withdrawn'), NULL, withdrawn) AS withdrawn,
    if(has(suppressed, 'declined'), NULL, declined) AS declined,
    if(has(suppressed, 'stopped'), NULL, stopped) AS stopped,
    if(has(suppressed, 'late_first_promise'), NULL, late_first_promise) AS late_first_promise,
    if(has(suppressed, 'open'), NULL, open) AS open,
    if(has(suppressed, 'in_time'), NULL, in_time) AS in_time,
    if(has(suppressed, 'due_soon'), NULL, due_soon) AS due_soon,
    if(has(suppressed, 'overdue'), NULL, overdue) AS overdue,
    if(has(suppressed, 'suspended'), NULL, suspended) AS suspended,
    if(has(suppressed, 'no_deadline'), NULL, no_deadline) AS no_deadline,
    if(has(suppressed, 'overdue_to_1_day'), NULL, overdue_to_1_day) AS overdue_to_1_day,
    if(has(suppressed, 'overdue_to_3_days'), NULL, overdue_to_3_days) AS overdue_to_3_days,
    if(has(suppressed, 'overdue_to_10_days'), NULL, overdue_to_10_days) AS overdue_to_10_days,
    if(has(suppressed, 'overdue_to_30_days'), NULL, overdue_to_30_days) AS overdue_to_30_days,
    if(has(suppressed, 'overdue_over_30_days'), NULL, overdue_over_30_days) AS overdue_over_30_days,
    if(has(suppressed, 'suspended_beyond_limit'), NULL, suspended_beyond_limit) AS suspended_beyond_limit,
    if(has(suppressed, 'awaiting'), NULL, awaiting) AS awaiting,
    if(has(suppressed, 'awaiting_overdue'), NULL, awaiting_overdue) AS awaiting_overdue,
    if(has(suppressed, 'waiting_on_others'), NULL, waiting_on_others) AS waiting_on_others,
    if(has(suppressed, 'inherited_overdue'), NULL, inherited_overdue) AS inherited_overdue,
    if(has(suppressed, 'consultations_open'), NULL, consultations_open) AS consultations_open,
    if(has(suppressed, 'consultations_overdue'), NULL, consultations_overdue) AS consultations_overdue,
    if(has(suppressed, 'consultations_answered'), NULL, consultations_answered) AS consultations_answered,
    if(has(suppressed, 'consultations_answered_late'), NULL, consultations_answered_late) AS consultations_answered_late,
    if(has(suppressed, 'handovers'), NULL, handovers) AS handovers,
    if(has(suppressed, 'sent_back_and_forth'), NULL, sent_back_and_forth) AS sent_back_and_forth,
    if(has(suppressed, 'ratings'), NULL, ratings) AS ratings,
    if(has(suppressed, 'rating_sum'), NULL, rating_sum) AS rating_sum,
    if(has(suppressed, 'ratings_with_answer'), NULL, ratings_with_answer) AS ratings_with_answer,
    if(has(suppressed, 'ratings_solved'), NULL, ratings_solved) AS ratings_solved,
    if(has(suppressed, 'ends_solved'), NULL, ends_solved) AS ends_solved,
    if(has(suppressed, 'judged'), NULL, judged) AS judged,
    if(has(suppressed, 'late_or_overdue'), NULL, late_or_overdue) AS late_or_overdue,
    if(has(suppressed, 'late_without_cause'), NULL, late_without_cause) AS late_without_cause,
    if(has(suppressed, 'received_online'), NULL, received_online) AS received_online,
    if(has(suppressed, 'received_digitised'), NULL, received_digitised) AS received_digitised,
    if(has(suppressed, 'received_fee_due'), NULL, received_fee_due) AS received_fee_due,
    if(has(suppressed, 'received_cashless'), NULL, received_cashless) AS received_cashless,
    if(has(suppressed, 'received_vneid'), NULL, received_vneid) AS received_vneid,
    if(has(suppressed, 'processing_n'), NULL, processing_n) AS processing_n,
    if(has(suppressed, 'holding_n'), NULL, holding_n) AS holding_n,
    if(has(suppressed, 'anomalies'), NULL, anomalies) AS anomalies,
    if(has(suppressed, 'carried_over'), NULL, carried_over) AS carried_over,
    if(has(suppressed, 'on_time_rate'), NULL, on_time_rate) AS on_time_rate,
    if(has(suppressed, 'on_time_rate_strict'), NULL, on_time_rate_strict) AS on_time_rate_strict,
    if(has(suppressed, 'late_first_promise_rate'), NULL, late_first_promise_rate) AS late_first_promise_rate,
    if(has(suppressed, 'rating_mean'), NULL, rating_mean) AS rating_mean,
    if(has(suppressed, 'solved_share'), NULL, solved_share) AS solved_share,
    if(has(suppressed, 'ends_solved_share'), NULL, ends_solved_share) AS ends_solved_share,
    if(has(suppressed, 'late_without_cause_share'), NULL, late_without_cause_share) AS late_without_cause_share,
    if(has(suppressed, 'online_share'), NULL, online_share) AS online_share,
    if(has(suppressed, 'digitised_share'), NULL, digitised_share) AS digitised_share,
    if(has(suppressed, 'cashless_share'), NULL, cashless_share) AS cashless_share,
    if(has(suppressed, 'vneid_share'), NULL, vneid_share) AS vneid_share,
    if(has(suppressed, 'processing_sum_s'), NULL, processing_sum_s) AS processing_sum_s,
    if(has(suppressed, 'processing_mean_s'), NULL, processing_mean_s) AS processing_mean_s,
    if(has(suppressed, 'processing_p50_s'), NULL, processing_p50_s) AS processing_p50_s,
    if(has(suppressed, 'processing_p90_s'), NULL, processing_p90_s) AS processing_p90_s,
    if(has(suppressed, 'clock_sum_s'), NULL, clock_sum_s) AS clock_sum_s,
    if(has(suppressed, 'clock_mean_s'), NULL, clock_mean_s) AS clock_mean_s,
    if(has(suppressed, 'clock_p50_s'), NULL, clock_p50_s) AS clock_p50_s,
    if(has(suppressed, 'clock_p90_s'), NULL, clock_p90_s) AS clock_p90_s,
    if(has(suppressed, 'open_age_p50_s'), NULL, open_age_p50_s) AS open_age_p50_s,
    if(has(suppressed, 'open_age_p90_s'), NULL, open_age_p90_s) AS open_age_p90_s,
    if(has(suppressed, 'oldest_open_s'), NULL, oldest_open_s) AS oldest_open_s,
    if(has(suppressed, 'worst_overdue_s'), NULL, worst_overdue_s) AS worst_overdue_s,
    if(has(suppressed, 'holding_p50_s'), NULL, holding_p50_s) AS holding_p50_s,
    if(has(suppressed, 'holding_p90_s'), NULL, holding_p90_s) AS holding_p90_s,
    last_event_at,
    suppressed,
    computed_at
FROM summary_cells
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);

CREATE OR REPLACE VIEW v_public_pairs AS
SELECT
    unit_id,
    other_id,
    period,
    if(has(suppressed, 'waiting'), NULL, waiting) AS waiting,
    if(has(suppressed, 'waiting_worst_s'), NULL, waiting_worst_s) AS waiting_worst_s,
    if(has(suppressed, 'asked'), NULL, asked) AS asked,
    if(has(suppressed, 'asked_open'), NULL, asked_open) AS asked_open,
    if(has(suppressed, 'asked_overdue'), NULL, asked_overdue) AS asked_overdue,
    if(has(suppressed, 'answered_late'), NULL, answered_late) AS answered_late,
    if(has(suppressed, 'handed_over'), NULL, handed_over) AS handed_over,
    if(has(suppressed, 'handed_back'), NULL, handed_back) AS handed_back,
    if(has(suppressed, 'inherited_overdue'), NULL, inherited_overdue) AS inherited_overdue,
    suppressed,
    computed_at
FROM summary_pairs
WHERE (slot, generation) IN (SELECT slot, generation FROM v_summaries);

-- A unit's own totals are never hidden.
CREATE OR REPLACE VIEW v_public_units_now AS SELECT * FROM v_units_now;

CREATE OR REPLACE VIEW v_public_city_now AS SELECT * FROM v_city_now;

CREATE OR REPLACE VIEW v_public_units_history AS SELECT * FROM v_units_history;

CREATE OR REPLACE VIEW v_public_sources AS SELECT * FROM v_sources;

CREATE OR REPLACE VIEW v_public_summaries AS SELECT as_of, computed_at, seconds FROM v_summaries;

-- Anomalies by unit and by source, records that could not be read by source.
CREATE OR REPLACE VIEW v_public_quality AS
SELECT about, id, kind, n FROM v_anomalies
UNION ALL
SELECT 'dead_letters' AS about, source AS id, reason AS kind, toInt64(count()) AS n
FROM dead_letters FINAL
GROUP BY source, reason;
