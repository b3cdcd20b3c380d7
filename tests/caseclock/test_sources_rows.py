import random
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseclock.sources import Line, Mapping, SourceError, load_mapping
from caseclock.sources.identity import opaque, stable_id
from schemas.decode import decode, parse_time
from tests.caseclock.sources_kit import (
    DATA,
    DOCS,
    NOW,
    PLAIN,
    mapping,
    one_event,
    read,
    values,
    whys,
    written,
)

AT = "2026-01-05 09:00"
AT_US = parse_time("2026-01-05T09:00:00Z")


def fields_of(folder: Path, cells: str, by: Mapping, header: str = "case,at,x,y") -> dict[str, object]:
    """The one event of a file with one row."""
    lines, dead = read(written(folder, f"{header}\nH-1,{AT},{cells}\n"), by)
    assert dead == []
    return values(lines)[0]


def rated(**fields: object) -> Mapping:
    return one_event(type="rated", fields={"score": {"constant": 5}} | fields)


@pytest.mark.parametrize(
    ("expression", "cells", "value"),
    [
        ("x", " a ,", "a"),
        ({"column": "x", "default": "none"}, ",", "none"),
        ({"column": "x", "default": "none"}, "-,", "none"),
        ({"constant": 7}, ",", "7"),
        ({"join": ["x", "y"], "with": "/"}, "a,b", "a/b"),
        ({"join": ["x", {"constant": 1}, {"column": "y", "default": "?"}]}, "a,", "a1?"),
        ({"join": ["x", "y"], "default": "incomplete"}, "a,", "incomplete"),
        ({"column": "x", "values": {"A": "b"}}, "A,", "b"),
        ({"column": "x", "values": {"A": "b"}, "otherwise": "c"}, "a,", "c"),
        ({"column": "x", "values": {"A": "b"}, "keep_others": True}, "a,", "a"),
        ({"column": "x", "values": {"A": None}, "default": "d"}, "A,", "d"),
        ({"column": "x", "opaque": True}, "Nguyễn A,", opaque("desk", "Nguyễn A")),
        ({"join": ["x", "y"], "values": {"ab": "c"}}, "a,b", "c"),
    ],
)
def test_a_value_comes_from_where_the_expression_says(
    tmp_path: Path, expression: object, cells: str, value: str
) -> None:
    by = mapping(
        empty=["-"], events=[{"type": "assigned", "occurred_at": "at", "fields": {"officer": expression}}]
    )

    assert fields_of(tmp_path, cells, by)["officer"] == value


@pytest.mark.parametrize(
    ("expression", "cell", "value"),
    [
        ("x", "true", True),
        ("x", "FALSE", False),
        ({"column": "x", "values": {"Có": True, "Không": False}}, "Không", False),
        ({"column": "x", "values": {"Có": True}, "otherwise": False}, "?", False),
    ],
)
def test_flags_come_from_true_and_false_or_from_translated_words(
    tmp_path: Path, expression: object, cell: str, value: bool
) -> None:
    assert fields_of(tmp_path, f"{cell},", rated(solved=expression))["solved"] is value


def test_a_number_is_read_from_its_digits(tmp_path: Path) -> None:
    assert fields_of(tmp_path, "4,", one_event(type="rated", fields={"score": "x"}))["score"] == 4


def test_an_optional_field_without_a_value_is_absent(tmp_path: Path) -> None:
    assert "solved" not in fields_of(tmp_path, ",", rated(solved="x"))


def test_a_time_may_have_formats_and_a_zone_of_its_own_and_come_from_two_columns(tmp_path: Path) -> None:
    due = {"join": ["x", "y"], "with": " ", "formats": ["%d.%m.%Y %H:%M"], "zone": "Asia/Ho_Chi_Minh"}
    by = one_event(type="reopened", fields={"due_at": due})

    assert fields_of(tmp_path, "07.01.2026,17:00", by)["due_at"] == "2026-01-07T10:00:00Z"


