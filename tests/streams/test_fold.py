"""The fold against the oracle: whatever happened, in whatever order it was told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from schemas.columns import FLOWS
from streams import ledger as ledgers
from streams.case import ENDED, OPEN, Case
from streams.fold import extend, fold
from tests.city import RULES
from tests.oracle import fold as oracle
from tests.oracle import histories, story
from tests.oracle.events import sort_key
from tests.oracle.model import Case as OracleCase
from tests.oracle.model import Event


def packed(events: list[Event]) -> bytes:
    ledger = ledgers.EMPTY
    for event in events:
        record = ledgers.pack(event)
        if not ledgers.contains(ledger, record):
            ledger += record
    return ledger


def seen(case: Case, now: int) -> dict[str, Any]:
    """What a case shows at a moment, in the oracle's words."""
    mark = case.calendar.mark_within(now)
    running = case.phase == OPEN and not case.suspended_at
    late = case.late_us if not running else 0
    column = FLOWS[case.column] if case.column >= 0 and case.phase == OPEN else None
    if running and case.promise and case.judged_overdue(now):
        late = max(0, mark - case.due_mark)
    return {
        "status": case.status,
        "column": column,
        "kind": case.kind or None,
        "channel": case.channel or None,
        "procedure_code": case.procedure_code or None,
        "unit_id": case.unit or case.registering_unit or None,
        "receiving_unit": case.receiving_unit or None,
        "registering_unit": case.registering_unit or None,
        "step": case.step or None,
        "registered_at": case.registered_at or None,
        "reception_due_at": case.reception_due_at or None,
        "received_at": case.received_at or None,
        "first_due_at": case.first_due_at or None,
        "legal_due_at": case.legal_due_at or None,
        "due_at": case.promise.due if case.promise else None,
        "effective_due_at": case.promise.effective if case.promise else None,
        "ended_at": case.ended_at or None,
        "timeliness": case.timeliness or None,
        "first_ended_at": case.first_ended_at or None,
        "first_timeliness": case.first_timeliness or None,
        "late_first_promise": case.late_first_promise,
        "elapsed_us": mark - case.base_mark if running else case.elapsed_us,
        "suspended_us": case.suspended_us + (mark - case.suspended_mark if case.suspended_at else 0),
        "reopened_gap_us": case.gap_us,
        "late_us": late,
        "reopened": case.reopened,
        "supplements": case.supplements,
        "anomalies": case.all_anomalies(),
        "returned": case.handovers_back,
        "ratings": [(score, solved, aspect or None) for score, solved, aspect in case.ratings],
        "stays": [(unit, step or None, *rest) for unit, step, *rest in case.stays],
        "consultations": [(r, c[0], c[1], c[2] or None, c[3] or None) for r, c in case.consultations.items()],
    }


def expected(case: OracleCase) -> dict[str, Any]:
    told = {name: getattr(case, name) for name in seen(Case(RULES["one_stop"]), 0) if hasattr(case, name)}
    told["stays"] = [(s.unit, s.step, s.begin, s.end, s.working_us) for s in case.stays]
    told["consultations"] = [
        (c.request_id, c.unit, c.asked_at, c.due_at, c.answered_at) for c in case.consultations
    ]
    return told


def assert_same(ours: Case, theirs: OracleCase | None, now: int) -> None:
    if theirs is None:
        assert ours.is_empty
        return
    assert not ours.is_empty
    assert seen(ours, now) == expected(theirs)


@given(histories.histories(), histories.profiles())
@settings(max_examples=150, deadline=None)
def test_a_case_is_what_the_oracle_says_whatever_the_order_of_its_events(
    history: tuple[list[Event], int], profile: str
) -> None:
    events, now = history

    case = fold(ledgers.unpack(packed(events)), RULES[profile], now)

    assert_same(case, oracle.fold(events, now, histories.city_rules(profile)), now)


@pytest.mark.parametrize("profile", sorted(RULES))
def test_hundreds_of_random_histories_fold_as_the_oracle_folds_them(profile: str) -> None:
    rules = histories.city_rules(profile)
    for seed in range(400):
        events, now = histories.random_history(seed)
        case = fold(ledgers.unpack(packed(events)), RULES[profile], now)
        try:
            assert_same(case, oracle.fold(events, now, rules), now)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error


@given(histories.histories(), histories.profiles())
@settings(max_examples=150, deadline=None)
def test_extending_a_state_by_the_next_event_gives_what_folding_anew_gives(
    history: tuple[list[Event], int], profile: str
) -> None:
    events, now = history
    known = [e for e in events if e["occurred_at"] <= now]
    known.sort(key=sort_key)
    state = fold([], RULES[profile], now)
    so_far: list[Event] = []

    for event in known:
        so_far.append(event)
        anew = fold(ledgers.unpack(packed(so_far)), RULES[profile], event["occurred_at"])
        if extend(state, event):
            assert seen(state, event["occurred_at"]) == seen(anew, event["occurred_at"])
            assert (state.flows, state.standing()) == (anew.flows, anew.standing())
        state = anew


@given(histories.histories())
@settings(max_examples=100, deadline=None)
def test_a_ledger_gives_back_the_events_it_was_given(history: tuple[list[Event], int]) -> None:
    events, _ = history

    records = ledgers.unpack(packed(events))

    told = {(r.event_id, r.at, r.rank, r.recorded_at, r.content()) for r in records}
    assert told == {
        (r.event_id, r.at, r.rank, r.recorded_at, r.content()) for r in map(ledgers.record_of, events)
    }


@given(histories.histories())
@settings(max_examples=50, deadline=None)
def test_a_ledger_that_was_folded_up_is_the_same_again(history: tuple[list[Event], int]) -> None:
    ledger = packed(history[0])

    assert ledgers.unfolded(ledgers.folded_up(ledger)) == ledger == ledgers.unfolded(ledger)


def test_an_ended_case_ends_its_last_stay_with_its_elapsed_time() -> None:
    told = story.Story().then("received", "2025-03-03 09:00").then("completed", "2025-03-04 10:00")

    case = fold(ledgers.unpack(packed(told.events)), RULES["one_stop"], story.at("2025-03-05 08:00"))

    assert case.phase == ENDED
    assert [stay[4] for stay in case.stays] == [case.elapsed_us]
