"""Nasty histories of cases: as hypothesis strategies, from a seed, and written by hand as a story.

The same generator runs on hypothesis' draws (which shrink) and on a seeded `random.Random` (which is fast).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.model import PROFILES, RANK, Allotted, Event, Rules, words
from tests.oracle.worktime import EPOCH, HOUR, MICROSECOND, Calendar, always, vietnam

T = TypeVar("T")

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE = HOUR // 60
DAY = 24 * HOUR

# A small city. None of its units but the first two share a calendar.

OFFICE = [(9 * 3600, 12 * 3600), (12 * 3600 + 1800, 17 * 3600 + 1800)]
NIGHT = [(3600, 4 * 3600)]  # over the hour at which clocks are changed
CALENDARS: dict[str, Calendar] = {
    "hanoi": vietnam(),
    "always": always(),
    "always_new_york": always("America/New_York"),
    "berlin": Calendar(
        "Europe/Berlin",
        dict.fromkeys(range(5), OFFICE),
        {
            date(2025, 3, 29): OFFICE,  # a Saturday worked
            date(2025, 3, 30): NIGHT,
            date(2025, 3, 31): [],
            date(2025, 10, 26): NIGHT,
            date(2025, 10, 27): [(10 * 3600, 11 * 3600), (14 * 3600, 16 * 3600)],
        },
        horizon=date(2027, 12, 31),
    ),
    "ends_soon": vietnam(horizon=date(2025, 5, 2)),
}
UNITS: dict[str, tuple[str | None, str]] = {  # unit -> parent, calendar
    "city": (None, "hanoi"),
    "ward": ("city", "hanoi"),
    "desk": ("ward", "always"),
    "berlin": ("city", "berlin"),
    "night": ("berlin", "always_new_york"),
    "short": ("city", "ends_soon"),
}
PARENTS = {unit: parent for unit, (parent, _) in UNITS.items()}
UNKNOWN_UNIT = "nowhere"  # runs by the calendar hanoi
PROCEDURES: dict[str, tuple[Allotted, ...]] = {
    "P-hours": (Allotted(6, "working_hour"),),
    "P-days": (Allotted(3, "working_day", cutoff=time(15)),),
    "P-calendar": (Allotted(5, "calendar_day"),),
    "P-month": (Allotted(1, "month"),),
    "P-versions": (Allotted(5, "working_day"), Allotted(1, "working_day", time(11), date(2025, 4, 28))),
    "P-none": (),
}
UNKNOWN_PROCEDURE = "P-unknown"


def calendar_of(unit: str | None) -> Calendar:
    return CALENDARS[UNITS[unit][1] if unit in UNITS else "hanoi"]


def city_rules(profile: str = "one_stop") -> Rules:
    return Rules(
        calendar_of=calendar_of,
        profile=PROFILES[profile],
        procedures=PROCEDURES,
        known_units=frozenset(UNITS),
        reception_hours={("task", "normal"): 2},
    )


# When things happen: few days, around closing times, holidays, swapped Saturdays and changes of the clock.

SEASONS = (
    (date(2025, 3, 3), 9),  # two ordinary weeks
    (date(2025, 1, 23), 13),  # Tết
    (date(2025, 4, 24), 12),  # a swapped Saturday, 30 April, and the horizon of `ends_soon`
    (date(2025, 3, 28), 5),  # Europe's clocks go forward
    (date(2025, 10, 24), 11),  # back, and New York's
    (date(2025, 3, 7), 5),  # New York's go forward
    (date(2026, 8, 21), 13),  # a swapped Saturday, 2 September
)
CLOCKS = words(
    "00:00:00 01:30:00 02:30:00 06:30:00 07:59:59.999999 08:00:00 08:00:00.000001 09:00:00 10:15:30.5 "
    "11:30:00 11:59:59.999999 12:00:00 12:30:00 13:00:00 15:00:00 15:00:00.000001 16:00:00 16:59:59.999999 "
    "17:00:00 17:00:00.000001 20:00:00 23:59:59.999999"
)
CAUSES = words(
    "workload missing_documents other_agency field_check legal_unclear system_outage absence other"
)
OUTCOMES = words("granted refused resolved noted referred duplicate not_actionable")
REASONS = words("supplement supplement supplement payment other_agency other")
WORK = ("assigned", "transferred", "suspended", "suspended", "resumed", "resumed", "rescheduled")
BESIDE = ("consulted", "answered", "amended", "rated")
ANYTHING = tuple(RANK[:-1])
END = ("completed", "completed", "completed", "delivered", "withdrawn", "stopped", "declined")
AFTERWARDS = ("delivered", "delivered", "reopened", "reopened", "assigned", "rated")


class Dice(Protocol):
    """What the generator asks for; the first option and the lower number are the simplest."""

    def pick(self, options: Sequence[T]) -> T: ...

    def number(self, low: int, high: int) -> int: ...


class SeededDice:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


class DrawnDice:
    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))


class Generator:
    """The events of one case in one season."""

    def __init__(self, dice: Dice, case_id: str, season: tuple[date, int] | None = None) -> None:
        self.dice, self.case_id = dice, case_id
        self.first_day, self.days = season or dice.pick(SEASONS)
        self.zone = dice.pick((HANOI, HANOI, ZoneInfo("Europe/Berlin")))
        self.moments = sorted(self.moment() for _ in range(dice.number(3, 8)))

    def chance(self, percent: int) -> bool:
        return self.dice.number(0, 99) >= 100 - percent

    def moment(self) -> int:
        day = self.first_day + timedelta(days=self.dice.number(0, self.days - 1))
        wall = datetime.combine(day, time.fromisoformat(self.dice.pick(CLOCKS)), self.zone)
        return (wall - EPOCH) // MICROSECOND

    def near(self) -> int:
        """Mostly one of few moments, so that many things happen at once."""
        return self.dice.pick(self.moments) + self.dice.pick((0, 0, 0, 0, 1, -1, MINUTE, HOUR, DAY))

    def due(self) -> int:
        if self.chance(3):
            return self.near() + 73 * 365 * DAY  # beyond any calendar
        return self.near() + self.dice.pick((0, 0, -DAY, DAY, 3 * DAY, 8 * DAY))

    def unit(self) -> str:
        return self.dice.pick((*UNITS, *UNITS, UNKNOWN_UNIT))

    def procedure(self) -> str:
        return self.dice.pick((*PROCEDURES, *PROCEDURES, UNKNOWN_PROCEDURE))

    def case(self) -> list[Event]:
        wanted = self.types()
        times = [self.near() for _ in wanted]
        if self.chance(75):
            times.sort()
        events = [
            self.event(f"e{n}", kind, at) for n, (kind, at) in enumerate(zip(wanted, times, strict=True))
        ]
        for _ in range(self.dice.pick((0, 0, 1, 2))):
            events.append(self.twin(self.dice.pick(events)))
        for n in range(self.dice.pick((0, 0, 0, 1, 3))):
            events.append(self.void(f"v{n}", events))
        return events

    def types(self) -> list[str]:
        """Mostly a case that begins with a receipt and ends, often more than once; sometimes anything."""
        types: list[str] = []
        if self.chance(50):
            types.append("registered")
        if self.chance(85):
            types.append("received")
        for _ in range(self.dice.number(0, 3)):
            for _ in range(self.dice.number(0, 3)):
                types.append(self.dice.pick(self.dice.pick((WORK, WORK, BESIDE, ANYTHING))))
            if self.chance(60):
                types.append(self.dice.pick(END))
            if self.chance(30):
                types.append(self.dice.pick(AFTERWARDS))
        return types or ["registered"]

    def event(self, event_id: str, kind: str, at: int) -> Event:
        event: Event = {
            "event_id": event_id,
            "type": kind,
            "case_id": self.case_id,
            "occurred_at": at,
            "source": "office",
            "schema_version": 1,
        }
        if self.chance(30):
            event["recorded_at"] = max(at, self.near())
        fields = getattr(self, f"fields_of_{kind}", None)
        return event | (fields() if fields is not None else {})

    def optional(self, percent: int, key: str, value: Any) -> Event:
        return {key: value} if self.chance(percent) else {}

    def attributes(self) -> Event:
        return (
            self.optional(40, "priority", self.dice.pick(("urgent", "normal", "complex")))
            | self.optional(15, "digitised", self.dice.pick((True, False)))
            | self.optional(15, "paid_online", self.dice.pick(("none", "national", "local")))
        )

    def fields_of_registered(self) -> Event:
        return {
            "unit_id": self.unit(),
            "procedure_code": self.procedure(),
            "kind": self.dice.pick(("dossier", "feedback", "task")),
            "channel": self.dice.pick(("counter", "online", "post")),
        } | self.attributes()

    def fields_of_received(self) -> Event:
        return self.fields_of_registered() | self.optional(50, "due_at", self.due())

    def fields_of_assigned(self) -> Event:
        return {"officer": "o-1"} | self.step()

    def fields_of_transferred(self) -> Event:
        return {"unit_id": self.unit()} | self.step()

    def step(self) -> Event:
        step = self.optional(60, "step", self.dice.pick(("review", "sign")))
        return step | self.optional(20, "step_due_at", self.due())

    def fields_of_suspended(self) -> Event:
        event = {"reason": self.dice.pick(REASONS)}
        return event | self.optional(40, "waiting_on", self.unit()) | self.cause()

    def fields_of_resumed(self) -> Event:
        return self.optional(30, "due_at", self.due())

    fields_of_reopened = fields_of_resumed

    def fields_of_rescheduled(self) -> Event:
        return {"due_at": self.due(), "apology": self.dice.pick((False, True))} | self.cause()

    def fields_of_completed(self) -> Event:
        return {"outcome": self.dice.pick(OUTCOMES)} | self.optional(20, "e_result", True) | self.cause()

    def cause(self) -> Event:
        return self.optional(30, "cause", self.dice.pick(CAUSES))

    def fields_of_amended(self) -> Event:
        return (
            self.optional(40, "procedure_code", self.procedure())
            | self.optional(40, "kind", self.dice.pick(("dossier", "feedback", "task")))
            | self.optional(20, "channel", "post")
            | self.attributes()
        )

    def fields_of_consulted(self) -> Event:
        return self.fields_of_answered() | {"unit_id": self.unit()} | self.optional(70, "due_at", self.due())

    def fields_of_answered(self) -> Event:
        return {"request_id": self.dice.pick(("r1", "r2"))}

    def fields_of_rated(self) -> Event:
        solved = self.optional(50, "solved", self.dice.pick((True, False)))
        return {"score": self.dice.number(1, 5)} | solved | self.optional(50, "aspect", "staff")

    def twin(self, event: Event) -> Event:
        """The same id again: the same content, another moment of entry, or another content."""
        how = self.dice.number(0, 3)
        if how == 0:
            return dict(event)
        if how == 1:
            return event | {"recorded_at": event["occurred_at"] + HOUR}
        if how == 2:
            return event | {"occurred_at": self.near()}
        return self.event(event["event_id"], self.dice.pick(RANK[:-1]), event["occurred_at"])

    def void(self, event_id: str, events: Sequence[Event]) -> Event:
        """Of any event, itself and other voids among them, or of none."""
        targets = [event["event_id"] for event in events]
        target = self.dice.pick((*targets, *targets, event_id, "v0", "v1", "unheard-of"))
        return self.event(event_id, "voided", self.near()) | {"voids": target}

    def now(self) -> int:
        return self.near() + self.dice.pick((0, 0, 2 * DAY, 9 * DAY, 40 * DAY))


@st.composite
def histories(draw: st.DrawFn, case_id: str = "C1") -> tuple[list[Event], int]:
    """The events of one case in any order, and a moment to look at it; some events are after it."""
    generator = Generator(DrawnDice(draw), case_id)
    events = generator.case()
    return draw(st.permutations(events)), generator.now()


@st.composite
def cities(draw: st.DrawFn, max_cases: int = 4) -> tuple[list[Event], int]:
    """The events of several cases of one season in any order, and a moment to count them."""
    dice = DrawnDice(draw)
    season = dice.pick(SEASONS)
    generators = [Generator(dice, f"C{n}", season) for n in range(1, dice.number(1, max_cases) + 1)]
    events = [event for generator in generators for event in generator.case()]
    return draw(st.permutations(events)), generators[0].now()


def profiles() -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(PROFILES))


def random_history(seed: int, case_id: str = "C1") -> tuple[list[Event], int]:
    """As `histories`, from a seed."""
    generator = Generator(SeededDice(seed), case_id)
    return shuffled(generator.case(), seed), generator.now()


def random_city(seed: int, cases: int = 50) -> tuple[list[Event], int]:
    """As `cities`, from a seed: all in one season."""
    dice = SeededDice(seed)
    season = dice.pick(SEASONS)
    generators = [Generator(dice, f"C{n}", season) for n in range(1, cases + 1)]
    events = [event for generator in generators for event in generator.case()]
    return shuffled(events, seed), generators[0].now()


def shuffled(events: Sequence[Event], seed: int) -> list[Event]:
    mixed = list(events)
    random.Random(seed).shuffle(mixed)
    return mixed


def shuffled_with_duplicates(events: Sequence[Event], seed: int) -> list[Event]:
    """Some records sent twice, all in another order."""
    chosen = random.Random(seed)
    return shuffled([*events, *(dict(e) for e in events if chosen.random() < 0.3)], seed)
