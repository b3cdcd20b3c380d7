import json
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead_letter import Reason
from schemas.decode import FIRST_US, LAST_DUE_US, Unreadable, decode, encode
from schemas.events import (
    APPLICANT_KINDS,
    ASPECTS,
    CAUSES,
    CHANNELS,
    CODE_FIELDS,
    EVENT_TYPES,
    FIELDS,
    KINDS,
    MODELS,
    OUTCOMES,
    PAID_ONLINE,
    PRIORITIES,
    SUSPENSION_REASONS,
    Event,
)
from schemas.moment import DAY_US
from tests.schemas.examples import NOW, raw

WORDS = {
    "kind": KINDS,
    "channel": CHANNELS,
    "priority": PRIORITIES,
    "applicant_kind": APPLICANT_KINDS,
    "paid_online": PAID_ONLINE,
    "outcome": OUTCOMES,
    "cause": CAUSES,
    "aspect": ASPECTS,
}
CODES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def values(event_type: str, name: str) -> st.SearchStrategy[Any]:
    if name == "type":
        return st.just(event_type)
    if name == "reason":
        return st.sampled_from(SUSPENSION_REASONS)
    if name in WORDS:
        return st.sampled_from(WORDS[name])
    if name in CODE_FIELDS:
        return CODES
    return {
        "schema_version": st.just(1),
        "score": st.integers(1, 5),
        "occurred_at": st.integers(FIRST_US, NOW + DAY_US),
        "recorded_at": st.integers(-(10**15), 10**16),
        "due_at": st.integers(FIRST_US, LAST_DUE_US),
        "step_due_at": st.integers(FIRST_US, LAST_DUE_US),
        "lookup_hash": st.text("0123456789abcdef", min_size=64, max_size=64),
    }.get(name, st.booleans())


@st.composite
def events(draw: st.DrawFn) -> Event:
    event_type = draw(st.sampled_from(EVENT_TYPES))
    required = MODELS[event_type].__required_keys__
    names = [name for name in FIELDS[event_type] if name != "reason" or event_type == "suspended"]
    kept = [name for name in names if name in required or draw(st.booleans())]
    return cast(Event, {name: draw(values(event_type, name)) for name in kept})


@given(events())
def test_what_is_written_is_read_as_the_same_event(event: Event) -> None:
    assert decode(encode(event), NOW) == event


@given(st.binary(max_size=400))
def test_any_bytes_give_an_event_or_a_reason(record: bytes) -> None:
    judged(record)


@given(JSON)
def test_any_json_gives_an_event_or_a_reason(value: Any) -> None:
    judged(json.dumps(value).encode())


@settings(max_examples=200)
@given(st.sampled_from(EVENT_TYPES), st.data())
def test_an_event_with_one_field_replaced_by_any_json_gives_an_event_or_names_that_field(
    event_type: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(FIELDS[event_type]))

    found = judged(raw(event_type, **{name: data.draw(JSON)}))

    assert not isinstance(found, Unreadable) or found.field in {"", name, "type"} or name == "type"


@settings(max_examples=200)
@given(st.sampled_from(EVENT_TYPES), st.data())
def test_a_damaged_event_gives_an_event_or_a_reason(event_type: str, data: st.DataObject) -> None:
    record = bytearray(raw(event_type))
    for _ in range(data.draw(st.integers(1, 4))):
        record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))

    judged(bytes(record))


def event_or_reason(record: bytes) -> Event | Unreadable:
    try:
        return decode(record, NOW)
    except Unreadable as unreadable:
        return unreadable


def judged(record: bytes) -> Event | Unreadable:
    found = event_or_reason(record)
    if isinstance(found, Unreadable):
        assert isinstance(found.reason, Reason)
        assert found.field == "" or any(found.field in FIELDS[each] for each in EVENT_TYPES)
        return found
    event = found
    assert set(event) <= set(FIELDS[event["type"]])
    assert None not in event.values()
    assert decode(encode(event), NOW) == event
    return event
