"""The oracle against domain.md §5, each rule as a small story worked out by hand.

March 2025: the 3rd is a Monday, no holidays. Times are Hanoi's; the office is open 08-12 and 13-17.
"""

from __future__ import annotations

import pytest

from tests.oracle.histories import (
    PARENTS,
)
from tests.oracle.model import Event, Flow
from tests.oracle.numbers import (
    units,
)
from tests.oracle.story import DAY_END, Story, at, hours, received
from tests.oracle.worktime import HOUR

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
    case = (
        received(None)
        .then("rescheduled", "2025-03-04 09:00", due_at="2025-03-10 09:00")
        .at("2025-03-04 10:00")
    )
    assert case.first_due_at == at("2025-03-10 09:00")


def test_a_first_promise_after_the_allotted_time_is_named() -> None:
    def anomalies(due: str, profile: str = "one_stop") -> list[str]:
        return (
            received(due, procedure_code="P-days").at("2025-03-03 10:00", profile).anomalies
        )  # legal: 6 March 09:00

    assert anomalies("2025-03-07 08:00") == ["promise_beyond_legal"]
    assert anomalies("2025-03-06 17:00") == []
    assert anomalies("2025-03-06 17:00", "instant") == ["promise_beyond_legal"]
    later = received("2025-03-05 09:00", procedure_code="P-days")
    assert (
        later.then("rescheduled", "2025-03-04 09:00", due_at="2025-03-20 09:00")
        .at("2025-03-05 08:00")
        .anomalies
        == []
    )


# §5.2 The clock stands still while suspended.


def test_the_due_moves_by_the_working_time_of_the_suspension() -> None:
    story = received().then("suspended", "2025-03-04 10:00")
    during = story.at("2025-03-04 14:00")
    after = story.then("resumed", "2025-03-04 15:00").at("2025-03-04 16:00")
    assert (during.due_at, during.status, during.suspended_us) == (
        at("2025-03-05 17:00"),
        "suspended",
        hours("3:00"),
    )
    assert (after.due_at, after.suspended_us) == (at("2025-03-06 12:00"), hours("4:00"))
    assert after.elapsed_us == hours("10:00")  # Monday 7, Tuesday 08-10 and 15-16


def test_resumed_with_a_due_at_is_a_new_promise() -> None:
    story = (
        received()
        .then("suspended", "2025-03-04 10:00")
        .then("resumed", "2025-03-04 15:00", due_at="2025-03-20 09:00")
    )
    assert story.at("2025-03-04 16:00").due_at == at("2025-03-20 09:00")


def test_rescheduled_in_between_it_moves_only_from_there_on() -> None:
    story = received().then("suspended", "2025-03-04 10:00")
    story.then("rescheduled", "2025-03-04 14:00", due_at="2025-03-07 09:00").then(
        "resumed", "2025-03-04 15:00"
    )
    assert story.at("2025-03-04 16:00").due_at == at("2025-03-07 10:00")


def test_an_end_while_suspended_ends_the_suspension_and_moves_the_due() -> None:
    story = received().then("suspended", "2025-03-05 10:00").then("completed", "2025-03-06 10:00")
    case = story.at("2025-03-10 09:00")
    assert (case.due_at, case.timeliness, case.suspended_us) == (
        at("2025-03-06 17:00"),
        "on_time",
        hours("8:00"),
    )


def test_the_gap_before_a_reopening_moves_the_due_in_the_same_way_but_is_kept_apart() -> None:
    story = received().then("completed", "2025-03-04 10:00").then("reopened", "2025-03-05 10:00")
    case = story.at("2025-03-05 11:00")
    assert (case.due_at, case.reopened_gap_us, case.suspended_us) == (
        at("2025-03-06 17:00"),
        hours("8:00"),
        0,
    )