@pytest.mark.parametrize(
    ("when", "kept"),
    [
        ({"column": "x", "empty": True}, "c"),
        ({"column": "x", "empty": False}, "ab"),
        ({"column": "x", "equals": "1"}, "a"),
        ({"column": "x", "in": ["1", "2"]}, "ab"),
        ({"not": {"column": "x", "equals": "1"}}, "bc"),
        ({"any": [{"column": "x", "equals": "1"}, {"column": "x", "empty": True}]}, "ac"),
        ([{"column": "x", "empty": False}, {"column": "y", "equals": "3"}], "b"),
        ({"all": [{"column": "x", "equals": "2"}, {"column": "y", "equals": "2"}]}, ""),
    ],
)
@pytest.mark.parametrize("place", ["row", "event"])
def test_an_event_is_made_when_its_condition_holds(
    tmp_path: Path, when: object, kept: str, place: str
) -> None:
    path = written(tmp_path, f"case,at,x,y\na,{AT}, 1 ,2\nb,{AT},2,3\nc,{AT},,3\n")
    by = mapping(when=when) if place == "row" else one_event(when=when)

    lines, dead = read(path, by)

    assert "".join(each.key.decode() for each in lines) == kept
    assert dead == []


BAD_CELLS = [
    (rated(), ("", AT, "", ""), "missing_field", "case"),
    (rated(), ("H-1", "", "", ""), "missing_field", "at"),
    (rated(), ("H-1", "yesterday", "", ""), "bad_time", "at"),
    (rated(), ("H-1", "1999-12-31 00:00", "", ""), "time_out_of_range", "at"),
    (rated(), ("H-1", "2026-12-31 00:00", "", ""), "time_out_of_range", "at"),
    (rated(), ("H" * 201, AT, "", ""), "bad_id", "case"),
    (rated(), ("H\x07", AT, "", ""), "bad_id", "case"),
    (rated(aspect="x"), ("H-1", AT, "speed", ""), "unknown_value", "x"),
    (rated(solved="x"), ("H-1", AT, "maybe", ""), "malformed_field", "x"),
    (one_event(type="rated", fields={"score": "x"}), ("H-1", AT, "4.5", ""), "malformed_field", "x"),
    (one_event(type="rated", fields={"score": "x"}), ("H-1", AT, "", ""), "missing_field", "x"),
    (one_event(id="x"), ("H-1", AT, "", ""), "missing_field", "x"),
    (one_event(id={"join": ["x", "y"]}), ("H-1", AT, "1", ""), "missing_field", "x+y"),
    (rated(aspect={"column": "x", "values": {"a": "staff"}}), ("H-1", AT, "b", ""), "unmapped_value", "x"),
    (one_event(recorded_at="x"), ("H-1", AT, "b", ""), "bad_time", "x"),
    (
        mapping(case_id={"column": "case", "values": {"H-1": "1"}}),
        ("H-2", AT, "", ""),
        "unmapped_value",
        "case",
    ),
    (
        mapping(time={"zone": "America/New_York", "ambiguous": "dead"}),
        ("H-1", "2025-11-02 01:30", "", ""),
        "ambiguous_time",
        "at",
    ),
]


@pytest.mark.parametrize(("by", "cells", "reason", "field"), BAD_CELLS, ids=range(len(BAD_CELLS)))
def test_a_cell_that_cannot_be_read_makes_its_row_dead_by_its_column(
    tmp_path: Path, by: Mapping, cells: tuple[str, ...], reason: str, field: str
) -> None:
    path = written(tmp_path, "case,at,x,y\n" + ",".join(cells) + "\n")

    lines, dead = read(path, by)

    assert lines == []
    assert whys(dead) == [(2, reason, field)]
    assert dead[0].raw == ",".join(cells).encode()


def test_the_good_events_of_a_row_count_and_the_first_bad_one_makes_it_dead(tmp_path: Path) -> None:
    by = mapping(
        events=[
            {"type": "delivered", "occurred_at": "at"},
            {"type": "declined", "occurred_at": "x"},
            {"type": "withdrawn", "occurred_at": "y"},
            {"type": "reopened", "occurred_at": "at"},
        ]
    )

    lines, dead = read(written(tmp_path, f"case,at,x,y\nH-1,{AT},soon,later\n"), by)

    assert [each["type"] for each in values(lines)] == ["delivered", "reopened"]
    assert whys(dead) == [(2, "bad_time", "x")]


def test_an_id_without_a_column_is_a_hash_of_what_identifies_the_event(tmp_path: Path) -> None:
    def id_of(by: Mapping) -> object:
        return fields_of(tmp_path, "a,b", by)["event_id"]

    transferred = {"type": "transferred", "fields": {"unit_id": "x", "step": "y"}}

    assert id_of(one_event()) == stable_id("desk", "H-1", "delivered", AT_US)
    assert id_of(one_event(**transferred)) == stable_id("desk", "H-1", "transferred", AT_US, ["a", "b"])
    assert id_of(one_event(**transferred, id={"hash": ["y"]})) == stable_id(
        "desk", "H-1", "transferred", AT_US, ["b"]
    )
    assert id_of(one_event(once="case")) == stable_id("desk", "H-1", "delivered", None)
    assert id_of(one_event(id="x")) == "a"


