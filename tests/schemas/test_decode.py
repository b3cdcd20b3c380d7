import json
from typing import Any

import pytest

from schemas.decode import MAX_LINE_BYTES, Unreadable, decode, encode, parse_time
from schemas.events import ATTRIBUTES, CODE_FIELDS, EVENT_TYPES, FIELDS, MODELS, TIME_FIELDS
from tests.schemas.examples import NOW, nested, raw

PERSONAL = "Nguyen-Van-Secret"


def why(record: bytes) -> tuple[str, str]:
    with pytest.raises(Unreadable) as caught:
        decode(record, NOW)
    assert PERSONAL not in str(caught.value)
    assert PERSONAL not in repr(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.reason.value, caught.value.field


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_example_of_each_type_is_read_and_written_again(event_type: str) -> None:
    event = decode(raw(event_type), NOW)

    assert event["type"] == event_type
    assert all(isinstance(event[name], int) for name in TIME_FIELDS if name in event)
    assert decode(encode(event), NOW) == event


def test_times_become_microseconds_and_everything_else_stays() -> None:
    event = decode(raw("received", occurred_at="2026-03-02T08:15:30.25+07:00", step="not of this type"), NOW)

    assert event["occurred_at"] == 1_772_414_130_250_000
    assert event["unit_id"] == "H26.100"
    assert event["fee_due"] is True
    assert "step" not in event


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{",
        b"{'a': 1}",
        raw() + b"x",
        b"\xef\xbb\xbf" + raw(),
        raw()[:-1] + b',"x":"\x01"}',
        raw()[:-1] + b",}",
    ],
)
def test_what_is_not_json_is_not_read(record: bytes) -> None:
    assert why(record) == ("not_json", "")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("field", [b"extra", b"score"])
def test_numbers_that_json_does_not_have_are_not_json(number: bytes, field: bytes) -> None:
    record = raw("rated", score=...)[:-1] + b', "' + field + b'": ' + number + b"}"

    assert why(record) == ("not_json", "")


def test_the_word_nan_inside_a_text_is_no_number() -> None:
    event = decode(raw("delivered", case_id="NaN-1", source="Infinity", note="-Infinity NaN"), NOW)

    assert event["case_id"] == "NaN-1"


@pytest.mark.parametrize("record", [b"[]", b"7", b'"x"', b"null", b"true", b"[" + raw() + b"]"])
def test_what_is_no_object_is_not_read(record: bytes) -> None:
    assert why(record) == ("not_an_object", "")


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_what_is_not_utf8_is_not_read_wherever_it_stands(bad: bytes) -> None:
    assert why(raw("delivered")[:-1] + b', "extra": "' + bad + b'"}') == ("not_utf8", "")
    assert why(raw("delivered") + bad) == ("not_utf8", "")


def test_a_record_may_be_as_large_as_the_limit_and_no_larger() -> None:
    padding = MAX_LINE_BYTES - len(raw("delivered"))

    assert decode(raw("delivered") + b" " * padding, NOW)["type"] == "delivered"
    assert why(raw("delivered") + b" " * (padding + 1)) == ("too_large", "")


def test_a_record_may_be_nested_fifty_levels_deep_and_no_deeper() -> None:
    assert decode(nested(50), NOW)["type"] == "delivered"
    assert why(nested(51)) == ("too_deep", "")
    assert why(nested(100_000)) == ("too_deep", "")
    assert why(b'{"a":' * 60 + b"1" + b"}" * 60) == ("too_deep", "")


def test_brackets_inside_texts_and_side_by_side_are_no_depth() -> None:
    record = raw("delivered", note='[{"\\' * 200, beside=[[]] * 200)

    assert decode(record, NOW)["type"] == "delivered"


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_required_field_is_missed_and_null_means_missing(event_type: str) -> None:
    model = MODELS[event_type]
    for name in model.__required_keys__:
        assert why(raw(event_type, **{name: ...})) == ("missing_field", name)
        assert why(raw(event_type, **{name: None})) == ("missing_field", name)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_null_in_an_optional_field_means_that_it_is_absent(event_type: str) -> None:
    for name in MODELS[event_type].__optional_keys__:
        assert decode(raw(event_type, **{name: None}), NOW) == decode(raw(event_type, **{name: ...}), NOW)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@pytest.mark.parametrize("wrong", [[PERSONAL], {"a": PERSONAL}, 1.5, [], {}])
