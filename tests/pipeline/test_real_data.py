"""Real cases of two cities through the whole pipeline, held against plain Python over the same files."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from sinks.clickhouse.client import ClickHouse
from tests.pipeline.command import MAPPINGS, Ran, replay
from tests.pipeline.judged import read_csv, rows_of
from tests.pipeline.real_data import moment, real_file, rows_in

pytestmark = pytest.mark.data

SNAPSHOT: Final = "2026-02-11T00:00:00Z"
INSTANT: Final = ("--profile", "instant", "--calendar", "always")
WITHOUT_TARGET_BUT_OVERDUE: Final = "BCS-00139900"
NO_LETTERS: Final = b"source,line_or_offset,reason,field\n"


class City(NamedTuple):
    """A file that has been replayed."""

    rows: list[dict[str, str]]
    ran: Ran
    units: dict[str, dict[str, str]]
    cases: dict[str, dict[str, str]]
    store: Path


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, City]:
    """Boston and the Dutch municipality, replayed side by side."""
    with ThreadPoolExecutor() as at_once:
        boston = at_once.submit(
            replayed, "boston311", "boston311_2025.csv.gz", tmp_path_factory, "--as-of", SNAPSHOT
        )
        wabo = at_once.submit(replayed, "wabo", "wabo_receipt.csv.gz", tmp_path_factory)
    return {"boston311": boston.result(), "wabo": wabo.result()}


def replayed(name: str, file: str, folders: pytest.TempPathFactory, *options: str) -> City:
    path, folder = real_file(file), folders.mktemp(name)
    mapping = ("--mapping", str(MAPPINGS / f"{name}.yaml"))
    settings = {"CLICKHOUSE__URL": f"chdb://{folder / 'store'}"}
    ran = replay(folder, path, *mapping, *INSTANT, *options, settings=settings)
    ran.numbers()
    units = {row["unit_id"]: row for row in read_csv(ran.out / "units.csv")}
    cases = {row["case_id"]: row for row in read_csv(ran.out / "cases.csv")}
    return City(rows_in(file), ran, units, cases, folder / "store")


@pytest.fixture(scope="module")
def boston(cities: dict[str, City]) -> City:
    return cities["boston311"]


@pytest.fixture(scope="module")
def wabo(cities: dict[str, City]) -> City:
    return cities["wabo"]


# Boston: the city says itself of every request whether it is on time.


def flag(case: dict[str, str]) -> str:
    overdue = case["overdue"] == "1" if not case["ended_at"] else case["timeliness"] == "late"
    return "OVERDUE" if overdue else "ONTIME"


def test_boston_s_cases_agree_with_the_city_s_own_flag_but_for_one(boston: City) -> None:
    theirs = {row["case_id"]: row["on_time"] for row in boston.rows}
    ours = {case_id: flag(case) for case_id, case in boston.cases.items()}

    assert len(theirs) == 5_473
    assert ours.keys() == theirs.keys()
    assert sum(ours[case_id] == theirs[case_id] for case_id in theirs) == 5_472
    assert Counter(ours.values())["OVERDUE"] == 2_133
    assert [case_id for case_id in theirs if ours[case_id] != theirs[case_id]] == [WITHOUT_TARGET_BUT_OVERDUE]


def test_boston_s_one_exception_has_no_deadline(boston: City) -> None:
    (row,) = (row for row in boston.rows if row["case_id"] == WITHOUT_TARGET_BUT_OVERDUE)
    case = boston.cases[WITHOUT_TARGET_BUT_OVERDUE]

    assert (row["on_time"], row["target_close_date"]) == ("OVERDUE", "")
    assert (case["due_at"], case["effective_due_at"], case["overdue"]) == ("", "", "0")


def test_boston_s_departments_have_the_numbers_one_counts_in_the_file(boston: City) -> None:
    snapshot = moment(SNAPSHOT)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in boston.rows:
        due = moment(row["target_close_date"]) if row["target_close_date"] else None
        if row["close_date"]:
            column = "completed_late" if due and moment(row["close_date"]) > due else "completed_on_time"
        elif due is None:
            column = "no_deadline"
        elif snapshot > due:
            column = "overdue"
        else:
            column = "due_soon" if due - snapshot <= timedelta(hours=8) else "in_time"
        for unit in (row["assigned_department"] or "UNASSIGNED", "*"):
            counted[unit].update(["received", column])

    columns = (
        "received",
        "in_time",
        "due_soon",
        "overdue",
        "no_deadline",
        "completed_on_time",
        "completed_late",
    )
    assert {unit: [int(row[c]) for c in columns] for unit, row in boston.units.items()} == {
        unit: [counts[c] for c in columns] for unit, counts in counted.items()
    }
    everything = boston.units["*"]
    assert int(everything["overdue"]) + int(everything["completed_late"]) == 2_133
    assert int(everything["anomalies"]) == 0


def test_boston_s_file_has_nothing_that_cannot_be_read(boston: City) -> None:
    summary = json.loads(boston.ran.file("summary.json"))

    assert boston.ran.file("dead_letters.csv") == NO_LETTERS
    assert (summary["cases"], summary["dead_letters"], summary["duplicates"]) == (5_473, 0, 0)
    assert summary["events_read"] == 5_473 + sum(bool(row["close_date"]) for row in boston.rows)


# The Dutch permits: an event log with hand-overs.


class Stay(NamedTuple):
    unit: str
    step: str
    lasted: timedelta


class Permit:
    """One case of the log, gone through by hand: who had it, for how long, and who gave it to whom."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        first = rows[0]
        self.start, self.deadline = moment(first["case:startdate"]), moment(first["case:deadline"])
        self.end = moment(first["case:enddate"]) if first["case:enddate"] else None
        self.ended_at_receipt = self.end is not None and self.end < self.start
        self.late_rows = [row for row in rows if self.end and moment(row["time:timestamp"]) > self.end]
        self.early_rows = [row for row in rows if moment(row["time:timestamp"]) < self.start]
        self.holder = first["case:group"] or "UNASSIGNED"
        self.received_by = self.holder
        self.handovers: list[tuple[str, str]] = []
        self.stays: list[Stay] = []
        step, since = "", self.start
        for row in [] if self.ended_at_receipt else sorted(rows, key=order):
            at = moment(row["time:timestamp"])
            if at < self.start or (self.end and at > self.end):
                continue
            to = self.holder if row["org:group"] == "EMPTY" else row["org:group"]
            if to != self.holder:
                self.handovers.append((self.holder, to))
            if (to, row["concept:name"]) != (self.holder, step):
                self.stays.append(Stay(self.holder, step, at - since))
                self.holder, step, since = to, row["concept:name"], at
        if self.end:
            self.stays.append(Stay(self.holder, step, max(self.end, self.start) - since))

    @property
    def late(self) -> bool:
        return self.end is not None and self.end > self.deadline


