"""The board made of live numbers and summaries: what pages ask is computed when they ask, once per board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from dashboards.board.model.counts import Ledger, Trend
from dashboards.board.model.days import Days
from dashboards.board.model.facts import (
    WHOLE_CITY,
    Anomaly,
    Cell,
    Day,
    DeadLetters,
    Dimension,
    Figures,
    Lagging,
    Pair,
    Reporting,
    Scope,
    Source,
)  # fmt: skip
from dashboards.board.model.figures import Part, Row, Value
from dashboards.board.model.lagging import Known, by_unit, reason, worst
from dashboards.board.model.origin import (
    AGES,
    ASPECT,
    BANDS,
    BIGGEST,
    CELL,
    CORRECTED,
    DAY_S,
    LEDGER,
    NO_CELL,
    NO_ROW,
    NOW,
    STEP,
    STOCK_NOW,
    SUMMARY,
    UNREAD,
)
from dashboards.board.model.places import Places
from dashboards.board.model.summaries import Summaries
from dashboards.limits import SilenceLimits
from schemas.moment import to_datetime
from schemas.period import PERIODS, Period, first_day
from schemas.procedure import Procedure
from schemas.registry import UNIT_NUMBERS
from schemas.unit import Unit
from sinks.clickhouse.board_reader import to_number
from sinks.clickhouse.board_summaries import CellRow

_AGES: Final = frozenset({*AGES, "worst_overdue_days"})
_PARTS: Final[Mapping[Dimension, frozenset[str]]] = {"step": STEP, "aspect": ASPECT}
_MOST_LAGGING: Final = 20
"""Twice as many as a page tells: who lags changes while summaries last."""


class Facts(NamedTuple):
    """What a board is made of; ``now_rows``: rows of ``unit_now`` by unit and scope."""

    version: int
    as_of: datetime
    generated_at: datetime
    away_since: datetime | None
    today: date
    zone: ZoneInfo
    profile: str
    demo: bool
    silence: SilenceLimits
    places: Places
    days: Days
    now_rows: Mapping[tuple[str, str], Mapping[str, Any]]
    summaries: Summaries | None
    sources: Sequence[Source]
    reporting: Reporting
    dead_letters: Sequence[DeadLetters]
    procedures: Mapping[str, Procedure]
    last_events: Mapping[str, int]


class LiveBoard:
    """The protocol ``Board`` (facts.py). Flow and stock come from the days of units, so that each ledger adds up.

    Of a page all counts are of one moment; ages, speed and what stands beside them say themselves how old they are.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.version, self.as_of, self.generated_at = facts.version, facts.as_of, facts.generated_at
        self.away_since = facts.away_since
        self.today, self.zone, self.profile, self.demo = facts.today, facts.zone, facts.profile, facts.demo
        self.silence = facts.silence
        self.sources, self.reporting, self.dead_letters = facts.sources, facts.reporting, facts.dead_letters
        self._summarised = facts.as_of
        self.summaries_at: datetime | None = None
        if facts.summaries is not None:
            generation = facts.summaries.generation
            self._summarised = to_datetime(generation.as_of_us, facts.zone)
            self.summaries_at = to_datetime(generation.computed_us, facts.zone)
        self.units: Mapping[str, Unit] = self._listed()
        self.procedures: Mapping[str, Procedure] = facts.procedures
        self._ledgers: dict[Period, Ledger] = {}
        self._trends: dict[int, Trend] = {}

    def children(self, unit_id: str) -> Sequence[str]:
        """Codes of the units directly below; of ``WHOLE_CITY`` those without a parent."""
        if self._place(unit_id) is not None:
            return self.facts.places.children(unit_id)
        return [code for code in self.facts.places.children(None) if code in self.units]

    def path(self, unit_id: str) -> Sequence[str]:
        """The unit's code and those of all above it, upwards."""
        return (unit_id,) if self._place(unit_id) is None else self.facts.places.path(unit_id)

    def now(self, unit_id: str, scope: Scope) -> Figures:
        """Every number of units.csv and what goes with them: stock and ages live, the rest of the summary."""
        ledger, row = self._ledger_of("all", unit_id, scope), self._now_row(unit_id, scope)
        values: dict[str, Value] = {name: row.get(name) for name in UNIT_NUMBERS if name not in STOCK_NOW}
        values |= {name: ledger[name] for name in STOCK_NOW}
        early, on_time, late = (row.get(f"completed_{how}") or 0 for how in ("early", "on_time", "late"))
        values["completed_in_time"] = early + on_time
        values["judged"] = early + on_time + late + ledger["overdue"]
        values["late_or_overdue"] = late + ledger["overdue"]
        live = Part(NOW | {"worst_overdue_days"}, values | _days_late(row), self.as_of)
        return Row(live, self._summary(unit_id, scope, "all", SUMMARY - {"carried_over"}))

    def period(self, unit_id: str, scope: Scope, period: Period) -> Figures:
        """The ledger and the promise of a period live, speed, voice, attributes and causes of its summary."""
        ledger, row = self._ledger_of(period, unit_id, scope), self._now_row(unit_id, scope)
        corrected = self._ledger(period).corrected_at(self._place(unit_id), scope)
        live = Part(LEDGER, ledger, self.as_of, frozenset(), corrected, CORRECTED)
        ages: dict[str, Value] = {name: row.get(name) for name in AGES}
        ages |= {**_days_late(row), "open": ledger["open"], "overdue": ledger["overdue"]}
        now = Part(_AGES, ages, self.as_of)
        return Row(live, now, self._summary(unit_id, scope, period, SUMMARY))

    def trend(self, unit_id: str, scope: Scope, days: int = 30) -> Sequence[Day]:
        """The last local days, oldest first, none missing; at most as many as are kept (400)."""
        place, trend = self._place(unit_id), self._trend(days)
        return trend.whole() if place is None else trend.of(place, scope)

    def series(self, unit_id: str, scope: Scope, number: str, days: int = 30) -> Sequence[int]:
        """One column of ``trend``."""
        place, trend = self._place(unit_id), self._trend(days)
        if place is None:
            return [day.numbers[number] for day in trend.whole()]
        return trend.series(place, scope, number)

    def corrections(self, unit_id: str, days: int = 30) -> Sequence[tuple[date, datetime]]:
        """Days of the unit's own ``trend`` that late events changed, and when."""
        place, trend = self._place(unit_id), self._trend(days)
        if place is None:
            return [(day.day, day.corrected_at) for day in trend.whole() if day.corrected_at]
        return trend.corrections(place)

    def _trend(self, days: int) -> Trend:
        last = to_number(self.today)
        days = max(1, min(days, last - self.facts.days.first + 1))
        if days not in self._trends:
            self._trends[days] = Trend(self.facts.days, self.facts.places, last - days + 1, last)
        return self._trends[days]

    def breakdown(self, unit_id: str, scope: Scope, dimension: Dimension, period: Period) -> Sequence[Cell]:
        """The unit's numbers by a dimension: the biggest first, then those whose size is hidden, then the empty."""
        scope = "own" if self._place(unit_id) is None else scope
        if self.facts.summaries is None:
            return ()
        rows = self.facts.summaries.breakdown(unit_id, scope, dimension, period)
        by = BIGGEST.get(dimension, "received")
        rows = sorted(rows, key=lambda row: _size(row, by))
        return [Cell(row.value, self._cell(row, dimension)) for row in rows]

    def bands(self, unit_id: str, scope: Scope) -> Figures:
        """The overdue by delay, and how old the oldest are, as of the summaries."""
        return Row(self._summary(unit_id, scope, "all", BANDS))

    def lagging(self, period: Period, most: int = 10) -> Sequence[Lagging]:
        """Units that lag most, each with the strongest reason that its numbers show."""
        ledgers = self._own_ledgers(period)
        chosen, summaries = worst(ledgers, most), self.facts.summaries
        parts = summaries.why(chosen, period) if summaries else ()
        causes = by_unit(row for row in parts if row.dimension == "cause")
        steps = by_unit(row for row in parts if row.dimension == "step")
        cells = (summaries.units("own", period) if summaries else None) or {}
        found = []
        for code in chosen:
            waits = [pair for pair in self.pairs(code) if pair.unit_id == code]
            ledger = ledgers[code]
            why = reason(Known(ledger, cells.get(code), waits, causes.get(code, ()), steps.get(code, ())))
            share = ledger["overdue"] / ledger["open"]
            figures = self.period(code, "own", period)
            found.append(Lagging(self.units[code], figures, share, why.reason, why.about, why.n, why.of_n))
        return found

    def prepare(self) -> None:
        """Read what pages will ask about units that lag, so that none waits for it.

        Raises:
            Unavailable: the database is away.
        """
        if self.facts.summaries is not None:
            chosen = {code for period in PERIODS for code in worst(self._own_ledgers(period), _MOST_LAGGING)}
            self.facts.summaries.know_why(sorted(chosen))

    def _own_ledgers(self, period: Period) -> Mapping[str, Mapping[str, int]]:
        return {code: self._ledger_of(period, code, "own") for code in self.units}

    def pairs(self, unit_id: str | None = None) -> Sequence[Pair]:
        """Who waits for whom; of one unit, both ways."""
        place = None if unit_id is None else self._place(unit_id)
        summaries = self.facts.summaries
        if summaries is None:
            return ()
        return summaries.pairs if unit_id is None or place is None else summaries.pairs_of(unit_id)

    def anomalies(self, unit_id: str) -> Sequence[Anomaly]:
        """By kind, of the unit's own cases, as of the summaries."""
        self._place(unit_id)
        return self.facts.summaries.anomalies(unit_id) if self.facts.summaries else ()

    def last_event_at(self, unit_id: str) -> datetime | None:
        """When something last happened at the unit itself; of the whole city: anywhere."""
        last = self.facts.last_events
        at = max(last.values(), default=0) if self._place(unit_id) is None else last.get(unit_id)
        return to_datetime(at, self.zone) if at else None

    def _listed(self) -> Mapping[str, Unit]:
        """Units of the lists, then those known from cases only that have a number other than 0, or a pair."""
        places, total = self.facts.places, self.facts.days.total
        named = self.facts.summaries.named if self.facts.summaries else frozenset()
        counted = {
            code
            for code in filter(None, places.others)  # a case that names no unit counts in the whole only
            if code in named
            or total[places.of[code]].any()
            or any(self._now_row(code, "own")[n] for n in UNIT_NUMBERS)
        }
        return {code: places.unit(code) for code in (*places.city.by_code, *sorted(counted))}

    def _place(self, unit_id: str) -> int | None:
        return None if unit_id == WHOLE_CITY else self.facts.places.of[unit_id]

    def _now_row(self, unit_id: str, scope: str) -> Mapping[str, Any]:
        key = (unit_id, "own" if unit_id == WHOLE_CITY else scope)
        return self.facts.now_rows.get(key, NO_ROW)

    def _ledger(self, period: Period) -> Ledger:
        if period not in self._ledgers:
            begin = first_day(period, self.today)
            first = None if begin is None else to_number(begin)
            facts = self.facts
            self._ledgers[period] = Ledger(facts.days, facts.places, first, to_number(self.today))
        return self._ledgers[period]

    def _ledger_of(self, period: Period, unit_id: str, scope: Scope) -> Mapping[str, int]:
        ledger, place = self._ledger(period), self._place(unit_id)
        return ledger.whole() if place is None else ledger.of(place, scope)

    def _summary(self, unit_id: str, scope: Scope, period: Period, ids: frozenset[str]) -> Part:
        scope = "own" if unit_id == WHOLE_CITY else scope
        self._place(unit_id)
        cells = None if self.facts.summaries is None else self.facts.summaries.units(scope, period)
        if cells is None:
            return Part(ids, UNREAD, self._summarised)
        row = cells.get(unit_id)
        if row is None:
            return Part(ids, NO_CELL, self._summarised)
        return Part(ids, row.numbers, self._summarised, row.hidden)

    def _cell(self, row: CellRow, dimension: Dimension) -> Figures:
        if dimension != "cause":
            ids = _PARTS.get(dimension, CELL)
            return Row(Part(ids, row.numbers, self._summarised, row.hidden))
        late = "late_or_overdue"
        numbers = {**row.numbers, "late_by_cause": row.numbers[late]}
        hidden = row.hidden | {"late_by_cause"} if late in row.hidden else row.hidden
        return Row(Part(frozenset({late, "late_by_cause"}), numbers, self._summarised, hidden))


def _days_late(row: Mapping[str, Any]) -> dict[str, Value]:
    worst_s = row.get("worst_overdue_s")
    return {"worst_overdue_days": None if worst_s is None else round(worst_s / DAY_S, 6)}


def _size(row: CellRow, by: str) -> tuple[bool, bool, float, str]:
    """Orders cells by size; the hidden ones not among themselves."""
    size = row.numbers[by]
    return size == 0, size is None, -(size or 0), row.value
