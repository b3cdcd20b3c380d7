"""Feedback (iHaNoi) and tasks in the simulated city."""

from random import Random
from typing import Any, Final

from caseclock.demo.catalogue import DUTY_CENTRE, ECONOMY, FEEDBACK_CODES, SOCIAL, TASK_CODE, P
from caseclock.demo.desk import Desk, when_awake
from caseclock.demo.offices import WORKING_DAY_US, Offices
from caseclock.demo.paper import MINUTE_US, Story, stamp
from schemas.events import Outcome
from schemas.moment import HOUR_US

_URGENT_HOURS: Final = 4
"""Urgent feedback is handled within four working hours of its receipt (Decision 1207/QĐ-UBND)."""
_UNSOLVED: Final[tuple[Outcome, ...]] = ("noted", "referred", "not_actionable")


def feedback(rng: Random, offices: Offices, case: tuple[str, str], at: int, earlier: str | None) -> Story:
    """Tell the way of one piece of feedback.

    Args:
        rng: chance.
        offices: the city.
        case: its id, and who gets it: a ward, or the duty centre that never closes.
        at: when it is sent (µs UTC), at any hour.
        earlier: an earlier case, which this one may repeat.
    """
    case_id, unit = case
    story = Story(case_id, "demo.ihanoi")
    on_duty = unit == DUTY_CENTRE
    urgent = rng.random() < (0.8 if on_duty else 0.08)
    opening = {
        "unit_id": unit,
        "procedure_code": FEEDBACK_CODES[2 if on_duty else rng.getrandbits(2)],
        "kind": "feedback",
        "channel": "online",
        "priority": "urgent" if urgent else "normal",
    }
    story.tell("registered", at, opening)
    desk = Desk(offices.calendar(unit), at)
    slow = unit in offices.slow_to_receive and rng.random() < 0.6
    if on_duty:
        desk.work((0.3 + 4 * rng.random() ** 2) * MINUTE_US)
    else:
        desk.work((4 + rng.expovariate(1 / 12) if slow else 0.1 + 5 * rng.random() ** 2) * HOUR_US)
    if rng.random() < 0.05:
        story.tell("declined", desk.at)
        return story
    if urgent:
        due = offices.calendar(unit).advance(desk.at, _URGENT_HOURS * HOUR_US)
        opening["due_at"] = stamp(due)
    story.tell("received", desk.at, opening)
    if on_duty:
        _on_duty(rng, story, desk)
    else:
        _by_the_ward(rng, offices, story, desk, unit, urgent=urgent)
    _ended(rng, story, desk, earlier)
    return story


def _on_duty(rng: Random, story: Story, desk: Desk) -> None:
    """The duty centre finds out what it can do itself, and sends a crew to the rest."""
    desk.work((0.2 + 3 * rng.random()) * MINUTE_US)
    story.tell("assigned", desk.at, {"officer": f"CB-TT2-{rng.randint(1, 9)}", "step": "điều phối"})
    desk.work((1 + 7 * rng.random()) * MINUTE_US)
    if rng.random() < 0.3:
        story.tell("assigned", desk.at, {"officer": f"DOI-{rng.randint(1, 20)}", "step": "hiện trường"})
        desk.work((10 + 60 * rng.random() ** 2 + (300 if rng.random() < 0.06 else 0)) * MINUTE_US)


def _by_the_ward(rng: Random, offices: Offices, story: Story, desk: Desk, unit: str, *, urgent: bool) -> None:
    handler = unit + (ECONOMY if rng.random() < 0.7 else SOCIAL)
    desk.work((5 + 60 * rng.random()) * MINUTE_US)
    story.tell("transferred", desk.at, {"unit_id": handler, "step": "xác minh"})
    story.tell(
        "assigned", desk.at, {"officer": f"CB-{handler[len(P) :]}-{rng.randint(1, 5)}", "step": "xác minh"}
    )
    days = 0.1 + 0.4 * rng.random() if urgent else 0.5 + 11 * rng.random() ** 2
    if rng.random() < 2 * offices.fails(handler):
        days += 1.5 if urgent else 12
    desk.work(days * offices.pace(unit) * WORKING_DAY_US)


def _ended(rng: Random, story: Story, desk: Desk, earlier: str | None) -> None:
    told: dict[str, Any] = {"outcome": "resolved"}
    if rng.random() < 0.2:
        told["outcome"] = rng.choice(_UNSOLVED)
    elif earlier is not None and rng.random() < 0.04:
        story.tell("amended", desk.at, {"duplicate_of": earlier})
        told["outcome"] = "duplicate"
    story.tell("completed", desk.at, told)
    if rng.random() < 0.4:
        score = max(1, 5 - int(rng.expovariate(1.1)))
        rated = {"score": score, "aspect": "feedback", "solved": told["outcome"] == "resolved" and score > 2}
        story.tell("rated", when_awake(rng, desk.at + int((2 + 400 * rng.random() ** 3) * MINUTE_US)), rated)


def task(rng: Random, offices: Offices, case: tuple[str, str], at: int) -> Story:
    """Tell the way of a task that the city sets a unit, with or without a date.

    Args:
        rng: chance.
        offices: the city.
        case: its id, and who has to do it.
        at: when it is set (µs UTC), in opening hours.
    """
    case_id, unit = case
    story = Story(case_id, "demo.tasks")
    calendar = offices.calendar(unit)
    told: dict[str, Any] = {"unit_id": unit, "procedure_code": TASK_CODE, "kind": "task", "channel": "online"}
    days = rng.choice((5, 10, 15, 20))
    if rng.random() < 0.6:
        told["due_at"] = stamp(
            calendar.closing_time(calendar.local_day(calendar.advance(at, days * WORKING_DAY_US)))
        )
    story.tell("received", at, told)
    desk = Desk(calendar, at)
    desk.work((0.2 + rng.random()) * HOUR_US)
    story.tell("assigned", desk.at, {"officer": f"CB-{unit[len(P) :]}-{rng.randint(1, 5)}"})
    desk.work(days * (0.4 + 0.55 * rng.random() + (0.5 if rng.random() < 0.06 else 0)) * WORKING_DAY_US)
    story.tell("completed", desk.at, {"outcome": "noted" if rng.random() < 0.3 else "resolved"})
    return story
