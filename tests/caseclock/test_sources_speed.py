"""Prints how fast sources are read (goals: 60 000 native lines/s, 20 000 mapped rows/s); asserts no time."""

import time
from pathlib import Path

import pytest

from caseclock.sources import Line, Mapping, load_mapping, open_source
from tests.caseclock.sources_kit import DOCS, NOW, event, written

N = 20_000


def printed(what: str, path: Path, by: Mapping | None = None) -> int:
    """Count what a file of N rows gives; processor time, so that a busy machine tells the same."""
    begun = time.process_time()
    with open_source(str(path), by, NOW) as source:
        found = sum(isinstance(each, Line) for each in source)
    print(f"\nsources: {what}: {N / (time.process_time() - begun):,.0f}/s")
    return found


def test_native_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(
        tmp_path,
        b"\n".join(
            event(
                type="received",
                case_id=f"H-{n}",
                unit_id="H26.001",
                procedure_code="2.000635",
                kind="dossier",
                channel="online",
                due_at="2026-01-09T17:00:00+07:00",
            )
            for n in range(N)
        ),
        "e.ndjson",
    )

    with capsys.disabled():
        found = printed("native lines", path)

    assert found == N


def test_mapped_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = (
        "case_id,open_date,close_date,target_close_date,service_name,assigned_department,"
        "closure_reason,report_source"
    )
    rows = (
        f"B-{n},2025-08-01 06:{n // 60 % 60:02}:{n % 60:02}.539+00,2025-08-02 08:00:09+00,"
        f"2025-08-04 06:{n // 60 % 60:02}:{n % 60:02}.539+00,Tree,Parks,Resolved,Call"
        for n in range(N)
    )
    path = written(tmp_path, "\n".join([header, *rows]))
    by = load_mapping(DOCS / "mappings" / "boston311.yaml")

    with capsys.disabled():
        found = printed("mapped CSV rows, two events each", path, by)

    assert found == 2 * N


def test_mapped_events_of_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "".join(
        f'<event><string key="concept:instance" value="t{n}"/><string key="concept:name" value="T02 Check"/>'
        f'<string key="org:group" value="Group {n % 7}"/><string key="org:resource" value="R"/>'
        f'<date key="time:timestamp" value="2011-10-11T13:{n // 60 % 60:02}:{n % 60:02}.276+02:00"/></event>'
        for n in range(N)
    )
    trace = (
        '<string key="concept:name" value="c"/><string key="channel" value="Post"/>'
        '<date key="startdate" value="2011-10-11T13:00:00+02:00"/>'
        f'<date key="deadline" value="2011-12-06T13:00:00+01:00"/>{steps}'
    )
    path = written(tmp_path, f"<log><trace>{trace}</trace></log>", "log.xes")
    by = load_mapping(DOCS / "mappings" / "wabo.yaml")

    with capsys.disabled():
        found = printed("mapped XES events", path, by)

    assert found == N + 1
