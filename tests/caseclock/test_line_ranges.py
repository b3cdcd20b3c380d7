"""Lines told in few words: every one of them, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from caseclock.line_ranges import LineRanges


def named(told: str) -> set[int]:
    """The lines that a sentence names."""
    found: set[int] = set()
    for each in told.rpartition(" line")[2].removeprefix("s").split(","):
        first, _, last = each.strip().partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@given(st.lists(st.integers(1, 60), min_size=1))
def test_every_line_is_named_and_no_other(numbers: list[int]) -> None:
    lines = LineRanges()
    for number in numbers:
        lines.add("a.ndjson: refused", number)

    (told,) = lines.told()

    assert named(told) == set(numbers)
    assert lines.count == len(numbers)


def test_neighbours_are_named_together_and_reasons_apart() -> None:
    lines = LineRanges()
    for number in range(1, 20_001):
        lines.add("a.ndjson: away", number)
    lines.add("b.ndjson: too large", 4)

    assert list(lines.told()) == ["a.ndjson: away: lines 1-20000", "b.ndjson: too large: line 4"]
