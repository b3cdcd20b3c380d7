"""The offices of the simulated city: how much comes to each, how quick it is, and who falls behind and why.

Who falls behind is drawn from the seed: another seed, other offices. It says nothing about the real ones.
"""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final, NamedTuple

from caseclock.demo.catalogue import (
    BUILDING,
    CENTRE,
    COUNTER,
    ECONOMY,
    LAND,
    PLANNING,
    RECORDS,
    SOCIAL,
)
from schemas.events import Cause
from schemas.moment import HOUR_US
from streams.rules import Rules
from streams.worktime import WorkingTime

WORKING_DAY_US: Final = 8 * HOUR_US
_CROWDED_WARDS: Final = 4.0
"""What comes to the overloaded ward, against what came to it before."""


class Trouble(NamedTuple):
    """Why an office falls behind, from when to when (µs UTC).

    Attributes:
        grows: what each working day of it adds to the time a case takes, in parts of the allotted time.
        waits: the share of cases that nobody touches before it is over.
    """

    cause: Cause
    since: int
    until: int
    grows: float = 0.0
    waits: float = 0.0


class Outage(NamedTuple):
    """Offices whose messages of some hours are only sent when their line is back (µs UTC)."""

    units: frozenset[str]
    since: int
    until: int


class Offices:
    """All offices, with what the seed makes of them.

    Args:
        rules: the city's rules.
        seed: decides who is large, quick, in trouble.
        start: the moment (µs UTC) at which history ends: troubles are as old as is worth seeing then.

    Attributes:
        wards: the codes of the wards and communes.
        troubles: by the unit that handles.
        crowded: the ward to which four times as much comes as used to.
        slow_to_receive: wards that let online cases wait.
        slow_to_answer: units whose opinions come late.
    """

    def __init__(self, rules: Rules, seed: int, start: int) -> None:
        rng = Random(f"{seed}/offices")  # noqa: S311  # a simulation, nothing secret
        self.rules = rules
        kinds = {unit.code: unit.kind for unit in rules.city.units}
        self.wards: Sequence[str] = [code for code, kind in kinds.items() if kind in ("ward", "commune")]
        self.departments = [code for code, kind in kinds.items() if kind == "department"]
        weights = [rng.lognormvariate(0.25 if kinds[code] == "ward" else -0.25, 0.45) for code in self.wards]
        self._cumulated = list(accumulate(weights))
        self._pace = {code: rng.lognormvariate(0, 0.25) for code in kinds}
        busy = [code for code, weight in zip(self.wards, weights, strict=True) if 1.2 < weight < 2.5]
        self.crowded, absent, *others = rng.sample(busy, 12)
        self.slow_to_receive = frozenset(others[:2])
        self._weak = {code + division for code in others[2:] for division in (COUNTER, ECONOMY, SOCIAL)}
        self._weak |= {RECORDS, BUILDING}
        self.slow_to_answer = frozenset({PLANNING})
        crowd = (_CROWDED_WARDS - 1) * weights[self.wards.index(self.crowded)] / self._cumulated[-1]
        self._crowding = crowd / (1 + crowd)
        ago, ahead = rules.default_calendar.retreat, rules.default_calendar.advance

        def days(n: float) -> int:
            return int(n * WORKING_DAY_US)

        self.troubles = {
            self.crowded: Trouble("workload", ago(start, days(16)), ahead(start, days(40)), grows=0.2),
            LAND: Trouble("legal_unclear", ago(start, days(36)), ahead(start, days(40)), grows=0.035),
        }
        away = Trouble("absence", ago(start, days(9)), ahead(start, days(5)), waits=0.8)
        self.troubles |= dict.fromkeys((absent, absent + ECONOMY, absent + SOCIAL), away)
        self._crowded_since = self.troubles[self.crowded].since
        began = ago(start, days(3.4))
        self.outage = Outage(frozenset(rng.sample(self.wards, 6)), began, began + 5 * HOUR_US)

    def ward(self, roll: float, at: int) -> str:
        """The ward or commune that a person of this roll (0 to 1) goes to at a moment."""
        if at >= self._crowded_since:
            if roll < self._crowding:
                return self.crowded
            roll = (roll - self._crowding) / (1 - self._crowding)
        return self.wards[min(bisect(self._cumulated, roll * self._cumulated[-1]), len(self.wards) - 1)]

    def pace(self, unit: str) -> float:
        """How long a unit takes, against the others."""
        return self._pace[unit]

    def fails(self, unit: str) -> float:
        """The share of its cases that a unit lets lie for no reason that a rule could name."""
        return 0.35 if unit in self._weak else 0.02

    def calendar(self, unit: str) -> WorkingTime:
        """The calendar of a unit."""
        return self.rules.calendar_of(unit)

    def trouble(self, unit: str, at: int) -> Trouble | None:
        """What keeps a unit from its work at a moment."""
        trouble = self.troubles.get(unit)
        return trouble if trouble is not None and trouble.since <= at < trouble.until else None

    def open_somewhere(self, at: int) -> bool:
        """Whether a counter is open: a ward's or the service centre's (the duty centre always is)."""
        return self.calendar(self.wards[0]).is_open(at) or self.calendar(CENTRE).is_open(at)
