import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from schemas import contracts
from schemas.dead_letter import DeadLetter, Reason, Unreadable
from schemas.decode import decode, encode
from schemas.events import EVENT_TYPES, FIELDS, RANK, TITLES
from tests.schemas.examples import NOW, raw


def validator(file: str) -> Draft202012Validator:
    schema = json.loads((contracts.FOLDER / file).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_the_committed_contracts_are_what_the_models_say() -> None:
    assert contracts.drift() == []


def test_a_contract_that_was_changed_by_hand_or_left_over_is_named(tmp_path: Path) -> None:
    contracts.write(tmp_path)
    assert contracts.drift(tmp_path) == []
    (tmp_path / "rated.v1.schema.json").write_text("{}")
    (tmp_path / "old.json").write_text("{}")
    (tmp_path / "asyncapi.json").unlink()

    assert contracts.drift(tmp_path) == ["asyncapi.json", "old.json", "rated.v1.schema.json"]
    contracts.write(tmp_path)
    assert contracts.drift(tmp_path) == []


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_example_keeps_its_contract_is_read_and_comes_back(event_type: str) -> None:
    example = contracts.example_of(event_type)
    event = decode(json.dumps(example).encode(), NOW)

    for file in (f"{event_type}.v1.schema.json", "event.v1.schema.json"):
        validator(file).validate(example)
        validator(file).validate(json.loads(encode(event)))
    assert decode(encode(event), NOW) == event


def test_the_examples_together_show_every_field_of_every_type() -> None:
    shown = {name for each in EVENT_TYPES for name in contracts.example_of(each)}

    assert shown == {name for each in EVENT_TYPES for name in FIELDS[each]} - {"duplicate_of"}


@pytest.mark.parametrize(
    ("event_type", "changes"),
    [
        ("received", {"unit_id": ...}),
        ("received", {"unit_id": ""}),
        ("received", {"unit_id": "x" * 201}),
        ("received", {"unit_id": "a\tb"}),
        ("received", {"kind": "other"}),
        ("received", {"fee_due": 1}),
        ("received", {"occurred_at": "2026-03-02"}),
        ("received", {"due_at": "2026-03-02T08:15:30"}),
        ("received", {"schema_version": 2}),
        ("received", {"lookup_hash": "abc"}),
        ("received", {"type": "arrived"}),
        ("rated", {"score": 6}),
        ("stopped", {"reason": "x" * 501}),
    ],
)
def test_what_cannot_be_read_does_not_keep_the_contract_either(
    event_type: str, changes: dict[str, Any]
) -> None:
    record = raw(event_type, **changes)

    with pytest.raises(Unreadable):
        decode(record, NOW)
    assert not validator(f"{event_type}.v1.schema.json").is_valid(json.loads(record))
    assert not validator("event.v1.schema.json").is_valid(json.loads(record))


def test_null_and_unknown_fields_keep_the_contract_as_they_are_read() -> None:
    record = raw("received", due_at=None, priority=None, extra={"a": [1]})

    validator("received.v1.schema.json").validate(json.loads(record))
    assert "due_at" not in decode(record, NOW)


def test_the_asyncapi_document_names_the_topics_and_all_its_references_lead_somewhere() -> None:
    document = contracts.asyncapi()

    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {"events", "dead-letters", "unit-partials"}
    assert set(document["channels"]["events"]["messages"]) == set(EVENT_TYPES)
    references = list(found_references(document))
    assert references
    for reference in references:
        assert reference.startswith("#/")
        at: Any = document
        for part in reference[2:].split("/"):
            at = at[part]


def found_references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [each for value in part.values() for each in found_references(value)]
    return [each for value in part for each in found_references(value)] if isinstance(part, list) else []


def test_the_command_writes_checks_and_refuses_other_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert contracts.main(["check"]) == 0
    assert contracts.main(["delete"]) == 2
    assert "write" in capsys.readouterr().err


def test_each_type_has_a_title_in_two_languages_and_a_rank() -> None:
    assert list(TITLES) == list(EVENT_TYPES) == sorted(RANK, key=RANK.__getitem__)
    assert (RANK["registered"], RANK["voided"]) == (0, 17)


def test_an_unreadable_survives_the_way_to_another_process() -> None:
    found = pickle.loads(pickle.dumps(Unreadable(Reason.BAD_ID, "unit_id")))  # noqa: S301 - our own bytes

    assert (found.reason, found.field, str(found)) == (Reason.BAD_ID, "unit_id", "bad_id: unit_id")


def test_a_dead_letter_has_coordinates_and_no_room_for_a_value() -> None:
    content = {
        "source": "a.ndjson",
        "line": 3,
        "reason": "bad_id",
        "field": "unit_id",
        "seen_at": "2026-11-24T00:00:00Z",
    }

    letter = DeadLetter.model_validate_json(json.dumps(content))

    assert (letter.reason, letter.line, letter.topic) == (Reason.BAD_ID, 3, None)
    with pytest.raises(ValueError, match="value"):
        DeadLetter.model_validate(content | {"value": "x"})
