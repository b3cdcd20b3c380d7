"""The way of a dossier through the simulated offices, from its registration to its result."""

from random import Random
from typing import Any, Final

from caseclock.demo.catalogue import COUNTER, Kind, P
from caseclock.demo.course import Course
from caseclock.demo.desk import Desk
from caseclock.demo.offices import WORKING_DAY_US, Offices, Trouble
from caseclock.demo.paper import MINUTE_US, Story, stamp
from caseclock.demo.pauses import ask_others, pause
from caseclock.demo.result import finish
from schemas.events import Cause, Channel
from schemas.moment import HOUR_US

SAME_DAY: Final = frozenset({"2.000815", "2.000884", "2.000635", "1.001193", "1.000656", "1.000894"})
"""Done while one waits, or within the day."""
WHILE_ONE_WAITS: Final = frozenset({"2.000815", "2.000884"})
_CAUSES: Final[tuple[Cause, ...]] = ("workload", "missing_documents", "field_check", "other")
_LONGEST_US: Final = 80 * WORKING_DAY_US
"""Nothing takes longer: the calendar must know all days of it."""
_OPENING: Final = ("unit_id", "procedure_code", "kind", "channel")
STEP: Final = "thẩm định"
LAST_STEP: Final = "trình ký"


def dossier(
    rng: Random, offices: Offices, case: tuple[str, str], kind: Kind, at: int, channel: Channel
) -> Story:
    """Tell the whole way of one dossier.

    Args:
        rng: chance.
        offices: the city.
        case: the case's id, and the unit where it is handed in.
        kind: what is asked for.
        at: when it is handed in (µs UTC); a counter must be open then.
        channel: how.
    """
    case_id, unit = case
    story = Story(case_id, "demo.portal" if channel == "online" else "demo.one-stop")
    course = Course(rng, offices, story, kind, unit, channel)
    opening = {"unit_id": unit, "procedure_code": kind.code, "kind": "dossier", "channel": channel}
    opening |= _attributes(rng, kind, channel)
    if _handed_in(course, opening, at):
        _handled(course)
    return story


def _attributes(rng: Random, kind: Kind, channel: Channel) -> dict[str, Any]:
    told: dict[str, Any] = {
        "applicant_kind": "business" if rng.random() < kind.business else "citizen",
        "digitised": rng.random() < (0.9 if channel == "online" else 0.55),
        "fee_due": kind.payment > 0,
    }
    if channel == "online":
        told["vneid"] = rng.random() < 0.85
        told["reused_data"] = rng.random() < 0.3
        told["lookup_hash"] = f"{rng.getrandbits(256):064x}"
        if kind.payment:
            told["paid_online"] = ("national", "national", "local", "none")[rng.getrandbits(2)]
    if rng.random() < 0.04:
        told["priority"] = "urgent" if rng.random() < 0.4 else "complex"
    if kind.code == "2.000986":
        told["bundle_id"] = f"LT-{rng.getrandbits(32):08x}"
    return told


def _handed_in(course: Course, opening: dict[str, Any], at: int) -> bool:
    """Registration and receipt; whether it was received at all."""
    rng, story, calendar = course.rng, course.story, course.offices.calendar(course.unit)
    received_at = at
    if course.online:
        story.tell("registered", at, opening)
        story.source = "demo.one-stop"
        slow = course.unit in course.offices.slow_to_receive and rng.random() < 0.6
        hours = 4 + rng.expovariate(1 / 20) if slow else 0.1 + min(rng.expovariate(1 / 1.6), 7)
        received_at = Desk(calendar, at).work(hours * HOUR_US)
        if rng.random() < 0.05:
            story.tell("declined" if rng.random() < 0.8 else "withdrawn", received_at)
            return False
        opening = {name: opening[name] for name in _OPENING}
    legal = course.offices.rules.statutory_due(course.kind.code, calendar, received_at)
    course.due = legal if legal is not None else calendar.advance(received_at, WORKING_DAY_US)
    if rng.random() < 0.003:
        course.due = calendar.advance(course.due, 2 * WORKING_DAY_US)  # more than the law allots
    if rng.random() < 0.8:
        opening["due_at"] = stamp(course.due)
    story.tell("received", received_at, opening)
    course.desk = Desk(calendar, received_at)
    return True


