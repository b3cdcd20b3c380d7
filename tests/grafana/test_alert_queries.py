"""Every rule over the engine: it fires when it must and keeps still when it must, one row and one number per alert."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pytest

from caseclock.city import prepare
from dashboards.board.model.silence import WorkingHours, sources
from dashboards.grafana import alerts
from dashboards.grafana.build import dashboards
from dashboards.limits import SilenceLimits
from schemas.columns import DEAD_LETTER_COLUMNS, UNIT_NOW_COLUMNS
from schemas.summary import CELL_COLUMNS, GENERATION_COLUMNS
from schemas.worker_metrics import SAMPLE_COLUMNS
from sinks.clickhouse.board_summaries import Hours, SourceRow
from sinks.clickhouse.client import ClickHouse
from tests.city import RULES
from tests.grafana.plugin.frames import TABLE, Answer, frames
from tests.grafana.plugin.macros import expand

RULE: Final = RULES["one_stop"]
SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
WORKING_DAY_S: Final = 8 * 3600
TABLES: Final[dict[str, dict[str, str]]] = {
    "unit_now": UNIT_NOW_COLUMNS,
    "summary_cells": CELL_COLUMNS,
    "summary_generations": GENERATION_COLUMNS,
    "dead_letters": DEAD_LETTER_COLUMNS,
    "pipeline_samples": SAMPLE_COLUMNS,
}
NAMES: Final = (
    *("overdue-share", "on-time-rate", "oldest-case", "source-silent", "dead-letters", "ledger-identity"),
    "no-fresh-numbers",
)
_EMPTY: Final[dict[str, Any]] = {
    "Nullable": None,
    "Array": [],
    "String": "",
    "LowCardinality": "",
    "Float64": 0.0,
}


class Watched:
    """A database, and what the rules say of it."""

    def __init__(self, store: ClickHouse) -> None:
        self.store = store
        self._rules = {
            rule["uid"].removeprefix("caseclock-"): rule
            for group in alerts.files(dashboards())["rules.yaml"]["groups"]  # type: ignore[index]
            for rule in group["rules"]
        }
        self._rows = 0

    def put(self, table: str, **values: Any) -> None:
        """Insert a row of which only some columns matter."""
        columns = TABLES[table]
        self._rows += 1
        row = tuple(values.get(name, _EMPTY.get(kind.partition("(")[0], 0)) for name, kind in columns.items())
        self.store.insert(table, columns, [row], f"{self._rows}")

    def unit(self, unit: str, **values: Any) -> None:
        now = now_us()
        self.put("unit_now", **{"unit_id": unit, "scope": "own", "computed_at": now, "as_of": now, **values})

    def sample(self, worker: str = "w", ago_s: int = 1, **values: Any) -> None:
        at = now_us() - ago_s * SECOND
        self.put("pipeline_samples", **{"worker": worker, "since": at - 10 * SECOND, "at": at, **values})

    def answer(self, name: str) -> Answer:
        asked, judged = (each["model"] for each in self._rules[name]["data"])
        moment = datetime(2026, 11, 24, tzinfo=UTC)
        sql = expand(asked["rawSql"], since=moment, until=moment)
        assert judged["expression"] == asked["refId"]
        types = self.store.columns(f"DESCRIBE ({sql})")
        found = self.store.columns(sql)
        rows = list(zip(*(found[column] for column in types["name"]), strict=True))
        return Answer(types["name"], types["type"], rows)

    def named(self, name: str) -> set[str]:
        """The labels that its message puts in."""
        said = " ".join(self._rules[name]["annotations"].values())
        return set(re.findall(r"\$labels\.(\w+)", said))

    def fires(self, name: str) -> set[str]:
        """The first label of each alert that begins."""
        (condition,) = self._rules[name]["data"][1]["model"]["conditions"]
        (limit,) = condition["evaluator"]["params"]
        above = condition["evaluator"]["type"] == "gt"
        found = self.answer(name)
        at = found.names.index("Value")
        rows: list[tuple[Any, ...]] = [*found.rows]
        return {str(row[0]) for row in rows if (row[at] > limit if above else row[at] < limit)}


def now_us() -> int:
    return time.time_ns() // 1000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    store = ClickHouse(f"chdb://{tmp_path_factory.mktemp('alerts')}")
    prepare(store, RULE)
    yield Watched(store)
    store.close()


@pytest.fixture
def watched(made: Watched) -> Watched:
    for table in (*TABLES, "source_totals"):
        made.store.command(f"TRUNCATE TABLE {table}")
    return made


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_a_table_of_labels_and_one_number(name: str, watched: Watched) -> None:
    for number in range(3):
        watched.unit(f"u{number}", open=20, overdue=number, worst_overdue_s=number * WORKING_DAY_S)
        watched.put("dead_letters", source=f"s{number}", position=number, seen_at=now_us())
    _completed(watched, u0=(50, 0.9), u1=(50, 0.8))
    watched.store.command("INSERT INTO source_totals SELECT 's', now64(6), now64(6), 1")
    watched.sample()

    answer = watched.answer(name)

    (frame,) = frames(answer, TABLE)
    assert [field.name for field in frame.fields if field.type == "number"] == ["Value"]
    assert {field.type for field in frame.fields if field.name != "Value"} == {"string"}
    assert not any("Nullable" in kind for kind in answer.types)
    assert watched.named(name) <= set(answer.names)
    labels = [
        tuple(value for value, kind in zip(row, answer.names, strict=True) if kind != "Value")
        for row in answer.rows
    ]
    assert len(set(labels)) == len(labels) > 0


def test_an_empty_database_is_silent_but_for_workers_that_never_told_of_themselves(watched: Watched) -> None:
    fired = {name: watched.fires(name) for name in NAMES}

    assert fired == {name: set() for name in NAMES} | {"no-fresh-numbers": {"samples"}}


def test_a_share_of_overdue_beyond_the_limit_fires_where_there_are_enough_cases(watched: Watched) -> None:
    watched.unit("far behind", open=20, overdue=3)
    watched.unit("on the limit", open=20, overdue=2)
    watched.unit("few", open=9, overdue=9)
    watched.unit("tree only", scope="tree", open=20, overdue=20)

    assert watched.fires("overdue-share") == {"far behind"}


def test_the_city_as_a_whole_is_one_of_the_units_and_has_a_name(watched: Watched) -> None:
    watched.unit("*", open=100, overdue=50)
    watched.unit("no name", open=100, overdue=50)
    watched.unit("u", unit_name="Phường Một", open=100, overdue=50)

    assert watched.answer("overdue-share").rows == [
        ("*", "Toàn thành phố", 0.5),
        ("no name", "no name", 0.5),
        ("u", "Phường Một", 0.5),
    ]


def _completed(watched: Watched, **units: tuple[int, float]) -> None:
    """A complete generation of summaries: how many cases each unit completed in 30 days, and its rate."""
    watched.put("summary_generations", slot=1, complete=1, generation=7, as_of=now_us(), computed_at=now_us())
    for unit, (completed, rate) in units.items():
        cell = {"slot": 1, "generation": 7, "unit_id": unit, "scope": "own", "completed": completed}
        watched.put("summary_cells", **cell, period="30d", on_time_rate=rate)
        watched.put("summary_cells", **cell, period="all", on_time_rate=0.0)


def test_a_rate_of_30_days_below_the_limit_fires_where_there_are_enough_cases(watched: Watched) -> None:
    _completed(watched, late=(10, 0.79), limit=(10, 0.8), few=(9, 0.1), gone=(50, 0.1))
    for unit in ("late", "limit", "few"):
        watched.unit(unit)

    assert watched.fires("on-time-rate") == {"late"}


def test_a_case_that_is_overdue_for_too_long_fires_at_the_unit_that_holds_it(watched: Watched) -> None:
    watched.unit("forgotten", open=1, worst_overdue_s=30 * WORKING_DAY_S + 60)
    watched.unit("slow", open=1, worst_overdue_s=30 * WORKING_DAY_S)
    watched.unit("in time", open=1)
    watched.unit("*", open=3, worst_overdue_s=30 * WORKING_DAY_S + 60)

    assert watched.fires("oldest-case") == {"forgotten"}


def test_sources_are_judged_as_on_the_board(watched: Watched) -> None:
    version = RULE.default_calendar.version
    watched.sample(calendar=version)
    now = now_us()
    hours = [0, 1, 3, 5, 8, 12, 20, 30, 50, 70, 90, 130, 200, 500]
    rows = [SourceRow(f"s{ago:03}", now - ago * HOUR - 90 * SECOND, 1) for ago in hours]
    for row in rows:
        watched.store.command(
            "INSERT INTO source_totals SELECT {s:String}, fromUnixTimestamp64Micro({at:Int64}),"
            " fromUnixTimestamp64Micro({at:Int64}), 1",
            {"s": row.source, "at": row.last_us},
        )
    marks = RULE.default_calendar.intervals()
    working = WorkingHours({version: Hours(*(np.array(column, np.int64) for column in marks))})

    silent = {each.source: each.stale for each in sources(rows, working, version, SilenceLimits(), now_us())}
    answered = {row[0]: row[1] for row in watched.answer("source-silent").rows}

    assert watched.fires("source-silent") == {source for source, told in silent.items() if told}
    for row in rows:
        expected = working.between(version, row.last_us, now_us()) / SECOND / WORKING_DAY_S
        assert answered[row.source] == pytest.approx(expected, abs=10 / WORKING_DAY_S)
    assert {True, False} == set(silent.values())


def test_without_a_calendar_a_third_of_the_clock_counts(watched: Watched) -> None:
    watched.sample(calendar="nobody's")
    watched.store.command(
        "INSERT INTO source_totals SELECT s, now64(6) - INTERVAL h HOUR, now64(6) - INTERVAL h HOUR, 1"
        " FROM values('s String, h UInt8', ('today', 23), ('long ago', 25))"
    )

    assert watched.fires("source-silent") == {"long ago"}


@pytest.mark.parametrize(
    ("of_hour", "of_week", "fires"),
    [(11, 0, True), (10, 0, False), (16, 840, True), (15, 840, False)],
    ids=["more than some", "some", "three times the usual", "no more than that"],
)
def test_dead_letters_fire_when_the_last_hour_has_far_more_than_usual(
    of_hour: int, of_week: int, fires: bool, watched: Watched
) -> None:
    watched.store.command(
        "INSERT INTO dead_letters SELECT 'portal', 'events', 0, number, 'not_json', '',"
        f" now64(6) - INTERVAL if(number < {of_hour}, 5, 60 + number % 9000) MINUTE FROM numbers({of_hour + of_week})"
    )

    assert watched.fires("dead-letters") == ({"portal"} if fires else set())
    assert watched.answer("dead-letters").rows == [("portal", of_hour if of_hour * 168 > 3 * of_week else 0)]


def test_a_ledger_that_does_not_add_up_fires_whichever_way_and_for_the_city_too(watched: Watched) -> None:
    right = {
        "received": 10,
        "transferred_in": 3,
        "transferred_out": 2,
        "completed": 4,
        "withdrawn": 1,
        "open": 4,
    }
    right |= {"declined": 1, "stopped": 1}
    watched.unit("right", **right)
    watched.unit("one too many", **right | {"open": 5})
    watched.unit("one too few", **right | {"completed": 5})
    watched.unit("*", **right | {"received": 11})
    watched.unit("elsewhere", scope="tree", open=1)

    assert watched.fires("ledger-identity") == {"one too many", "one too few", "*"}


NOW_AND_THEN: Final[dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]]] = {
    "all is well": ({"in_time": 5}, {}, set()),
    "no number is told anew though clocks run": ({"in_time": 5, "computed_at": -300}, {}, {"numbers"}),
    "they stand for a moment long past": ({"due_soon": 1, "as_of": -300}, {}, {"numbers"}),
    "all open cases are suspended, so nothing changes": ({"suspended": 5, "computed_at": -3000}, {}, set()),
    "nothing runs but records wait": ({"computed_at": -300}, {"lag_records": 3}, {"numbers"}),
    "no worker tells of itself any more": ({"in_time": 5}, {"ago_s": 200}, {"samples"}),
    "a worker holds a record back": ({}, {"oldest_waiting_record_seconds": 130.0}, {"waiting"}),
    "nothing is there but the worker": ({"unit_id": "u"}, {}, set()),
}


@pytest.mark.parametrize("story", NOW_AND_THEN)
def test_numbers_that_are_not_fresh_fire_while_anything_may_be_waiting(story: str, watched: Watched) -> None:
    city, sample, expected = NOW_AND_THEN[story]
    moments = {name: now_us() + city[name] * SECOND for name in ("computed_at", "as_of") if name in city}
    watched.unit(city.get("unit_id", "*"), **(city | moments))
    watched.sample(**sample)

    assert watched.fires("no-fresh-numbers") == expected


def test_a_worker_that_is_gone_waits_for_nothing_when_another_goes_on(watched: Watched) -> None:
    watched.unit("*", in_time=5)
    watched.sample("gone", ago_s=400, oldest_waiting_record_seconds=500.0, lag_records=9)
    watched.sample("alive")

    assert watched.fires("no-fresh-numbers") == set()
