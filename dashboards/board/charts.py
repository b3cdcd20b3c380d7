"""Charts as SVG: pure functions from values to markup.

Each one says in words what it shows (``role="img"``, title and description) and has its figures in a table beside or
behind it, which the macros make. No colour stands alone: parts have patterns and an order. All widths are
attributes, all looks are classes, so that the page needs no inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10, sqrt
from typing import Final, NamedTuple

from markupsafe import Markup

WIDTH: Final = 600
HEIGHT: Final = 160
SPARK_WIDTH: Final = 120
SPARK_HEIGHT: Final = 24
HEAT_SIDE: Final = 20
MIN_SHARE: Final = 0.004
"""Of the width: what is there is seen, however little."""


class Part(NamedTuple):
    """A part of a whole: ``tone`` is the class of its look (in_time, due_soon, overdue, suspended, no_deadline)."""

    tone: str
    value: float


def parts(named: Sequence[tuple[str, float]]) -> list[Part]:
    """Parts of pairs of tone and value, for templates."""
    return [Part(*pair) for pair in named]


def nice_top(most: float) -> int:
    """The end of an axis: the next of 1, 2, 4, 5, 10 × a power of ten, even above 1, so that half of it is whole."""
    if most <= 2:
        return 2
    power = int(10 ** floor(log10(most)))
    steps = (1, 2, 4, 6, 8, 10) if power > 1 else (2, 4, 6, 8, 10)
    return next(step * power for step in steps if step * power >= most)


def line(values: Sequence[float | None], *, id: str, title: str, description: str) -> Markup:  # noqa: A002
    """A trend from left to right, on an axis from 0 to `nice_top` with a line at its half; the last value as a dot.

    Drawn to be stretched to any size: labels of the axes stand beside it as text. None is a gap.
    """
    known = [value for value in values if value is not None]
    top = nice_top(max(known, default=0))
    at = _places(len(values))
    points = [(x, None if y is None else HEIGHT - y * HEIGHT / top) for x, y in zip(at, values, strict=True)]
    path = _path(points)
    last = next(((x, y) for x, y in reversed(points) if y is not None), None)
    return Markup(
        '<svg class="line" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
        ' aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title>'
        '<desc id="{id}-desc">{description}</desc>'
        '<path class="grid" d="M0 0H{width}M0 {half}H{width}M0 {height}H{width}"/>'
        '<path class="area" d="{area}"/><path class="trend" d="{path}"/>{dot}</svg>'
    ).format(
        width=WIDTH, height=HEIGHT, half=HEIGHT // 2, id=id, title=title, description=description, path=path,
        area=_area(points), dot=_dot(last),
    )  # fmt: skip


def spark(values: Sequence[float | None], *, label: str) -> Markup:
    """A trend as small as a word, from the least to the most; ``label`` says it in words ("" : hidden from readers)."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0), max(known, default=0)
    span = (high - low) or 1
    room = SPARK_HEIGHT - 4
    points = [
        (x, None if y is None else (2 + room - (y - low) * room / span if high > low else SPARK_HEIGHT / 2))
        for x, y in zip(_places(len(values), SPARK_WIDTH), values, strict=True)
    ]
    last = next(((x, y) for x, y in reversed(points) if y is not None), None)
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="spark" viewBox="-2 0 {width} {height}" preserveAspectRatio="none" {said}>'
        '<path class="trend" d="{path}"/>{dot}</svg>'
    ).format(width=SPARK_WIDTH + 4, height=SPARK_HEIGHT, said=said, path=_path(points), dot=_dot(last))


def stacked(shown: Sequence[Part], *, label: str) -> Markup:
    """Parts of a whole side by side; nothing where the whole is 0. ``label`` says it in words."""
    whole = sum(part.value for part in shown)
    rects, start = [], 0.0
    for part in shown:
        if part.value <= 0:
            continue
        width = part.value / whole
        rects.append(
            Markup('<rect class="part {}" x="{}%" width="{}%" height="100%"/>').format(
                part.tone, _percent(start), _percent(max(width, MIN_SHARE))
            )
        )
        start += width
    return Markup('<svg class="stacked" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(rects)
    )


def bar(value: float, most: float, *, tone: str = "plain", mark: float | None = None) -> Markup:
    """One bar of a table's row, as long as its share of the longest; the number stands beside it as text.

    ``mark``: a limit to compare with, drawn as an upright line.
    """
    width = 0.0 if most <= 0 or value <= 0 else max(min(value / most, 1), MIN_SHARE)
    limit = Markup("")
    if mark is not None and most > 0:
        limit = Markup('<rect class="limit" x="{}%" width="2" height="100%"/>').format(
            _percent(min(mark / most, 0.995))
        )
    return Markup(
        '<svg class="bar" aria-hidden="true"><rect class="part {}" width="{}%" height="100%"/>{}</svg>'
    ).format(tone, _percent(width), limit)


def heat(value: float, most: float) -> Markup:
    """A matrix cell: a square whose area is the share of the greatest; the number stands beside it as text."""
    side = 0.0 if most <= 0 or value <= 0 else max(HEAT_SIDE * sqrt(min(value / most, 1)), 2)
    at = (HEAT_SIDE - side) / 2
    return Markup(
        '<svg class="heat" viewBox="0 0 {whole} {whole}" aria-hidden="true">'
        '<rect class="part overdue" x="{at}" y="{at}" width="{side}" height="{side}"/></svg>'
    ).format(whole=HEAT_SIDE, at=_short(at), side=_short(side))


def key(tone: str) -> Markup:
    """The sign of a part in a legend."""
    return Markup(
        '<svg class="key" viewBox="0 0 16 16" aria-hidden="true">'
        '<rect class="part {}" width="16" height="16"/></svg>'
    ).format(tone)


def _places(points: int, width: float = WIDTH) -> list[float]:
    return [width * at / (points - 1) for at in range(points)] if points > 1 else [width] * points


def _path(points: Sequence[tuple[float, float | None]]) -> str:
    told, broken = [], True
    for x, y in points:
        if y is not None:
            told.append(f"{'M' if broken else 'L'}{_short(x)} {_short(y)}")
        broken = y is None
    return "".join(told)


def _area(points: Sequence[tuple[float, float | None]]) -> str:
    if len(points) < 2 or any(y is None for _, y in points):
        return ""
    return f"{_path(points)}L{_short(points[-1][0])} {HEIGHT}L{_short(points[0][0])} {HEIGHT}Z"


def _dot(place: tuple[float, float | None] | None) -> Markup:
    """A line of no length with round ends: a dot that stays round however the chart is stretched."""
    if place is None or place[1] is None:
        return Markup("")
    return Markup('<path class="dot" d="M{} {}h.01"/>').format(_short(place[0]), _short(place[1]))


def _percent(share: float) -> str:
    return _short(share * 100, 3)


def _short(value: float, places: int = 1) -> str:
    return f"{value:.{places}f}".rstrip("0").rstrip(".") or "0"