def _handled(course: Course) -> None:
    rng, story, desk, kind = course.rng, course.story, course.desk, course.kind
    trouble = course.offices.trouble(course.handler, desk.at)
    left = _time_needed(course, trouble)
    course.late = desk.left_until(course.due) + WORKING_DAY_US // 2 < left
    if course.late and rng.random() < 0.8:
        course.cause = trouble.cause if trouble and rng.random() < 0.9 else rng.choice(_CAUSES)
    soon = 0.4 * min(left, desk.left_until(course.due))  # some are looked at early and then lie
    left -= course.work(min(soon * 0.1, 40 * rng.random() ** 4 * MINUTE_US))
    officer = f"CB-{course.handler[len(P) :]}-{rng.randint(1, 5)}"
    if course.handler != course.unit:
        story.tell("transferred", desk.at, {"unit_id": course.handler, "step": STEP})
        left -= course.work(soon * 0.1)
    told: dict[str, Any] = {"officer": officer, "step": STEP}
    if rng.random() < 0.1:
        told["step_due_at"] = stamp(course.due)
    story.tell("assigned", desk.at, told)
    left -= course.work(soon * (0.5 + 0.3 * rng.random()))
    if kind.ask and rng.random() < kind.ask:
        left = ask_others(course, left)
    if rng.random() < kind.supplement + kind.payment + 0.004 and not pause(course):
        return
    if course.late and rng.random() < 0.65:
        _promise_anew(course, left)
    if kind.code not in SAME_DAY and rng.random() < 0.6:
        left -= course.work(left * 0.6)
        in_the_ward = course.handler.startswith(course.unit) and kind.handler != COUNTER
        if in_the_ward and rng.random() < 0.5:
            story.tell("transferred", desk.at, {"unit_id": course.unit, "step": LAST_STEP})
        else:
            story.tell("assigned", desk.at, {"officer": officer, "step": LAST_STEP})
    desk.work(left)
    finish(course)


def _time_needed(course: Course, trouble: Trouble | None) -> float:
    """Working time (µs) from the receipt to the end, pauses left out."""
    rng, desk, code = course.rng, course.desk, course.kind.code
    allotted = max(desk.left_until(course.due), HOUR_US)
    if code in SAME_DAY:
        allotted = WORKING_DAY_US
        share = 0.02 + (0.08 if code in WHILE_ONE_WAITS else 0.6) * rng.random() ** 2
    else:
        share = 0.15 + 0.65 * rng.random()
    share *= course.offices.pace(course.handler)
    if rng.random() < course.offices.fails(course.handler):
        share = 1.3 + rng.expovariate(1 / (4 if code in SAME_DAY else 0.9))
    if trouble is not None:
        if rng.random() < trouble.waits:
            return desk.left_until(trouble.until) + rng.random() * 3 * WORKING_DAY_US
        grown = trouble.grows * course.days_since(trouble.since)
        share = share * (1 + grown) + grown * 0.45
    return min(max(share * allotted, 3.0 * MINUTE_US), _LONGEST_US)


def _promise_anew(course: Course, left: float) -> None:
    """An apology and a new date, most often just before the promise is broken."""
    rng, desk = course.rng, course.desk
    calendar = course.offices.calendar(course.unit)
    if rng.random() < 0.75:
        at = calendar.retreat(course.due, int((0.5 + 7 * rng.random()) * HOUR_US))
    else:
        at = calendar.advance(course.due, int(6 * rng.random() * HOUR_US))
    end = calendar.advance(desk.at, int(left))
    share = 0.4 if rng.random() < 0.7 else 1.0  # some promise what they cannot keep
    new_due = calendar.closing_time(
        calendar.next_working_day(calendar.local_day(at + int((end - at) * share)))
    )
    if not desk.at < at < end or new_due <= course.due:
        return
    told: dict[str, Any] = {"due_at": stamp(new_due), "apology": rng.random() < 0.85}
    if course.cause is not None:
        told["cause"] = course.cause
    course.story.tell("rescheduled", at, told)
    course.due = new_due
