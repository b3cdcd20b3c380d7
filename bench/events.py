"""The stream of events that is measured: invented, seeded, and shaped like what the offices of a city send.

Every case has seven events over some days of office hours. What arrives is in order of time, but for a small
part that is entered hours or days later, as offices do. Nothing in it names a person.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

from schemas.calendar import always, hanoi
from schemas.city import City
from schemas.procedure import Allotted, Procedure
from schemas.profile import DEFAULT_PROFILE, PROFILES
from schemas.unit import Unit
from streams.rules import Rules

UNITS: Final = tuple(f"H26.{100 + n}" for n in range(126))
"""The units that hold cases; `H26` is above them all."""
PROCEDURES: Final = tuple(f"1.00{1000 + n}" for n in range(36))
EVENTS_A_CASE: Final = 7

_ZONE: Final = timezone(timedelta(hours=7))
_DAY, _HOUR = 86_400, 3_600


class Sent(NamedTuple):
    """A record of the topic: its key is the case, its value the event as JSON."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the stream is like.

    Attributes:
        cases: how many, each with seven events.
        open_events: when set, every case stops after so many events and stays open.
        seed, name: another stream has another seed, and another name in the ids of its cases.
        days: over how many days the cases are spread.
        late: the part of the events that is entered an hour to three days after it happened.
        ends: local midnight at which everything has happened; today's when `None`.
    """

    cases: int = 60_000
    open_events: int | None = None
    seed: int = 1
    name: str = "B"
    days: int = 60
    late: float = 0.02
    ends: datetime | None = None


def city() -> City:
    """The city the events come from: 126 units below one, 36 procedures with allotted times."""
    calendars = {each.name: each for each in (hanoi(datetime.now(UTC).date()), always())}
    below = tuple(Unit(code=code, name=f"Office {code}", kind="commune", parent="H26") for code in UNITS)
    return City(
        calendars=MappingProxyType(calendars),
        units=(Unit(code="H26", name="City", kind="city"), *below),
        procedures=tuple(
            Procedure(code=code, name=code, allotted=Allotted(amount=3 + n % 12, unit="working_day"))
            for n, code in enumerate(PROCEDURES)
        ),
    )


def rules() -> Rules:
    """The compiled rules of that city under the default profile."""
    return Rules(city(), PROFILES[DEFAULT_PROFILE])


def stream(shape: Shape) -> list[Sent]:
    """All records in their order of arrival."""
    chance = random.Random(shape.seed)  # invented events, no secret
    midnight = datetime.now(_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    last = int((shape.ends or midnight).timestamp())
    arriving: list[tuple[int, int, Sent]] = []
    for number in range(shape.cases):
        for at, fields in _case(chance, number, shape, last):
            arrives = at
            if chance.random() < shape.late:
                arrives = at + chance.randint(_HOUR, 3 * _DAY)
                fields["recorded_at"] = _text(arrives)
            key = fields["case_id"].encode()
            arriving.append((arrives, len(arriving), Sent(key, orjson.dumps(fields))))
    arriving.sort(key=lambda each: each[:2])
    return [sent for _, _, sent in arriving]


def _case(
    chance: random.Random, number: int, shape: Shape, last: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """One case from its receipt on, as (seconds since 1970, fields)."""
    unit = chance.choice(UNITS)
    steps = chance.choices(_STORIES, _WEIGHTS)[0][: shape.open_events]
    span = 16  # days within which the longest story has ended and was entered
    day = last - chance.randint(span, shape.days) * _DAY
    at = day + _office_hours(chance)
    case_id = f"{unit}-{shape.name}{datetime.fromtimestamp(day, _ZONE):%y%m%d}-{number:07d}"
    for place, (kind, days_later, more) in enumerate(steps):
        if days_later:
            day += days_later * _DAY
            at = day + _office_hours(chance)
        elif place:
            at += chance.randint(60, _HOUR)
        yield (
            at,
            {
                "event_id": f"{chance.getrandbits(80):020x}",
                "type": kind,
                "case_id": case_id,
                "occurred_at": _text(at),
                "source": f"one-stop.hanoi.{unit.lower()}",
                "schema_version": 1,
                **more(chance, unit, at),
            },
        )


def _office_hours(chance: random.Random) -> int:
    return chance.randint(8 * _HOUR, 17 * _HOUR)


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, _ZONE).isoformat()


Fields = Callable[[random.Random, str, int], dict[str, Any]]


def _received(chance: random.Random, unit: str, at: int) -> dict[str, Any]:
    return {
        "unit_id": unit,
        "procedure_code": chance.choice(PROCEDURES),
        "kind": "dossier",
        "channel": chance.choice(("online", "counter", "post")),
        "due_at": _text(at + chance.randint(2, 15) * _DAY),
        "priority": "normal",
        "applicant_kind": "citizen",
        "digitised": True,
    }


def _assigned(chance: random.Random, _unit: str, _at: int) -> dict[str, Any]:
    officer = f"o-{chance.getrandbits(40):010x}"
    return {"officer": officer, "step": "examine", "reason": "next in the queue of the division"}


def _transferred(chance: random.Random, _unit: str, _at: int) -> dict[str, Any]:
    return {"unit_id": chance.choice(UNITS), "step": "prepare-decision", "reason": "competent division"}


def _suspended(chance: random.Random, _unit: str, _at: int) -> dict[str, Any]:
    return {"reason": chance.choice(("supplement", "payment", "other_agency")), "cause": "missing_documents"}


def _rescheduled(chance: random.Random, _unit: str, at: int) -> dict[str, Any]:
    return {"due_at": _text(at + chance.randint(2, 9) * _DAY), "apology": True, "cause": "workload"}


def _completed(chance: random.Random, _unit: str, _at: int) -> dict[str, Any]:
    return {"outcome": chance.choice(("granted", "granted", "granted", "refused")), "e_result": True}


def _nothing(_chance: random.Random, _unit: str, _at: int) -> dict[str, Any]:
    return {}


_STORIES: Final[tuple[tuple[tuple[str, int, Fields], ...], ...]] = (
    (
        ("received", 0, _received),
        ("assigned", 0, _assigned),
        ("transferred", 1, _transferred),
        ("suspended", 1, _suspended),
        ("resumed", 3, _nothing),
        ("completed", 3, _completed),
        ("delivered", 1, _nothing),
    ),
    (
        ("received", 0, _received),
        ("assigned", 0, _assigned),
        ("transferred", 2, _transferred),
        ("assigned", 0, _assigned),
        ("transferred", 2, _transferred),
        ("completed", 3, _completed),
        ("delivered", 2, _nothing),
    ),
    (
        ("received", 0, _received),
        ("assigned", 1, _assigned),
        ("transferred", 1, _transferred),
        ("assigned", 0, _assigned),
        ("rescheduled", 5, _rescheduled),
        ("completed", 3, _completed),
        ("delivered", 1, _nothing),
    ),
)
_WEIGHTS: Final = (5, 4, 1)
