"""Summaries on the board: as the public may see them, read once, and kept while they last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from dashboards.board.model.facts import WHOLE_CITY, Anomaly, Pair
from dashboards.board.model.live import LiveBoard
from dashboards.board.model.maker import BoardMaker
from schemas.moment import SECOND_US
from schemas.registry import REGISTRY
from schemas.stored import Unavailable
from schemas.summary import ANOMALY_COLUMNS, CELL_COLUMNS, GENERATION_COLUMNS, PAIR_COLUMNS
from sinks.clickhouse.client import ClickHouse
from tests.dashboards.model_kit import TERMS, Office, at, made, reading, store
from tests.oracle import histories

__all__ = ["made", "store"]

NOW: Final = 1_795_600_000_000_000
TABLES: Final = (
    "summary_cells",
    "public_numbers",
    "summary_pairs",
    "summary_anomalies",
    "summary_generations",
)


@pytest.fixture
def emptied(store: ClickHouse) -> ClickHouse:
    for table in TABLES:
        store.command(f"TRUNCATE TABLE {table}")
    return store


class Generation:
    """Rows of summaries as the worker writes them."""

    def __init__(self, store: ClickHouse, number: int) -> None:
        self.store, self.slot, self.generation = store, number % 4, NOW + number
        self._token = 0

    def add(self, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            full = {"slot": self.slot, "generation": self.generation, "computed_at": NOW, **row}
            types = {name: kind for name, kind in columns.items() if name in full}
            self._token += 1
            token = f"{self.generation} {self._token}"
            self.store.insert(table, types, [tuple(full[name] for name in types)], token)

    def cells(self, *rows: Mapping[str, Any]) -> None:
        about = {
            "dimension": "",
            "unit_id": "ward",
            "scope": "own",
            "period": "30d",
            "value": "",
            "suppressed": [],
        }
        self.add("summary_cells", CELL_COLUMNS, [about | dict(row) for row in rows])

    def done(self) -> None:
        computed_at = NOW + (self.generation - NOW) * SECOND_US
        row = {"complete": 1, "as_of": NOW - 7 * SECOND_US, "seconds": 1.0, "computed_at": computed_at}
        self.add("summary_generations", GENERATION_COLUMNS, [row])


def board_of(store: ClickHouse) -> LiveBoard:
    return Office(store, NOW).seen()


def test_before_the_first_summaries_nothing_is_measured_and_the_page_can_say_so(emptied: ClickHouse) -> None:
    board = board_of(emptied)

    assert board.summaries_at is None
    assert board.period("ward", "own", "30d")["processing_p50_s"].value is None
    assert board.period("ward", "own", "30d")["ratings"].value is None
    assert list(board.breakdown("ward", "own", "channel", "30d")) == []
    assert (list(board.pairs()), list(board.lagging("30d"))) == ([], [])


def test_speed_and_voice_of_a_period_come_with_their_n_and_their_own_age(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells(
        {"processing_p50_s": 3600, "processing_p90_s": 7200, "processing_n": 8, "ratings": 4, "rating_sum": 17,
         "rating_mean": 4.25},
        {"unit_id": "*", "processing_p50_s": 60, "processing_n": 3},
    )  # fmt: skip
    generation.done()

    board = board_of(emptied)

    figures = board.period("ward", "own", "30d")
    speed, mean = figures["processing_p50_s"], figures["rating_mean"]
    assert (speed.value, speed.n, speed.as_of) == (3600, 8, at(NOW - 7 * SECOND_US))
    assert (mean.value, mean.n) == (4.25, 4)
    assert figures["received"].as_of == board.as_of != speed.as_of
    assert board.summaries_at == at(NOW + SECOND_US)
    for scope in ("own", "tree"):
        assert board.period(WHOLE_CITY, scope, "30d")["processing_p50_s"].value == 60
    empty = board.period("desk", "own", "30d")
    assert (empty["ratings"].value, empty["processing_p50_s"].value) == (0, None)


def test_a_unit_has_every_number_that_a_period_can_have(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells({})
    generation.done()
    board = board_of(emptied)

    ids = set(board.period("ward", "own", "30d")) | set(board.now("ward", "own"))

    assert REGISTRY.keys() - ids == {"late_by_cause", "dead_letters", "source_silence_s"}
    assert all(
        board.period("ward", "own", "30d")[name].id == name for name in board.period("ward", "own", "30d")
    )


def test_what_is_built_on_few_cases_is_hidden_and_not_known_to_the_board(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells(
        {"dimension": "channel", "value": "online", "received": 90, "on_time_rate": 0.9, "completed": 80},
        {"dimension": "channel", "value": "none", "received": 0},
        {"dimension": "channel", "value": "post", "received": 3, "suppressed": ["received", "on_time_rate"]},
        {"dimension": "channel", "value": "counter", "received": 97},
    )
    generation.done()

    cells = board_of(emptied).breakdown("ward", "own", "channel", "30d")

    assert [cell.value for cell in cells] == ["counter", "online", "post", "none"]
    received = cells[2].figures["received"]
    assert (received.value, received.n, received.hidden) == (None, None, True)
    assert cells[2].figures["on_time_rate"].hidden
    assert not cells[2].figures["completed"].hidden
    assert (cells[1].figures["on_time_rate"].value, cells[1].figures["on_time_rate"].n) == (0.9, 80)


def test_causes_are_told_by_their_late_cases(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells(
        {"dimension": "cause", "value": "workload", "late_or_overdue": 7},
        {"dimension": "cause", "value": "", "late_or_overdue": 9},
        {"dimension": "cause", "value": "absence", "late_or_overdue": 2, "suppressed": ["late_or_overdue"]},
    )
    generation.done()

    cells = board_of(emptied).breakdown("ward", "own", "cause", "30d")

    told = [(cell.value, cell.figures["late_by_cause"].value) for cell in cells]
    assert told == [("", 9), ("workload", 7), ("absence", None)]
    assert cells[2].figures["late_by_cause"].hidden


def test_aspects_are_told_by_their_ratings_and_nothing_else(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    said = {"ratings": 20, "rating_sum": 90, "rating_mean": 4.5}
    answered = {"ratings_with_answer": 8, "ratings_solved": 6, "solved_share": 0.75}
    generation.cells(
        {"dimension": "aspect", "value": "staff", "ratings": 7, "rating_mean": 4.0},
        {"dimension": "aspect", "value": "result", **said, **answered},
        {"dimension": "aspect", "value": "", "ratings": 2, "suppressed": ["ratings", "rating_mean"]},
    )
    generation.done()

    cells = board_of(emptied).breakdown("ward", "own", "aspect", "30d")

    assert [cell.value for cell in cells] == ["result", "staff", ""]
    figures = cells[0].figures
    assert set(figures) == {*said, *answered}
    assert (figures["rating_mean"].value, figures["rating_mean"].n) == (4.5, 20)
    assert (figures["solved_share"].value, figures["solved_share"].n) == (0.75, 8)
    assert cells[1].figures["solved_share"].value is None
    assert (cells[2].figures["rating_mean"].value, cells[2].figures["rating_mean"].hidden) == (None, True)


def test_bands_of_the_overdue_are_there_with_how_old_the_oldest_are(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells({"period": "all", "scope": "tree", "overdue_to_3_days": 6, "overdue_over_30_days": 2,
                      "worst_overdue_s": 90_000, "overdue": 8})  # fmt: skip
    generation.done()

    bands = board_of(emptied).bands("ward", "tree")

    assert [bands[f"overdue_{name}"].value for name in ("to_1_day", "to_3_days", "over_30_days")] == [0, 6, 2]
    assert (bands["worst_overdue_s"].value, bands["worst_overdue_s"].n) == (90_000, 8)


def test_pairs_say_who_waits_for_whom_and_what_of_it_is_hidden(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.add("summary_pairs", PAIR_COLUMNS, [
        {"unit_id": "ward", "other_id": "city", "period": "all", "waiting": 9, "waiting_worst_s": 77, "asked": 6,
         "suppressed": []},
        {"unit_id": "desk", "other_id": "ward", "period": "all", "waiting": 3, "asked": 30,
         "suppressed": ["waiting"]},
        {"unit_id": "unlisted", "other_id": "city", "period": "all", "waiting": 1, "suppressed": []},
        {"unit_id": "", "other_id": "city", "period": "all", "waiting": 50, "suppressed": []},
        {"unit_id": "ward", "other_id": "city", "period": "7d", "waiting": 9, "asked": 1, "suppressed": []},
    ])  # fmt: skip
    generation.done()

    board = board_of(emptied)

    first, third, second = board.pairs()
    assert list(board.units)[-1] == third.unit_id == "unlisted"
    assert first == Pair("ward", "city", 9, 77, 6, 0, 0, 0, 0, 0, 0)
    assert (second.waiting, second.asked, second.hidden) == (0, 30, frozenset({"waiting"}))
    assert board.pairs("city") == [first, third]
    assert board.pairs("ward") == [first, second]
    with pytest.raises(KeyError):
        board.pairs("never heard of")


def test_anomalies_are_told_by_unit_the_most_first(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    rows = [
        ("unit", "ward", "after_end", 2),
        ("unit", "ward", "backdated", 5),
        ("source", "ward", "backdated", 9),
    ]
    generation.add(
        "summary_anomalies",
        ANOMALY_COLUMNS,
        [dict(zip(("about", "id", "kind", "n"), row, strict=True)) for row in rows],
    )
    generation.done()

    board = board_of(emptied)

    assert board.anomalies("ward") == [Anomaly("backdated", 5), Anomaly("after_end", 2)]
    assert board.anomalies(WHOLE_CITY) == ()


def test_a_new_generation_makes_a_new_board_and_the_old_one_keeps_its_own(emptied: ClickHouse) -> None:
    first = Generation(emptied, 1)
    first.cells({"processing_p50_s": 100, "processing_n": 9})
    first.done()
    office = Office(emptied, NOW)
    before = office.seen()
    assert before.period("ward", "own", "30d")["processing_p50_s"].value == 100
    second = Generation(emptied, 2)
    second.cells({"processing_p50_s": 200, "processing_n": 9})
    assert office.look(6) is None
    second.done()

    after = office.look(12)

    assert after is not None
    assert after.period("ward", "own", "30d")["processing_p50_s"].value == 200
    assert before.period("ward", "own", "30d")["processing_p50_s"].value == 100


class Gone:
    """Says whether the database is away, and how often it was asked."""

    def __init__(self) -> None:
        self.away = False

    def __call__(self) -> bool:
        return self.away


def test_while_the_database_is_away_a_page_is_not_kept_waiting_and_what_was_read_stays(
    emptied: ClickHouse,
) -> None:
    generation = Generation(emptied, 1)
    generation.cells(
        {"processing_p50_s": 100, "processing_n": 9}, {"dimension": "kind", "value": "task", "open": 9}
    )
    generation.done()
    reader, gone = reading(emptied), Gone()
    board = BoardMaker(reader, TERMS, gone).look(at(NOW))
    assert board is not None
    assert board.period("ward", "own", "30d")["processing_p50_s"].value == 100
    asked: list[str] = []

    def cut(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        asked.append(query)
        raise Unavailable("cut")

    ask, reader.columns = reader.columns, cut  # type: ignore[method-assign]
    assert list(board.breakdown("ward", "own", "kind", "30d")) == []
    gone.away = True

    assert board.period("ward", "own", "30d")["processing_p50_s"].value == 100
    assert board.period("ward", "own", "7d")["processing_p50_s"].value is None
    assert len(asked) == 1
    gone.away, reader.columns = False, ask  # type: ignore[method-assign]
    assert [cell.value for cell in board.breakdown("ward", "own", "kind", "30d")] == ["task"]


def test_what_was_asked_is_not_asked_again_of_the_same_generation(emptied: ClickHouse) -> None:
    generation = Generation(emptied, 1)
    generation.cells({"dimension": "kind", "value": "task", "open": 9})
    generation.done()
    office = Office(emptied, NOW)
    board = office.seen()
    first = board.breakdown("ward", "own", "kind", "30d"), board.period("ward", "own", "30d"), board.pairs()

    def never(query: str, parameters: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
        raise AssertionError(query)

    office.reader.columns = never  # type: ignore[method-assign]

    again = board.breakdown("ward", "own", "kind", "30d"), board.period("ward", "own", "30d"), board.pairs()
    assert dict(again[1]) == dict(first[1])
    assert [cell.value for cell in again[0]] == [cell.value for cell in first[0]] == ["task"]
    assert set(histories.UNITS) <= set(board.units)
