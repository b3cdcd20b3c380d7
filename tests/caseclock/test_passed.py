"""What is done with, as an offset and a note: the same after it was committed and read again."""

import random

from hypothesis import given
from hypothesis import strategies as st

from caseclock.passed import MOST_CHARACTERS, Passed


@given(st.integers(0, 10_000), st.sets(st.integers(0, 300)))
def test_what_is_done_with_is_so_after_the_next_start(first: int, places: set[int]) -> None:
    passed = Passed(first)
    for place in places:
        passed.add(first + place)

    note = passed.note()
    again = Passed(passed.offset, note)

    assert len(note) <= MOST_CHARACTERS
    assert [first + place in again for place in range(301)] == [place in places for place in range(301)]
    assert all(offset in again for offset in range(first))
    assert again.offset not in again


def test_the_offset_goes_on_as_gaps_close_and_nothing_needs_a_note_then() -> None:
    passed = Passed(5)
    passed.add(6)
    passed.add(7)
    assert (passed.offset, bool(passed.note())) == (5, True)

    passed.add(5)

    assert (passed.offset, passed.note()) == (8, "")


def test_what_is_gone_from_the_topic_is_done_with() -> None:
    passed = Passed(5)
    passed.add(8)

    passed.start_at(8)

    assert passed.offset == 9


def test_a_note_too_long_gives_up_the_oldest_that_are_open_and_no_more() -> None:
    chance = random.Random(1)
    done = {offset for offset in range(100_000) if chance.random() < 0.5}
    passed = Passed(0)
    for offset in done:
        passed.add(offset)

    note = passed.note()
    again = Passed(passed.offset, note)

    assert len(note) <= MOST_CHARACTERS
    assert 0 < again.offset < 100_000
    assert all((offset in again) == (offset in done) for offset in range(again.offset, 100_000))


def test_a_note_from_somebody_else_notes_nothing() -> None:
    for note in ("not ours", "é", "VPRomVPRo", ""):
        assert Passed(3, note).offset == 3
        assert 3 not in Passed(3, note)