def test_a_field_of_the_wrong_type_is_named_whether_it_is_required_or_not(
    event_type: str, wrong: Any
) -> None:
    for name in FIELDS[event_type]:
        expected = "bad_id" if name in CODE_FIELDS else "malformed_field"
        assert why(raw(event_type, **{name: wrong})) == (expected, name)


def test_of_several_wrong_fields_the_first_in_the_order_of_the_type_is_named() -> None:
    assert why(raw(due_at="soon", unit_id="", kind=PERSONAL)) == ("bad_id", "unit_id")
    assert why(raw(due_at="soon", recorded_at="late", lookup_hash=PERSONAL)) == (
        "malformed_field",
        "recorded_at",
    )
    assert why(raw(type=PERSONAL, unit_id="")) == ("unknown_type", "type")


@pytest.mark.parametrize(
    ("event_type", "field"),
    [
        ("received", "kind"),
        ("received", "channel"),
        ("received", "priority"),
        ("received", "applicant_kind"),
        ("received", "paid_online"),
        ("suspended", "reason"),
        ("suspended", "cause"),
        ("completed", "outcome"),
        ("rated", "aspect"),
    ],
)
def test_a_word_that_its_field_does_not_know_is_named(event_type: str, field: str) -> None:
    assert why(raw(event_type, **{field: PERSONAL})) == ("unknown_value", field)
    assert why(raw(event_type, **{field: ""})) == ("unknown_value", field)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2, "unknown_version"),
        (0, "unknown_version"),
        ("1", "malformed_field"),
        (1.0, "malformed_field"),
        (True, "malformed_field"),
    ],
)
def test_only_the_number_one_is_a_known_version(value: Any, reason: str) -> None:
    assert why(raw(schema_version=value)) == (reason, "schema_version")


@pytest.mark.parametrize("value", ["", "x" * 201, "a\n", "a\x00b", "\x7f", "a\u0085", "\u009f", 5, True])
def test_a_bad_id_or_code_is_named(value: Any) -> None:
    for name in ("event_id", "case_id", "source", "unit_id", "procedure_code", "bundle_id", "duplicate_of"):
        assert why(raw("received", **{name: value})) == ("bad_id", name)
    for event_type, name in (
        ("assigned", "officer"),
        ("assigned", "step"),
        ("voided", "voids"),
        ("consulted", "request_id"),
    ):
        assert why(raw(event_type, **{name: value})) == ("bad_id", name)
    assert why(raw("suspended", waiting_on=value)) == ("bad_id", "waiting_on")


@pytest.mark.parametrize("value", ["x", "ế" * 200, " ", "a b/;,'\"\\", "\u00a0", "\u2028", "🏢"])
def test_an_id_may_be_any_text_without_control_characters(value: str) -> None:
    assert decode(raw(case_id=value), NOW)["case_id"] == value


@pytest.mark.parametrize("value", [0, 6, True, "5", 3.0, -1, 10**30])
def test_a_score_is_a_whole_number_from_one_to_five(value: Any) -> None:
    assert why(raw("rated", score=value)) == ("malformed_field", "score")


@pytest.mark.parametrize("value", [0, 1, "true"])
def test_only_true_and_false_are_yes_and_no(value: Any) -> None:
    for name in ("fee_due", "digitised", "vneid", "reused_data"):
        assert why(raw("received", **{name: value})) == ("malformed_field", name)
    assert why(raw("rescheduled", apology=value)) == ("malformed_field", "apology")


def test_a_lookup_hash_is_64_hex_digits_in_either_case() -> None:
    assert decode(raw(lookup_hash="AB" * 32), NOW)["lookup_hash"] == "ab" * 32
    for wrong in ("ab" * 31, "ab" * 33, "g" * 64, ""):
        assert why(raw(lookup_hash=wrong)) == ("malformed_field", "lookup_hash")


