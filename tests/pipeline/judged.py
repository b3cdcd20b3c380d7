"""What stands in ClickHouse and in the files, held against the oracle, number by number."""

import csv
import io
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from caseclock.outputs import write_cases
from schemas.registry import UNIT_NUMBERS
from sinks.clickhouse.client import ClickHouse
from tests.oracle import histories
from tests.oracle import numbers as oracle
from tests.oracle.model import Case, Event

SKETCHED = ("processing_p50_s", "processing_p90_s", "open_age_p50_s", "open_age_p90_s")
AGEING = ("open_age_p50_s", "open_age_p90_s", "worst_overdue_s")
BETWEEN_LOOKS_S = 90
HISTORY = (*oracle.HISTORY_STOCK, *oracle.HISTORY_FLOW)

Numbers = Mapping[str, Any]


def rows_of(store: ClickHouse, query: str) -> list[dict[str, Any]]:
    """The rows of a query by name."""
    found = store.columns(query)
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]


def differences(ours: Numbers, theirs: Numbers, columns: Iterable[str], slack_s: int = 0) -> list[str]:
    """The columns that differ; quantiles may by 1 %, what grows with the clock by the time between two looks."""
    wrong = []
    for column in columns:
        mine, wanted = ours[column], theirs[column]
        if mine is None or wanted is None:
            same = mine is wanted
        elif column in SKETCHED or (slack_s and column in AGEING):
            allowed = max(1, wanted // 100 if column in SKETCHED else 0)
            same = abs(mine - wanted) <= allowed + (slack_s if column in AGEING else 0)
        else:
            same = mine == wanted
        if not same:
            wrong.append(f"{column} {mine} instead of {wanted}")
    return wrong


def nothing(columns: Iterable[str]) -> dict[str, Any]:
    """A row that nothing was counted in."""
    return {c: None if c.endswith("_s") or c.startswith("on_time_rate") else 0 for c in columns}


def wrong_units(
    store: ClickHouse,
    events: Sequence[Event],
    now: int,
    profile: str,
    *,
    slack_s: int = 0,
    without: Sequence[str] = (),
) -> list[str]:
    """What of ``v_units_now`` (own, tree, ``*``) is not what the oracle counts."""
    columns = [column for column in UNIT_NUMBERS if column not in without]
    cases = oracle.fold_all(events, now, histories.city_rules(profile))
    found = {(row["unit_id"], row["scope"]): row for row in rows_of(store, "SELECT * FROM v_units_now")}
    wanted = {(unit, "own"): row for unit, row in oracle.units(cases, histories.PARENTS).items()}
    tree = oracle.tree(cases, histories.PARENTS)
    wanted |= {(unit, "tree"): row for unit, row in tree.items() if unit != oracle.EVERYTHING}
    wrong = [f"a row of no unit: {key}" for key in found if not key[0]]
    for key in found.keys() | wanted.keys():  # a unit that no longer has anything may have a row of zeros
        ours, row = found.get(key, nothing(UNIT_NUMBERS)), wanted.get(key, nothing(UNIT_NUMBERS))
        wrong += [f"{key} {what}" for what in differences(ours, row, columns, slack_s)]
        if key in found and found[key]["parent_id"] != (histories.PARENTS.get(key[0]) or ""):
            wrong.append(f"{key} parent_id {found[key]['parent_id']}")
    return wrong


QUIET_DAYS: Final = 10
"""Of the days on which nothing changes, this is how many are looked at: what is missed shows in later stock."""


def wrong_history(store: ClickHouse, events: Sequence[Event], now: int, profile: str) -> list[str]:
    """What of ``v_units_history`` is not what the oracle finds by folding every case at every day's end."""
    rows = rows_of(store, "SELECT * FROM v_units_history")
    if not rows:
        return ["no history yet"]
    busy = set(store.columns("SELECT DISTINCT day FROM unit_days")["day"])
    quiet = sorted({row["day"] for row in rows} - busy)
    days = sorted(busy.union(quiet[:: len(quiet) // QUIET_DAYS + 1]))
    found = {(row["scope"], row["unit_id"], row["day"]): row for row in rows if row["day"] in days}
    rules = histories.city_rules(profile)
    wrong = []
    for scope in ("own", "tree"):
        told = oracle.history(events, days, histories.PARENTS, now, rules, tree=scope == "tree")
        for (unit, day), row in told.items():
            if unit == oracle.EVERYTHING:
                continue
            ours = found.pop((scope, unit, day), nothing(HISTORY))
            wrong += [f"{scope} {unit} {day} {what}" for what in differences(ours, row, HISTORY)]
    return wrong + [f"{key} is not known to the oracle" for key in found]


def everything_wrong(
    store: ClickHouse, events: Sequence[Event], now: int, profile: str, *, slack_s: int = 0
) -> list[str]:
    """What is not what the oracle says: of the units now, else of the cases, else of the days."""
    return (
        wrong_units(store, events, now, profile, slack_s=slack_s)
        or wrong_cases(cases_of(store, now), events, now, profile)
        or wrong_history(store, events, now, profile)
    )


def wrong_by_now(store: ClickHouse, events: Sequence[Event], profile: str = "one_stop") -> list[str]:
    """The same against the wall clock, by which `caseclock run` judges.

    Ages are told anew every half minute; the clock goes on between that and this look.
    """
    return everything_wrong(store, events, time.time_ns() // 1000, profile, slack_s=BETWEEN_LOOKS_S)


def read_csv(path: Path) -> list[dict[str, str]]:
    return read_rows(path.read_text(encoding="utf-8"))


def read_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cases_of(store: ClickHouse, as_of: int) -> str:
    """cases.csv as a replay writes it."""
    with tempfile.TemporaryDirectory() as folder:
        write_cases(store, as_of, Path(folder))
        return (Path(folder) / "cases.csv").read_text(encoding="utf-8")


def wrong_cases(cases_csv: str, events: Sequence[Event], now: int, profile: str) -> list[str]:
    """What of cases.csv is not what the oracle folds."""
    found = {row["case_id"]: row for row in read_rows(cases_csv)}
    wrong = []
    for case in oracle.fold_all(events, now, histories.city_rules(profile)):
        ours, wanted = found.pop(case.case_id, {}), case_row(case)
        wrong += [
            f"{case.case_id} {name} {ours.get(name)} instead of {value}"
            for name, value in wanted.items()
            if ours.get(name) != value
        ]
    return wrong + [f"{case_id} is not known to the oracle" for case_id in found]


def case_row(case: Case) -> dict[str, str]:
    """The oracle's case as cases.csv tells it."""
    calendar = histories.calendar_of(case.receiving_unit or case.registering_unit)

    def moment(us: int | None) -> str:
        if us is None:
            return ""
        return calendar.local(us).isoformat()

    def seconds(us: int) -> str:
        return str(oracle.seconds(us))

    return {
        "case_id": case.case_id,
        "kind": case.kind or "",
        "unit_id": case.unit_id or "",
        "procedure_code": case.procedure_code or "",
        "status": case.status,
        "received_at": moment(case.received_at),
        "first_due_at": moment(case.first_due_at),
        "due_at": moment(case.due_at),
        "effective_due_at": moment(case.effective_due_at),
        "ended_at": moment(case.ended_at),
        "overdue": str(int(case.overdue)),
        "timeliness": case.timeliness or "",
        "elapsed_s": seconds(case.elapsed_us),
        "suspended_s": seconds(case.suspended_us),
        "late_s": seconds(case.late_us),
        "anomalies": ";".join(dict.fromkeys(case.anomalies)),
        "registered_at": moment(case.registered_at),
        "reception_due_at": moment(case.reception_due_at),
        "reception_late": str(int(case.reception_late)),
        "legal_due_at": moment(case.legal_due_at),
        "first_ended_at": moment(case.first_ended_at),
        "first_timeliness": case.first_timeliness or "",
        "reopened": str(case.reopened),
        "reopened_gap_s": seconds(case.reopened_gap_us),
    }
