"""Of a table's parts each inserted block is read once, merged or not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sinks.clickhouse.board_parts import PartsRead


def test_an_inserted_part_is_read_once() -> None:
    parts = PartsRead()
    assert parts.unread(["all_1_1_0", "all_2_2_0"]) == (["all_1_1_0", "all_2_2_0"], [])

    parts.take(["all_1_1_0", "all_2_2_0"])

    assert parts.unread(["all_1_1_0", "all_3_3_0"]) == (["all_3_3_0"], [])
    assert parts.names() == ["all_1_1_0", "all_2_2_0"]


def test_a_merge_of_what_was_read_is_nothing_new_and_one_with_something_unread_is() -> None:
    parts = PartsRead()
    parts.take(["all_1_1_0", "all_2_2_0"])

    assert parts.unread(["all_1_2_1"]) == ([], [])
    assert parts.unread(["all_1_3_2"]) == ([], ["all_1_3_2"])
    parts.take(["all_1_3_2"])
    assert parts.unread(["all_3_3_0", "all_1_3_2_9"]) == ([], [])


def test_a_block_that_came_out_of_its_turn_is_not_passed_over() -> None:
    parts = PartsRead()
    parts.take(["all_1_1_0", "all_3_3_0"])

    assert parts.unread(["all_1_3_1"]) == ([], ["all_1_3_1"])


def test_only_the_latest_names_are_kept_and_older_parts_are_still_known() -> None:
    parts = PartsRead()
    for block in range(1, 1001):
        parts.take([f"all_{block}_{block}_0"])

    assert len(parts.names()) <= 300
    assert parts.unread(["all_1_1_0", "all_1_1000_5"]) == ([], [])


@given(st.data())
def test_no_block_is_ever_missed_and_no_part_of_known_blocks_is_read_again(data: st.DataObject) -> None:
    parts, live, read = PartsRead(), dict[int, int](), set[int]()
    for block in data.draw(st.permutations(range(1, 9))):
        live[block] = block
        for begin in sorted(live):
            after = live.get(begin, 0) + 1
            if begin in live and after in live and data.draw(st.booleans()):
                live[begin] = live.pop(after)
        if data.draw(st.booleans()):
            names = {
                f"all_{first}_{last}_{int(first != last)}": (first, last) for first, last in live.items()
            }
            whole, merged = parts.unread(names)
            parts.take(names)
            told = {each for name in (*whole, *merged) for each in range(names[name][0], names[name][1] + 1)}
            new = {each for first, last in live.items() for each in range(first, last + 1)} - read
            assert new <= told
            for name in (*whole, *merged):
                assert set(range(names[name][0], names[name][1] + 1)) - read
            read |= told