@pytest.mark.parametrize("event_type", ["declined", "rescheduled", "withdrawn", "stopped", "reopened"])
def test_a_reason_in_free_text_is_judged_and_dropped(event_type: str) -> None:
    assert "reason" not in decode(raw(event_type, reason=PERSONAL), NOW)
    assert "reason" not in decode(raw(event_type, reason="ế" * 500), NOW)
    assert why(raw(event_type, reason="ế" * 501)) == ("malformed_field", "reason")
    assert why(raw(event_type, reason=7)) == ("malformed_field", "reason")


def test_the_reason_of_a_suspension_is_kept_and_one_of_another_type_is_an_unknown_field() -> None:
    assert decode(raw("suspended", reason="payment"), NOW)["reason"] == "payment"
    assert "reason" not in decode(raw("completed", reason=["anything"]), NOW)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_unknown_fields_are_dropped_whatever_they_hold(event_type: str) -> None:
    extras = {
        "full_name": PERSONAL,
        "phone": [PERSONAL, None],
        "Reason": {"a": {"b": PERSONAL}},
        "huge": 10**30,
        "": 1.5,
    }

    event = decode(raw(event_type, **extras), NOW)

    assert PERSONAL not in repr(event)
    assert event == decode(raw(event_type), NOW)


def test_of_a_key_that_comes_twice_the_last_counts_on_the_quick_and_on_the_slow_way() -> None:
    twice = raw("delivered", source="first")[:-1] + b', "source": "last"}'
    slow = raw("delivered", source="")[:-1] + b', "occurred_at": 5, "source": "last"}'

    assert decode(twice, NOW)["source"] == "last"
    assert why(slow) == ("malformed_field", "occurred_at")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_are_fields_of_the_events_that_open_or_amend_a_case(name: str) -> None:
    assert [each for each in EVENT_TYPES if name in FIELDS[each]] == ["registered", "received", "amended"]


def test_an_event_may_lie_one_day_ahead_of_the_clock_and_not_before_2000() -> None:
    day = 86_400_000_000

    assert decode(raw("delivered", occurred_at="2000-01-01T00:00:00Z"), NOW)
    assert why(raw("delivered", occurred_at="1999-12-31T23:59:59.999999Z")) == (
        "time_out_of_range",
        "occurred_at",
    )
    assert decode(raw("delivered", occurred_at="2026-11-25T07:00:00+07:00"), NOW)["occurred_at"] == NOW + day
    assert why(raw("delivered", occurred_at="2026-11-25T07:00:00.000001+07:00")) == (
        "time_out_of_range",
        "occurred_at",
    )


@pytest.mark.parametrize(
    ("event_type", "field"),
    [
        ("received", "due_at"),
        ("rescheduled", "due_at"),
        ("consulted", "due_at"),
        ("assigned", "step_due_at"),
        ("transferred", "step_due_at"),
    ],
)
def test_a_due_time_lies_between_2000_and_2100(event_type: str, field: str) -> None:
    for inside in ("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"):
        assert decode(raw(event_type, **{field: inside}), NOW)[field] == parse_time(inside)  # type: ignore[literal-required]
    for outside in ("1999-12-31T23:59:59Z", "2100-01-01T00:00:00.000001Z", "0001-01-02T00:00:00Z"):
        assert why(raw(event_type, **{field: outside})) == ("time_out_of_range", field)


def test_the_moment_of_recording_may_be_any_moment() -> None:
    assert decode(raw("delivered", recorded_at="1965-04-12T23:20:50.52Z"), NOW)["recorded_at"] < 0
    assert why(raw("delivered", recorded_at="1985-04-12")) == ("malformed_field", "recorded_at")


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-03-02", "2026-03-02T08:15:30", 1_772_414_130, "2026-02-30T00:00:00Z"]
)
def test_a_malformed_time_is_named(value: Any) -> None:
    assert why(raw(occurred_at=value)) == ("malformed_field", "occurred_at")
    assert why(raw(due_at=value)) == ("malformed_field", "due_at")
    assert why(raw("assigned", step_due_at=value)) == ("malformed_field", "step_due_at")


def test_escaped_keys_and_texts_are_read_as_what_they_stand_for() -> None:
    record = (
        json.dumps(json.loads(raw("received", unit_id="Hà Nội"))).encode().replace(b'"type"', b'"t\\u0079pe"')
    )

    assert decode(record, NOW)["unit_id"] == "Hà Nội"
