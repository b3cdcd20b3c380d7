"""Samples of workers in the table: one of a time stays, growth is told per second, old ones go by themselves."""

from __future__ import annotations

import time
from typing import Any

from schemas.worker_metrics import SAMPLES_KEPT_DAYS, Gauge, Metric
from sinks.clickhouse.client import ClickHouse
from sinks.clickhouse.sample_store import ClickHouseSampleStore
from streams.samples import Samples
from tests.sinks.store_kit import count, rows_of

SECOND = 1_000_000
GAUGES = dict.fromkeys(Gauge, 1.0)


def counted(events: int) -> dict[Metric, float]:
    return dict.fromkeys(Metric, 0) | {Metric.EVENTS: events, Metric.INSERT_SECONDS: events / 8}


def shown(store: ClickHouse, *columns: str) -> list[tuple[Any, ...]]:
    found = rows_of(store, f"SELECT {', '.join(columns)} FROM v_pipeline ORDER BY worker, since")
    return [tuple(each.values()) for each in found]


def test_a_sample_whose_confirmation_was_lost_is_told_once(store: ClickHouse) -> None:
    now = time.time_ns() // 1000
    samples, sink = Samples("w", "r", "c", began=now - 30 * SECOND), ClickHouseSampleStore(store)

    sink.write(
        samples.take(now - 20 * SECOND, [0, 1], GAUGES, counted(100))
    )  # it landed, but who wrote it was told no
    sink.write(samples.take(now - 10 * SECOND, [0, 1], GAUGES, counted(160)))
    samples.confirmed()
    sink.write(samples.take(now, [1], GAUGES, counted(168)))
    sink.close()

    columns = ("events", "seconds", "partitions", "insert_seconds")
    assert shown(store, *columns) == [(160, 20.0, [0, 1], 20.0), (8, 10.0, [1], 1.0)]


def test_a_worker_that_starts_again_under_its_old_name_begins_anew(store: ClickHouse) -> None:
    now = time.time_ns() // 1000
    sink = ClickHouseSampleStore(store)

    for began, events in ((now - 60 * SECOND, 500), (now - 20 * SECOND, 30)):
        sink.write(Samples("w", "r", "c", began).take(began + 10 * SECOND, [0], GAUGES, counted(events)))
    sink.close()

    assert shown(store, "events", "seconds") == [(500, 10.0), (30, 10.0)]


def test_what_is_too_old_goes_and_nothing_else(store: ClickHouse) -> None:
    day = 24 * 3600 * SECOND
    now = time.time_ns() // 1000
    sink = ClickHouseSampleStore(store)
    for age in (0, SAMPLES_KEPT_DAYS - 1, SAMPLES_KEPT_DAYS + 2):
        began = now - age * day
        sink.write(Samples(f"{age}", "r", "c", began).take(began + SECOND, [], GAUGES, counted(1)))
    sink.close()

    store.command("OPTIMIZE TABLE pipeline_samples FINAL")

    assert shown(store, "worker") == [("0",), (f"{SAMPLES_KEPT_DAYS - 1}",)]
    assert count(store, "v_pipeline") == 2
