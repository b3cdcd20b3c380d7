"""The oracle against domain.md §3, each sentence as a small story worked out by hand.

March 2025: the 3rd is a Monday, no holidays. Times are Hanoi's; the office is open 08-12 and 13-17.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.events import canonical
from tests.oracle.fold import fold
from tests.oracle.histories import (
    PARENTS,
    calendar_of,
    city_rules,
    histories,
    profiles,
    shuffled_with_duplicates,
)
from tests.oracle.model import Event, Flow, Rules, Stay
from tests.oracle.numbers import (
    COMPLETED,
    OTHER_ENDS,
    STOCK,
    units,
)
from tests.oracle.story import DAY_END, Story, at, hours, received
from tests.oracle.worktime import HOUR

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
    case = (
        received()
        .then("resumed", "2025-03-04 09:00")
        .then("suspended", "2025-03-04 09:00")
        .at("2025-03-04 10:00")
    )
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
    event = {
        "type": "rated",
        "occurred_at": at("2025-03-03 09:00"),
        "score": 5,
        "aspect": None,
        "source": "Đ",
    }
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
    assert received().then("voided", "2025-03-04 09:00", voids="x").at("2025-03-04 09:00").anomalies == [
        "void_unknown"
    ]


def test_a_voided_void_voids_nothing() -> None:
    story = received().then("completed", "2025-03-04 09:00")
    story.then("voided", "2025-03-04 10:00", voids="e2").then("voided", "2025-03-04 11:00", voids="e3")
    assert story.at("2025-03-04 10:00").status == "processing"
    assert story.at("2025-03-04 11:00").status == "completed"
    assert story.at("2025-03-04 11:00").anomalies == []


def test_a_voided_void_without_target_is_no_anomaly_any_more() -> None:
    story = (
        received()
        .then("voided", "2025-03-04 10:00", voids="x")
        .then("voided", "2025-03-04 11:00", voids="e2")
    )
    assert story.at("2025-03-04 11:00").anomalies == []


def test_a_void_of_a_later_void_comes_too_late_to_stop_it() -> None:
    story = received().then("completed", "2025-03-04 09:00")
    story.then("voided", "2025-03-04 11:00", voids="e2").then("voided", "2025-03-04 10:00", voids="e3")
    case = story.at("2025-03-04 12:00")
    assert (case.status, case.anomalies) == ("processing", [])


def test_a_void_may_stand_before_its_target() -> None:
    story = received().then("completed", "2025-03-04 09:00").then("voided", "2025-03-03 10:00", voids="e2")
    assert story.at("2025-03-03 10:00").anomalies == ["void_unknown"]
    assert (story.at("2025-03-04 09:00").status, story.at("2025-03-04 09:00").anomalies) == ("processing", [])


# §3 Backdated: an entry made after a due moment that it cures.


def test_an_end_entered_after_the_due_moment_that_it_keeps_is_backdated() -> None:
    def entered(recorded: str) -> list[str]:
        return (
            received()
            .then("completed", "2025-03-05 16:00", recorded_at=recorded)
            .at("2025-03-10 09:00")
            .anomalies
        )

    assert entered("2025-03-06 00:00") == ["backdated"]
    assert entered(f"2025-03-05 {DAY_END}") == []


def test_a_late_end_cures_nothing() -> None:
    story = received().then("completed", "2025-03-06 09:00", recorded_at="2025-03-07 09:00")
    assert story.at("2025-03-10 09:00").anomalies == []


def test_a_suspension_and_a_later_promise_entered_too_late_are_backdated_an_earlier_promise_is_not() -> None:
    late = "2025-03-06 08:00"
    assert received().then("suspended", "2025-03-04 09:00", recorded_at=late).at(late).anomalies == [
        "backdated"
    ]
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
    story = (
        Story()
        .then("registered", "2025-03-03 09:00")
        .then("transferred", "2025-03-03 10:00", unit_id="berlin")
    )
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
    assert (case.status, case.column, case.elapsed_us, case.ended_at, case.anomalies) == (
        kind,
        None,
        0,
        None,
        [],
    )
    row = units([case], PARENTS)["*"]
    assert {
        key for key in (*STOCK, *COMPLETED, *OTHER_ENDS, "open", "received", "awaiting") if row[key]
    } == set()


def test_a_later_receipt_opens_a_declined_case() -> None:
    story = Story().then("declined", "2025-03-03 10:00").then("received", "2025-03-04 09:00")
    case = story.at("2025-03-04 10:00")
    assert (case.status, case.column, case.elapsed_us, case.anomalies) == (
        "processing",
        "no_deadline",
        HOUR,
        [],
    )


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
    assert (case.status, case.ended_at, case.anomalies) == (
        "completed",
        at("2025-03-04 09:00"),
        ["after_end"],
    )


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
    assert (case.status, case.ended_at, case.anomalies) == (
        "delivered",
        at("2025-03-04 09:00"),
        ["after_end"],
    )


def test_the_way_back_to_the_counter_is_neither_a_hand_over_nor_an_anomaly() -> None:
    story = received().then("completed", "2025-03-04 09:00")
    story.then("transferred", "2025-03-04 10:00", unit_id="berlin").then(
        "assigned", "2025-03-04 11:00", step="sign"
    )
    case = story.at("2025-03-05 09:00")
    assert (case.unit_id, case.handovers, case.anomalies) == ("ward", [], [])


@pytest.mark.parametrize(
    "kind",
    ["registered", "received", "declined", "consulted", "suspended", "resumed", "rescheduled", "completed"],
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
    story = Story().then(
        "registered", "2025-03-03 09:00", unit_id="berlin", priority="urgent", channel="online"
    )
    case = story.then("received", "2025-03-03 10:00", channel="counter", kind="task").at("2025-03-03 11:00")
    assert (case.receiving_unit, case.registering_unit) == ("ward", "berlin")
    assert (case.channel, case.kind, case.attributes) == ("counter", "task", {"priority": "urgent"})


def test_registrations_too_many_have_no_effect() -> None:
    twice = (
        Story()
        .then("registered", "2025-03-03 09:00")
        .then("registered", "2025-03-03 10:00", unit_id="berlin")
    )
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
    assert (case.status, case.suspended_us, case.anomalies) == (
        "processing",
        hours("2:00"),
        ["suspended_twice"],
    )


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
    assert (case.status, case.column, case.ended_at, case.timeliness) == (
        "processing",
        "due_soon",
        None,
        None,
    )
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
    story = (
        received().then("assigned", "2025-03-03 10:00", step="review").then("assigned", "2025-03-03 11:00")
    )
    assert story.at("2025-03-03 11:00").step == "review"
    assert story.then("transferred", "2025-03-03 12:00", unit_id="berlin").at("2025-03-03 12:00").step is None


# §3 Never received, unknown.


@pytest.mark.parametrize(
    "kind", ["registered", "assigned", "transferred", "declined", "withdrawn", "amended"]
)
def test_what_may_come_before_a_receipt_does_not_miss_one(kind: str) -> None:
    fields = {"unit_id": "ward"} if kind == "transferred" else {}
    case = (
        Story()
        .then("registered", "2025-03-03 09:00")
        .then(kind, "2025-03-03 10:00", **fields)
        .at("2025-03-04 09:00")
    )
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
