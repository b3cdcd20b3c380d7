"""`caseclock explain` as a user runs it, on what a small replay left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECEIVED = {"unit_id": "W1", "procedure_code": "P1", "kind": "dossier", "channel": "counter"}
HISTORY = [
    ("e1", "received", "2025-01-20T09:00:00+07:00", {**RECEIVED, "due_at": "2025-01-24T17:00:00+07:00"}),
    ("e2", "suspended", "2025-01-22T10:00:00+07:00", {"reason": "supplement"}),
    ("e3", "resumed", "2025-02-04T10:00:00+07:00", {}),
    ("e4", "completed", "2025-02-07T11:00:00+07:00", {"outcome": "granted"}),
    ("e5", "resumed", "2025-02-08T11:00:00+07:00", {}),
]


def caseclock(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CASECLOCK_")}
    environ |= {
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "CASECLOCK_CLICKHOUSE__URL": f"chdb://{folder / 'store'}",
    }
    command = [sys.executable, "-m", "caseclock", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=environ, timeout=90
    )


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a replay has left one case."""
    folder = tmp_path_factory.mktemp("explain")
    common = {"case_id": "H26-1", "source": "office", "schema_version": 1}
    lines = [
        json.dumps({**common, "event_id": name, "type": kind, "occurred_at": at, **fields})
        for name, kind, at, fields in HISTORY
    ]
    (folder / "events.ndjson").write_text("\n".join(lines), encoding="utf-8")
    ended = caseclock(folder, "replay", "events.ndjson", "--out", "out")
    assert ended.returncode == 0, ended.stderr
    return folder


def test_a_replayed_case_is_explained_in_vietnamese_and_then_in_english(replayed: Path) -> None:
    ended = caseclock(replayed, "explain", "H26-1")

    assert (ended.returncode, ended.stderr) == (0, "")
    vietnamese, english = ended.stdout.split("\nCase H26-1, as of ")
    assert vietnamese.startswith("Hồ sơ H26-1, tính đến ")
    assert "Không tính 29/01/2025: Tết Nguyên Đán." in vietnamese
    assert "Not counted: 2025-01-29, Lunar New Year." in english
    for name, kind, _, _ in HISTORY:
        assert f"({kind}) [{name}]" in vietnamese
        assert f"({kind}) [{name}]" in english
    assert "Anomaly (×1) after_end: " in english


def test_the_numbers_explained_are_those_of_cases_csv(replayed: Path) -> None:
    names, values = (replayed / "out" / "cases.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(names.split(","), values.split(","), strict=True))

    english = caseclock(replayed, "explain", "H26-1").stdout

    hours = {
        name: f"{int(row[name]) // 3600}:{int(row[name]) % 3600 // 60:02} h"
        for name in row
        if name[-2:] == "_s"
    }
    assert f"Elapsed: {hours['elapsed_s']}" in english
    assert f"Suspended: {hours['suspended_s']}" in english
    assert f"Late by: {hours['late_s']}" in english
    assert row["due_at"] == "2025-02-06T17:00:00+07:00"
    assert "Due: 17:00 2025-02-06." in english
    assert row["timeliness"] == "late"
    assert "Judged: late." in english


def test_a_case_that_is_not_there_is_one_line_and_wrong_use(replayed: Path) -> None:
    ended = caseclock(replayed, "explain", "H26-2")

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        "caseclock explain: there is no case 'H26-2' in the database caseclock; is its id right?\n"
    )


def test_a_database_without_any_case_says_so(tmp_path: Path) -> None:
    ended = caseclock(tmp_path, "explain", "H26-1")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert "has no cases yet" in ended.stderr
