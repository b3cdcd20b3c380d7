"""The summaries' tables are those of the schema, and their numbers those of the registry."""

from __future__ import annotations

import re
from typing import Final

from schemas import summary
from schemas.registry import REGISTRY
from sinks.clickhouse.migrate import migrations

TABLES: Final = {
    "summary_cells": summary.CELL_COLUMNS,
    "summary_pairs": summary.PAIR_COLUMNS,
    "summary_anomalies": summary.ANOMALY_COLUMNS,
    "summary_generations": summary.GENERATION_COLUMNS,
    "summary_counts": summary.COUNT_COLUMNS,
    "summary_times": summary.TIME_COLUMNS,
    "summary_hidden": summary.HIDDEN_COLUMNS,
    "summary_facts": summary.FACT_COLUMNS,
}


def test_the_migrations_have_the_columns_of_the_schema() -> None:
    text = "\n".join(each.text for each in migrations())
    for table, columns in TABLES.items():
        body = re.search(rf"CREATE TABLE IF NOT EXISTS {table} \((.*?)\n\) ENGINE", text, re.DOTALL)
        assert body is not None
        made = [line.strip().rstrip(",") for line in body[1].strip().splitlines()]
        assert made == [f"{name} {kind}" for name, kind in columns.items()]


def test_numbers_bear_the_ids_of_the_registry() -> None:
    helpers = {"processing_n", "holding_n"}

    assert set(summary.NUMBER_COLUMNS) - set(REGISTRY) == helpers
