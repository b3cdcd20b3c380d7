"""The simulated city: what comes out of it is the same each time, readable where it should be, and plausible."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import islice, pairwise
from typing import Any, NamedTuple

import orjson
import pytest

from caseclock.demo.mishaps import BREAKS
from caseclock.demo.paper import Message, hour_of, local_day, stamp
from caseclock.demo.place import city_folder
from caseclock.demo.simulator import Simulator
from schemas.city import City, load_city
from schemas.dead_letter import Reason, Unreadable
from schemas.decode import decode, parse_time
from schemas.events import CAUSES, CHANNELS, EVENT_TYPES, KINDS, OUTCOMES, SUSPENSION_REASONS, Event
from schemas.moment import SECOND_US
from schemas.profile import PROFILES
from schemas.registry import UNIT_NUMBERS
from streams import numbers
from streams.book import CaseBook
from streams.rules import Rules

WEDNESDAY_MORNING = parse_time("2026-03-11T09:30:00+07:00")
"""Sixty days before lie a Tết and twelve common weeks' worth of Mondays."""
NIGHT = parse_time("2026-03-11T02:10:00+07:00")
TET_AT_NOON = parse_time("2026-02-17T12:30:00+07:00")
SATURDAY_MORNING = parse_time("2026-03-14T10:00:00+07:00")
JUST_AFTER_MIDNIGHT = parse_time("2026-03-10T00:03:00+07:00")


class Folded(NamedTuple):
    """What streams make of a history."""

    own: dict[str, numbers.Totals]
    whole: numbers.Numbers
    below_the_city: dict[str, numbers.Numbers]


def city() -> City:
    with city_folder() as folder:
        return load_city(folder, date(2026, 3, 11))


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(city(), PROFILES["one_stop"])


@pytest.fixture(scope="module")
def simulator(rules: Rules) -> Simulator:
    return Simulator(rules, 1, WEDNESDAY_MORNING, cases_a_day=200)


@pytest.fixture(scope="module")
def history(simulator: Simulator) -> list[Message]:
    return list(simulator.history())


@pytest.fixture(scope="module")
def events(history: list[Message]) -> list[Event]:
    return readable(history)


@pytest.fixture(scope="module")
def folded(rules: Rules, events: list[Event]) -> Folded:
    return fold_all(rules, events)


def readable(messages: Sequence[Message]) -> list[Event]:
    found = []
    for message in messages:
        try:
            found.append(decode(message.value, message.at))
        except Unreadable:
            continue
    return found


def fold_all(rules: Rules, events: Sequence[Event]) -> Folded:
    book = CaseBook(0, rules, 0)
    book.take(events, WEDNESDAY_MORNING, WEDNESDAY_MORNING)
    own = numbers.merge([book.drain(WEDNESDAY_MORNING, all_units=True).units])
    below: dict[str, list[numbers.Totals]] = {}
    for code, totals in own.items():
        for above in rules.path(code):
            below.setdefault(above, []).append(totals)
    units = {unit.code for unit in rules.city.units if unit.parent == "H26"}
    trees = {code: numbers.tree(code, below[code], own) for code in units & below.keys()}
    return Folded(own, numbers.whole(own.values()), trees)


def count(told: numbers.Numbers, name: str) -> float:
    return told[name] or 0


# -- the lists


def test_the_city_has_126_wards_and_communes_and_every_code_says_that_it_is_a_placeholder() -> None:
    units = city().units
    kinds = Counter(unit.kind for unit in units)

    assert (kinds["ward"], kinds["commune"], kinds["city"]) == (51, 75, 1)
    assert all(unit.code == "H26" or unit.code.startswith("H26.DEMO.") for unit in units)
    assert all(unit.name_en and unit.head_post for unit in units)


def test_every_procedure_has_both_names_and_the_invented_ones_say_so() -> None:
    procedures = city().procedures

    assert len(procedures) == 41
    assert all(each.name_en and each.field for each in procedures)
    assert [each.code for each in procedures if "minh họa" in each.name] == [
        each.code for each in procedures if each.code.startswith("DEMO.")
    ]


# -- the stream


