"""How a dossier ends in the simulated city, and what the citizen makes of it."""

from typing import Any, Final

from caseclock.demo.course import Course
from caseclock.demo.desk import some_days, when_awake
from caseclock.demo.offices import WORKING_DAY_US
from caseclock.demo.paper import MINUTE_US, stamp
from schemas.events import Aspect
from schemas.moment import HOUR_US

ASPECTS: Final[tuple[Aspect, ...]] = ("access", "procedure", "staff", "result")


def finish(course: Course) -> None:
    """Tell the end of a dossier, from where its desk is."""
    rng, story, desk = course.rng, course.story, course.desk
    how = rng.random()
    if how < 0.013:
        story.tell("withdrawn", desk.at)
        return
    if how < 0.019:
        story.tell("declined", desk.at)
        return
    if how < 0.023:
        mistaken = _complete(course, cause=False)
        story.tell("voided", desk.at + int((1 + 30 * rng.random()) * MINUTE_US), {"voids": mistaken})
        desk.work((0.6 + rng.random()) * HOUR_US)
    if how < 0.993:  # else it is only known to have been handed over
        _complete(course, cause=True)
    late = course.due_passes(desk.at)
    if 0.975 < how < 0.985:
        _reopen(course)
    elif course.handler != course.unit and rng.random() < 0.5:
        story.tell("transferred", desk.at + int(20 * rng.random() * MINUTE_US), {"unit_id": course.unit})
    if 0.96 < how < 0.975:
        told = {"applicant_kind": "business"} if rng.random() < 0.5 else {"channel": "counter"}
        story.tell("amended", desk.at + 5 * MINUTE_US, told)
    _hand_over(course, late=late)


def _complete(course: Course, *, cause: bool) -> str:
    rng, at = course.rng, course.desk.at
    told: dict[str, Any] = {
        "outcome": "granted" if rng.random() < 0.975 else "refused",
        "e_result": course.online or rng.random() < 0.4,
    }
    if cause and course.due_passes(at) and course.cause is not None:
        told["cause"] = course.cause
    return course.story.tell("completed", at, told)


def _reopen(course: Course) -> None:
    """The citizen objects; it is looked at again and ended a second time."""
    rng, desk = course.rng, course.desk
    again = course.offices.calendar(course.unit).next_opening(desk.at + some_days(rng, 1.5))
    desk.skip_to(again)
    told: dict[str, Any] = {}
    if rng.random() < 0.6:
        calendar = course.offices.calendar(course.unit)
        course.due = calendar.advance(again, 2 * WORKING_DAY_US)
        told["due_at"] = stamp(course.due)
    course.story.tell("reopened", again, told)
    desk.work((0.2 + 1.5 * rng.random()) * WORKING_DAY_US)
    _complete(course, cause=True)


def _hand_over(course: Course, *, late: bool) -> None:
    rng, story, desk = course.rng, course.story, course.desk
    calendar = course.offices.calendar(course.unit)
    if course.online and rng.random() < 0.75:
        at = desk.at + int((0.5 + 12 * rng.random()) * MINUTE_US)
    elif rng.random() < 0.7:
        at = desk.work((2 + 60 * rng.random() ** 2) * MINUTE_US)
    else:
        at = calendar.next_opening(course.citizen_comes(1.2)) + int(rng.random() * 3 * HOUR_US)
    story.tell("delivered", at)
    if rng.random() < 0.25:
        wait = 20 * MINUTE_US if rng.random() < 0.4 else 10 * HOUR_US
        rate(course, when_awake(rng, at + int(rng.random() * wait) + MINUTE_US), late=late)


def rate(course: Course, at: int, *, late: bool) -> None:
    """The citizen's opinion: who waited too long is less pleased."""
    rng = course.rng
    score = max(1, 5 - int(rng.expovariate(0.45 if late else 1.6)))
    told: dict[str, Any] = {"score": score}
    if rng.random() < 0.5:
        told["aspect"] = rng.choice(ASPECTS)
    if rng.random() < 0.6:
        told["solved"] = score >= 3
    course.story.tell("rated", at, told)
