"""The worked mappings on the files they are written for, judged by a logic as plain as it can be."""

import csv
import gzip
import os
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from caseclock.sources import load_mapping
from schemas.decode import format_time, parse_time
from tests.caseclock.sources_kit import DATA, DOCS, read, values, whys

MAPPINGS: Final = DOCS / "mappings"
REAL: Final = Path(os.environ.get("CASECLOCK_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))

Case = dict[str, list[dict[str, Any]]]


def real_file(name: str) -> Path:
    path = REAL / name
    if not path.is_file():
        pytest.skip(
            f"REAL DATA ABSENT: {path} is not there; set CASECLOCK_TEST_DATA to the folder that holds it"
        )
    return path


def cases_of(name: str, mapping: str) -> dict[str, Case]:
    """Every case's events by type. Nothing may go to the dead letters, no id may come twice."""
    lines, dead = read(real_file(name), load_mapping(MAPPINGS / mapping))
    assert dead == []
    assert len({(each.key, each.event_id) for each in lines}) == len(lines)
    cases: dict[str, Case] = defaultdict(lambda: defaultdict(list))
    for each in values(lines):
        cases[each["case_id"]][each["type"]].append(each)
    return cases


def moment(event: dict[str, Any], field: str = "occurred_at") -> datetime:
    return datetime.fromisoformat(event[field])


@pytest.mark.data
def test_boston_comes_out_as_the_city_flags_it_but_for_one_request() -> None:
    cases = cases_of("boston311_2025.csv.gz", "boston311.yaml")
    with gzip.open(real_file("boston311_2025.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        flags = {row["case_id"]: row["on_time"] for row in csv.DictReader(file)}
    snapshot = datetime.fromisoformat("2026-02-11T00:00:00Z")

    def flag(case: Case) -> str:
        (received,) = case["received"]
        end = moment(case["completed"][0]) if case["completed"] else snapshot
        late = "due_at" in received and end > moment(received, "due_at")
        return "OVERDUE" if late else "ONTIME"

    ours = {case_id: flag(case) for case_id, case in cases.items()}

    assert ours.keys() == flags.keys()
    assert Counter(ours.values()) == {"OVERDUE": 2_133, "ONTIME": 3_340}
    assert [case_id for case_id in flags if ours[case_id] != flags[case_id]] == ["BCS-00139900"]
    assert "due_at" not in cases["BCS-00139900"]["received"][0]


@pytest.mark.data
def test_boston_names_what_the_file_leaves_blank() -> None:
    received = [case["received"][0] for case in cases_of("boston311_2025.csv.gz", "boston311.yaml").values()]

    assert Counter(each["unit_id"] for each in received)["UNASSIGNED"] == 19
    assert Counter(each["procedure_code"] for each in received)["UNSPECIFIED"] == 10
    assert Counter(each["channel"] for each in received) == {"counter": 3_398, "online": 2_075}
    assert sum("due_at" not in each for each in received) == 10


@pytest.mark.data
def test_wabo_comes_out_as_its_description_says() -> None:
    cases = cases_of("wabo_receipt.csv.gz", "wabo.yaml")

    started = {case_id: moment(case["received"][0]) for case_id, case in cases.items()}
    ended = {case_id: moment(case["completed"][0]) for case_id, case in cases.items() if case["completed"]}
    due = {case_id: moment(case["received"][0], "due_at") for case_id, case in cases.items()}
    rows = [
        (case_id, moment(row))
        for case_id, case in cases.items()
        for row in case["transferred"] + case["assigned"]
    ]

    assert (len(cases), len(rows), len(ended)) == (1_434, 8_577, 1_329)
    assert sum(end > due[case_id] for case_id, end in ended.items()) == 377
    assert sum(end < started[case_id] for case_id, end in ended.items()) == 2
    assert sum(case_id in ended and at > ended[case_id] for case_id, at in rows) == 180
    assert sum(at < started[case_id] for case_id, at in rows) == 12
    assert all(len(case["received"]) == 1 and len(case["completed"]) <= 1 for case in cases.values())


@pytest.mark.data
def test_wabo_keeps_the_log_s_own_ids_and_shows_no_person() -> None:
    cases = cases_of("wabo_receipt.csv.gz", "wabo.yaml")
    assigned = [each for case in cases.values() for each in case["assigned"]]

    assert len(assigned) == 1_936
    assert all(each["event_id"].startswith("task-") for each in assigned)
    assert not any("esource" in each["officer"] or "admin" in each["officer"] for each in assigned)


def test_the_ward_office_s_spreadsheet_becomes_events() -> None:
    lines, dead = read(DATA / "ward_office.csv", load_mapping(MAPPINGS / "ward_office.yaml"))

    told = [
        (each.number, event["type"], event["case_id"])
        for each, event in zip(lines, values(lines), strict=True)
    ]

    assert told == [
        (2, "received", "PH-0001"),
        (2, "assigned", "PH-0001"),
        (2, "completed", "PH-0001"),
        (3, "received", "PH-0002"),
        (3, "assigned", "PH-0002"),
        (3, "suspended", "PH-0002"),
        (3, "resumed", "PH-0002"),
        (3, "completed", "PH-0002"),
        (5, "received", "PH-0003"),
        (6, "assigned", "PH-0004"),
        (6, "completed", "PH-0004"),
    ]
    assert whys(dead) == [(6, "unmapped_value", "Hình thức"), (7, "bad_time", "Tiếp nhận")]


def test_the_ward_office_s_due_date_is_the_closing_time_of_that_day() -> None:
    lines, _ = read(DATA / "ward_office.csv", load_mapping(MAPPINGS / "ward_office.yaml"))

    first = values(lines)[0]

    assert format_time(parse_time(first["occurred_at"])) == "2026-03-02T01:15:00Z"
    assert first["due_at"] == "2026-03-05T10:00:00Z"
    assert first["unit_id"] == "H26.0011"