def test_the_same_seed_and_start_give_the_same_bytes(rules: Rules) -> None:
    def all_of(seed: int) -> list[Message]:
        one = Simulator(rules, seed, NIGHT, days=7, cases_a_day=80)
        return [*one.history(), *islice(one.live(), 400)]

    first = all_of(3)

    assert first == all_of(3)
    assert first != all_of(4)


def test_live_goes_on_from_the_same_state_without_history_having_been_asked_for(rules: Rules) -> None:
    asked = Simulator(rules, 3, NIGHT, days=5, cases_a_day=80)
    not_asked = Simulator(rules, 3, NIGHT, days=5, cases_a_day=80)

    list(asked.history())

    assert list(islice(asked.live(), 300)) == list(islice(not_asked.live(), 300))


@pytest.mark.parametrize("start", [WEDNESDAY_MORNING, NIGHT, JUST_AFTER_MIDNIGHT])
def test_messages_come_in_the_order_of_sending_up_to_the_start_and_on_from_there(
    rules: Rules, start: int
) -> None:
    one = Simulator(rules, 5, start, days=4, cases_a_day=60)

    past, future = list(one.history()), list(islice(one.live(), 500))

    assert all(before.at <= after.at for before, after in pairwise([*past, *future]))
    assert past[-1].at <= start <= future[0].at
    assert start - past[-1].at < 60 * SECOND_US
    assert future[0].at - start < 60 * SECOND_US


