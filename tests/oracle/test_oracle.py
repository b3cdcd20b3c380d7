"""The oracle against the specification: each sentence of domain.md §3 to §6 as a small story worked out by hand.

March 2025: the 3rd is a Monday, no holidays. Times are Hanoi's; the office is open 08-12 and 13-17.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.fold import Case, Event, Flow, Rules, Stay, canonical, fold
from tests.oracle.histories import (
    CALENDARS,
    PARENTS,
    PROCEDURES,
    Story,
    at,
    calendar_of,
    cities,
    city_rules,
    histories,
    profiles,
    random_city,
    random_history,
    shuffled,
    shuffled_with_duplicates,
)
from tests.oracle.numbers import (
    COMPLETED,
    OTHER_ENDS,
    STOCK,
    fold_all,
    history,
    mean,
    quantile,
    rate,
    seconds,
    tree,
    units,
)
from tests.oracle.worktime import HOUR, SECOND, BeyondCalendar, Calendar, allotted_due, always, vietnam

OFFICE = vietnam()
DAY_END = "23:59:59.999999"


def received(due: str | None = "2025-03-05 17:00", when: str = "2025-03-03 09:00", **fields: Any) -> Story:
    """A case of the ward, received on Monday 3 March at 09:00, promised for Wednesday."""
    promise = {} if due is None else {"due_at": due}
    return Story().then("received", when, **promise, **fields)


def hours(*spans: str) -> int:
    """Microseconds of "3:30"-like spans of working time."""
    total = 0
    for span in spans:
        h, m = span.split(":")
        total += int(h) * HOUR + int(m) * HOUR // 60
    return total


# §3 Which events count, and in which order.


@settings(deadline=None)
@given(histories(), profiles(), st.integers(0, 10))
def test_any_order_and_any_duplicates_give_the_same_case(
    drawn: tuple[list[Event], int], profile: str, seed: int
) -> None:
    events, now = drawn
    expected = fold(events, now, city_rules(profile))
    assert fold(shuffled_with_duplicates(events, seed), now, city_rules(profile)) == expected


def test_at_one_moment_the_rank_decides_suspended_comes_before_resumed() -> None:
    case = received().then("resumed", "2025-03-04 09:00").then("suspended", "2025-03-04 09:00").at("2025-03-04 10:00")
    assert (case.status, case.anomalies) == ("processing", [])


def test_at_one_moment_a_new_promise_comes_before_the_end() -> None:
    story = received().then("completed", "2025-03-06 09:00")
    assert story.at("2025-03-07 08:00").timeliness == "late"
    story.then("rescheduled", "2025-03-06 09:00", due_at="2025-03-06 17:00")
    assert story.at("2025-03-07 08:00").timeliness == "on_time"


def test_at_one_moment_and_rank_the_later_event_id_has_the_last_word() -> None:
    story = received()
    story.then("rescheduled", "2025-03-04 09:00", due_at="2025-03-11 17:00")  # e2
    story.then("rescheduled", "2025-03-04 09:00", due_at="2025-03-10 17:00")  # e3
    assert story.at("2025-03-04 10:00").due_at == at("2025-03-10 17:00")


def test_canonical_json_sorts_keys_and_spells_times_out() -> None:
    event = {"type": "rated", "occurred_at": at("2025-03-03 09:00"), "score": 5, "aspect": None, "source": "Đ"}
    expected = '{"occurred_at":"2025-03-03T02:00:00.000000Z","score":5,"source":"Đ","type":"rated"}'
    assert canonical(event).decode() == expected


def test_of_several_contents_under_one_id_the_smallest_counts_once() -> None:
    story = received("2025-03-06 17:00")
    for due in ("2025-03-05 17:00", "2025-03-07 17:00"):
        story.events.append(story.events[0] | {"due_at": at(due)})
    case = story.at("2025-03-04 09:00")
    assert (case.due_at, case.anomalies) == (at("2025-03-05 17:00"), ["conflicting_id"])


def test_contents_that_differ_only_in_their_entry_are_no_conflict_and_the_earlier_entry_counts() -> None:
    story = received().then("completed", "2025-03-05 16:00", recorded_at="2025-03-07 09:00")
    story.events.append(story.events[1] | {"recorded_at": at("2025-03-05 16:30")})
    assert story.at("2025-03-08 09:00").anomalies == []


def test_only_events_until_now_count_also_for_conflicts_and_voids() -> None:
    story = received().then("completed", "2025-03-04 09:00").then("voided", "2025-03-06 09:00", voids="e2")
    story.events.append(story.events[1] | {"occurred_at": at("2025-03-05 09:00")})
    assert story.maybe("2025-03-03 08:59") is None
    assert story.at("2025-03-04 08:59").status == "processing"
    assert story.at("2025-03-04 09:00").anomalies == []
    assert story.at("2025-03-05 09:00").anomalies == ["conflicting_id"]
    assert story.at("2025-03-05 09:00").status == "completed"
    assert (story.at("2025-03-06 09:00").status, story.at("2025-03-06 09:00").anomalies) == ("processing", [])


def test_a_case_with_no_event_left_has_no_row() -> None:
    story = received().then("voided", "2025-03-04 09:00", voids="e1")
    assert story.at("2025-03-03 10:00").status == "processing"
    assert story.maybe("2025-03-04 09:00") is None


def test_a_void_without_a_target_is_named() -> None:
    assert received().then("voided", "2025-03-04 09:00", voids="x").at("2025-03-04 09:00").anomalies == ["void_unknown"]


def test_a_voided_void_voids_nothing() -> None:
    story = received().then("completed", "2025-03-04 09:00")
    story.then("voided", "2025-03-04 10:00", voids="e2").then("voided", "2025-03-04 11:00", voids="e3")
    assert story.at("2025-03-04 10:00").status == "processing"
    assert story.at("2025-03-04 11:00").status == "completed"
    assert story.at("2025-03-04 11:00").anomalies == []


def test_a_voided_void_without_target_is_no_anomaly_any_more() -> None:
    story = received().then("voided", "2025-03-04 10:00", voids="x").then("voided", "2025-03-04 11:00", voids="e2")
    assert story.at("2025-03-04 11:00").anomalies == []


def test_a_void_may_stand_before_its_target() -> None:
    story = received().then("completed", "2025-03-04 09:00").then("voided", "2025-03-03 10:00", voids="e2")
    assert story.at("2025-03-03 10:00").anomalies == ["void_unknown"]
    assert (story.at("2025-03-04 09:00").status, story.at("2025-03-04 09:00").anomalies) == ("processing", [])


# §3 Backdated: an entry made after a due moment that it cures.


def test_an_end_entered_after_the_due_moment_that_it_keeps_is_backdated() -> None:
    def entered(recorded: str) -> list[str]:
        return received().then("completed", "2025-03-05 16:00", recorded_at=recorded).at("2025-03-10 09:00").anomalies

    assert entered("2025-03-06 00:00") == ["backdated"]
    assert entered(f"2025-03-05 {DAY_END}") == []


def test_a_late_end_cures_nothing() -> None:
    story = received().then("completed", "2025-03-06 09:00", recorded_at="2025-03-07 09:00")
    assert story.at("2025-03-10 09:00").anomalies == []


def test_a_suspension_and_a_later_promise_entered_too_late_are_backdated_an_earlier_promise_is_not() -> None:
    late = "2025-03-06 08:00"
    assert received().then("suspended", "2025-03-04 09:00", recorded_at=late).at(late).anomalies == ["backdated"]
    for due, expected in (("2025-03-06 17:00", ["backdated"]), ("2025-03-04 17:00", [])):
        story = received().then("rescheduled", "2025-03-04 09:00", due_at=due, recorded_at=late)
        assert story.at(late).anomalies == expected


def test_a_receipt_and_an_answer_entered_too_late_are_backdated() -> None:
    story = Story().then("registered", "2025-03-03 08:00")  # reception due at 17:00
    story.then("received", "2025-03-03 16:00", recorded_at="2025-03-04 08:00")
    assert story.at("2025-03-04 09:00").anomalies == ["backdated"]
    story = received().then("consulted", "2025-03-03 10:00", due_at="2025-03-03 15:00")
    story.then("answered", "2025-03-03 14:00", recorded_at="2025-03-03 16:00")
    assert story.at("2025-03-04 09:00").anomalies == ["backdated"]


# §3 Before the receipt.


def test_before_the_receipt_the_holder_is_set_without_a_hand_over() -> None:
    story = Story().then("registered", "2025-03-03 09:00").then("transferred", "2025-03-03 10:00", unit_id="berlin")
    before = story.at("2025-03-03 11:00")
    after = story.then("received", "2025-03-03 11:00", unit_id="ward").at("2025-03-03 12:00")
    assert (before.unit_id, before.registering_unit, before.handovers) == ("berlin", "ward", [])
    assert (after.unit_id, after.receiving_unit, after.handovers) == ("ward", "ward", [])


@pytest.mark.parametrize("kind", ["suspended", "resumed", "rescheduled", "reopened"])
def test_before_the_receipt_the_clock_cannot_be_touched(kind: str) -> None:
    fields = {"due_at": "2025-03-20 09:00"} if kind != "suspended" else {}
    story = Story().then(kind, "2025-03-03 08:00", **fields).then("received", "2025-03-03 09:00")
    case = story.at("2025-03-03 10:00")
    assert (case.status, case.due_at, case.anomalies) == ("processing", None, ["before_received"])


@pytest.mark.parametrize("kind", ["declined", "withdrawn"])
def test_declined_or_withdrawn_before_the_receipt_gives_the_status_and_no_column(kind: str) -> None:
    story = Story().then("registered", "2025-03-03 09:00").then(kind, "2025-03-03 10:00")
    case = story.at("2025-03-04 09:00")
    assert (case.status, case.column, case.elapsed_us, case.ended_at, case.anomalies) == (kind, None, 0, None, [])
    row = units([case], PARENTS)["*"]
    assert {key for key in (*STOCK, *COMPLETED, *OTHER_ENDS, "open", "received", "awaiting") if row[key]} == set()


def test_a_later_receipt_opens_a_declined_case() -> None:
    story = Story().then("declined", "2025-03-03 10:00").then("received", "2025-03-04 09:00")
    case = story.at("2025-03-04 10:00")
    assert (case.status, case.column, case.elapsed_us, case.anomalies) == ("processing", "no_deadline", HOUR, [])


def test_a_case_ended_before_its_receipt_is_ended_when_it_is_received() -> None:
    story = Story().then("completed", "2025-03-03 08:00").then("delivered", "2025-03-03 08:30")
    story.then("received", "2025-03-04 09:00", due_at="2025-03-03 17:00")
    before, case = story.at("2025-03-03 12:00"), story.at("2025-03-05 09:00")
    assert (before.status, before.anomalies) == ("registered", ["never_received"])
    assert (case.status, case.ended_at, case.elapsed_us) == ("delivered", at("2025-03-03 08:00"), 0)
    assert (case.timeliness, case.anomalies) == ("on_time", ["ended_before_received"])
    assert case.flows == [
        Flow("ward", at("2025-03-04 09:00"), "received"),
        Flow("ward", at("2025-03-04 09:00"), "completed_on_time"),
    ]


def test_a_second_end_before_the_receipt_is_after_the_end() -> None:
    story = Story().then("completed", "2025-03-03 08:00").then("withdrawn", "2025-03-03 09:00")
    story.then("completed", "2025-03-03 09:30").then("received", "2025-03-04 09:00")
    case = story.at("2025-03-05 09:00")
    assert (case.status, case.anomalies) == ("completed", ["after_end", "after_end", "ended_before_received"])


def test_stopped_before_the_receipt_ends_or_pauses_by_the_profile() -> None:
    story = Story().then("stopped", "2025-03-03 08:00").then("received", "2025-03-03 09:00")
    assert story.at("2025-03-03 10:00").anomalies == ["before_received"]
    assert story.at("2025-03-03 10:00", "national_766").status == "stopped"
    assert story.at("2025-03-03 10:00", "national_766").anomalies == ["ended_before_received"]


# §3 After the end.


def test_the_first_end_in_sort_order_counts() -> None:
    story = received().then("completed", "2025-03-04 09:00").then("withdrawn", "2025-03-04 10:00")
    case = story.at("2025-03-05 09:00")
    assert (case.status, case.ended_at, case.anomalies) == ("completed", at("2025-03-04 09:00"), ["after_end"])


def test_delivered_after_completed_hands_over_and_changes_no_lateness() -> None:
    story = received().then("completed", "2025-03-05 09:00").then("delivered", "2025-03-10 09:00")
    case = story.at("2025-03-11 09:00")
    assert (case.status, case.ended_at, case.timeliness) == ("delivered", at("2025-03-05 09:00"), "on_time")
    assert case.anomalies == []


def test_delivered_without_completed_is_the_end() -> None:
    case = received().then("delivered", "2025-03-06 09:00").at("2025-03-11 09:00")
    assert (case.status, case.ended_at, case.timeliness) == ("delivered", at("2025-03-06 09:00"), "late")


@pytest.mark.parametrize("kind", ["withdrawn", "declined", "delivered"])
def test_delivered_after_any_other_end_changes_nothing(kind: str) -> None:
    story = received().then(kind, "2025-03-04 09:00")
    before = story.at("2025-03-04 10:00")
    after = story.then("delivered", "2025-03-04 10:00").at("2025-03-04 10:00")
    assert after == before


def test_completed_after_delivered_has_no_effect() -> None:
    story = received().then("delivered", "2025-03-04 09:00").then("completed", "2025-03-04 10:00")
    case = story.at("2025-03-05 09:00")
    assert (case.status, case.ended_at, case.anomalies) == ("delivered", at("2025-03-04 09:00"), ["after_end"])


def test_the_way_back_to_the_counter_is_neither_a_hand_over_nor_an_anomaly() -> None:
    story = received().then("completed", "2025-03-04 09:00")
    story.then("transferred", "2025-03-04 10:00", unit_id="berlin").then("assigned", "2025-03-04 11:00", step="sign")
    case = story.at("2025-03-05 09:00")
    assert (case.unit_id, case.handovers, case.anomalies) == ("ward", [], [])


@pytest.mark.parametrize(
    "kind", ["registered", "received", "declined", "consulted", "suspended", "resumed", "rescheduled", "completed"]
)
def test_anything_else_after_the_end_is_named_and_has_no_effect(kind: str) -> None:
    fields = {"due_at": "2025-03-20 09:00"} if kind in ("received", "resumed", "rescheduled") else {}
    story = received().then("withdrawn", "2025-03-04 09:00").then(kind, "2025-03-04 10:00", **fields)
    case = story.at("2025-03-05 09:00")
    assert (case.status, case.due_at, case.anomalies) == ("withdrawn", at("2025-03-05 17:00"), ["after_end"])


def test_ratings_amendments_and_answers_do_what_they_do_after_the_end() -> None:
    story = received().then("consulted", "2025-03-03 10:00").then("completed", "2025-03-04 09:00")
    story.then("answered", "2025-03-04 10:00").then("rated", "2025-03-04 11:00", score=2, solved=False)
    case = story.then("amended", "2025-03-04 12:00", kind="task").at("2025-03-05 09:00")
    assert case.consultations[0].answered_at == at("2025-03-04 10:00")
    assert (case.ratings, case.kind, case.anomalies) == ([(2, False, None)], "task", [])


# §3 Twice.


def test_the_first_receipt_counts() -> None:
    story = received().then("received", "2025-03-03 10:00", unit_id="berlin", due_at="2025-03-20 09:00")
    case = story.at("2025-03-03 11:00")
    assert (case.received_at, case.unit_id) == (at("2025-03-03 09:00"), "ward")
    assert (case.due_at, case.anomalies) == (at("2025-03-05 17:00"), ["received_twice"])


def test_the_fields_of_the_receipt_replace_those_of_the_registration() -> None:
    story = Story().then("registered", "2025-03-03 09:00", unit_id="berlin", priority="urgent", channel="online")
    case = story.then("received", "2025-03-03 10:00", channel="counter", kind="task").at("2025-03-03 11:00")
    assert (case.receiving_unit, case.registering_unit) == ("ward", "berlin")
    assert (case.channel, case.kind, case.attributes) == ("counter", "task", {"priority": "urgent"})


def test_registrations_too_many_have_no_effect() -> None:
    twice = Story().then("registered", "2025-03-03 09:00").then("registered", "2025-03-03 10:00", unit_id="berlin")
    after = received().then("registered", "2025-03-03 10:00", kind="task")
    assert (twice.at("2025-03-03 11:00").unit_id, twice.at("2025-03-03 11:00").anomalies) == (
        "ward",
        ["registered_twice"],
    )
    case = after.at("2025-03-03 11:00")
    assert (case.registered_at, case.kind, case.anomalies) == (None, "dossier", ["registered_after_received"])


def test_of_two_suspensions_in_one_the_first_moment_counts() -> None:
    story = received().then("suspended", "2025-03-03 10:00").then("stopped", "2025-03-03 11:00")
    case = story.then("resumed", "2025-03-03 12:00").at("2025-03-03 14:00")
    assert (case.status, case.suspended_us, case.anomalies) == ("processing", hours("2:00"), ["suspended_twice"])


@pytest.mark.parametrize("kind", ["resumed", "reopened"])
def test_resumed_or_reopened_while_running_has_no_effect_but_its_due(kind: str) -> None:
    case = received().then(kind, "2025-03-03 10:00", due_at="2025-03-07 09:00").at("2025-03-03 11:00")
    assert (case.status, case.due_at, case.reopened) == ("processing", at("2025-03-07 09:00"), 0)
    assert case.anomalies == ["resumed_while_running"]
    without = received().then(kind, "2025-03-03 10:00").at("2025-03-03 11:00")
    assert without.due_at == at("2025-03-05 17:00")


def test_reopened_while_suspended_resumes() -> None:
    story = received().then("suspended", "2025-03-03 10:00").then("reopened", "2025-03-03 12:00")
    case = story.at("2025-03-03 14:00")
    assert (case.status, case.reopened, case.anomalies) == ("processing", 0, [])
    assert case.due_at == at("2025-03-06 10:00")  # Wednesday 17:00 and two hours


# §3 Reopened.


def test_a_reopened_case_is_in_process_again_and_keeps_its_first_end() -> None:
    story = received().then("completed", "2025-03-05 09:00").then("delivered", "2025-03-05 10:00")
    case = story.then("reopened", "2025-03-06 09:00").at("2025-03-06 11:00")
    assert (case.status, case.column, case.ended_at, case.timeliness) == ("processing", "due_soon", None, None)
    assert (case.first_ended_at, case.first_timeliness) == (at("2025-03-05 09:00"), "on_time")
    assert (case.reopened, case.reopened_gap_us) == (1, hours("8:00"))
    assert case.due_at == at("2025-03-06 17:00")
    assert case.elapsed_us == hours("18:00")  # Mon 7, Tue 8, Wed 1, Thu 2 (of 09-11)


def test_the_first_end_stays_when_a_second_one_comes() -> None:
    story = received().then("completed", "2025-03-05 09:00").then("reopened", "2025-03-05 10:00")
    case = story.then("completed", "2025-03-10 09:00").at("2025-03-11 09:00")
    assert (case.ended_at, case.timeliness) == (at("2025-03-10 09:00"), "late")
    assert (case.first_ended_at, case.first_timeliness) == (at("2025-03-05 09:00"), "on_time")


def test_a_suspension_is_over_when_the_case_has_ended() -> None:
    story = received().then("suspended", "2025-03-03 10:00").then("withdrawn", "2025-03-03 11:00")
    case = story.then("reopened", "2025-03-03 15:00").at("2025-03-03 16:00")
    assert (case.status, case.suspended_us, case.reopened_gap_us) == ("processing", HOUR, hours("3:00"))
    assert case.elapsed_us == hours("2:00")  # 09-10 and 15-16


# §3 Hand-overs.


def test_a_hand_over_counts_when_the_unit_changes() -> None:
    story = received().then("transferred", "2025-03-03 10:00", unit_id="ward", step="review")
    story.then("transferred", "2025-03-03 11:00", unit_id="berlin").then(
        "transferred", "2025-03-03 15:00", unit_id="ward"
    )
    case = story.at("2025-03-03 16:00")
    assert case.handovers == [
        ("ward", "berlin", at("2025-03-03 11:00")),
        ("berlin", "ward", at("2025-03-03 15:00")),
    ]
    assert (case.unit_id, case.returned) == ("ward", 1)
    assert case.stays == [
        Stay("ward", None, at("2025-03-03 09:00"), at("2025-03-03 10:00"), HOUR),
        Stay("ward", "review", at("2025-03-03 10:00"), at("2025-03-03 11:00"), HOUR),
        Stay("berlin", None, at("2025-03-03 11:00"), at("2025-03-03 15:00"), hours("3:00")),
    ]


def test_transferred_without_step_clears_it_and_assigned_without_step_keeps_it() -> None:
    story = received().then("assigned", "2025-03-03 10:00", step="review").then("assigned", "2025-03-03 11:00")
    assert story.at("2025-03-03 11:00").step == "review"
    assert story.then("transferred", "2025-03-03 12:00", unit_id="berlin").at("2025-03-03 12:00").step is None


# §3 Never received, unknown.


@pytest.mark.parametrize("kind", ["registered", "assigned", "transferred", "declined", "withdrawn", "amended"])
def test_what_may_come_before_a_receipt_does_not_miss_one(kind: str) -> None:
    fields = {"unit_id": "ward"} if kind == "transferred" else {}
    case = Story().then("registered", "2025-03-03 09:00").then(kind, "2025-03-03 10:00", **fields).at("2025-03-04 09:00")
    assert "never_received" not in case.anomalies


@pytest.mark.parametrize("kind", ["consulted", "answered", "suspended", "completed", "delivered", "rated"])
def test_anything_else_misses_a_receipt(kind: str) -> None:
    case = Story().then(kind, "2025-03-03 10:00").at("2025-03-04 09:00")
    assert (case.status, case.column, case.anomalies.count("never_received")) == ("registered", None, 1)


def test_unknown_codes_are_kept_and_named_once_per_case() -> None:
    story = received(None, unit_id="nowhere", procedure_code="P-x")
    case = story.then("transferred", "2025-03-03 10:00", unit_id="elsewhere").at("2025-03-03 11:00")
    assert (case.unit_id, case.procedure_code) == ("elsewhere", "P-x")
    assert (case.column, case.anomalies) == ("no_deadline", ["unknown_procedure", "unknown_unit"])


def test_empty_lists_know_no_unknown_codes() -> None:
    story = received(None, unit_id="nowhere", procedure_code="P-x")
    case = fold(story.events, at("2025-03-03 11:00"), Rules(calendar_of))
    assert case is not None
    assert case.anomalies == []


def test_what_is_amended_counts_from_the_beginning_and_the_last_value_wins() -> None:
    story = received(None, procedure_code="P-x").then("amended", "2025-03-04 09:00", procedure_code="P-hours")
    story.then("amended", "2025-03-04 10:00", kind="task")
    case = story.at("2025-03-04 11:00")
    assert (case.procedure_code, case.kind, case.anomalies) == ("P-hours", "task", [])
    assert case.due_at == at("2025-03-03 16:00")  # six working hours from 09:00


# §4 Working time.


def test_the_calendar_of_hanoi_knows_holidays_and_swapped_saturdays() -> None:
    closed = [date(2025, 1, 27), date(2025, 1, 31), date(2025, 5, 2), date(2026, 8, 31), date(2026, 11, 24)]
    worked = [date(2024, 5, 4), date(2025, 4, 26), date(2026, 8, 22), date(2025, 2, 3)]
    assert not any(OFFICE.is_working_day(day) for day in closed)
    assert all(OFFICE.open_hours(day) == [(8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)] for day in worked)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2025-03-03 09:00", "2025-03-03 14:00", "4:00"),
        ("2025-03-03 12:00", "2025-03-03 13:00", "0:00"),
        ("2025-03-07 16:00", "2025-03-10 09:00", "2:00"),  # over a weekend
        ("2025-01-24 16:00", "2025-02-03 09:00", "2:00"),  # over Tết
        ("2025-04-25 16:00", "2025-04-28 09:00", "10:00"),  # over a Saturday that is worked
        ("2025-03-04 09:00", "2025-03-03 09:00", "0:00"),
    ],
)
def test_working_time_is_the_time_of_open_doors(begin: str, end: str, expected: str) -> None:
    assert OFFICE.working(at(begin), at(end)) == hours(expected)


@pytest.mark.parametrize(
    ("begin", "amount", "expected"),
    [
        ("2025-03-03 09:00", "3:00", "2025-03-03 12:00"),  # the earliest such moment, not 13:00
        ("2025-03-03 09:00", "4:00", "2025-03-03 14:00"),
        ("2025-03-08 09:00", "0:00", "2025-03-08 09:00"),
        ("2025-03-08 09:00", "0:30", "2025-03-10 08:30"),
        ("2025-01-24 16:00", "1:30", "2025-02-03 08:30"),
    ],
)
def test_advance_finds_the_earliest_moment(begin: str, amount: str, expected: str) -> None:
    assert OFFICE.advance(at(begin), hours(amount)) == at(expected)


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(sorted(CALENDARS)), st.integers(0, 72 * 60), st.integers(0, 12 * 60))
def test_working_time_equals_a_count_second_by_second(name: str, begin: int, length: int) -> None:
    """Around the night in which Europe's clocks go forward; each second's wall clock is looked up."""
    calendar = CALENDARS[name]
    a = at("2025-03-28 18:00") + begin * 60 * SECOND
    b = a + length * 60 * SECOND

    def is_open(t: int) -> bool:
        wall = calendar.local(t)
        second = wall.hour * 3600 + wall.minute * 60 + wall.second
        return any(opens <= second < closes for opens, closes in calendar.open_hours(wall.date()))

    counted = sum(is_open(t) for t in range(a, b, SECOND)) * SECOND
    assert calendar.working(a, b) == counted
    if counted:
        end = calendar.advance(a, counted)
        assert calendar.working(a, end) == counted
        assert calendar.working(a, end - 1) == counted - 1


def test_always_makes_working_time_equal_to_clock_time() -> None:
    a, b = at("2025-03-07 23:00"), at("2025-03-10 01:00")
    assert always().working(a, b) == b - a
    assert always("America/New_York").working(a, b) == b - a  # its clocks go forward in between
    assert always().advance(a, b - a) == b


def test_a_day_ends_one_microsecond_before_the_next_local_day() -> None:
    assert OFFICE.day_end(at("2025-03-03 09:00")) == at(f"2025-03-03 {DAY_END}")
    berlin = CALENDARS["berlin"]
    sunday = at("2025-03-30 12:00", "Europe/Berlin")
    assert berlin.day_end(sunday) == at("2025-03-31 00:00", "Europe/Berlin") - 1


def test_beyond_the_horizon_nothing_is_known() -> None:
    calendar = vietnam(horizon=date(2025, 3, 5))
    assert calendar.working(at("2025-03-05 09:00"), at("2025-03-06 00:00")) == hours("7:00")
    with pytest.raises(BeyondCalendar):
        calendar.working(at("2025-03-05 09:00"), at("2025-03-06 00:00") + 1)
    with pytest.raises(BeyondCalendar):
        calendar.advance(at("2025-03-05 09:00"), hours("7:01"))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2025-03-03 09:00", 6, "working_hour", "2025-03-03 16:00"),
        ("2025-03-03 17:00", 1, "working_hour", "2025-03-04 09:00"),  # 17:00 sharp is outside
        ("2025-03-03 09:00", 1, "working_day", "2025-03-04 09:00"),
        ("2025-03-03 16:59", 5, "working_day", "2025-03-10 16:59"),
        ("2025-03-03 12:30", 1, "working_day", "2025-03-04 13:00"),
        ("2025-03-03 17:00", 1, "working_day", "2025-03-05 08:00"),
        ("2025-03-08 10:00", 1, "working_day", "2025-03-11 08:00"),
        ("2025-01-24 09:00", 1, "working_day", "2025-02-03 09:00"),
        ("2025-04-25 09:00", 1, "working_day", "2025-04-26 09:00"),  # the swapped Saturday
        ("2025-03-03 09:00", 4, "calendar_day", "2025-03-07 09:00"),
        ("2025-03-03 09:00", 5, "calendar_day", "2025-03-10 09:00"),  # a Saturday
        ("2025-03-08 09:00", 1, "calendar_day", "2025-03-11 08:00"),  # counts from Monday 08:00
        ("2024-12-31 09:00", 2, "month", "2025-02-28 09:00"),
        ("2025-01-31 07:00", 1, "month", "2025-03-03 08:00"),  # Tết: counts from 3 February
        ("2025-02-07 09:00", 1, "month", "2025-03-07 09:00"),
        ("2025-02-08 09:00", 1, "month", "2025-03-10 08:00"),
    ],
)
def test_allotted_time_by_hand(start: str, amount: int, unit: str, expected: str) -> None:
    assert allotted_due(OFFICE, at(start), amount, unit) == at(expected)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2025-03-03 15:00", "2025-03-04 15:00"),
        ("2025-03-03 15:01", "2025-03-05 08:00"),
        ("2025-03-07 15:01", "2025-03-11 08:00"),
        ("2025-03-08 15:01", "2025-03-11 08:00"),  # Saturday counts from Monday anyway
        ("2025-03-04 06:00", "2025-03-05 08:00"),
    ],
)
def test_a_receipt_after_the_cutoff_counts_from_the_next_day(start: str, expected: str) -> None:
    assert allotted_due(OFFICE, at(start), 1, "working_day", time(15)) == at(expected)


def test_the_day_found_is_kept_when_its_hours_differ() -> None:
    short = Calendar("Asia/Ho_Chi_Minh", OFFICE.hours, {date(2025, 3, 4): [(9 * 3600, 11 * 3600)]})
    assert allotted_due(short, at("2025-03-03 08:30"), 1, "working_day") == at("2025-03-04 09:00")
    assert allotted_due(short, at("2025-03-03 10:00"), 1, "working_day") == at("2025-03-04 10:00")
    assert allotted_due(short, at("2025-03-03 16:00"), 1, "working_day") == at("2025-03-04 11:00")


def test_the_version_in_force_at_the_receipt_counts() -> None:
    before = received(None, "2025-04-25 09:00", procedure_code="P-versions").at("2025-04-29 09:00")
    after = received(None, "2025-04-28 09:00", procedure_code="P-versions").at("2025-04-29 09:00")
    assert before.due_at == at("2025-05-06 09:00")  # 26 (swapped), 28, 29 April, 5, 6 May
    assert after.due_at == at("2025-04-29 09:00")


def test_where_the_calendar_ends_a_case_keeps_its_last_due() -> None:
    story = received("2031-01-01 09:00", "2025-04-28 09:00", unit_id="short")
    far = story.at("2025-04-28 10:00")
    assert (far.due_at, far.column, far.anomalies) == (at("2031-01-01 09:00"), "in_time", [])
    moved = story.then("suspended", "2025-04-28 10:00").then("resumed", "2025-04-28 11:00").at("2025-04-28 12:00")
    assert (moved.due_at, moved.anomalies) == (at("2031-01-01 09:00"), ["beyond_calendar"])
    late = story.at("2025-05-06 09:00")
    assert (late.elapsed_us, late.anomalies) == (hours("14:00"), ["beyond_calendar"])  # 28 (7 h less 1) and 29 April


def test_a_statutory_due_beyond_the_calendar_is_no_due() -> None:
    case = received(None, "2025-04-28 09:00", unit_id="short", procedure_code="P-days").at("2025-04-28 10:00")
    assert (case.due_at, case.legal_due_at, case.column) == (None, None, "no_deadline")
    assert case.anomalies == ["beyond_calendar"]


# §5.1 Promise.


def test_the_promise_is_the_due_at_of_the_receipt() -> None:
    case = received("2025-03-05 11:00", procedure_code="P-days").at("2025-03-03 10:00")
    assert (case.first_due_at, case.due_at) == (at("2025-03-05 11:00"), at("2025-03-05 11:00"))
    assert case.legal_due_at == at("2025-03-06 09:00")
    assert case.effective_due_at == at(f"2025-03-05 {DAY_END}")


def test_without_one_it_is_the_allotted_time_or_none_by_the_profile() -> None:
    story = received(None, procedure_code="P-days")
    assert story.at("2025-03-03 10:00").due_at == at("2025-03-06 09:00")
    instant = story.at("2025-03-03 10:00", "instant")
    assert (instant.due_at, instant.legal_due_at) == (None, at("2025-03-06 09:00"))
    assert received(None, procedure_code="P-none").at("2025-03-03 10:00").column == "no_deadline"


def test_the_first_promise_is_kept_and_the_last_is_current() -> None:
    story = received().then("rescheduled", "2025-03-04 09:00", due_at="2025-03-10 09:00")
    case = story.at("2025-03-04 10:00")
    assert (case.first_due_at, case.due_at) == (at("2025-03-05 17:00"), at("2025-03-10 09:00"))


def test_the_first_promise_may_come_after_the_receipt() -> None:
    case = received(None).then("rescheduled", "2025-03-04 09:00", due_at="2025-03-10 09:00").at("2025-03-04 10:00")
    assert case.first_due_at == at("2025-03-10 09:00")


def test_a_first_promise_after_the_allotted_time_is_named() -> None:
    def anomalies(due: str, profile: str = "one_stop") -> list[str]:
        return received(due, procedure_code="P-days").at("2025-03-03 10:00", profile).anomalies  # legal: 6 March 09:00

    assert anomalies("2025-03-07 08:00") == ["promise_beyond_legal"]
    assert anomalies("2025-03-06 17:00") == []
    assert anomalies("2025-03-06 17:00", "instant") == ["promise_beyond_legal"]
    later = received("2025-03-05 09:00", procedure_code="P-days")
    assert later.then("rescheduled", "2025-03-04 09:00", due_at="2025-03-20 09:00").at("2025-03-05 08:00").anomalies == []


# §5.2 The clock stands still while suspended.


def test_the_due_moves_by_the_working_time_of_the_suspension() -> None:
    story = received().then("suspended", "2025-03-04 10:00")
    during = story.at("2025-03-04 14:00")
    after = story.then("resumed", "2025-03-04 15:00").at("2025-03-04 16:00")
    assert (during.due_at, during.status, during.suspended_us) == (at("2025-03-05 17:00"), "suspended", hours("3:00"))
    assert (after.due_at, after.suspended_us) == (at("2025-03-06 12:00"), hours("4:00"))
    assert after.elapsed_us == hours("10:00")  # Monday 7, Tuesday 08-10 and 15-16


def test_resumed_with_a_due_at_is_a_new_promise() -> None:
    story = received().then("suspended", "2025-03-04 10:00").then("resumed", "2025-03-04 15:00", due_at="2025-03-20 09:00")
    assert story.at("2025-03-04 16:00").due_at == at("2025-03-20 09:00")


def test_rescheduled_in_between_it_moves_only_from_there_on() -> None:
    story = received().then("suspended", "2025-03-04 10:00")
    story.then("rescheduled", "2025-03-04 14:00", due_at="2025-03-07 09:00").then("resumed", "2025-03-04 15:00")
    assert story.at("2025-03-04 16:00").due_at == at("2025-03-07 10:00")


def test_an_end_while_suspended_ends_the_suspension_and_moves_the_due() -> None:
    story = received().then("suspended", "2025-03-05 10:00").then("completed", "2025-03-06 10:00")
    case = story.at("2025-03-10 09:00")
    assert (case.due_at, case.timeliness, case.suspended_us) == (at("2025-03-06 17:00"), "on_time", hours("8:00"))


def test_the_gap_before_a_reopening_moves_the_due_in_the_same_way_but_is_kept_apart() -> None:
    story = received().then("completed", "2025-03-04 10:00").then("reopened", "2025-03-05 10:00")
    case = story.at("2025-03-05 11:00")
    assert (case.due_at, case.reopened_gap_us, case.suspended_us) == (at("2025-03-06 17:00"), hours("8:00"), 0)


def test_the_gap_after_an_end_before_the_receipt_runs_from_the_receipt() -> None:
    story = Story().then("completed", "2025-03-03 08:00").then("received", "2025-03-03 10:00", due_at="2025-03-05 17:00")
    case = story.then("reopened", "2025-03-03 12:00").at("2025-03-03 14:00")
    assert (case.due_at, case.reopened_gap_us, case.elapsed_us) == (at("2025-03-06 10:00"), hours("2:00"), HOUR)


# §5.3 Effective due.


def test_under_date_precision_the_due_is_effective_to_the_last_microsecond_of_its_day() -> None:
    case = received("2025-03-05 09:00").at("2025-03-03 10:00")
    assert case.effective_due_at == at(f"2025-03-05 {DAY_END}")
    assert received("2025-03-05 09:00").at("2025-03-03 10:00", "instant").effective_due_at == at("2025-03-05 09:00")


def test_nobody_cures_a_late_case_by_suspending_it() -> None:
    """Due on Wednesday. On Thursday at 10:00 it is two hours late; a suspension to Friday 09:00 changes nothing."""
    story = received().then("suspended", "2025-03-06 10:00")
    held = story.at("2025-03-06 16:00")
    assert (held.column, held.status, held.late_us) == ("overdue", "suspended", hours("2:00"))
    story.then("resumed", "2025-03-07 09:00")
    running = story.at("2025-03-07 09:00")
    assert (running.column, running.late_us) == ("overdue", hours("2:00"))
    assert running.effective_due_at == at("2025-03-06 16:00")  # seven hours from Thursday 08:00: an instant
    assert running.due_at == at("2025-03-06 16:00")  # likewise from Wednesday 17:00
    ended = story.then("completed", "2025-03-07 11:00").at("2025-03-10 09:00")
    assert (ended.timeliness, ended.late_us) == ("late", hours("4:00"))


def test_a_case_late_by_no_working_time_yet_is_not_cured_either() -> None:
    """Due on Friday, suspended on Saturday: late by the dates, though the office has not opened since."""
    story = received("2025-03-07 17:00").then("suspended", "2025-03-08 10:00")
    assert story.at("2025-03-08 11:00").column == "overdue"
    ended = story.then("completed", "2025-03-10 10:00").at("2025-03-10 10:00")
    assert ended.effective_due_at == at("2025-03-10 10:00")
    assert (ended.timeliness, ended.late_us) == ("late", 0)


def test_a_case_in_time_when_suspended_is_rounded_to_the_end_of_its_new_day() -> None:
    story = received("2025-03-05 09:00").then("suspended", "2025-03-05 20:00").then("resumed", "2025-03-06 09:00")
    case = story.at("2025-03-06 10:00")  # on Wednesday at 20:00 the due day was not over
    assert (case.due_at, case.effective_due_at) == (at("2025-03-05 10:00"), at(f"2025-03-05 {DAY_END}"))
    assert case.column == "overdue"


def test_a_late_end_stays_late_over_a_reopening() -> None:
    story = received().then("completed", "2025-03-06 10:00").then("reopened", "2025-03-10 10:00")
    case = story.at("2025-03-10 11:00")
    assert (case.column, case.late_us) == ("overdue", hours("3:00"))


def test_a_new_promise_ends_it() -> None:
    story = received().then("suspended", "2025-03-06 10:00").then("resumed", "2025-03-07 09:00")
    story.then("rescheduled", "2025-03-07 10:00", due_at="2025-03-10 09:00")
    case = story.at("2025-03-10 20:00")
    assert (case.column, case.effective_due_at) == ("due_soon", at(f"2025-03-10 {DAY_END}"))


def test_a_new_promise_while_suspended_is_judged_at_the_moment_of_the_suspension() -> None:
    story = received().then("suspended", "2025-03-06 10:00")
    story.then("rescheduled", "2025-03-06 11:00", due_at="2025-03-07 17:00")
    assert story.at("2025-03-10 09:00").column == "suspended"


# §5.4 Overdue.


def test_overdue_begins_one_microsecond_after_the_effective_due() -> None:
    story = received()
    assert story.at(f"2025-03-05 {DAY_END}").column == "due_soon"
    overdue = story.at("2025-03-06 00:00")
    assert (overdue.column, overdue.overdue, overdue.late_us) == ("overdue", True, 0)
    assert story.at("2025-03-06 09:30").late_us == hours("1:30")
    assert story.at("2025-03-05 17:00", "instant").column == "due_soon"
    assert story.at("2025-03-05 17:00:00.000001", "instant").column == "overdue"


def test_due_soon_is_at_most_eight_working_hours_before_the_effective_due() -> None:
    story = received()
    assert story.at("2025-03-04 16:59:59").column == "in_time"
    assert story.at("2025-03-04 17:00").column == "due_soon"  # no working time until Wednesday 08:00


def test_a_suspended_case_counts_as_suspended_also_without_a_due_or_past_it() -> None:
    assert received().then("suspended", "2025-03-05 20:00").at("2025-03-20 09:00").column == "suspended"
    assert received(None).then("suspended", "2025-03-05 20:00").at("2025-03-20 09:00").column == "suspended"


# §5.5 Ended.


@pytest.mark.parametrize(
    ("end", "by_date", "by_instant"),
    [
        ("2025-03-04 23:00", "early", "on_time"),
        ("2025-03-05 08:00", "on_time", "on_time"),
        ("2025-03-05 17:00", "on_time", "on_time"),
        ("2025-03-05 17:00:00.000001", "on_time", "late"),
        (f"2025-03-05 {DAY_END}", "on_time", "late"),
        ("2025-03-06 00:00", "late", "late"),
    ],
)
def test_early_on_time_or_late(end: str, by_date: str, by_instant: str) -> None:
    story = received().then("completed", end)
    assert story.at("2025-03-10 09:00").timeliness == by_date
    assert story.at("2025-03-10 09:00", "instant").timeliness == by_instant


@pytest.mark.parametrize("kind", ["withdrawn", "declined", "stopped"])
def test_other_ends_are_neither_late_nor_on_time(kind: str) -> None:
    story = received().then(kind, "2025-03-10 09:00")
    case = story.at("2025-03-11 09:00", "national_766")
    assert (case.status, case.timeliness, case.late_us, case.overdue) == (kind, None, 0, False)
    assert case.flows[-1] == Flow("ward", at("2025-03-10 09:00"), kind)


# §5.6 No due time.


def test_without_a_due_time_a_case_is_never_overdue_and_completed_on_time() -> None:
    story = received(None)
    assert story.at("2027-03-03 09:00").column == "no_deadline"
    assert story.then("completed", "2025-06-10 09:00").at("2025-06-11 09:00").timeliness == "on_time"


# §5.7 The first promise.


def test_an_apology_and_a_new_date_do_not_cure_lateness_against_the_first_promise() -> None:
    story = received().then("rescheduled", "2025-03-05 09:00", due_at="2025-03-10 17:00")
    case = story.then("completed", "2025-03-07 09:00").at("2025-03-11 09:00")
    assert (case.timeliness, case.late_first_promise) == ("early", True)


def test_the_first_promise_is_moved_by_suspensions() -> None:
    story = received().then("rescheduled", "2025-03-04 09:00", due_at="2025-03-10 17:00")
    story.then("suspended", "2025-03-04 10:00").then("resumed", "2025-03-06 10:00")  # to Friday 17:00
    assert not story.then("completed", "2025-03-07 20:00").at("2025-03-11 09:00").late_first_promise


def test_the_first_promise_is_moved_though_a_new_date_comes_with_the_resumption() -> None:
    story = received().then("suspended", "2025-03-04 10:00").then("resumed", "2025-03-06 10:00", due_at="2025-03-06 17:00")
    case = story.then("completed", "2025-03-07 09:00").at("2025-03-11 09:00")
    assert (case.timeliness, case.late_first_promise) == ("late", False)


# §5.8 Reception.


@pytest.mark.parametrize(
    ("registered", "fields", "due"),
    [
        ("2025-03-03 08:00", {}, "2025-03-03 17:00"),
        ("2025-03-03 10:00", {}, "2025-03-04 10:00"),
        ("2025-03-03 10:00", {"priority": "urgent"}, "2025-03-03 15:00"),
        ("2025-03-08 10:00", {}, "2025-03-10 17:00"),  # a Saturday: from the next opening
        ("2025-03-03 10:00", {"kind": "task"}, "2025-03-03 12:00"),  # two hours in the test city
    ],
)
def test_the_reception_limit_depends_on_kind_and_priority(registered: str, fields: Event, due: str) -> None:
    case = Story().then("registered", registered, **fields).at("2025-03-03 09:00" if False else registered)
    assert (case.reception_due_at, case.awaiting, case.awaiting_overdue) == (at(due), True, False)


def test_waiting_for_reception_is_overdue_after_the_limit_at_the_registering_unit() -> None:
    story = Story().then("registered", "2025-03-03 08:00").then("transferred", "2025-03-03 09:00", unit_id="berlin")
    case = story.at("2025-03-03 17:00:00.000001")
    rows = units([case], PARENTS)
    assert (case.awaiting_overdue, case.reception_late, case.overdue, case.column) == (True, True, False, None)
    assert (rows["ward"]["awaiting"], rows["ward"]["awaiting_overdue"], rows["berlin"]["awaiting"]) == (1, 1, 0)
    assert not story.at("2025-03-03 17:00").reception_late


@pytest.mark.parametrize("kind", ["received", "declined"])
def test_reception_is_late_when_the_answer_comes_after_the_limit(kind: str) -> None:
    def late(when: str) -> bool:
        story = Story().then("registered", "2025-03-03 08:00").then(kind, when)
        return story.at("2025-03-20 09:00").reception_late

    assert not late("2025-03-03 17:00")
    assert late("2025-03-03 17:01")


def test_an_amended_priority_counts_from_the_beginning() -> None:
    story = Story().then("registered", "2025-03-03 08:00").then("amended", "2025-03-03 16:00", priority="urgent")
    assert story.at("2025-03-03 15:00").reception_due_at == at("2025-03-03 17:00")
    assert story.at("2025-03-03 16:00").reception_due_at == at("2025-03-03 12:00")


# §5.9 Consultations, waiting, inheritance.


def test_a_consultation_is_overdue_when_its_due_passes_unanswered_and_leaves_the_case_alone() -> None:
    story = received().then("consulted", "2025-03-03 10:00", due_at="2025-03-03 15:00")
    assert not story.at("2025-03-03 15:00").consultations[0].overdue
    late = story.at("2025-03-03 15:01")
    asked = late.consultations[0]
    assert (asked.overdue, asked.unit, asked.asked_by) == (True, "berlin", "ward")
    assert (late.status, late.suspended_us) == ("processing", 0)


def test_the_first_question_and_the_first_answer_count() -> None:
    story = received().then("consulted", "2025-03-03 10:00").then("consulted", "2025-03-03 11:00", unit_id="desk")
    story.then("answered", "2025-03-03 14:00").then("answered", "2025-03-03 15:00")
    case = story.at("2025-03-03 16:00")
    assert [(c.unit, c.answered_at) for c in case.consultations] == [("berlin", at("2025-03-03 14:00"))]
    assert case.anomalies == ["answered_without_consultation", "consulted_twice"]


def test_who_waits_for_whom() -> None:
    story = received().then("suspended", "2025-03-03 10:00", reason="other_agency", waiting_on="berlin")
    case = story.then("resumed", "2025-03-04 10:00").at("2025-03-04 12:00")
    (wait,) = case.waits
    assert (wait.holder, wait.waiting_on, wait.end) == ("ward", "berlin", at("2025-03-04 10:00"))
    assert wait.working_us == hours("8:00")


def test_a_case_handed_over_when_overdue_is_inherited_so() -> None:
    story = received().then("transferred", "2025-03-05 09:00", unit_id="berlin")
    case = story.then("transferred", "2025-03-06 09:00", unit_id="desk").at("2025-03-06 10:00")
    assert case.inherited_overdue == [("desk", at("2025-03-06 09:00"))]


# §5 Profiles.


def test_stopped_pauses_or_ends() -> None:
    story = received().then("stopped", "2025-03-04 09:00")
    assert story.at("2025-03-04 10:00").column == "suspended"
    assert story.at("2025-03-04 10:00", "national_766").status == "stopped"
    assert units([story.at("2025-03-04 10:00")], PARENTS)["*"]["stopped"] == 0
    assert story.then("resumed", "2025-03-04 11:00").at("2025-03-04 12:00").status == "processing"


def supplements(due: str | None = "2025-03-20 17:00") -> Story:
    story = received(due).then("suspended", "2025-03-03 10:00").then("suspended", "2025-03-03 11:00")
    return story.then("resumed", "2025-03-03 12:00").then("suspended", "2025-03-04 10:00")


def test_a_second_supplement_makes_the_case_overdue_from_then_on_by_the_profile() -> None:
    story = supplements()
    assert story.at("2025-03-04 09:59", "national_766").column == "in_time"  # a repeat is no second one
    assert story.at("2025-03-04 10:00", "national_766").column == "overdue"
    assert story.at("2025-03-04 10:00").column == "suspended"
    assert supplements(None).at("2025-03-04 10:00", "national_766").column == "overdue"


def test_after_a_second_supplement_the_case_is_completed_late_with_no_late_time_by_dates() -> None:
    story = supplements().then("completed", "2025-03-05 10:00")
    case = story.at("2025-03-06 10:00", "national_766")
    assert (case.timeliness, case.late_us, case.supplements) == ("late", 0, 2)
    assert story.at("2025-03-06 10:00").timeliness == "early"


def test_a_supplement_asked_in_a_suspension_for_another_reason_counts() -> None:
    story = received("2025-03-20 17:00").then("suspended", "2025-03-03 10:00", reason="payment")
    story.then("suspended", "2025-03-03 11:00", reason="supplement")
    assert story.at("2025-03-03 12:00").supplements == 1


def test_a_second_supplement_has_no_effect_on_other_ends() -> None:
    case = supplements().then("withdrawn", "2025-03-05 10:00").at("2025-03-06 10:00", "national_766")
    assert (case.timeliness, case.overdue) == (None, False)


# §5 Times of a case.


def test_a_stay_is_measured_without_its_suspensions() -> None:
    story = received().then("suspended", "2025-03-03 10:00").then("transferred", "2025-03-03 14:00", unit_id="berlin")
    case = story.then("resumed", "2025-03-03 15:00").then("completed", "2025-03-03 16:00").at("2025-03-03 17:00")
    assert [(stay.unit, stay.working_us) for stay in case.stays] == [("ward", HOUR), ("berlin", HOUR)]
    assert case.elapsed_us == hours("2:00")


def test_a_case_runs_by_the_calendar_of_its_receiving_unit_for_its_whole_life() -> None:
    story = received("2025-03-05 00:30", unit_id="desk")  # UTC: still the 4th there
    case = story.then("transferred", "2025-03-03 10:00", unit_id="ward").at("2025-03-04 09:00")
    assert case.elapsed_us == hours("24:00")
    assert case.effective_due_at == at(f"2025-03-04 {DAY_END}", "UTC")


# §6 The numbers.


def city() -> list[Case]:
    now = "2025-03-10 10:00"
    early = Story("A").then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00").then("completed", "2025-03-03 11:00")
    late = Story("B").then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00")
    late.then("transferred", "2025-03-04 09:00", unit_id="berlin").then("completed", "2025-03-07 09:00")
    overdue = Story("C").then("received", "2025-03-03 09:00", due_at="2025-03-07 17:00", unit_id="berlin")
    overdue.then("transferred", "2025-03-04 09:00", unit_id="night")
    reopened = Story("D").then("received", "2025-03-10 08:00").then("completed", "2025-03-10 08:30")
    reopened.then("reopened", "2025-03-10 09:00")
    return [story.at(now) for story in (early, late, overdue, reopened)]


def test_receipts_count_at_the_receiving_unit_ends_and_stock_at_the_holder() -> None:
    rows = units(city(), PARENTS)
    ward, berlin, night, total = (rows[unit] for unit in ("ward", "berlin", "night", "*"))
    assert (ward["received"], ward["transferred_out"], ward["completed"], ward["open"]) == (3, 1, 1, 1)
    assert (ward["completed_early"], ward["no_deadline"], ward["reopened"]) == (1, 1, 1)
    assert (berlin["received"], berlin["transferred_in"], berlin["transferred_out"]) == (1, 1, 1)
    assert (berlin["completed_late"], berlin["open"]) == (1, 0)
    assert (night["transferred_in"], night["overdue"]) == (1, 1)
    assert (total["received"], total["transferred_in"], total["open"], total["completed"]) == (4, 0, 2, 2)


def test_rates_and_times_are_fractions_and_seconds_or_empty() -> None:
    rows = units(city(), PARENTS)
    assert (rows["*"]["on_time_rate"], rows["*"]["on_time_rate_strict"]) == (0.5, 0.333333)
    assert (rows["ward"]["processing_mean_s"], rows["ward"]["open_age_p50_s"]) == (2 * 3600, 90 * 60)
    assert (rows["night"]["on_time_rate"], rows["night"]["on_time_rate_strict"]) == (None, 0.0)
    assert (rows["ward"]["worst_overdue_s"], rows["desk"]["processing_p50_s"]) == (None, None)
    # C runs in Berlin, Monday 14:00-23:30 in Hanoi less the break: nothing worked since its Friday ended
    assert rows["night"]["worst_overdue_s"] == 0


def test_in_a_tree_only_hand_overs_across_its_border_count() -> None:
    rows = tree(city(), PARENTS)
    assert (rows["berlin"]["transferred_in"], rows["berlin"]["transferred_out"], rows["berlin"]["open"]) == (1, 0, 1)
    assert (rows["city"]["received"], rows["city"]["transferred_in"], rows["city"]["transferred_out"]) == (4, 0, 0)


def test_quantiles_means_and_rates_are_exact() -> None:
    assert [quantile([5, 1, 4, 2, 3], Fraction(n, 10)) for n in (0, 5, 9, 10)] == [1, 3, 4, 5]
    assert (quantile([], Fraction(1, 2)), mean([]), rate(1, 0)) == (None, None, None)
    assert (rate(2, 3), seconds(1_499_999), seconds(1_500_000)) == (0.666667, 1, 2)


@settings(deadline=None)
@given(cities(), profiles(), st.booleans())
def test_receipts_and_hand_overs_less_ends_are_the_stock(
    drawn: tuple[list[Event], int], profile: str, with_tree: bool
) -> None:
    events, now = drawn
    cases = fold_all(events, now, city_rules(profile))
    for row in (tree if with_tree else units)(cases, PARENTS).values():
        gone = sum(row[column] for column in ("transferred_out", "completed", *OTHER_ENDS))
        assert row["received"] + row["transferred_in"] - gone == row["open"]
        assert row["open"] == sum(row[column] for column in STOCK)


# §6 History.


def march(day: int) -> date:
    return date(2025, 3, day)


def test_each_day_has_its_stock_at_its_end_and_its_flow() -> None:
    story = received().then("transferred", "2025-03-04 09:00", unit_id="desk").then("completed", "2025-03-06 09:00")
    days = [march(day) for day in range(2, 7)]
    rows = history(story.events, days, PARENTS, at("2025-03-06 10:00"), city_rules())
    assert [rows["ward", day]["open"] for day in days] == [0, 1, 0, 0, 0]
    assert [rows["desk", day]["open"] for day in days] == [0, 0, 1, 1, 0]
    assert [rows["*", day]["due_soon"] for day in days] == [0, 0, 1, 1, 0]
    assert (rows["ward", march(3)]["received"], rows["ward", march(4)]["transferred_out"]) == (1, 1)
    assert (rows["desk", march(6)]["completed_late"], rows["*", march(4)]["transferred_in"]) == (1, 0)


def test_a_case_becomes_overdue_on_the_day_after_its_due_day_without_any_event() -> None:
    days = [march(5), march(6)]
    rows = history(received().events, days, PARENTS, at("2025-03-07 09:00"), city_rules())
    assert [rows["ward", day]["overdue"] for day in days] == [0, 1]


def test_history_is_told_as_we_know_it_now() -> None:
    story = received().then("completed", "2025-03-04 09:00").then("voided", "2025-03-06 09:00", voids="e2")
    now = at("2025-03-07 09:00")
    rows = history(story.events, [march(4)], PARENTS, now, city_rules())
    assert (rows["ward", march(4)]["open"], rows["ward", march(4)]["completed"]) == (1, 0)


@settings(deadline=None, max_examples=30)
@given(cities(max_cases=3), profiles(), st.booleans())
def test_day_by_day_what_comes_in_less_what_goes_out_changes_the_stock(
    drawn: tuple[list[Event], int], profile: str, with_tree: bool
) -> None:
    events, now = drawn
    first = OFFICE.local_date(min(event["occurred_at"] for event in events)) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(6)]
    rows = history(events, days, PARENTS, now, city_rules(profile), tree=with_tree)
    for unit in {unit for unit, _ in rows}:
        carried_over = 0
        for day in days:
            row = rows[unit, day]
            came = row["received"] + row["reopened"] + row["transferred_in"]
            went = sum(row[column] for column in ("transferred_out", "completed", *OTHER_ENDS))
            assert carried_over + came - went == row["open"]
            carried_over = row["open"]


# Laws that hold whatever happens, and the generator itself.


@settings(deadline=None)
@given(histories(), profiles())
def test_what_must_hold_of_any_case(drawn: tuple[list[Event], int], profile: str) -> None:
    events, now = drawn
    case = fold(events, now, city_rules(profile))
    if case is None:
        return
    flows = Counter[str]()
    for flow in case.flows:
        flows[flow.column] += flow.n
    ends = sum(flows[column] for column in (*COMPLETED, *OTHER_ENDS))
    assert flows["received"] + flows["reopened"] - ends == (case.column is not None)
    assert flows["reopened"] == case.reopened
    assert min(case.elapsed_us, case.suspended_us, case.reopened_gap_us, case.late_us) >= 0
    assert case.timeliness in (None, "late") or case.late_us == 0
    assert (case.status in ("completed", "delivered")) == (case.timeliness is not None)
    assert (case.ended_at is None) <= (case.timeliness is None)


@settings(deadline=None)
@given(histories(), profiles(), st.integers(0, 20))
def test_a_suspension_cures_no_overdue_case(drawn: tuple[list[Event], int], profile: str, hours_later: int) -> None:
    events, now = drawn
    rules = city_rules(profile)
    case = fold(events, now, rules)
    if case is None or not case.overdue or case.status == "suspended":
        return
    later = now + hours_later * HOUR
    ids = {"case_id": case.case_id, "source": "office", "schema_version": 1}
    until_now = [event for event in events if event["occurred_at"] <= now]
    paused = {"event_id": "y", "type": "suspended", "occurred_at": now, "reason": "payment", **ids}
    ended = {"event_id": "z", "type": "completed", "occurred_at": later, "outcome": "granted", **ids}
    rest = [event for event in until_now if (event["occurred_at"], event["type"]) != (now, "voided")]
    before = fold(rest, now, rules)
    if before is None or not before.overdue:
        return
    end = fold([*rest, paused, ended], later, rules)
    assert end is not None
    if end.status == "completed" and end.ended_at == later and end.due_at != before.due_at:
        assert end.timeliness == "late"


def test_the_generator_reaches_every_kind_of_state_and_anomaly() -> None:
    states, anomalies, columns = Counter[str](), Counter[str](), Counter[str | None]()
    for seed in range(400):
        events, now = random_history(seed)
        case = fold(events, now, city_rules("national_766"))
        if case is not None:
            states[f"{case.status} {case.timeliness or ''}".strip()] += 1
            columns[case.column] += 1
            anomalies.update(case.anomalies)
    assert {"registered", "processing", "suspended", "completed early", "delivered late", "stopped"} <= set(states)
    assert {*STOCK, None} == set(columns)
    assert len(anomalies) >= 16


def test_a_seed_gives_the_same_city_again() -> None:
    assert random_city(7, 5) == random_city(7, 5)
    assert sorted(map(str, shuffled(random_city(7, 5)[0], 3))) == sorted(map(str, random_city(7, 5)[0]))
    assert set(PROCEDURES) >= {"P-hours", "P-none"}
