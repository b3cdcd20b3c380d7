"""Laws that hold for the oracle whatever happens, and what its generator of histories reaches."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.fold import fold
from tests.oracle.histories import (
    PROCEDURES,
    city_rules,
    histories,
    profiles,
    random_city,
    random_history,
    shuffled,
)
from tests.oracle.model import Event
from tests.oracle.numbers import (
    COMPLETED,
    OTHER_ENDS,
    STOCK,
)
from tests.oracle.worktime import HOUR

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
@given(
    histories(),
    profiles(),
    st.sampled_from([("suspended", "resumed"), ("withdrawn", "reopened")]),
    st.integers(0, 80),
)
def test_no_pause_cures_an_overdue_case(
    drawn: tuple[list[Event], int], profile: str, pause: tuple[str, str], length: int
) -> None:
    events = drawn[0]
    now = max(event["occurred_at"] for event in events) + HOUR
    case = fold(events, now, city_rules(profile))
    if case is None or not case.overdue or case.status == "suspended":
        return
    moments = zip(pause, (now, now + length * HOUR), strict=True)
    extra = [
        {"event_id": kind, "type": kind, "case_id": "C1", "occurred_at": moment, "reason": "payment"}
        for kind, moment in moments
    ]
    after = fold([*events, *extra], now + length * HOUR, city_rules(profile))
    assert after is not None
    assert after.overdue
    if "beyond_calendar" not in after.anomalies:
        assert after.late_us == case.late_us


def test_the_generator_reaches_every_kind_of_state_and_anomaly() -> None:
    states, anomalies, columns = Counter[str](), Counter[str](), Counter[str | None]()
    for seed in range(400):
        events, now = random_history(seed)
        case = fold(events, now, city_rules("national_766"))
        if case is not None:
            states[f"{case.status} {case.timeliness or ''}".strip()] += 1
            columns[case.column] += 1
            anomalies.update(case.anomalies)
    assert {"registered", "processing", "suspended", "completed early", "delivered late", "stopped"} <= set(
        states
    )
    assert {*STOCK, None} == set(columns)
    assert len(anomalies) >= 16


def test_a_seed_gives_the_same_city_again() -> None:
    assert random_city(7, 5) == random_city(7, 5)
    assert sorted(map(str, shuffled(random_city(7, 5)[0], 3))) == sorted(map(str, random_city(7, 5)[0]))
    assert set(PROCEDURES) >= {"P-hours", "P-none"}
