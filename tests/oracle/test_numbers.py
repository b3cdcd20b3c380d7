"""The oracle against domain.md §6: units, trees, days, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.histories import (
    PARENTS,
    cities,
    city_rules,
    profiles,
)
from tests.oracle.model import Case, Event
from tests.oracle.numbers import (
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
from tests.oracle.story import Story, at, received
from tests.oracle.worktime import vietnam

OFFICE = vietnam()


# §6 The numbers.


def city() -> list[Case]:
    now = "2025-03-10 10:00"
    early = (
        Story("A")
        .then("received", "2025-03-03 09:00", due_at="2025-03-05 17:00")
        .then("completed", "2025-03-03 11:00")
    )
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
    assert (rows["berlin"]["transferred_in"], rows["berlin"]["transferred_out"], rows["berlin"]["open"]) == (
        1,
        0,
        1,
    )
    assert (rows["city"]["received"], rows["city"]["transferred_in"], rows["city"]["transferred_out"]) == (
        4,
        0,
        0,
    )


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
    story = (
        received()
        .then("transferred", "2025-03-04 09:00", unit_id="desk")
        .then("completed", "2025-03-06 09:00")
    )
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
