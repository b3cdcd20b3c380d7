"""A column of a panel's answer: what it is called, how it is written, what its colours and words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict, Unpack

from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
)

from dashboards.board.standing import SHAPES, State
from dashboards.grafana.text import Text
from dashboards.limits import FEW, THRESHOLDS, Thresholds
from schemas.registry import REGISTRY
from schemas.thresholds import HOURS_OF_WORKING_DAY

WORKING_DAY_S: Final = HOURS_OF_WORKING_DAY * 3600
COLOURS: Final[dict[State, str]] = {
    "good": "#1F60C4",
    "watch": "#8F6B00",
    "behind": "#C2500B",
    "far_behind": "#9C0F2E",
    "few": "#5A6270",
}
"""Blue against amber, orange and dark red: told apart without seeing green. White text on each has a contrast of at
least 4.5 to 1; a colour is never the only sign of a state."""
STATES: Final[tuple[State, ...]] = ("good", "watch", "behind", "far_behind", "few")
HIDDEN: Final = -1
"""What SQL gives for a number that is kept back: a column can be sorted, and the mapping says why it is empty."""
_JUST_ABOVE: Final = 1e-9
Cell = Literal["auto", "color-text", "color-background"]


class Options(TypedDict, total=False):
    """What of a ``Column`` may be said otherwise than the registry would."""

    title: str
    unit: str
    decimals: int | None
    limits: Thresholds | None
    words: Mapping[str, tuple[str, str | None]]
    colour: str | None
    width: int | None
    cell: Cell
    more: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """How one column of an answer is shown.

    Attributes:
        name: in the answer.
        title: what readers see.
        unit: Grafana's id of a unit of measure; ``string`` for text, which else is read as a number where it can be.
        limits: thresholds that colour it.
        words: texts by value, with a colour or none.
        colour: fixed; of a line or a bar.
        links: title and address.
        width: pixels, in a table.
        cell: how a table shows it.
        more: further properties by Grafana's id.
    """

    name: str
    title: str
    unit: str = "locale"
    decimals: int | None = None
    limits: Thresholds | None = None
    words: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    colour: str | None = None
    links: Sequence[tuple[str, str]] = ()
    width: int | None = None
    cell: Cell = "auto"
    no_value: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def properties(self, *, named: bool = True) -> list[DynamicConfigValue]:
        """As an override of Grafana's; not named: bars by row bear the names of their rows."""
        found: dict[str, Any] = {**({"displayName": self.title} if named else {}), "unit": self.unit}
        if self.decimals is not None:
            found["decimals"] = self.decimals
        if self.limits is not None:
            found["thresholds"] = ThresholdsConfig(ThresholdsMode.ABSOLUTE, steps(self.limits))
            found["color"] = {"mode": "thresholds"}
        if self.colour is not None:
            found["color"] = {"mode": "fixed", "fixedColor": self.colour}
        if self.words:
            found["mappings"] = mappings(self.words)
        if self.links:
            found["links"] = [{"title": title, "url": url, "targetBlank": False} for title, url in self.links]
        if self.width is not None:
            found["custom.width"] = self.width
        if self.cell != "auto":
            found["custom.cellOptions"] = {"type": self.cell}
        if self.no_value is not None:
            found["noValue"] = self.no_value
        return [DynamicConfigValue(key, value) for key, value in {**found, **self.more}.items()]


def number(text: Text, number_id: str, name: str | None = None, **other: Unpack[Options]) -> Column:
    """A column that is a number of the registry.

    Working time is expected in working days of eight hours (SQL: ``in_days``), and the title says so: a day of
    Grafana's units has 24 hours.

    Args:
        text: the language.
        number_id: of the registry, or ``overdue_share``.
        name: of the column; by default the id.
        other: of ``Column``, before what the registry says.
    """
    measured = "fraction" if number_id == "overdue_share" else REGISTRY[number_id].unit
    known: dict[str, Any] = {
        "name": name or number_id,
        "title": text.title(number_id),
        "no_value": text.nothing,
        "limits": THRESHOLDS.get(number_id),
    }
    match measured:
        case "fraction":
            known |= {"unit": "percentunit", "decimals": 1}
        case "working_seconds" | "working_days":
            known |= {"unit": text.working_days, "decimals": 1}
        case "seconds":
            known |= {"unit": "s", "decimals": 0}
        case "score":
            known |= {"unit": "none", "decimals": 1}
        case _:
            known |= {"unit": "locale"}
    return Column(**(known | {**other}))


def cell(text: Text, number_id: str, name: str | None = None, **other: Unpack[Options]) -> Column:
    """The same in a table: a short heading, which says the unit of working time, and numbers alone below it."""
    days = number_id.endswith("_s") and REGISTRY[number_id].unit == "working_seconds"
    known: Options = {"title": text.short(number_id), "width": 106}
    if days:
        known |= {"unit": "none", "decimals": 1}
    known |= other
    return number(text, number_id, name, **known)


def in_days(column: str) -> str:
    """SQL: working seconds as working days."""
    return f"{column} / {WORKING_DAY_S}"


def steps(limits: Thresholds) -> list[Threshold]:
    """Grafana's steps of limits: each limit belongs to the better side, whichever way is good."""
    good, watch, behind, far = (COLOURS[state] for state in STATES[:4])
    if limits.upwards:
        return [
            Threshold(None, far),
            Threshold(limits.behind, behind),
            Threshold(limits.watch, watch),
            Threshold(limits.good, good),
        ]
    return [
        Threshold(None, good),
        Threshold(limits.good + _JUST_ABOVE, watch),
        Threshold(limits.watch + _JUST_ABOVE, behind),
        Threshold(limits.behind + _JUST_ABOVE, far),
    ]


def state_sql(number_id: str, value: str, n: str) -> str:
    """SQL: the state of a number as its place in ``STATES``; null where there is nothing to judge.

    Args:
        number_id: with thresholds.
        value: SQL of the number.
        n: SQL of how many cases it is built on.
    """
    limits = THRESHOLDS[number_id]
    better = ">=" if limits.upwards else "<="
    tests = ", ".join(f"{value} {better} {limit}, {place}" for place, limit in enumerate(limits[:3]))
    return f"multiIf(isNull({value}), NULL, {n} < {FEW}, 4, {tests}, 3)"


def state(text: Text, name: str, heading: str, **other: Unpack[Options]) -> Column:
    """A column of ``state_sql``: a shape and a word, and a colour beside them."""
    words = {
        str(place): (f"{SHAPES[each]} {text.word(f'common.status_{each}')}", COLOURS[each])
        for place, each in enumerate(STATES)
    }
    known: dict[str, Any] = {
        "name": name,
        "title": heading,
        "unit": "none",
        "words": words,
        "no_value": text.nothing,
        "cell": "color-background",
        "width": 170,
        "more": {"custom.align": "left"},
    }
    return Column(**(known | {**other}))


def mappings(words: Mapping[str, tuple[str, str | None]]) -> list[dict[str, Any]]:
    """Grafana's value mappings of words."""
    options = {
        value: {"text": said, "index": place, **({"color": colour} if colour else {})}
        for place, (value, (said, colour)) in enumerate(words.items())
    }
    return [{"type": "value", "options": options}]
