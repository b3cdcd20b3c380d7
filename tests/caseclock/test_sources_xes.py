import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from caseclock.sources import Bad, Line, SourceError, load_mapping, open_source
from tests.caseclock.sources_kit import DOCS, NOW, event, mapping, read, values, whys, written

WABO = DOCS / "mappings" / "wabo.yaml"
CASES = {
    "case-1": {
        "channel": "Internet",
        "deadline": "2011-12-06T13:41:31.788+01:00",
        "startdate": "2011-10-11T13:42:22.688+02:00",
        "enddate": "2011-12-01T10:00:00+01:00",
        "group": "Group 2",
    },
    "case-2": {
        "channel": "Desk",
        "deadline": "2011-12-07T01:06:40+01:00",
        "startdate": "2011-10-12T08:00:00+02:00",
        "enddate": "",
        "group": "",
    },
}
STEPS = [
    ("case-1", "task-1", "Confirmation & receipt", "Group 1", "R 1", "2011-10-11T13:45:40.276+02:00"),
    ("case-1", "task-2", 'T02 "Check" <1>', "EMPTY", "R 2", "2011-10-12T08:26:25.398+02:00"),
    ("case-2", "task-3", "Xác nhận", "Group 3", "R 1", "2011-10-30T02:30:00+01:00"),
    ("case-2", "task-4", "Gửi", "Group 9", "R 3", "not a time"),
]
STEP_KEYS = ("concept:instance", "concept:name", "org:group", "org:resource", "time:timestamp")


def attribute(key: str, value: str, inside: str = "") -> str:
    tag = "date" if key.endswith(("date", "deadline", "timestamp")) else "string"
    return f"<{tag} key={quoteattr(key)} value={quoteattr(value)}>{inside}</{tag}>" if value else ""


def as_xes() -> str:
    traces = []
    for case, attributes in CASES.items():
        own = attribute("concept:name", case, attribute("deadline", "1999-01-01T00:00:00Z"))
        own += "".join(attribute(key, value) for key, value in attributes.items())
        own += '<list key="channel"><values><string key="channel" value="nested"/></values></list>'
        for step in STEPS:
            if step[0] == case:
                own += f"<event>{''.join(map(attribute, STEP_KEYS, step[1:]))}</event>\n"
        traces.append(f"<trace>{own}</trace>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!-- a log -->\n'
        '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">'
        '<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>'
        '<global scope="event"><string key="org:group" value="unknown"/></global>'
        '<classifier name="Activity" keys="concept:name"/><string key="concept:name" value="the log"/>'
        + "".join(traces)
        + "</log>\n"
    )


def as_csv() -> str:
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow([*(f"case:{key}" for key in CASES["case-1"]), "case:concept:name", *STEP_KEYS])
    for case, *cells in STEPS:
        table.writerow([*(each.replace("T", " ") for each in CASES[case].values()), case, *cells])
    return file.getvalue()


def test_one_mapping_serves_both_exports_of_a_log(tmp_path: Path) -> None:
    by = load_mapping(WABO)

    from_xes, dead_in_xes = read(written(tmp_path, as_xes(), "log.xes"), by)
    from_csv, dead_in_csv = read(written(tmp_path, as_csv(), "log.csv"), by)

    assert len(from_xes) == 6
    assert [each[1:] for each in from_xes] == [each[1:] for each in from_csv]
    assert [each.number + 1 for each in from_xes] == [each.number for each in from_csv]
    assert whys(dead_in_xes) == [(4, "bad_time", "time:timestamp")]
    assert whys(dead_in_csv) == [(5, "bad_time", "time:timestamp")]


def test_what_an_event_lacks_is_an_empty_cell(tmp_path: Path) -> None:
    lines, _ = read(written(tmp_path, as_xes(), "log.xes"), load_mapping(WABO))

    received = [each for each in values(lines) if each["type"] == "received"]
    assert [each["unit_id"] for each in received] == ["Group 2", "UNASSIGNED"]
    assert [each["type"] for each in values(lines)].count("completed") == 1