def order(row: dict[str, str]) -> tuple[datetime, bool, str]:
    """As domain.md sorts: an `assigned` (no group) before a `transferred` of the same moment, then by id."""
    return moment(row["time:timestamp"]), row["org:group"] != "EMPTY", row["concept:instance"]


@pytest.fixture(scope="module")
def permits(wabo: City) -> dict[str, Permit]:
    by_case: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in wabo.rows:
        by_case[row["case:concept:name"]].append(row)
    return {case_id: Permit(rows) for case_id, rows in by_case.items()}


def test_the_permits_have_the_figures_of_their_description(wabo: City) -> None:
    everything = {name: value for name, value in wabo.units["*"].items() if value.isdigit()}

    assert len(wabo.cases) == 1_434
    assert {name: int(everything[name]) for name in ("received", "open", "completed", "completed_late")} == {
        "received": 1_434,
        "open": 105,
        "completed": 1_329,
        "completed_late": 377,
    }
    assert wabo.ran.file("dead_letters.csv") == NO_LETTERS


def test_every_permit_is_late_or_not_as_its_deadline_says(wabo: City, permits: dict[str, Permit]) -> None:
    as_of = max(moment(row["time:timestamp"]) for row in wabo.rows)

    for case_id, permit in permits.items():
        case = wabo.cases[case_id]
        if permit.end is not None:
            assert case["timeliness"] == ("late" if permit.late else "on_time"), case_id
        else:
            assert case["overdue"] == str(int(as_of > permit.deadline)), case_id


