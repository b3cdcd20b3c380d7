"""The simulated city as a stream of messages: some weeks of history at once, then on and on in real time.

All that happens is drawn from the seed and from the moment at which history ends: the same two give the same
bytes. History is a sample (a few hundred cases a day), so that it loads in seconds; live there come as many
cases as it takes to have some events every second, at any hour: at night what people do online and what the
duty centre does, by day the counters too.
"""

import heapq
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import accumulate
from random import Random
from typing import Final

from caseclock.demo.arrivals import arrivals
from caseclock.demo.catalogue import CENTRE, DUTY_CENTRE, KINDS, Kind
from caseclock.demo.dossier import dossier
from caseclock.demo.feedback import feedback, task
from caseclock.demo.mishaps import sent
from caseclock.demo.offices import Offices
from caseclock.demo.paper import Message, Story, local_day
from schemas.events import Channel
from schemas.moment import EPOCH_DAY, SECOND_US
from streams.rules import Rules

DAYS: Final = 60
CASES_A_DAY: Final = 330.0
EVENTS_A_SECOND: Final = 3.0
_SLOT_US: Final = 10 * SECOND_US

_ANY: Final = list(accumulate(kind.weight for kind in KINDS))
_ONLINE: Final = list(accumulate(kind.weight * kind.online for kind in KINDS))


class Simulator:
    """One simulated city.

    Args:
        rules: the rules of the demo city.
        seed: another seed, another city.
        start: when history ends and live begins, µs UTC.
        days: how many local days of history, today included.
        cases_a_day: what a working day brings in history.
        rate: messages a second when live, about.
    """

    def __init__(
        self,
        rules: Rules,
        seed: int,
        start: int,
        *,
        days: int = DAYS,
        cases_a_day: float = CASES_A_DAY,
        rate: float = EVENTS_A_SECOND,
    ) -> None:
        self.offices = Offices(rules, seed, start)
        self.days = days
        self.start = start
        self._seed = seed
        self._cases_a_day = cases_a_day
        self._rate = rate
        self._rng = Random(f"{seed}/{start}")  # noqa: S311  # a simulation, nothing secret
        self._numbered: dict[int, int] = {}
        self._feedback: str | None = None
        self._under_way: list[Message] = []
        self._told = False

    def history(self) -> Iterator[Message]:
        """Everything sent until the start, by the moment of sending. To be asked for once."""
        self._told = True
        rng, calendar = self._rng, self.offices.rules.default_calendar
        last = local_day(self.start)
        outbox: dict[int, list[Message]] = {day: [] for day in range(last - self.days + 1, last + 1)}
        later = self._under_way
        for day in list(outbox):
            for at in arrivals(rng, calendar, day, self._cases_a_day):
                if at > self.start:
                    continue
                for message in self._arrive(rng, at):
                    outbox.get(local_day(message.at), later).append(message)
            for message in sorted(outbox.pop(day)):
                if message.at <= self.start:
                    yield message
                else:
                    later.append(message)
        heapq.heapify(later)

    def live(self) -> Iterator[Message]:
        """Everything sent from the start on, by the moment of sending, without end."""
        if not self._told:
            for _ in self.history():
                pass
        rng, waiting = Random(f"{self._seed}/{self.start}/live"), self._under_way  # noqa: S311
        begins = self.start
        while True:
            ends = begins + _SLOT_US
            due: list[Message] = []
            while waiting and waiting[0].at < ends:
                due.append(heapq.heappop(waiting))
            wanted = self._rate * (0.6 + 0.8 * rng.random()) * _SLOT_US / SECOND_US
            missing = wanted - len(due)
            while missing > 0:
                missing -= 1
                for message in self._arrive(rng, begins + int(rng.random() * _SLOT_US)):
                    if message.at < ends:
                        due.append(message)
                        missing -= 1
                    else:
                        heapq.heappush(waiting, message)
            yield from sorted(due)
            begins = ends

    def _arrive(self, rng: Random, at: int) -> list[Message]:
        """Somebody comes, or writes: all messages of that case."""
        what, offices = rng.random(), self.offices
        counters = offices.open_somewhere(at)
        unit = offices.ward(rng.random(), at)
        if what < (0.05 if counters else 0.6):
            story = feedback(rng, offices, self._case(DUTY_CENTRE, at), at, None)
            unit = DUTY_CENTRE
        elif what < (0.15 if counters else 0.7):
            story = feedback(rng, offices, self._case(unit, at), at, self._feedback)
            self._feedback = story.case_id
        elif what > 0.985 and offices.calendar(unit).is_open(at):
            unit = rng.choice(offices.departments) if rng.random() < 0.5 else unit
            story = task(rng, offices, self._case(unit, at), at)
        else:
            unit, story = self._dossier(rng, unit, at)
        return sent(rng, story, offices.outage, unit)

    def _dossier(self, rng: Random, ward: str, at: int) -> tuple[str, Story]:
        kind = _drawn(rng, _ANY)
        unit = CENTRE if kind.at_the_centre else ward
        channel: Channel = "online"
        if not self.offices.calendar(unit).is_open(at):
            kind = _drawn(rng, _ONLINE)
            unit = CENTRE if kind.at_the_centre else ward
        elif rng.random() >= kind.online:
            channel = "post" if rng.random() < 0.06 else "counter"
        return unit, dossier(rng, self.offices, self._case(unit, at), kind, at, channel)

    def _case(self, unit: str, at: int) -> tuple[str, str]:
        """A new case's id, and its unit."""
        day = local_day(at)
        number = self._numbered[day] = self._numbered.get(day, 0) + 1
        return f"{unit}-{date.fromordinal(day + EPOCH_DAY):%y%m%d}-{number:05}", unit


def _drawn(rng: Random, cumulated: list[float]) -> Kind:
    return KINDS[min(bisect(cumulated, rng.random() * cumulated[-1]), len(KINDS) - 1)]


def now_us() -> int:
    """The wall clock, µs UTC."""
    return int(datetime.now(UTC).timestamp() * SECOND_US)
