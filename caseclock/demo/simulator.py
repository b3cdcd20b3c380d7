"""The simulated city as a stream of messages: some weeks of history at once, then on and on in real time.

All that happens is drawn from the seed and from the moment at which history ends: the same two give the same
bytes. History is a sample (a few hundred cases a day), so that it loads in seconds; live there come as many
cases as it takes to have some events every second, at any hour: at night what people do online and what the
duty centre does, by day the counters too.
"""

import heapq
from bisect import bisect
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from caseclock.demo.arrivals import arrivals
from caseclock.demo.catalogue import CENTRE, DUTY_CENTRE, KINDS, Kind
from caseclock.demo.dossier import WHILE_ONE_WAITS, dossier
from caseclock.demo.feedback import feedback, task
from caseclock.demo.mishaps import sent
from caseclock.demo.offices import Offices
from caseclock.demo.paper import Message, Story, day_start, local_day
from schemas.events import Channel
from schemas.moment import EPOCH_DAY, SECOND_US
from streams.rules import Rules

DAYS: Final = 60
CASES_A_DAY: Final = 290.0
EVENTS_A_SECOND: Final = 2.5
WARM_UP_US: Final = 15 * 60 * SECOND_US
_SLOT_US: Final = 60 * SECOND_US


class Mix(NamedTuple):
    """What comes, in shares: to the duty centre, as feedback to a ward, for something done while one waits."""

    duty: float
    feedback: float
    quick: float


_BY_DAY: Final = Mix(0.05, 0.1, 0.0)
_AT_NIGHT: Final = Mix(0.35, 0.2, 0.0)
"""In history. Live there is more of what is soon done, or else the offices would drown in a few hours."""
_LIVE_BY_DAY: Final = Mix(0.25, 0.1, 0.35)
_LIVE_AT_NIGHT: Final = Mix(0.85, 0.05, 0.0)
_TASKS: Final = 0.015

_QUICK: Final = [kind for kind in KINDS if kind.code in WHILE_ONE_WAITS]
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
        days = range(last - self.days + 1, last + 1)
        outbox: dict[int, list[Message]] = {day: [] for day in days}
        later = self._under_way

        def post(messages: list[Message]) -> None:
            for message in messages:
                outbox.get(local_day(message.at), later).append(message)

        for day in days:
            for at in arrivals(rng, calendar, day, self._cases_a_day):
                if at <= self.start:
                    post(self._arrive(rng, at, _BY_DAY, _AT_NIGHT))
            if day < last - 1:
                yield from sorted(outbox.pop(day))
        post(self._warm_up(rng))
        for message in sorted(message for messages in outbox.values() for message in messages):
            if message.at <= self.start:
                yield message
            else:
                later.append(message)
        heapq.heapify(later)

    def _warm_up(self, rng: Random) -> list[Message]:
        """The last minutes of history are as busy as what follows, so that live begins with all kinds of events."""
        waiting: list[Message] = []
        done: list[Message] = []
        begins = max(self.start - WARM_UP_US, day_start(local_day(self.start) - self.days + 1))
        while begins < self.start:
            done += self._minute(rng, begins, waiting)
            begins += _SLOT_US
        return done + waiting

    def live(self) -> Iterator[Message]:
        """Everything sent from the start on, by the moment of sending, without end."""
        if not self._told:
            for _ in self.history():
                pass
        rng = Random(f"{self._seed}/{self.start}/live")  # noqa: S311
        begins = self.start
        while True:
            yield from sorted(self._minute(rng, begins, self._under_way))
            begins += _SLOT_US

    def _minute(self, rng: Random, begins: int, waiting: list[Message]) -> list[Message]:
        """What is sent in a minute: what waits for it, and as many new cases as that leaves room for.

        Args:
            rng: chance.
            begins: the minute's first moment (µs UTC).
            waiting: a heap of what is sent later; changed.
        """
        ends = begins + _SLOT_US
        due: list[Message] = []
        while waiting and waiting[0].at < ends:
            due.append(heapq.heappop(waiting))
        room = self._rate * (0.8 + 0.4 * rng.random()) * _SLOT_US / SECOND_US - len(due)
        while room > 0:
            soon = 0
            at = begins + int(rng.random() * _SLOT_US)
            for message in self._arrive(rng, at, _LIVE_BY_DAY, _LIVE_AT_NIGHT):
                if message.at < ends:
                    due.append(message)
                    soon += 1
                else:
                    heapq.heappush(waiting, message)
            room -= max(1, soon)
        return due

    def _arrive(self, rng: Random, at: int, by_day: Mix, at_night: Mix) -> list[Message]:
        """Somebody comes, or writes: all messages of that case."""
        offices, what = self.offices, rng.random()
        duty, to_a_ward, quick = by_day if offices.open_somewhere(at) else at_night
        unit = offices.ward(rng.random(), at)
        if what < duty:
            unit = DUTY_CENTRE
            story = feedback(rng, offices, self._case(unit, at), at, None)
        elif what < duty + to_a_ward:
            story = feedback(rng, offices, self._case(unit, at), at, self._feedback)
            self._feedback = story.case_id
        elif what > 1 - _TASKS and offices.calendar(unit).is_open(at):
            unit = rng.choice(offices.departments) if rng.random() < 0.5 else unit
            story = task(rng, offices, self._case(unit, at), at)
        elif what < duty + to_a_ward + quick and offices.calendar(unit).is_open(at):
            story = dossier(rng, offices, self._case(unit, at), rng.choice(_QUICK), at, "counter")
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
