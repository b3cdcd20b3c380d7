"""Who waits for whom in the invented city, and which of its units lag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from dashboards.board.model.facts import Board, Figure, Lagging, LagReason, Pair
from schemas.period import Period
from tests.dashboards.kit_flows import Year
from tests.dashboards.kit_parts import count

REASONS: Final[tuple[LagReason, ...]] = (
    "waiting_on", "supplements", "inflow", "step", "inherited", "no_cause", "cause",
)  # fmt: skip

COUNTS: Final = (
    "waiting", "asked", "asked_open", "asked_overdue", "answered_late", "handed_over", "handed_back",
    "inherited_overdue",
)  # fmt: skip


def pairs(year: Year) -> Sequence[Pair]:
    """Each unit waits for, asks and hands over to its partner; most waiting first. Nothing is hidden yet."""
    found = []
    for at, unit in enumerate(year.units):
        other = int(year.partner[at])
        handed = int(year.flow["transferred_out"][:, at].sum())
        if other == at or not handed:
            continue
        waiting = int(year.stock["suspended"][-1, at]) // 2
        asked = handed // 3
        found.append(
            Pair(
                unit_id=unit.code,
                other_id=year.units[other].code,
                waiting=waiting,
                waiting_worst_s=(3 + at % 12) * 28_800 if waiting else None,
                asked=asked,
                asked_open=asked // 10,
                asked_overdue=asked // 40,
                answered_late=asked // 8,
                handed_over=handed,
                handed_back=handed // 14,
                inherited_overdue=handed // 25,
            )
        )
    return sorted(found, key=lambda pair: (-pair.waiting, pair.unit_id))


def for_the_public(found: Sequence[Pair]) -> Sequence[Pair]:
    """The pairs with every number of 1 to 4 cases kept back, and the longest wait of so few."""
    return sorted(map(_kept_back, found), key=lambda pair: (-pair.waiting, pair.unit_id))


def _kept_back(pair: Pair) -> Pair:
    numbers: dict[str, Any] = pair._asdict()
    small = {name for name in COUNTS if 1 <= numbers[name] <= 4}
    numbers |= dict.fromkeys(small, 0)
    if "waiting" in small:
        small.add("waiting_worst_s")
        numbers["waiting_worst_s"] = None
    return Pair(**{**numbers, "hidden": frozenset(small)})


def figures(found: Sequence[Pair], unit_id: str, as_of: datetime) -> dict[str, Figure]:
    """The unit's numbers of coordination, of its pairs (``*``: of all)."""
    waits = [pair for pair in found if unit_id in {"*", pair.unit_id}]
    is_asked = [pair for pair in found if unit_id in {"*", pair.other_id}]
    sums = {
        "waiting_on_others": sum(pair.waiting for pair in waits),
        "inherited_overdue": sum(pair.inherited_overdue for pair in is_asked),
        "consultations_open": sum(pair.asked_open for pair in is_asked),
        "consultations_overdue": sum(pair.asked_overdue for pair in is_asked),
        "consultations_answered": sum(pair.asked - pair.asked_open for pair in is_asked),
        "consultations_answered_late": sum(pair.answered_late for pair in is_asked),
    }
    return {name: count(name, value, as_of) for name, value in sums.items()}


def lagging(board: Board, period: Period) -> Sequence[Lagging]:
    """By share of overdue among the open; each reason occurs where there are units enough."""
    found = []
    for unit in board.units.values():
        numbers = board.period(unit.code, "own", period)
        open_, overdue = int(numbers["open"].value or 0), int(numbers["overdue"].value or 0)
        if open_ >= 5 and overdue:
            found.append((overdue / open_, unit, numbers, overdue))
    found.sort(key=lambda each: (-each[0], each[1].code))
    city = next(iter(board.units))
    about = {"waiting_on": city, "step": "Thẩm định", "cause": "workload"}
    return [
        Lagging(
            unit,
            numbers,
            share,
            REASONS[at % len(REASONS)],
            about.get(REASONS[at % len(REASONS)], ""),
            max(1, overdue * 2 // 3),
            overdue,
        )
        for at, (share, unit, numbers, overdue) in enumerate(found)
    ]
