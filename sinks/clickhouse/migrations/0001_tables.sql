-- The tables. Every one is keyed by what it is about, so that doing an insert twice changes nothing.
--
-- No column names a codec: LZ4 costs a third less than ZSTD over all merges, for a third more on disk; a server's own
-- configuration (<compression>) may still press its large, old parts harder.

-- One row per distinct event; content: every field that has no column of its own, as JSON.
CREATE TABLE IF NOT EXISTS events (
    case_id String,
    event_id String,
    type LowCardinality(String),
    occurred_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    ingested_at DateTime64(6, 'UTC'),
    source LowCardinality(String),
    unit_id LowCardinality(String),
    content String
) ENGINE = ReplacingMergeTree
ORDER BY (case_id, occurred_at, event_id, content)
SETTINGS non_replicated_deduplication_window = 1000;

-- The state of each case, free of the present moment: what runs with the clock is kept as marks of working time.
-- Parts of up to 50 000 new cases are a few files instead of two per column: that halves what writing and merging cost.
CREATE TABLE IF NOT EXISTS cases (
    case_id String,
    kind LowCardinality(String),
    channel LowCardinality(String),
    procedure_code LowCardinality(String),
    unit_id LowCardinality(String),
    receiving_unit LowCardinality(String),
    registering_unit LowCardinality(String),
    step LowCardinality(String),
    officer LowCardinality(String),
    status LowCardinality(String),
    suspended_reason LowCardinality(String),
    waiting_on LowCardinality(String),
    outcome LowCardinality(String),
    cause LowCardinality(String),
    timeliness LowCardinality(String),
    first_timeliness LowCardinality(String),
    counted_as LowCardinality(String),
    counted_at LowCardinality(String),
    anomalies String,
    attributes String,
    consultations String,
    ratings String,
    flows String,
    stays String,
    ledger String,
    calendar LowCardinality(String),
    profile LowCardinality(String),
    rules LowCardinality(String),
    registered_at DateTime64(6, 'UTC'),
    reception_due_at DateTime64(6, 'UTC'),
    reception_ended_at DateTime64(6, 'UTC'),
    received_at DateTime64(6, 'UTC'),
    first_due_at DateTime64(6, 'UTC'),
    due_at DateTime64(6, 'UTC'),
    effective_due_at DateTime64(6, 'UTC'),
    legal_due_at DateTime64(6, 'UTC'),
    suspended_at DateTime64(6, 'UTC'),
    ended_at DateTime64(6, 'UTC'),
    delivered_at DateTime64(6, 'UTC'),
    first_ended_at DateTime64(6, 'UTC'),
    last_event_at DateTime64(6, 'UTC'),
    wake_at DateTime64(6, 'UTC'),
    due_soon_at DateTime64(6, 'UTC'),
    elapsed_us Int64,
    suspended_us Int64,
    reopened_gap_us Int64,
    late_us Int64,
    elapsed_base_us Int64,
    due_mark_us Int64,
    suspended_mark_us Int64,
    anomaly_count UInt32,
    reopened UInt32,
    handovers UInt32,
    handovers_back UInt32,
    supplements UInt32,
    overdue_whatever_dates UInt8,
    late_first_promise UInt8,
    inherited_overdue UInt8,
    live UInt8,
    version UInt64,
    updated_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(version)
ORDER BY case_id
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 104857600;

-- Sums of the cases' flows per unit, local day and Kafka partition, absolute.
CREATE TABLE IF NOT EXISTS unit_days (
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
    corrected_at DateTime64(6, 'UTC'),
    caught_up_until DateTime64(6, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (unit_id, day, partition)
SETTINGS non_replicated_deduplication_window = 1000;

-- The numbers of each unit now.
CREATE TABLE IF NOT EXISTS unit_now (
    unit_id LowCardinality(String),
    scope LowCardinality(String),
    unit_name String,
    parent_id LowCardinality(String),
    received Int64,
    transferred_in Int64,
    transferred_out Int64,
    open Int64,
    in_time Int64,
    due_soon Int64,
    overdue Int64,
    suspended Int64,
    no_deadline Int64,
    completed Int64,
    completed_early Int64,
    completed_on_time Int64,
    completed_late Int64,
    withdrawn Int64,
    declined Int64,
    stopped Int64,
    on_time_rate Nullable(Float64),
    on_time_rate_strict Nullable(Float64),
    processing_mean_s Nullable(Int64),
    processing_p50_s Nullable(Int64),
    processing_p90_s Nullable(Int64),
    open_age_p50_s Nullable(Int64),
    open_age_p90_s Nullable(Int64),
    worst_overdue_s Nullable(Int64),
    anomalies Int64,
    awaiting Int64,
    awaiting_overdue Int64,
    reopened Int64,
    late_first_promise Int64,
    as_of DateTime64(6, 'UTC'),
    computed_at DateTime64(6, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (unit_id, scope)
SETTINGS non_replicated_deduplication_window = 1000;

-- What could not be read: where and why, never what.
CREATE TABLE IF NOT EXISTS dead_letters (
    source LowCardinality(String),
    topic LowCardinality(String),
    partition Int32,
    position Int64,
    reason LowCardinality(String),
    field LowCardinality(String),
    seen_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (source, topic, partition, position, reason, field)
SETTINGS non_replicated_deduplication_window = 1000;

-- Reference: the units with the path from each up to the city, itself first.
CREATE TABLE IF NOT EXISTS units (
    unit_id String,
    name String,
    kind LowCardinality(String),
    parent_id String,
    path Array(String),
    calendar LowCardinality(String),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY unit_id;

-- Reference: the working intervals of each calendar (by content), in microseconds since 1970, and the working
-- time before each: mark(t) = work_before + least(t, stop) - start of the last interval that starts by t.
CREATE TABLE IF NOT EXISTS calendar_marks (
    calendar LowCardinality(String),
    zone LowCardinality(String),
    start Int64,
    stop Int64,
    work_before Int64
) ENGINE = ReplacingMergeTree
ORDER BY (calendar, start);