def test_an_event_of_the_case_is_given_once_however_many_rows_repeat_it(tmp_path: Path) -> None:
    by = mapping(
        events=[
            {"type": "reopened", "occurred_at": "x", "once": "case"},
            {"type": "delivered", "occurred_at": "at"},
        ]
    )
    rows = [f"{case},2026-01-0{day} 08:00,2026-01-01 08:00" for case in "ab" for day in (1, 2, 3)]

    lines, dead = read(written(tmp_path, "case,at,x\n" + "\n".join(rows)), by)

    assert [(each["case_id"], each["type"]) for each in values(lines)] == [
        (case, kind) for case in "ab" for kind in ("reopened", "delivered", "delivered", "delivered")
    ]
    assert dead == []


def test_an_event_of_the_case_that_changes_keeps_its_id(tmp_path: Path) -> None:
    by = one_event(once="case", occurred_at="x")

    lines, _ = read(written(tmp_path, "case,x\na,2026-01-01 08:00\na,2026-01-02 08:00"), by)

    assert len(lines) == 2
    assert lines[0].event_id == lines[1].event_id


def test_an_event_of_the_case_that_cannot_be_read_is_dead_on_each_of_its_rows(tmp_path: Path) -> None:
    by = one_event(once="case", occurred_at="x")

    assert whys(read(written(tmp_path, "case,x\na,?\na,?\n"), by)[1]) == [
        (2, "bad_time", "x"),
        (3, "bad_time", "x"),
    ]


def test_two_events_of_a_row_with_one_id_are_a_mistake_of_the_mapping(tmp_path: Path) -> None:
    by = mapping(
        events=[{"type": kind, "occurred_at": "at", "id": "x"} for kind in ("delivered", "reopened")],
    )

    with pytest.raises(SourceError, match="have one id"):
        read(written(tmp_path, f"case,at,x\na,{AT},7\n"), by)


def test_a_secret_key_changes_every_opaque_reference(tmp_path: Path) -> None:
    by = PLAIN | {"opaque_key_file": "secret.key"}
    by["events"] = [
        {"type": "assigned", "occurred_at": "at", "fields": {"officer": {"column": "x", "opaque": True}}}
    ]
    (tmp_path / "secret.key").write_bytes(b"0123456789abcdef\n")
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(by))

    officer = fields_of(tmp_path, "A,", load_mapping(tmp_path / "m.yaml"))["officer"]

    assert officer != opaque("desk", "A")
    assert isinstance(officer, str)
    assert len(officer) == 16


ROW = st.tuples(
    st.sampled_from(["H-1", "H-2", "Hồ sơ 3"]),
    st.datetimes(datetime(2001, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - local times are what files hold
    st.sampled_from(["", "a", "b", "Đ"]),
    st.sampled_from(["", "c", "d"]),
)
STEPS = mapping(
    events=[
        {
            "type": "transferred",
            "occurred_at": "at",
            "fields": {"unit_id": {"column": "x", "default": "?"}, "step": "y"},
        },
        {"type": "reopened", "occurred_at": "at", "once": "case", "when": {"column": "x", "empty": False}},
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ROW, max_size=12), st.randoms())
def test_importing_twice_in_any_order_gives_the_same_events_and_ids(
    tmp_path: Path, rows: list[tuple[object, ...]], shuffle: random.Random
) -> None:
    def events(of: list[tuple[object, ...]]) -> set[tuple[bytes, str, bytes]]:
        path = written(tmp_path, "\n".join(["case,at,x,y", *(",".join(map(str, row)) for row in of)]))
        lines, dead = read(path, STEPS)
        assert dead == []
        return {(each.key, each.event_id, each.value) for each in lines}

    once = events(rows)
    doubled = rows * 2
    shuffle.shuffle(doubled)

    assert events(doubled) == once
    assert len({(case, at, x, y) for case, at, x, y in rows}) == sum(
        b'"transferred"' in value for _, _, value in once
    )


def test_what_a_mapping_makes_is_what_decode_reads() -> None:
    by = load_mapping(DOCS / "mappings" / "ward_office.yaml")
    lines, _ = read(DATA / "ward_office.csv", by)

    for line in lines:
        event = decode(line.value, NOW)
        assert line == Line(
            line.number, event["case_id"].encode(), line.value, event["occurred_at"], event["event_id"]
        )
