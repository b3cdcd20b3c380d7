from pathlib import Path
from typing import Any

import pytest
import yaml

from caseclock.sources import MappingError, load_mapping
from caseclock.sources.mapping_file import parse_mapping
from schemas.calendar import always
from tests.caseclock.sources_kit import PLAIN

RECEIVED: dict[str, Any] = {
    "type": "received",
    "occurred_at": "at",
    "fields": {
        "unit_id": "unit",
        "procedure_code": "service",
        "kind": {"constant": "dossier"},
        "channel": {"column": "how", "values": {"desk": "counter"}},
    },
}


def received(**fields: object) -> dict[str, Any]:
    return {"events": [RECEIVED | {"fields": RECEIVED["fields"] | fields}]}


def rule(**keys: object) -> dict[str, Any]:
    return {"events": [PLAIN["events"][0] | keys]}


MISTAKES: list[tuple[dict[str, Any], str]] = [
    # keys and shapes
    ({"sauce": "x"}, "m.yaml: unknown key 'sauce'; did you mean 'source'?"),
    ({"zzz": 1}, "m.yaml: unknown key 'zzz'; known here: source, about, csv, time"),
    ({"source": None}, "m.yaml: source: "),
    ({"source": "a\nb"}, "m.yaml: source: "),
    ({"time": {}}, "m.yaml: time.zone: is missing; add it"),
    ({"time": "UTC"}, "m.yaml: time: must be a block of keys (zone, formats, date_only"),
    ({"events": []}, "m.yaml: events: "),
    ({"case_id": {}}, "m.yaml: case_id: needs exactly one of: column, constant, join"),
    ({"case_id": {"column": "a", "constant": "b"}}, "m.yaml: case_id: needs exactly one of"),
    ({"case_id": {"column": "a", "with": "-"}}, "m.yaml: case_id: 'with' belongs to 'join'"),
    ({"case_id": {"column": "a", "otherwise": "b"}}, "belong to 'values'"),
    (
        {"case_id": {"column": "a", "values": {"b": "c"}, "otherwise": "d", "keep_others": True}},
        "exclude each other",
    ),
    ({"case_id": {"column": "a", "values": {"": "b"}}}, "say 'default' instead"),
    ({"case_id": {"constant": "a", "default": "b"}}, "default: only for a column or a join"),
    (
        {"case_id": {"join": ["a", {"colum": "b"}]}},
        "m.yaml: case_id.join[2]: unknown key 'colum'; did you mean",
    ),
    ({"when": {"column": "a"}}, "m.yaml: when: a column needs exactly one test: empty, equals, in"),
    (
        {"when": {"column": "a", "empty": True, "equals": "b"}},
        "m.yaml: when: a column needs exactly one test",
    ),
    ({"when": {"empty": True}}, "m.yaml: when: needs a column with a test"),
    ({"when": {"not": {"any": []}}}, "m.yaml: when.not.any: "),
    ({"when": [{"column": "a", "is": "b"}]}, "m.yaml: when.all[1]: unknown key 'is'"),
    (rule(type="vanished"), "m.yaml: events[1].type: "),
    (rule(once="row"), "m.yaml: events[1].once: "),
    (
        rule(id={"hash": ["a"], "column": "b"}),
        "m.yaml: events[1].id: needs exactly one of: column, join, hash",
    ),
    (rule(id={"constant": "a"}), "m.yaml: events[1].id: needs exactly one of: column, join, hash"),
    (
        rule(id={"column": "a", "constant": "b"}),
        "m.yaml: events[1].id: needs exactly one of: column, join, hash",
    ),
    # sense
    ({"csv": {"encoding": "klingon"}}, "m.yaml: csv.encoding: there is no encoding 'klingon'"),
    ({"csv": {"encoding": "base64"}}, "m.yaml: csv.encoding: there is no encoding 'base64'"),
    ({"csv": {"delimiter": "\n"}}, "m.yaml: csv.delimiter: "),
    ({"csv": {"delimiter": ";;"}}, "m.yaml: csv.delimiter: "),
    ({"csv": {"delimiter": '"'}}, "m.yaml: csv.quote: is the delimiter"),
    ({"time": {"zone": "Hanoi"}}, "m.yaml: time.zone: there is no time zone 'Hanoi'; write one like"),
    ({"time": {"zone": "UTC", "formats": ["iso"]}}, "m.yaml: time.formats: unknown format 'iso'; write auto"),
    ({"time": {"zone": "UTC", "formats": ["%d/%m"]}}, "does not give a whole date"),
    ({"time": {"zone": "UTC", "calendar": "mars"}}, "no calendar 'mars'; known here: always, hanoi"),
    (
        {"case_id": {"column": "a", "zone": "UTC"}},
        "m.yaml: case_id: formats, zone and date_only are only for times",
    ),
    (rule(id={"column": "a", "formats": ["auto"]}), "m.yaml: events[1].id: formats, zone and date_only"),
    (rule(fields={"unit_id": "u"}), "m.yaml: events[1].fields.unit_id: 'delivered' has no such field"),
    (rule(fields={"source": "u"}), "m.yaml: events[1].fields.source: stands beside 'fields'"),
    (rule(fields={"event_id": "u"}), "m.yaml: events[1].fields.event_id: stands beside 'fields' (id)"),
    (
        {"events": [{"type": "declined", "occurred_at": "at", "fields": {"reason": "why"}}]},
        "m.yaml: events[1].fields.reason: free text is dropped",
    ),
    (rule(type="completed"), "m.yaml: events[1].fields: 'completed' needs 'outcome'"),
    (received(kind={"constant": "letter"}), "m.yaml: events[1].fields.kind: 'letter' is no value of 'kind'"),
    (received(channel={"column": "how", "values": {"desk": "phone"}}), "'phone' is no value of 'channel'"),
    (received(channel={"column": "how", "default": "phone"}), "'phone' is no value of 'channel'"),
    (received(unit_id={"constant": ""}), "m.yaml: events[1].fields.unit_id: '' is no value of 'unit_id'"),
    (received(fee_due={"constant": "yes"}), "'yes' is no value of 'fee_due'"),
    (
        received(due_at={"column": "due", "default": "soon"}),
        "m.yaml: events[1].fields.due_at: 'soon' is no time",
    ),
    (received(due_at={"column": "due", "zone": "Mars"}), "m.yaml: events[1].fields.due_at.zone: there is no"),
    (received(unit_id={"column": "u", "zone": "UTC"}), "m.yaml: events[1].fields.unit_id: formats, zone and"),
    (
        {"events": [PLAIN["events"][0] | {"once": "case"}] * 2},
        "m.yaml: events[2].once: events[1] is 'delivered' and once too: give one of them an id",
    ),
]


