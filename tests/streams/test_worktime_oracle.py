"""Working time against an oracle that looks at every minute of the wall clock."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calendar import WEEKDAYS, CalendarSpec, Override
from schemas.hours import Hours
from streams.worktime import WorkingTime

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
Day = list[tuple[int, int]]  # opening and closing in minutes from midnight

OFFICE: Day = [(480, 720), (780, 1020)]
VIETNAM_OFF = (
    *("2024-01-01", "2024-02-08", "2024-02-09", "2024-02-12", "2024-02-13", "2024-02-14", "2024-04-18"),
    *("2024-04-29", "2024-04-30", "2024-05-01", "2024-09-02", "2024-09-03"),
    *("2025-01-01", "2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-04-07"),
    *("2025-04-30", "2025-05-01", "2025-05-02", "2025-09-01", "2025-09-02"),
    *("2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-04-27"),
    *("2026-04-30", "2026-05-01", "2026-08-31", "2026-09-01", "2026-09-02", "2026-11-24"),
)
VIETNAM_SWAPPED = ("2024-05-04", "2025-04-26", "2026-08-22")


@dataclass
class Oracle:
    """A calendar as two plain dictionaries, asked minute by minute (no zone here changes within a minute)."""

    zone: ZoneInfo
    week: dict[int, Day]
    days: dict[date, Day] = field(default_factory=dict)
    seen: dict[int, bool] = field(default_factory=dict, repr=False)

    def hours(self, day: date) -> Day:
        return self.days[day] if day in self.days else self.week.get(day.weekday(), [])

    def local(self, t: int) -> datetime:
        return datetime.fromtimestamp(t // 1_000_000, self.zone)

    def is_open(self, t: int) -> bool:
        minute = t // MINUTE
        if minute not in self.seen:
            wall = self.local(minute * MINUTE)
            clock = wall.hour * 60 + wall.minute
            self.seen[minute] = any(opens <= clock < closes for opens, closes in self.hours(wall.date()))
        return self.seen[minute]

    def working(self, a: int, b: int) -> int:
        minutes = range(a // MINUTE * MINUTE, b, MINUTE)
        return sum(min(b, m + MINUTE) - max(a, m) for m in minutes if self.is_open(m))

    def advance(self, a: int, us: int) -> int:
        while us > 0:
            end = (a // MINUTE + 1) * MINUTE
            if self.is_open(a):
                if us <= end - a:
                    return a + us
                us -= end - a
            a = end
        return a

    def retreat(self, b: int, us: int) -> int:
        while us > 0:
            start = (b - 1) // MINUTE * MINUTE
            if self.is_open(start):
                if us <= b - start:
                    return b - us
                us -= b - start
            b = start
        return b

    def next_opening(self, t: int) -> int:
        while not self.is_open(t):
            t = (t // MINUTE + 1) * MINUTE
        return t


@dataclass
class Office:
    """The same calendar twice, and the local dates around which it is interesting."""

    oracle: Oracle
    compiled: WorkingTime
    around: tuple[str, ...]


def office(zone: str, week: dict[int, Day], days: dict[str, Day], around: tuple[str, ...]) -> Office:
    overrides = {
        date.fromisoformat(day): Override(
            status="hours" if hours else "closed", hours=tuple(Hours(*each) for each in hours), reason="other"
        )
        for day, hours in days.items()
    }
    weekly = {WEEKDAYS[day]: tuple(Hours(*each) for each in hours) for day, hours in week.items()}
    spec = CalendarSpec(name="x", zone=zone, weekly=weekly, overrides=overrides, horizon=date(2027, 12, 31))
    plain = {date.fromisoformat(day): hours for day, hours in days.items()}
    return Office(Oracle(ZoneInfo(zone), week, plain), WorkingTime.compile(spec), around)


def hanoi() -> Office:
    weekly = dict.fromkeys(WEEKDAYS[:5], tuple(Hours(*each) for each in OFFICE))
    spec = CalendarSpec(
        name="hanoi", zone="Asia/Ho_Chi_Minh", weekly=weekly, holidays="VN", horizon=date(2026, 12, 31)
    )
    days: dict[date, Day] = {date.fromisoformat(day): [] for day in VIETNAM_OFF}
    days |= {date.fromisoformat(day): OFFICE for day in VIETNAM_SWAPPED}
    oracle = Oracle(ZoneInfo("Asia/Ho_Chi_Minh"), dict.fromkeys(range(5), OFFICE), days)
    around = (
        "2024-02-05",
        "2024-04-24",
        "2025-01-22",
        "2025-04-22",
        "2026-02-12",
        "2026-04-23",
        "2026-08-20",
    )
    return Office(oracle, WorkingTime.compile(spec), around)


NIGHTS: dict[int, Day] = {
    0: [(0, 150), (150, 300), (1320, 1440)],
    2: [(495, 725), (730, 731), (800, 1199)],
    5: [(0, 1440)],
    6: [(0, 105), (135, 165), (170, 1439)],
}
MIDNIGHT: Day = [(0, 61), (1380, 1440)]
OFFICES = {
    "Hanoi": hanoi(),
    "Amsterdam": office(
        "Europe/Amsterdam",
        {**dict.fromkeys(range(5), OFFICE), 6: [(90, 240)]},
        {"2026-03-27": [(480, 690)], "2026-10-23": [], "2026-10-24": [(600, 840), (900, 960)]},
        ("2026-03-24", "2026-10-20", "2025-03-26", "2025-10-22"),
    ),
    "New York at night": office("America/New_York", NIGHTS, {}, ("2026-03-05", "2026-10-29", "2025-10-31")),
    "St. John's, back over midnight": office(
        "America/St_Johns",
        dict.fromkeys(range(7), MIDNIGHT),
        {},
        ("2010-11-04", "2010-03-11"),
    ),
    "Lord Howe, half an hour": office(
        "Australia/Lord_Howe", {**NIGHTS, 3: OFFICE}, {}, ("2026-04-02", "2026-10-01")
    ),
}


@st.composite
def moments(draw: st.DrawFn, place: Office) -> int:
    """A moment within twelve days from an interesting date: often on the hour or beside it."""
    start = datetime.fromisoformat(draw(st.sampled_from(place.around))).replace(tzinfo=UTC)
    first = int(start.timestamp()) * 1_000_000
    on_the_hour = st.integers(0, 12 * 48).map(lambda n: n * HOUR // 2)
    beside = st.tuples(on_the_hour, st.sampled_from((-1, 0, 1))).map(sum)
    return first + draw(st.one_of(beside, st.integers(0, 12 * DAY)))


durations = st.one_of(
    st.integers(0, 40).map(lambda n: n * HOUR),
    st.integers(0, 40 * HOUR),
    st.integers(0, 3),
    st.just(8 * HOUR),
)
every_office = pytest.mark.parametrize("place", OFFICES.values(), ids=OFFICES.keys())
often = settings(max_examples=60, deadline=None)


@every_office
@given(data=st.data())
@often
def test_working_time_is_what_a_watch_on_the_wall_clock_counts(place: Office, data: st.DataObject) -> None:
    a, b = sorted((data.draw(moments(place)), data.draw(moments(place))))
    b = min(b, a + 12 * DAY)

    assert place.compiled.working(a, b) == place.oracle.working(a, b)


@every_office
@given(data=st.data())
@often
def test_advance_and_retreat_stop_where_a_watch_would(place: Office, data: st.DataObject) -> None:
    t, us = data.draw(moments(place)), data.draw(durations)

    assert place.compiled.advance(t, us) == place.oracle.advance(t, us)
    assert place.compiled.retreat(t, us) == place.oracle.retreat(t, us)


@every_office
@given(data=st.data())
@often
def test_the_office_is_open_when_the_wall_clock_says_so(place: Office, data: st.DataObject) -> None:
    t = data.draw(moments(place))

    assert place.compiled.is_open(t) == place.oracle.is_open(t)
    assert place.compiled.next_opening(t) == place.oracle.next_opening(t)
    day = place.compiled.local_day(t)
    assert day == place.oracle.local(t).date().toordinal() - 719_163
    inside = any(opens <= t < closes for opens, closes in place.compiled.opening_hours(day))
    assert inside == place.oracle.is_open(t)


@every_office
@given(data=st.data())
@often
def test_working_time_obeys_its_laws(place: Office, data: st.DataObject) -> None:
    cal = place.compiled
    a, b, c = sorted(data.draw(st.tuples(moments(place), moments(place), moments(place))))
    us = data.draw(durations)

    assert cal.working(a, c) == cal.working(a, b) + cal.working(b, c)
    assert cal.working(b, a) == 0
    assert cal.working(a, b) == cal.mark(b) - cal.mark(a)
    assert cal.working(a, cal.advance(a, us)) == us
    assert cal.working(cal.retreat(a, us), a) == us
    assert cal.advance(a, us) <= cal.advance(b, us)
    assert cal.retreat(a, us) <= cal.retreat(b, us)
    assert cal.advance(a, 0) == cal.retreat(a, 0) == a
    if us:
        assert cal.working(a, cal.advance(a, us) - 1) == us - 1
        assert cal.working(cal.retreat(a, us) + 1, a) == us - 1


@every_office
@given(data=st.data())
@often
def test_the_moment_of_a_mark_is_the_earliest_with_it(place: Office, data: st.DataObject) -> None:
    cal = place.compiled
    t = data.draw(moments(place))

    earliest = cal.moment(cal.mark(t))

    assert earliest <= t
    assert cal.mark(earliest) == cal.mark(t)
    assert cal.mark(earliest - 1) == cal.mark(t) - 1


@every_office
@given(data=st.data())
@often
def test_a_whole_column_gives_what_its_rows_give(place: Office, data: st.DataObject) -> None:
    cal = place.compiled
    rows = data.draw(st.lists(st.tuples(moments(place), durations), max_size=20))
    times = np.array([t for t, _ in rows], dtype=np.int64)
    lengths = np.array([us for _, us in rows], dtype=np.int64)

    assert cal.marks(times).tolist() == [cal.mark(t) for t, _ in rows]
    assert cal.advances(times, lengths).tolist() == [cal.advance(t, us) for t, us in rows]
    assert cal.retreats(times, lengths).tolist() == [cal.retreat(t, us) for t, us in rows]
    assert cal.advances(times, 8 * HOUR).tolist() == [cal.advance(t, 8 * HOUR) for t, _ in rows]


def test_every_day_of_vietnam_from_2024_to_2026_is_worked_as_decreed() -> None:
    place = OFFICES["Hanoi"]
    first = date(2024, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(2026, 12, 31) - first).days + 1)]

    worked = [day for day in days if place.compiled.is_working_day(day.toordinal() - 719_163)]

    assert worked == [day for day in days if place.oracle.hours(day)]