def test_the_gap_after_an_end_before_the_receipt_runs_from_the_receipt() -> None:
    story = (
        Story()
        .then("completed", "2025-03-03 08:00")
        .then("received", "2025-03-03 10:00", due_at="2025-03-05 17:00")
    )
    case = story.then("reopened", "2025-03-03 12:00").at("2025-03-03 14:00")
    assert (case.due_at, case.reopened_gap_us, case.elapsed_us) == (
        at("2025-03-06 10:00"),
        hours("2:00"),
        HOUR,
    )


# §5.3 Effective due.


def test_under_date_precision_the_due_is_effective_to_the_last_microsecond_of_its_day() -> None:
    case = received("2025-03-05 09:00").at("2025-03-03 10:00")
    assert case.effective_due_at == at(f"2025-03-05 {DAY_END}")
    assert received("2025-03-05 09:00").at("2025-03-03 10:00", "instant").effective_due_at == at(
        "2025-03-05 09:00"
    )


def test_nobody_cures_a_late_case_by_suspending_it() -> None:
    """Due on Wednesday, on Thursday at 10:00 two hours late; a suspension to Friday 09:00 changes nothing."""
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
    story = (
        received("2025-03-05 09:00").then("suspended", "2025-03-05 20:00").then("resumed", "2025-03-06 09:00")
    )
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
    story = (
        received()
        .then("suspended", "2025-03-04 10:00")
        .then("resumed", "2025-03-06 10:00", due_at="2025-03-06 17:00")
    )
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
    case = Story().then("registered", registered, **fields).at(registered)
    assert (case.reception_due_at, case.awaiting, case.awaiting_overdue) == (at(due), True, False)


def test_waiting_for_reception_is_overdue_after_the_limit_at_the_registering_unit() -> None:
    story = (
        Story()
        .then("registered", "2025-03-03 08:00")
        .then("transferred", "2025-03-03 09:00", unit_id="berlin")
    )
    case = story.at("2025-03-03 17:00:00.000001")
    rows = units([case], PARENTS)
    assert (case.awaiting_overdue, case.reception_late, case.overdue, case.column) == (
        True,
        True,
        False,
        None,
    )
    assert (rows["ward"]["awaiting"], rows["ward"]["awaiting_overdue"], rows["berlin"]["awaiting"]) == (
        1,
        1,
        0,
    )
    assert not story.at("2025-03-03 17:00").reception_late


@pytest.mark.parametrize("kind", ["received", "declined"])
def test_reception_is_late_when_the_answer_comes_after_the_limit(kind: str) -> None:
    def late(when: str) -> bool:
        story = Story().then("registered", "2025-03-03 08:00").then(kind, when)
        return story.at("2025-03-20 09:00").reception_late

    assert not late("2025-03-03 17:00")
    assert late("2025-03-03 17:01")


def test_an_amended_priority_counts_from_the_beginning() -> None:
    story = (
        Story().then("registered", "2025-03-03 08:00").then("amended", "2025-03-03 16:00", priority="urgent")
    )
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
    story = (
        received().then("consulted", "2025-03-03 10:00").then("consulted", "2025-03-03 11:00", unit_id="desk")
    )
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
    story = (
        received()
        .then("suspended", "2025-03-03 10:00")
        .then("transferred", "2025-03-03 14:00", unit_id="berlin")
    )
    case = (
        story.then("resumed", "2025-03-03 15:00").then("completed", "2025-03-03 16:00").at("2025-03-03 17:00")
    )
    assert [(stay.unit, stay.working_us) for stay in case.stays] == [("ward", HOUR), ("berlin", HOUR)]
    assert case.elapsed_us == hours("2:00")


def test_a_case_runs_by_the_calendar_of_its_receiving_unit_for_its_whole_life() -> None:
    story = received("2025-03-05 00:30", unit_id="desk")  # UTC: still the 4th there
    case = story.then("transferred", "2025-03-03 10:00", unit_id="ward").at("2025-03-04 09:00")
    assert case.elapsed_us == hours("24:00")
    assert case.effective_due_at == at(f"2025-03-04 {DAY_END}", "UTC")