@pytest.mark.parametrize(
    "start", [WEDNESDAY_MORNING, NIGHT, TET_AT_NOON, SATURDAY_MORNING, JUST_AFTER_MIDNIGHT]
)
def test_at_any_hour_some_events_come_every_second(rules: Rules, start: int) -> None:
    live = Simulator(rules, 2, start, days=3, cases_a_day=100).live()

    messages = list(islice(live, 1500))

    per_minute = Counter((message.at - start) // (60 * SECOND_US) for message in messages)
    whole_minutes = [n for minute, n in per_minute.items() if minute < max(per_minute)]
    assert len(whole_minutes) >= 5
    assert all(80 <= n <= 320 for n in whole_minutes)
    assert len({event["type"] for event in readable(messages)}) >= 5


def test_nothing_is_sent_before_it_happened_and_every_key_is_its_case(history: list[Message]) -> None:
    for message in history:
        try:
            event = decode(message.value, message.at)
        except Unreadable:
            continue
        assert event["occurred_at"] <= message.at
        assert event["case_id"].encode() == message.key


def test_every_type_and_every_word_of_the_vocabulary_is_met(events: list[Event]) -> None:
    def met(name: str) -> set[Any]:
        return {event[name] for event in events if name in event}  # type: ignore[literal-required]  # by name

    assert met("type") == set(EVENT_TYPES)
    assert met("kind") == set(KINDS)
    assert met("channel") == set(CHANNELS)
    assert met("reason") == set(SUSPENSION_REASONS)
    assert met("outcome") == set(OUTCOMES)
    assert met("cause") == set(CAUSES) - {"system_outage"}
    assert {"recorded_at", "step_due_at", "bundle_id", "duplicate_of", "lookup_hash"} <= {
        name for event in events for name in event
    }


def test_some_messages_are_late_doubled_and_out_of_order(history: list[Message], events: list[Event]) -> None:
    lateness = []
    for message in history:
        try:
            lateness.append(message.at - decode(message.value, message.at)["occurred_at"])
        except Unreadable:
            continue
    times = Counter(message.value for message in history)
    in_order = sum(before["occurred_at"] <= after["occurred_at"] for before, after in pairwise(events))

    assert 0.002 < sum(late > 3600 * SECOND_US for late in lateness) / len(lateness) < 0.03
    assert 0.005 < sum(n > 1 for n in times.values()) / len(history) < 0.03
    assert 0.5 < in_order / len(events) < 0.999


# -- broken messages


def test_what_cannot_be_read_is_there_for_every_reason_and_rare(history: list[Message]) -> None:
    reasons: Counter[Reason] = Counter()
    for message in history:
        try:
            decode(message.value, message.at)
        except Unreadable as unreadable:
            reasons[unreadable.reason] += 1

    assert set(reasons) == set(BREAKS)
    assert reasons.total() / len(history) < 0.01


@pytest.mark.parametrize("reason", BREAKS)
def test_a_broken_message_is_refused_for_the_reason_it_was_broken_for(
    reason: Reason, history: list[Message]
) -> None:
    for event in good(history[:800]):
        with pytest.raises(Unreadable) as refused:
            decode(BREAKS[reason](event), WEDNESDAY_MORNING)
        assert refused.value.reason is reason


def good(messages: Sequence[Message]) -> list[dict[str, Any]]:
    found = []
    for message in messages:
        try:
            decode(message.value, message.at)
        except Unreadable:
            continue
        found.append(orjson.loads(message.value))
    return found


# -- what streams make of it


def test_nearly_all_is_on_time_some_is_late_and_the_ledger_adds_up(folded: Folded) -> None:
    whole = folded.whole

    assert 0.9 < count(whole, "on_time_rate") < 0.985
    assert 0.04 < count(whole, "overdue") / count(whole, "open") < 0.25
    assert 0.02 < count(whole, "suspended") / count(whole, "open") < 0.25
    assert (
        count(whole, "completed_early") > count(whole, "completed_on_time") > count(whole, "completed_late")
    )
    assert count(whole, "anomalies") / count(whole, "received") < 0.01
    assert all(totals.imbalance() == 0 for totals in folded.own.values())


def test_no_unit_has_everything_late_and_every_ward_has_something_to_do(rules: Rules, folded: Folded) -> None:
    wards = {unit.code for unit in rules.city.units if unit.kind in ("ward", "commune")}

    assert wards <= folded.below_the_city.keys()
    for told in folded.below_the_city.values():
        assert count(told, "completed_late") <= 0.6 * max(count(told, "completed"), 5)
        assert count(told, "overdue") <= 0.8 * max(count(told, "open"), 5)


def test_who_has_a_trouble_is_among_those_that_lag_most(simulator: Simulator, folded: Folded) -> None:
    ranked = sorted(
        folded.below_the_city,
        key=lambda code: (-count(folded.below_the_city[code], "overdue"), code),
    )
    path = simulator.offices.rules.path
    in_trouble = {path(unit)[-2] for unit in simulator.offices.troubles}

    assert in_trouble <= set(ranked[:8])


def test_every_number_of_units_csv_is_used(rules: Rules, events: list[Event], folded: Folded) -> None:
    by_the_nation = fold_all(Rules(rules.city, PROFILES["national_766"]), events)

    used = {
        name
        for told in (folded, by_the_nation)
        for t in told.own.values()
        for name, n in numbers.own(t).items()
        if n
    }

    assert used == set(UNIT_NUMBERS)


def test_wards_work_in_opening_hours_only(rules: Rules, events: list[Event]) -> None:
    open_at = rules.default_calendar.is_open
    by_a_ward = [
        event
        for event in events
        if event["type"] in ("received", "completed", "assigned", "transferred", "rescheduled")
        and not event["case_id"].startswith(("H26.DEMO.TT1", "H26.DEMO.TT2"))
    ]
    # the closing moment itself, and what follows the last minute's end
    outside = [
        event
        for event in by_a_ward
        if not open_at(event["occurred_at"] - 1800 * SECOND_US) and not open_at(event["occurred_at"])
    ]

    assert len(by_a_ward) > 10_000
    assert len(outside) / len(by_a_ward) < 0.001


def test_days_off_and_nights_are_quiet_and_mondays_are_not(events: list[Event]) -> None:
    by_day = Counter(
        local_day(event["occurred_at"]) for event in events if event["type"] in ("registered", "received")
    )
    nights = sum(hour_of(event["occurred_at"]) < 6 for event in events)

    def on(text: str) -> int:
        return by_day[local_day(parse_time(text))]

    assert on("2026-02-17T12:00:00+07:00") < 0.4 * on("2026-02-24T12:00:00+07:00")  # the first day of Tết
    assert on("2026-03-01T12:00:00+07:00") < 0.4 * on("2026-03-02T12:00:00+07:00")  # Sunday, Monday
    assert 0 < nights / len(events) < 0.03


def test_moments_are_written_as_everybody_reads_them() -> None:
    for text in ("2026-03-11T00:00:00+07:00", "2025-12-31T23:59:59+07:00"):
        assert stamp(parse_time(text)) == text
    assert parse_time(stamp(WEDNESDAY_MORNING + 999)) == WEDNESDAY_MORNING