def test_the_bytes_of_a_dead_event_are_its_columns(tmp_path: Path) -> None:
    _, dead = read(written(tmp_path, as_xes(), "log.xes"), load_mapping(WABO))

    assert json.loads(dead[0].raw)["time:timestamp"] == "not a time"
    assert json.loads(dead[0].raw)["case:concept:name"] == "case-2"


@pytest.mark.parametrize("name", ["log.xes.gz", "LOG.XES.GZ"])
def test_a_log_may_be_compressed(tmp_path: Path, name: str) -> None:
    assert len(read(written(tmp_path, gzip.compress(as_xes().encode()), name), load_mapping(WABO))[0]) == 6


def test_an_event_outside_of_any_trace_belongs_to_no_case(tmp_path: Path) -> None:
    log = '<log><event><date key="at" value="2026-01-05T09:00:00Z"/></event></log>'

    assert whys(read(written(tmp_path, log, "log.xes"), mapping(case_id="case:concept:name"))[1]) == [
        (1, "missing_field", "case:concept:name")
    ]


BOMB = '<!DOCTYPE log [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><log>&b;</log>'


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (as_xes()[:-30], "is not well-formed XML at line"),
        (as_xes().replace("</trace>", "</race>", 1), "is not well-formed XML at line"),
        ("case,at\n", "is not well-formed XML at line 1"),
        ("", "is empty, not even XML"),
        ("<html></html>", "is XML, but no XES event log: its root is 'html'"),
        (BOMB, "has a document type or entities"),
        (
            '<log><trace><event/><string key="concept:name" value="x"/></trace></log>',
            "XES wants a trace's attributes before them",
        ),
        ("<log>" + "<x>" * 200, "is nested more than 100 deep"),
    ],
)
def test_a_file_that_is_no_event_log_is_an_error_in_one_line(tmp_path: Path, log: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(written(tmp_path, log, "log.xes"), load_mapping(WABO))

    assert words in str(caught.value)
    assert str(caught.value).startswith("log.xes: ")
    assert "\n" not in str(caught.value)


def test_a_log_that_breaks_off_gives_its_good_events_first(tmp_path: Path) -> None:
    found: list[Line | Bad] = []

    with pytest.raises(SourceError, match=r"log\.xes: is not well-formed"):
        found.extend(open_source(str(written(tmp_path, as_xes()[:-10], "log.xes")), load_mapping(WABO), NOW))

    assert len(found) == 7


def test_a_huge_event_is_dead_and_a_log_of_any_length_needs_no_memory(tmp_path: Path) -> None:
    small = '<event><date key="at" value="2026-01-05T09:00:00Z"/><string key="more" value="no"/></event>'
    huge = f'<event><string key="at" value="{"x" * 1_000_001}"/></event>'
    trace = '<trace><string key="case" value="a"/>' + small * 2_000 + huge + small * 18_000 + "</trace>"
    path = written(tmp_path, f"<log>{trace}</log>", "log.xes")
    by = mapping(case_id="case:case")
    tracemalloc.start()

    with open_source(str(path), by, NOW) as source:
        dead = [each for each in source if len(each) == 4]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [(each.number, each.reason) for each in dead] == [(2_001, "too_large")]
    assert peak < 12_000_000


def test_an_element_without_end_is_an_error(tmp_path: Path) -> None:
    log = '<log><trace><string key="x" value="' + "x" * 5_000_000

    with pytest.raises(SourceError, match="an element over 4 MB"):
        read(written(tmp_path, log, "log.xes"), mapping())


def test_a_name_that_no_event_has_is_mentioned(tmp_path: Path) -> None:
    log = '<log><trace><event><date key="at" value="2026-01-05T09:00:00Z"/></event></trace></log>'

    with open_source(str(written(tmp_path, log, "log.xes")), mapping(), NOW) as source:
        list(source)

    assert source.notes() == ["log.xes: no trace or event had 'case'; are the names in the mapping right?"]


def test_a_native_file_needs_no_mapping_and_passes_beside_one(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, event(), "e.ndjson"), mapping())[0]) == 1
