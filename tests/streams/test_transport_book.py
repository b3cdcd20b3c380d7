"""Laws of the book of batches."""

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.transport import BatchBook, SkippedBatch, Ticket
from streams.transport.book import SMALLEST_BATCH_BYTES

EVENTS = TP("events", 0)
OTHERS = TP("events", 1)

gaps = st.lists(st.integers(min_value=1, max_value=900), min_size=1, max_size=30)


def hand_over(book: BatchBook, ends: list[int], tp: TP = EVENTS) -> list[Ticket]:
    return [book.handed(tp, end, 100) for end in ends]


@given(gaps, st.data())
def test_only_the_durable_front_may_be_committed_whatever_the_gaps(
    steps: list[int], data: st.DataObject
) -> None:
    ends = [sum(steps[: i + 1]) for i in range(len(steps))]
    book = BatchBook()
    tickets = hand_over(book, ends)
    done = data.draw(st.integers(min_value=0, max_value=len(ends)))

    assert all(book.durable(ticket) for ticket in tickets[:done])

    assert book.committable(EVENTS) == (ends[done - 1] + 1 if done else None)
    assert book.under_way(EVENTS) == len(ends) - done
    assert book.pending_bytes == (len(ends) - done) * SMALLEST_BATCH_BYTES


@given(gaps, st.data())
def test_a_batch_before_an_older_one_is_a_defect_and_commits_nothing(
    steps: list[int], data: st.DataObject
) -> None:
    ends = [sum(steps[: i + 1]) for i in range(len(steps))]
    book = BatchBook()
    tickets = hand_over(book, [*ends, ends[-1] + 1])
    skipped = data.draw(st.integers(min_value=1, max_value=len(ends)))

    with pytest.raises(SkippedBatch, match="the one up to"):
        book.durable(tickets[skipped])

    assert book.committable(EVENTS) is None


def test_a_confirmed_commit_is_not_made_again_and_a_refused_one_is() -> None:
    book = BatchBook()
    first, second = hand_over(book, [9, 19])
    book.durable(first)
    assert book.owing() == [EVENTS]

    book.committed(EVENTS, 10)
    assert book.owing() == []

    book.durable(second)
    assert book.committable(EVENTS) == 20
    assert book.committable(EVENTS) == 20


def test_tickets_of_a_partition_given_up_count_no_more_even_when_it_comes_back() -> None:
    book = BatchBook()
    before, beside = hand_over(book, [9])[0], hand_over(book, [5], OTHERS)[0]

    book.forget([EVENTS])
    again = hand_over(book, [9])[0]

    assert not book.durable(before)
    assert book.committable(EVENTS) is None
    assert book.durable(again)
    assert book.durable(beside)
    assert not book.durable(beside)
    assert book.pending_bytes == 0


def test_forgetting_gives_back_what_was_counted() -> None:
    book = BatchBook()
    hand_over(book, [1, 2, 3])
    book.handed(OTHERS, 7, 5 * SMALLEST_BATCH_BYTES)

    book.forget([EVENTS, TP("events", 9)])

    assert book.pending_bytes == 5 * SMALLEST_BATCH_BYTES
    assert book.under_way(EVENTS) == 0
