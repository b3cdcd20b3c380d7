"""The facts that pages are made of, and whom they are asked from. No words, no HTML, no database in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from dashboards.limits import SilenceLimits
from schemas.period import Period
from schemas.procedure import Procedure
from schemas.unit import Unit

Scope = Literal["own", "tree"]
Dimension = Literal["procedure", "channel", "kind", "cause", "step", "aspect"]

WHOLE_CITY = "*"
"""The id under which everything together is counted; its scope is ``own``."""


class Figure(NamedTuple):
    """One number with what makes it trustworthy.

    Attributes:
        id: its entry in the registry (schemas/registry.py); title, formula and unit of measure stand there.
        value: int counts, seconds; float fractions of 1 and scores; None: nothing to measure, or hidden.
        n: how many cases it is built on; None for a count, which is its own n.
        as_of: the moment up to which it counts everything.
        hidden: kept back because so few cases could be people (domain.md §7).
        corrected_at: when a late event last changed it after its period was over and shown; None: never.
    """

    id: str
    value: int | float | None
    n: int | None
    as_of: datetime
    hidden: bool = False
    corrected_at: datetime | None = None


Figures = Mapping[str, Figure]
"""By id of the registry."""


class Day(NamedTuple):
    """A unit's local day: flow of the day and stock at its end, by column of ``v_units_history``."""

    day: date
    numbers: Mapping[str, int]
    corrected_at: datetime | None


class Cell(NamedTuple):
    """A unit's numbers for one value of a dimension: a procedure, channel, kind, cause, step, or aspect of ratings."""

    value: str
    figures: Figures


class Pair(NamedTuple):
    """What is between two units: who waits (asks, hands over) and for whom (whom, to whom).

    Attributes:
        waiting: open cases suspended for the other unit; ``waiting_worst_s``: the longest, working seconds.
        asked, asked_open, asked_overdue, answered_late: consultations.
        handed_over, handed_back: hand-overs, and those that went back to where the case had been before.
        inherited_overdue: cases handed over when they were overdue already.
        hidden: names of numbers kept back because so few cases could be people; they are 0 (None) here.
    """

    unit_id: str
    other_id: str
    waiting: int
    waiting_worst_s: int | None
    asked: int
    asked_open: int
    asked_overdue: int
    answered_late: int
    handed_over: int
    handed_back: int
    inherited_overdue: int
    hidden: frozenset[str] = frozenset()


class Source(NamedTuple):
    """An office's system that sends events."""

    source: str
    last_event_at: datetime
    silence_s: int
    stale: bool
    events: int


class Silent(NamedTuple):
    """A unit from which nothing has come for too long, or never: its last moment, and what it last had open."""

    unit: Unit
    last_event_at: datetime | None
    open: int | None


class Reporting(NamedTuple):
    """How many of the units in being have sent something lately, and the others, longest silence first."""

    reporting: int
    expected: int
    missing: Sequence[Silent]


LagReason = Literal[
    "waiting_on", "supplements", "inflow", "step", "inherited", "no_cause", "cause", "unknown"
]


class Lagging(NamedTuple):
    """A unit that lags, and the strongest reason that the numbers show.

    Attributes:
        overdue_share: overdue ÷ open.
        reason: ``waiting_on`` (``about`` = the unit waited for), ``supplements`` (suspended for supplements),
            ``inflow`` (more came in than went out in the period), ``step`` (``about`` = the step where cases stay
            longest), ``inherited`` (handed over overdue), ``cause`` (``about`` = the cause named most often),
            ``no_cause`` (nobody named one), ``unknown`` (not computed yet, or hidden: 0 of 0).
        reason_n: cases behind that reason; ``of_n``: of how many.
    """

    unit: Unit
    figures: Figures
    overdue_share: float
    reason: LagReason
    about: str
    reason_n: int
    of_n: int


class Anomaly(NamedTuple):
    """How often an anomaly was found, for a unit or a source."""

    kind: str
    n: int


class DeadLetters(NamedTuple):
    """Records of a source that could not be read, by reason."""

    source: str
    reason: str
    n: int
    last_at: datetime


class Board(Protocol):
    """The city at one moment. Immutable: a page asks one Board and is of one piece.

    ``unit_id`` is a unit's code or ``WHOLE_CITY``. An unknown unit raises KeyError. Nothing here blocks for
    longer than a point query takes.
    """

    version: int
    """Grows with every change: what an ETag and a live update go by."""
    as_of: datetime
    """Up to when all events that have come are counted."""
    generated_at: datetime
    """When it was made, or last looked at: what ages are told by."""
    away_since: datetime | None
    """Since when the database does not answer, so that there can be no newer numbers; None: it answers."""
    summaries_at: datetime | None
    """When speed, breakdowns and coordination were last computed; None: not yet."""
    today: date
    zone: ZoneInfo
    profile: str
    demo: bool
    """Everything on it is invented."""
    silence: SilenceLimits
    """From when on a unit or a source is told to be silent."""
    units: Mapping[str, Unit]
    """Units of the lists, by code, in the lists' order; units known from cases only come last."""
    procedures: Mapping[str, Procedure]
    sources: Sequence[Source]
    reporting: Reporting
    dead_letters: Sequence[DeadLetters]

    def children(self, unit_id: str) -> Sequence[str]:
        """Codes of the units directly below; of ``WHOLE_CITY`` those without a parent."""
        ...

    def path(self, unit_id: str) -> Sequence[str]:
        """The unit's code and those of all above it, upwards."""
        ...

    def now(self, unit_id: str, scope: Scope) -> Figures:
        """Every number of units.csv, all time up to now: stock, ages, the oldest."""
        ...

    def period(self, unit_id: str, scope: Scope, period: Period) -> Figures:
        """Every number of the registry that a period has: flow, promise, speed, voice, attributes, causes.

        With ``carried_over`` and ``open``: the ledger adds up, ``flow_gap`` is 0.
        """
        ...

    def trend(self, unit_id: str, scope: Scope, days: int = 30) -> Sequence[Day]:
        """The last local days, oldest first, none missing; at most those that are kept (400)."""
        ...

    def series(self, unit_id: str, scope: Scope, number: str, days: int = 30) -> Sequence[int]:
        """One column of ``trend``: for tables of all units, where a day of every number would cost too much."""
        ...

    def corrections(self, unit_id: str, days: int = 30) -> Sequence[tuple[date, datetime]]:
        """Days of the unit's own ``trend`` that late events changed after they were over, and when."""
        ...

    def breakdown(self, unit_id: str, scope: Scope, dimension: Dimension, period: Period) -> Sequence[Cell]:
        """The unit's numbers by a dimension, biggest first, what is too small hidden."""
        ...

    def bands(self, unit_id: str, scope: Scope) -> Figures:
        """The overdue by delay: ``overdue_to_1_day`` … ``overdue_over_30_days``, and how old the oldest are."""
        ...

    def lagging(self, period: Period, most: int = 10) -> Sequence[Lagging]:
        """Units that lag most: by share of overdue among the open, of units with at least 5 open."""
        ...

    def pairs(self, unit_id: str | None = None) -> Sequence[Pair]:
        """Who waits for whom; of one unit, both ways."""
        ...

    def anomalies(self, unit_id: str) -> Sequence[Anomaly]:
        """By kind, of the unit's own cases (``WHOLE_CITY``: of all)."""
        ...

    def last_event_at(self, unit_id: str) -> datetime | None:
        """When something last happened at the unit itself."""
        ...
