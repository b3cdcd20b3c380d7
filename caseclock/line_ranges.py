"""Many lines of files, told in few words: every one is named, neighbours together."""

from collections import defaultdict
from collections.abc import Iterator


class LineRanges:
    """Lines by what is to be said of them.

    >>> lines = LineRanges()
    >>> for number in (7, 3, 4, 5, 5):
    ...     lines.add("a.ndjson: refused", number)
    >>> lines.count, list(lines.told())
    (5, ['a.ndjson: refused: lines 3-5, 7'])

    Attributes:
        count: how often a line was added.
    """

    def __init__(self) -> None:
        self.count = 0
        self._found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, of: str, number: int) -> None:
        """Note a line; lines mostly come in order."""
        self.count += 1
        ranges = self._found[of]
        if ranges and ranges[-1][0] <= number <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(number, ranges[-1][1]))
        else:
            ranges.append((number, number))

    def told(self) -> Iterator[str]:
        """What is to be said, and all lines of which it is."""
        for of, ranges in self._found.items():
            named = [f"{first}-{last}" if last > first else f"{first}" for first, last in _joined(ranges)]
            one = len(named) == 1 and "-" not in named[0]
            yield f"{of}: line{'' if one else 's'} {', '.join(named)}"


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for start, stop in sorted(ranges):
        if start > last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first, last = start, stop
        last = max(last, stop)
    if first >= 0:
        yield first, last
