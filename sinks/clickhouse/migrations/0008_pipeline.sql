-- What workers write of themselves every few seconds (schemas/worker_metrics.py): Grafana asks no other database.
--
-- A row is known by its worker and by when the worker's last confirmed sample was taken (since): a sample that landed
-- although its confirmation was lost is replaced by the next one, which tells the same growth again and more.
-- In parts of a day, so that old samples go whole. Most questions are about the last minute or hour: the index finds it.
CREATE TABLE IF NOT EXISTS pipeline_samples (
    since DateTime64(6, 'UTC'),
    at DateTime64(6, 'UTC'),
    worker LowCardinality(String),
    rules LowCardinality(String),
    calendar LowCardinality(String),
    partitions Array(UInt16),
    ready Int64,
    oldest_waiting_record_seconds Float64,
    lag_records Int64,
    cases_in_memory Int64,
    records Int64,
    events Int64,
    duplicate_events Int64,
    dead_letters Int64,
    misrouted Int64,
    cases_changed_by_time Int64,
    recovered_cases Int64,
    flushes Int64,
    inserts Int64,
    insert_seconds Float64,
    event_rows Int64,
    case_rows Int64,
    unit_rows Int64,
    waits_for_a_dependency Int64,
    ledger_imbalance Int64,
    newest_event_timestamp_seconds Float64,
    caught_up Int64,
    summaries Int64,
    summary_seconds Float64,
    summary_cells Int64,
    samples_skipped Int64,
    INDEX newest at TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(at)
PARTITION BY toDate(since)
ORDER BY (since, worker)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE OR REPLACE VIEW v_pipeline AS
SELECT *, (toUnixTimestamp64Micro(at) - toUnixTimestamp64Micro(since)) / 1000000 AS seconds
FROM pipeline_samples FINAL;

-- How long nothing has come from each source: seconds of the clock, and of the working time of the default calendar by
-- which the newest sample's worker goes. Where that is not known a third of the clock time, as on the board.
CREATE OR REPLACE VIEW v_source_silence AS
WITH
    toUnixTimestamp64Micro(now64(6)) AS now_us,
    (SELECT toString(argMax(calendar, at)) FROM pipeline_samples) AS default_calendar,
    marks AS (
        SELECT start, stop, work_before FROM calendar_marks FINAL WHERE calendar = default_calendar AND start <= now_us
        UNION ALL
        SELECT toInt64(-1) AS start, toInt64(-1) AS stop, toInt64(0) AS work_before
    )
SELECT
    source,
    any(v_sources.last_occurred_at) AS last_occurred_at,
    any(v_sources.last_ingested_at) AS last_ingested_at,
    any(v_sources.events) AS events,
    greatest(0, now_us - any(toUnixTimestamp64Micro(v_sources.last_ingested_at))) AS silent_us,
    if(
        max(start) < 0,
        intDiv(silent_us, 3),
        greatest(
            0,
            max(work_before + least(now_us, stop) - start) - maxIf(
                work_before + least(toUnixTimestamp64Micro(v_sources.last_ingested_at), stop) - start,
                start <= toUnixTimestamp64Micro(v_sources.last_ingested_at)
            )
        )
    ) AS silent_working_us,
    intDiv(silent_us, 1000000) AS silent_s,
    intDiv(silent_working_us, 1000000) AS silent_working_s
FROM v_sources
CROSS JOIN marks
GROUP BY source;
