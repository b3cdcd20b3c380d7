"""When a dossier waits: for an opinion, for the citizen, for a fee."""

from typing import Any, Final

from caseclock.demo.course import Course
from caseclock.demo.desk import Desk
from caseclock.demo.offices import WORKING_DAY_US
from caseclock.demo.paper import stamp
from schemas.moment import HOUR_US

_OPINION_DAYS: Final = 4
"""Working days that an opinion may take."""


def ask_others(course: Course, left: float) -> float:
    """Ask another unit for its opinion; the case waits for it or goes on meanwhile.

    Args:
        course: the dossier.
        left: the working time it still needs (µs).

    Returns:
        The working time it needs now.
    """
    rng, story, desk = course.rng, course.story, course.desk
    asked = rng.choice(course.kind.asks)
    others = course.offices.calendar(asked)
    request = f"YK-{rng.getrandbits(32):08x}"
    due = others.closing_time(others.local_day(others.advance(desk.at, _OPINION_DAYS * WORKING_DAY_US)))
    story.tell("consulted", desk.at, {"request_id": request, "unit_id": asked, "due_at": stamp(due)})
    slow = asked in course.offices.slow_to_answer and rng.random() < 0.7
    days = 4 + rng.expovariate(1 / 5) if slow else 0.3 + min(rng.expovariate(1 / 1.2), 6)
    answered_at = Desk(others, desk.at).work(days * WORKING_DAY_US)
    story.tell("answered", answered_at, {"request_id": request})
    if rng.random() < 0.4:
        desk.work(HOUR_US)
        if desk.at < answered_at:
            _suspend(course, {"reason": "other_agency", "waiting_on": asked, "cause": "other_agency"})
            _resume(course, course.offices.calendar(course.unit).next_opening(answered_at))
            desk.work(HOUR_US)
        return left
    left = max(left, desk.left_until(answered_at) + HOUR_US)
    if slow and not course.late and desk.left_until(course.due) + WORKING_DAY_US // 2 < left:
        course.late, course.cause = True, "other_agency"
    return left


def pause(course: Course) -> bool:
    """Suspend a dossier. Returns whether it goes on some day; else it ended, or waits for ever."""
    rng, desk, kind = course.rng, course.desk, course.kind
    calendar = course.offices.calendar(course.unit)
    why = rng.random() * (kind.supplement + kind.payment + 0.004)
    if why < kind.payment:
        _suspend(course, {"reason": "payment"})
        _resume(course, course.citizen_comes(0.8))
        return True
    if why < kind.payment + kind.supplement:
        for _ in range(1 + (rng.random() < 0.12)):
            _suspend(course, {"reason": "supplement", "cause": "missing_documents"})
            if rng.random() < 0.09:
                return _given_up(course)
            _resume(course, calendar.next_opening(course.citizen_comes(3)) + int(rng.random() * HOUR_US))
            desk.work(HOUR_US)
        return True
    if rng.random() < 0.5:
        course.story.tell("stopped", desk.at)
    else:
        _suspend(course, {"reason": "other"})
    if rng.random() < 0.3:
        return False
    _resume(course, calendar.next_opening(course.citizen_comes(4)))
    return True


def _suspend(course: Course, told: dict[str, Any]) -> None:
    course.story.tell("suspended", course.desk.at, told)


def _resume(course: Course, at: int) -> None:
    """Go on, most often with the old promise moved by the time of the pause."""
    calendar = course.offices.calendar(course.unit)
    paused = calendar.working(course.desk.at, at)
    told: dict[str, Any] = {}
    if course.due >= course.desk.at:
        course.due = calendar.advance(course.due, paused)
        if course.rng.random() < 0.2:
            course.due = max(course.due, calendar.advance(at, WORKING_DAY_US))
            told["due_at"] = stamp(course.due)
    course.story.tell("resumed", at, told)
    course.desk.skip_to(at)


def _given_up(course: Course) -> bool:
    """Nobody brings what is missing: after weeks it is withdrawn or sent back, or lies there."""
    what = course.rng.random()
    if what < 0.7:
        at = course.desk.work((12 + 12 * course.rng.random()) * WORKING_DAY_US)
        course.story.tell("withdrawn" if what < 0.35 else "declined", at)
    return False