@pytest.mark.parametrize(("changes", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_with_file_place_and_remedy_in_one_line(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(yaml.safe_dump(PLAIN | changes, allow_unicode=True), "m.yaml")

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "m.yaml: must be a block of keys"),
        ("- a", "m.yaml: must be a block of keys"),
        ("source: [", "m.yaml: line 1: "),
        ("source: a\nsource: b", "m.yaml: line 2: the key 'source' stands twice"),
        ("source: !!python/name:os.system x", "m.yaml: line 1: could not determine a constructor"),
        ("{a: b}: c", "m.yaml: line 1: a key must be text"),
        ("source: \x00", "m.yaml: is no YAML: "),
    ],
)
def test_what_is_no_mapping_at_all_is_told_in_one_line(text: str, words: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "m.yaml")

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_further_mistakes_are_counted() -> None:
    with pytest.raises(MappingError, match=r"\(and 2 more\)$"):
        parse_mapping(yaml.safe_dump(PLAIN | {"time": {"zone": "X", "formats": ["a", "b"]}}), "m.yaml")


def test_text_stays_text_as_it_is_written() -> None:
    text = """
source: 311
time: { zone: UTC }
case_id: { column: a, values: { no: yes, 01: 02, 1: 2, 2025-08-01: on, true: null } }
events: [{ type: delivered, occurred_at: at }]
"""
    with pytest.raises(MappingError, match=r"source: Input should be a valid string"):
        parse_mapping(text, "m.yaml")

    read = parse_mapping(text.replace("311", '"311"'), "m.yaml")

    assert read.case_id.values == {"no": "yes", "01": "02", "1": 2, "2025-08-01": "on", "true": None}


def test_calendars_of_the_city_may_be_named() -> None:
    text = yaml.safe_dump(PLAIN | {"time": {"zone": "UTC", "calendar": "hall"}})

    read = parse_mapping(text, "m.yaml", {"hall": always("Asia/Ho_Chi_Minh")})

    assert read.calendar is not None
    assert read.calendar.spec.zone == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is no such mapping file"), (b"source: \xff", "is not UTF-8 text")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "m.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(MappingError, match=words):
        load_mapping(path)


def test_a_folder_is_no_mapping_file(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        load_mapping(tmp_path)


@pytest.mark.parametrize(("secret", "words"), [(None, "cannot be read"), (b"short\n", "less than 16 bytes")])
def test_a_secret_that_is_none_is_refused(tmp_path: Path, secret: bytes | None, words: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump(PLAIN | {"opaque_key_file": "secret.key"}))
    if secret is not None:
        (tmp_path / "secret.key").write_bytes(secret)

    with pytest.raises(MappingError, match=words):
        load_mapping(path)