def test_only_the_two_permits_that_ended_before_they_began_are_odd(
    wabo: City, permits: dict[str, Permit]
) -> None:
    odd = {case_id: case["anomalies"] for case_id, case in wabo.cases.items() if case["anomalies"]}

    assert odd == {
        case_id: "ended_before_received" for case_id, permit in permits.items() if permit.ended_at_receipt
    }
    assert len(odd) == int(wabo.units["*"]["anomalies"]) == 2
    assert {wabo.cases[case_id]["elapsed_s"] for case_id in odd} == {"0"}


def test_rows_after_the_end_change_nothing(wabo: City, permits: dict[str, Permit]) -> None:
    assert sum(len(permit.late_rows) for permit in permits.values()) == 180
    for case_id, permit in permits.items():
        if permit.late_rows:
            case = wabo.cases[case_id]
            assert permit.end is not None
            assert (case["status"], moment(case["ended_at"])) == ("completed", permit.end)
            assert case["unit_id"] == permit.holder


def test_early_rows_only_set_a_holder_until_the_receipt(wabo: City, permits: dict[str, Permit]) -> None:
    assert sum(len(permit.early_rows) for permit in permits.values()) == 12
    received = Counter(permit.received_by for permit in permits.values())

    assert {u: int(row["received"]) for u, row in wabo.units.items() if row["received"] != "0"} == {
        **received,
        "*": 1_434,
    }
    for case_id, permit in permits.items():
        assert wabo.cases[case_id]["unit_id"] == permit.holder


def test_hand_overs_between_groups_are_counted_on_both_sides(wabo: City, permits: dict[str, Permit]) -> None:
    out = Counter(old for permit in permits.values() for old, _ in permit.handovers)
    into = Counter(new for permit in permits.values() for _, new in permit.handovers)

    assert sum(out.values()) > 5_000
    for unit, row in wabo.units.items():
        wanted = ("0", "0") if unit == "*" else (str(out[unit]), str(into[unit]))
        assert (row["transferred_out"], row["transferred_in"]) == wanted, unit


def test_holding_times_are_the_stays_between_hand_overs(wabo: City, permits: dict[str, Permit]) -> None:
    stays: dict[tuple[str, str], list[timedelta]] = defaultdict(list)
    for permit in permits.values():
        for stay in permit.stays:
            stays[stay.unit, stay.step].append(stay.lasted)

    store = ClickHouse(f"chdb://{wabo.store}")
    try:
        found = rows_of(store, "SELECT * FROM v_holding_times")
    finally:
        store.close()

    assert {(row["unit_id"], row["step"]): row["n"] for row in found} == {
        key: len(lasted) for key, lasted in stays.items()
    }
    for row in found:
        assert measures_of(row) == measured(stays[row["unit_id"], row["step"]]), row


def measures_of(row: dict[str, Any]) -> list[int]:
    return [row["held_mean_s"], row["held_p50_s"], row["held_p90_s"]]


def measured(lasted: Iterable[timedelta]) -> list[int]:
    """Mean, p50 and p90 in whole seconds, halves up."""
    values = sorted(one // timedelta(microseconds=1) for one in lasted)
    n = len(values)
    mean = (2 * sum(values) + n * 1_000_000) // (2 * n * 1_000_000)
    return [mean, *((values[tenths * (n - 1) // 10] + 500_000) // 1_000_000 for tenths in (5, 9))]
