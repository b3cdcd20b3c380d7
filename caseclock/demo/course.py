"""What all parts of a dossier's way through the simulated offices know of it."""

from random import Random

from caseclock.demo.catalogue import Kind, P
from caseclock.demo.desk import Desk, some_days, when_awake
from caseclock.demo.offices import WORKING_DAY_US, Offices
from caseclock.demo.paper import Story
from schemas.events import Cause, Channel


class Course:
    """One dossier on its way.

    Attributes:
        rng, offices, story, kind: chance, the city, what is written, what was asked for.
        unit, handler, online: where it was received, who does the work, how it came.
        desk: where it is in working time; only after the receipt.
        due: the promise (µs UTC).
        late: whether it will be late, as far as its officer can see.
        cause: why, if somebody says so.
    """

    __slots__ = (
        "cause",
        "desk",
        "due",
        "handler",
        "kind",
        "late",
        "offices",
        "online",
        "rng",
        "story",
        "unit",
    )

    desk: Desk

    def __init__(
        self, rng: Random, offices: Offices, story: Story, kind: Kind, unit: str, channel: Channel
    ) -> None:
        self.rng = rng
        self.offices = offices
        self.story = story
        self.kind = kind
        self.unit = unit
        self.online = channel == "online"
        self.handler = kind.handler if kind.handler.startswith(P) else unit + kind.handler
        self.due = 0
        self.late = False
        self.cause: Cause | None = None

    def work(self, us: float) -> float:
        """Let the desk go on by so much working time (µs); returns the same."""
        self.desk.work(us)
        return us

    def days_since(self, moment: int) -> float:
        """Working days from a moment to where the case is now."""
        return self.offices.calendar(self.unit).working(moment, self.desk.at) / WORKING_DAY_US

    def due_passes(self, at: int) -> bool:
        """Whether an end at this moment is late: the day of the promise is over."""
        calendar = self.offices.calendar(self.unit)
        return at > calendar.day_end(calendar.local_day(self.due))

    def citizen_comes(self, mean_days: float) -> int:
        """When the citizen does something about it: at an hour that people keep, some days later (µs UTC)."""
        return when_awake(self.rng, self.desk.at + some_days(self.rng, mean_days))
