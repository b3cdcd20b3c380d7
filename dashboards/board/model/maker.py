"""Makes boards: reads everything once a day, then what has come since, and makes a new board of what is new.

In one thread, which may block; the feed (feed.py) gives it one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboards.board.model.day_table import DayTable
from dashboards.board.model.facts import WHOLE_CITY, DeadLetters, Source
from dashboards.board.model.live import Facts, LiveBoard
from dashboards.board.model.places import Places
from dashboards.board.model.silence import (
    WorkingHours,
    last_days,
    last_events,
    reporting,
    sources,
)
from dashboards.board.model.summaries import Summaries
from dashboards.limits import SilenceLimits
from schemas.city import City
from schemas.moment import SECOND_US, from_datetime, to_datetime
from sinks.clickhouse.board_reader import BoardReader, to_day, to_number
from sinks.clickhouse.board_summaries import SummaryReader
from sinks.clickhouse.client import ClickHouse

KEPT_DAYS: Final = 400
"""Local days that are kept one by one; a year, and the month before it."""
_HOURS_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardTerms:
    """What a board is told beside the numbers.

    Attributes:
        city: units, procedures, calendars and thresholds; the default calendar's zone is the board's.
        profile: by which rules the numbers were made.
        demo: whether everything is invented.
        slow_seconds: between two looks at what is not live: summaries, sources, dead letters, silence.
    """

    city: City
    profile: str = "one_stop"
    demo: bool = False
    slow_seconds: float = 5.0

    @property
    def limits(self) -> SilenceLimits:
        """From when on silence is told."""
        days = self.city.thresholds.silence_days
        return SilenceLimits(unit_days=days["unit"], source_days=days["source"])


class BoardMaker:
    """Looks and makes boards.

    Args:
        store: a connection for reading.
        terms: what a board is told beside the numbers.
        is_away: whether the database is known not to answer; then pages do not ask it either.
    """

    def __init__(
        self, store: ClickHouse, terms: BoardTerms, is_away: Callable[[], bool] = lambda: False
    ) -> None:
        self._terms, self._is_away = terms, is_away
        self._reader, self._summary_reader = BoardReader(store), SummaryReader(store)
        self._zone = ZoneInfo(terms.city.calendars[terms.city.default_calendar].zone)
        self._tables = ""
        self._table: DayTable | None = None
        self._read_on: date | None = None
        self._now_rows: Mapping[tuple[str, str], Mapping[str, Any]] = {}
        self._far: set[str] = set()
        self._hours = WorkingHours({})
        self._hours_at = self._slow_at = 0
        self._slow: dict[str, Any] = {}
        self._facts: Facts | None = None

    def look(self, now: datetime) -> LiveBoard | None:
        """A new board, if anything is new.

        Raises:
            Unavailable: the database is away; the next look goes on from here.
        """
        wall = from_datetime(now)
        slow = wall - self._slow_at >= self._terms.slow_seconds * SECOND_US or wall < self._slow_at
        day = now.astimezone(self._zone).date()
        if self._table is None or self._read_on != day or (slow and self._made_anew()):
            self._read_all(day)
        else:
            self._read_changes()
        as_of = self._as_of(wall)
        today = to_datetime(max(wall, as_of), self._zone).date()
        if slow or not self._slow or self._facts is None or self._facts.today != today:
            self._look_slowly(wall, today)
            self._slow_at = wall
        return self._made(to_datetime(as_of, self._zone), now.astimezone(self._zone), today)

    def _made_anew(self) -> bool:
        return self._reader.tables() != self._tables

    def _read_all(self, today: date) -> None:
        self._table = None  # nobody needs the rows of the day before beside the new ones
        tables = self._reader.tables()
        self._reader.begin()
        first = today - timedelta(days=KEPT_DAYS)
        table = DayTable(to_number(first), Places(self._terms.city))
        table.put_before(self._reader.before(first))
        for pieces in self._reader.days(first):
            table.take(pieces)
        self._take_now(self._reader.now(), table)
        self._table, self._tables, self._read_on, self._far = table, tables, today, set()

    def _read_changes(self) -> None:
        table = self._whole_table
        changes = self._reader.changes()
        if changes is not None:
            self._far |= table.take(changes.days)
            if changes.now is not None:
                self._take_now(changes.now, table)
        if self._far:
            table.put_before(self._reader.before(to_day(table.first), sorted(self._far)))
            self._far = set()

    def _take_now(self, rows: Sequence[Mapping[str, Any]], table: DayTable) -> None:
        self._now_rows = {(row["unit_id"], row["scope"]): row for row in rows}
        table.know(row["unit_id"] for row in rows if row["unit_id"] != WHOLE_CITY)

    def _as_of(self, wall: int) -> int:
        """Up to when everything is counted; before the first numbers: now, of nothing."""
        return max((row["as_of_us"] for row in self._now_rows.values()), default=0) or wall

    def _look_slowly(self, wall: int, today: date) -> None:
        city, table, reader = self._terms.city, self._whole_table, self._summary_reader
        if not self._hours.known or abs(wall - self._hours_at) >= _HOURS_SECONDS * SECOND_US:
            codes = [None, *city.by_code]
            used = {city.calendar_of(code or "").version for code in codes}
            self._hours, self._hours_at = WorkingHours(reader.hours(sorted(used))), wall
        generation, before = reader.generation(), self._slow.get("summaries")
        summaries = before
        if generation is not None and (before is None or before.generation != generation):
            summaries = Summaries(reader, generation, self._is_away)
            table.know(sorted(summaries.named))
        days, limits = table.days(), self._terms.limits
        found = last_days(days, table.places)
        starts = {day: self._start(day) for day in set(found.values())}
        last = last_events(summaries.last_events if summaries else {}, found, table.places, starts)
        calendar = city.calendar_of("").version
        shown, told = (
            self._slow.get("sources"),
            sources(reader.sources(), self._hours, calendar, limits, wall),
        )
        self._slow = {
            "summaries": summaries,
            "sources": shown if shown is not None and _lasting(shown) == _lasting(told) else told,
            "reporting": reporting(table.places, days, last, self._hours, limits, now=wall, today=today),
            "dead_letters": [
                DeadLetters(row.source, row.reason, row.n, to_datetime(row.last_us, self._zone))
                for row in reader.dead_letters()
            ],
            "procedures": {
                each.code: city.procedure(each.code, to_number(today)) or each for each in city.procedures
            },
            "last_events": last,
        }

    def _start(self, day: int) -> int:
        return from_datetime(datetime.combine(to_day(day), time(), self._zone))

    def _made(self, as_of: datetime, now: datetime, today: date) -> LiveBoard | None:
        table, before = self._whole_table, self._facts
        if (
            before is not None
            and before.days is table.days()
            and before.now_rows is self._now_rows
            and before.today == today
            and all((old := getattr(before, n)) is new or old == new for n, new in self._slow.items())
        ):
            return None
        facts = Facts(
            # from the clock on: a reader's page must not take the boards of two processes for the same one
            version=int(now.timestamp()) if before is None else before.version + 1,
            as_of=as_of,
            generated_at=now,
            away_since=None,
            today=today,
            zone=self._zone,
            profile=self._terms.profile,
            demo=self._terms.demo,
            silence=self._terms.limits,
            places=table.places,
            days=table.days(),
            now_rows=self._now_rows,
            **self._slow,
        )
        board = LiveBoard(facts)
        if before is None or before.summaries is not facts.summaries:
            board.prepare()
        self._facts = facts
        return board

    def told_again(self, now: datetime, away_since: datetime | None) -> LiveBoard | None:
        """The last board as of ``now``: the same numbers, older; None before there is one."""
        if self._facts is not None:
            told_at = now.astimezone(self._zone)
            since = away_since.astimezone(self._zone) if away_since else None
            version = self._facts.version + 1
            self._facts = self._facts._replace(version=version, generated_at=told_at, away_since=since)
            return LiveBoard(self._facts)
        return None

    @property
    def _whole_table(self) -> DayTable:
        if self._table is None:
            raise RuntimeError("nothing was read yet")
        return self._table


def _lasting(told: Sequence[Source]) -> Sequence[tuple[Any, ...]]:
    """What of sources is worth a new board: not that a second has passed."""
    return [(each.source, each.last_event_at, each.stale, each.events) for each in told]
