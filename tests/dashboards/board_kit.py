"""A board of an invented city, for tests of pages, of rendering and of the server: whole, consistent, always the same.

``board(n)`` has n units (4 to 700). Its ledger adds up for every unit, scope and period; parts sum to their
totals before the small ones are hidden. On purpose there are: former units with successors, a silent unit, one
from which nothing ever came, a stale source, hidden, empty and corrected figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from dashboards.board.model.facts import (
    WHOLE_CITY,
    Anomaly,
    Cell,
    Day,
    DeadLetters,
    Dimension,
    Figure,
    Figures,
    Lagging,
    Pair,
    Reporting,
    Scope,
    Silent,
    Source,
)  # fmt: skip
from dashboards.limits import SILENCE, SilenceLimits
from schemas.period import Period, first_day
from schemas.procedure import Procedure
from schemas.unit import Unit
from tests.dashboards import kit_city, kit_coordination, kit_numbers
from tests.dashboards.kit_flows import DAYS, FLOW, STOCK, Counts, Year
from tests.dashboards.kit_parts import HOURS, PARTS, count, hide_small, quantile, rate, split

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
AS_OF: Final = datetime(2026, 11, 26, 10, 12, 30, tzinfo=ZONE)
TODAY: Final = AS_OF.date()
CORRECTED_AT: Final = datetime(2026, 11, 25, 16, 5, tzinfo=ZONE)
SOURCES: Final = (
    Source("one-stop", AS_OF - timedelta(seconds=4), 4, stale=False, events=128_431),
    Source("feedback-portal", AS_OF - timedelta(hours=7), 25_200, stale=True, events=9_310),
    Source("national-portal", AS_OF - timedelta(seconds=55), 55, stale=False, events=40_077),
)
DEAD_LETTERS: Final = (
    DeadLetters("one-stop", "malformed_field", 17, AS_OF - timedelta(hours=3)),
    DeadLetters("one-stop", "unknown_value", 4, AS_OF - timedelta(days=2)),
    DeadLetters("national-portal", "missing_field", 2, AS_OF - timedelta(days=9)),
)


@dataclass
class KitBoard:
    """The protocol Board over an invented year. Make one by ``board``."""

    year: Year
    units: Mapping[str, Unit]
    procedures: Mapping[str, Procedure]
    reporting: Reporting
    sources: Sequence[Source] = SOURCES
    dead_letters: Sequence[DeadLetters] = DEAD_LETTERS
    version: int = 7
    as_of: datetime = AS_OF
    generated_at: datetime = AS_OF + timedelta(seconds=1)
    away_since: datetime | None = None
    summaries_at: datetime | None = AS_OF - timedelta(seconds=14)
    today: date = TODAY
    zone: ZoneInfo = ZONE
    profile: str = "one_stop"
    demo: bool = True
    silence: SilenceLimits = SILENCE
    _sums: dict[tuple[str, Scope], dict[str, Counts]] = field(default_factory=dict)

    def children(self, unit_id: str) -> Sequence[str]:
        parent = None if unit_id == WHOLE_CITY else self.units[unit_id].code
        return [unit.code for unit in self.units.values() if unit.parent == parent]

    def path(self, unit_id: str) -> Sequence[str]:
        found = [self.units[unit_id].code]
        while parent := self.units[found[-1]].parent:
            found.append(parent)
        return found

    def now(self, unit_id: str, scope: Scope) -> Figures:
        daily, place = self._daily(unit_id, scope), self._place(unit_id)
        return {**self._numbers(unit_id, scope, 0), **kit_numbers.stock_now(daily, 2.5 + place % 9, AS_OF)}

    def period(self, unit_id: str, scope: Scope, period: Period) -> Figures:
        begin = first_day(period, self.today)
        first = max(0, (begin - self.year.first).days) if begin else 0
        now = self.now(unit_id, scope)
        ages = {
            name: now[name] for name in ("open_age_p50_s", "open_age_p90_s", "worst_overdue_s") if name in now
        }
        numbers = {**self._numbers(unit_id, scope, first), **ages}
        if self._place(unit_id) % 6 == 2:
            numbers["completed_late"] = numbers["completed_late"]._replace(corrected_at=CORRECTED_AT)
            numbers["on_time_rate"] = numbers["on_time_rate"]._replace(corrected_at=CORRECTED_AT)
        return numbers

    def trend(self, unit_id: str, scope: Scope, days: int = 30) -> Sequence[Day]:
        daily, place = self._daily(unit_id, scope), self._place(unit_id)
        names = (*FLOW, *STOCK, "open", "completed")
        return [
            Day(
                self.year.first + timedelta(days=at),
                {name: int(daily[name][at]) for name in names},
                CORRECTED_AT if place % 6 == 2 and at == DAYS - 5 else None,
            )
            for at in range(DAYS - min(days, DAYS), DAYS)
        ]

    def series(self, unit_id: str, scope: Scope, number: str, days: int = 30) -> Sequence[int]:
        return [day.numbers[number] for day in self.trend(unit_id, scope, days)]

    def corrections(self, unit_id: str, days: int = 30) -> Sequence[tuple[date, datetime]]:
        return [(day.day, day.corrected_at) for day in self.trend(unit_id, "own", days) if day.corrected_at]

    def breakdown(self, unit_id: str, scope: Scope, dimension: Dimension, period: Period) -> Sequence[Cell]:
        totals = self.period(unit_id, scope, period)
        shares = PARTS[dimension]

        def parts(name: str) -> list[int]:
            return split(int(totals[name].value or 0), list(shares.values()))

        names: tuple[str, ...]
        make: Callable[[str, Mapping[str, int]], dict[str, Figure]]
        if dimension == "cause":
            names, basis, make = ("late_or_overdue",), "late_by_cause", _cause
        elif dimension == "step":
            names, basis, make = ("completed", "open", "overdue"), "completed", _step
        elif dimension == "aspect":
            names = ("ratings", "rating_sum", "ratings_with_answer", "ratings_solved")
            basis, make = "ratings", _aspect
        else:
            names, basis, make = (*FLOW, "open", *STOCK), "received", _case
        columns = {name: parts(name) for name in names}
        cells = [
            Cell(value, make(value, {name: column[at] for name, column in columns.items()}))
            for at, value in enumerate(shares)
        ]
        whole = [cell for cell in cells if any(figure.value for figure in cell.figures.values())]
        return sorted(hide_small(whole, basis), key=lambda cell: -(cell.figures[basis].value or 0))

    def bands(self, unit_id: str, scope: Scope) -> Figures:
        return kit_numbers.bands(int(self._daily(unit_id, scope)["overdue"][-1]), AS_OF)

    def lagging(self, period: Period, most: int = 10) -> Sequence[Lagging]:
        return kit_coordination.lagging(self, period)[:most]

    def pairs(self, unit_id: str | None = None) -> Sequence[Pair]:
        if unit_id is not None:
            self._place(unit_id)
        return [
            pair for pair in self._public_pairs if unit_id in {None, WHOLE_CITY, pair.unit_id, pair.other_id}
        ]

    def anomalies(self, unit_id: str) -> Sequence[Anomaly]:
        total = int(self.now(unit_id, "own")["anomalies"].value or 0)
        kinds = ("backdated", "after_end", "unknown_procedure", "conflicting_id")
        found = zip(kinds, split(total, (48, 30, 15, 7)), strict=True)
        return [Anomaly(kind, n) for kind, n in found if n]

    def last_event_at(self, unit_id: str) -> datetime | None:
        place = self._place(unit_id)
        return AS_OF - timedelta(seconds=4) if unit_id == WHOLE_CITY else _last_event_at(self.year, place)

    @cached_property
    def _public_pairs(self) -> Sequence[Pair]:
        return kit_coordination.for_the_public(self._pairs)

    @cached_property
    def _pairs(self) -> Sequence[Pair]:
        return kit_coordination.pairs(self.year)

    def _place(self, unit_id: str) -> int:
        return 0 if unit_id == WHOLE_CITY else self.year.place[unit_id]

    def _daily(self, unit_id: str, scope: Scope) -> dict[str, Counts]:
        key = (unit_id, scope)
        if key not in self._sums:
            place = self._place(unit_id)
            everything, tree = range(len(self.units)), self.year.members
            members = everything if unit_id == WHOLE_CITY else tree(unit_id) if scope == "tree" else [place]
            self._sums[key] = self.year.daily(list(members))
        return self._sums[key]

    def _numbers(self, unit_id: str, scope: Scope, first: int) -> dict[str, Figure]:
        numbers = kit_numbers.flow_and_promise(self._daily(unit_id, scope), first, AS_OF)
        received, done, open_ = (int(numbers[name].value or 0) for name in ("received", "completed", "open"))
        slowness = 0.7 + self._place(unit_id) * 13 % 10 / 8
        numbers |= kit_numbers.speed(done, open_, slowness, AS_OF)
        numbers |= kit_numbers.voice_and_attributes(received, done, AS_OF)
        numbers |= kit_coordination.figures(self._pairs, unit_id, AS_OF)
        return numbers | {"anomalies": count("anomalies", received // 70, AS_OF)}


def _case(value: str, parts: Mapping[str, int]) -> dict[str, Figure]:
    found = {name: count(name, n, AS_OF) for name, n in parts.items()}
    in_time = parts["completed_early"] + parts["completed_on_time"]
    done = in_time + parts["completed_late"]
    hours = HOURS.get(value, 12)
    return found | {
        "completed": count("completed", done, AS_OF),
        "completed_in_time": count("completed_in_time", in_time, AS_OF),
        "on_time_rate": rate("on_time_rate", in_time, done, AS_OF),
        "on_time_rate_strict": rate("on_time_rate_strict", in_time, done + parts["overdue"], AS_OF),
        "processing_p50_s": quantile("processing_p50_s", hours * 0.6, done, AS_OF),
        "processing_p90_s": quantile("processing_p90_s", hours * 1.3, done, AS_OF),
    }


def _step(value: str, parts: Mapping[str, int]) -> dict[str, Figure]:
    found = {name: count(name, n, AS_OF) for name, n in parts.items()}
    return found | {
        "holding_p50_s": quantile("holding_p50_s", HOURS[value] * 0.6, parts["completed"], AS_OF),
        "holding_p90_s": quantile("holding_p90_s", HOURS[value] * 2.1, parts["completed"], AS_OF),
    }


def _cause(_value: str, parts: Mapping[str, int]) -> dict[str, Figure]:
    return {"late_by_cause": count("late_by_cause", parts["late_or_overdue"], AS_OF)}


def _aspect(_value: str, parts: Mapping[str, int]) -> dict[str, Figure]:
    return {name: count(name, n, AS_OF) for name, n in parts.items()} | {
        "rating_mean": rate("rating_mean", parts["rating_sum"], parts["ratings"], AS_OF),
        "solved_share": rate("solved_share", parts["ratings_solved"], parts["ratings_with_answer"], AS_OF),
    }


def _last_event_at(year: Year, place: int) -> datetime | None:
    silence = int(year.silent_for[place])
    return None if silence >= DAYS else AS_OF - timedelta(days=silence, seconds=4 + place * 7 % 600)


def _reporting(year: Year) -> Reporting:
    being = [(at, unit) for at, unit in enumerate(year.units) if unit.valid_to is None]
    missing = [
        Silent(unit, _last_event_at(year, at), int(year.open[-1, at]) if year.silent_for[at] < DAYS else None)
        for at, unit in being
        if year.silent_for[at] >= 5
    ]
    missing.sort(key=lambda each: (each.last_event_at is not None, each.last_event_at or AS_OF))
    return Reporting(len(being) - len(missing), len(being), missing)


@lru_cache(maxsize=8)
def board(units: int = 40) -> KitBoard:
    """The invented city with so many units. The same object each time; ``dataclasses.replace`` makes others."""
    listed = kit_city.units(units)
    living = [at for at, unit in enumerate(listed) if unit.valid_to is None]
    silent, empty = living[-2], living[-1]
    if units < 8:
        silent, empty = living[-1], 0
    year = Year(listed, TODAY, silent=silent, empty=empty)
    procedures = {each.code: each for each in kit_city.PROCEDURES}
    return KitBoard(year, {unit.code: unit for unit in listed}, procedures, _reporting(year))
