"""How long records wait: by looks at where partitions end, held against a list of all looks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseclock.freshness import Freshness, Place

steps = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 20), st.integers(0, 30)), min_size=1, max_size=40
)


@given(steps)
def test_the_wait_is_that_of_the_oldest_look_whose_end_is_not_reached(
    story: list[tuple[int, int, int]],
) -> None:
    freshness = Freshness(0.0)
    looks: list[tuple[int, int]] = []
    now = end = durable = 0
    for seconds, arrived, done in story:
        now, end = now + seconds, end + arrived
        durable = min(durable + done, end)
        looks.append((now, end))
        freshness.look(now, {0: Place(durable, end)})

        waiting = [at for at, seen in looks if seen > durable]
        assert freshness.waited(now + 1) == (now + 1 - waiting[0] if waiting else 0)
        assert freshness.lag() == {0: end - durable}


def test_the_slowest_partition_counts_and_one_that_was_given_up_does_not() -> None:
    freshness = Freshness(0.0)
    freshness.look(10.0, {0: Place(5, 9), 1: Place(7, 7)})
    freshness.look(20.0, {0: Place(5, 9), 1: Place(7, 8)})

    assert freshness.waited(25.0) == 15.0
    freshness.look(30.0, {1: Place(7, 8)})
    assert freshness.waited(31.0) == 11.0
    assert freshness.lag() == {1: 1}


def test_a_worker_that_sees_nothing_yet_waits_as_well() -> None:
    freshness = Freshness(100.0)

    freshness.blind(130.0)
    assert freshness.waited(160.0) == 60.0
    freshness.look(161.0, {0: Place(0, 0)})
    assert freshness.waited(162.0) == 0.0
    freshness.blind(170.0)
    freshness.blind(180.0)
    assert freshness.waited(190.0) == 20.0


def test_looks_are_bounded_and_the_oldest_is_kept() -> None:
    freshness = Freshness(0.0)
    for now in range(5_000):
        freshness.look(now, {0: Place(0, now + 1)})

    assert freshness.waited(5_000.0) == 5_000.0
    assert sum(map(len, freshness._unreached.values())) <= 600
    freshness.look(5_001.0, {0: Place(2_500, 5_000)})
    assert freshness.waited(5_001.0) == pytest.approx(2_501, rel=0.15)
