-- What the numbers were computed by, and since when: a row per change of the profile, the thresholds, a calendar or
-- the lists of units and procedures (domain.md §5). Rows of cases name the version of all of it together (`rules`).
CREATE TABLE IF NOT EXISTS rules_journal (
    part LowCardinality(String),
    name String,
    version String,
    previous String,
    reason String,
    noted_at DateTime64(6, 'UTC')
) ENGINE = ReplacingMergeTree
ORDER BY (part, name, noted_at)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE OR REPLACE VIEW v_rules_journal AS
SELECT part, name, version, previous, reason, noted_at FROM rules_journal FINAL;
