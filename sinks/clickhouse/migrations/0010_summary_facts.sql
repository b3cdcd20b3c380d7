-- What cases tell, added up by value, unit and set of periods: a step on the way to the cells (schemas/summary.py).
--
-- Counting everything in one statement kept the sums of all facts and of all cells in memory at once, or spilt them on
-- disk again and again. With this table between, each family of facts is read alone, and the cells of some values after
-- the others. family: a fact may stand in two of them (late_without_cause: of ends, and of the overdue).
CREATE TABLE IF NOT EXISTS summary_facts (
    slot UInt8,
    generation UInt64,
    dimension LowCardinality(String),
    value LowCardinality(String),
    unit LowCardinality(String),
    periods UInt8,
    place UInt8,
    family UInt8,
    n Int64
) ENGINE = ReplacingMergeTree(generation)
ORDER BY (slot, dimension, value, unit, periods, place, family);
