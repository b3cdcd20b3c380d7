"""What happens to messages on their way: late, doubled, out of order, cut off, in the wrong code page."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any, Final

import orjson

from caseclock.demo.offices import Outage
from caseclock.demo.paper import MINUTE_US, Message, Story, stamp
from schemas.dead_letter import Reason
from schemas.moment import DAY_US, HOUR_US, SECOND_US

Fields = Mapping[str, Any]


def _with(**changed: Any) -> Callable[[Fields], bytes]:  # noqa: ANN401  # whatever a broken message may hold
    return lambda event: orjson.dumps({**event, **changed})


BREAKS: Final[Mapping[Reason, Callable[[Fields], bytes]]] = MappingProxyType(
    {
        Reason.NOT_JSON: lambda event: orjson.dumps(event)[:-1],
        Reason.NOT_UTF8: lambda event: orjson.dumps(event)[:-1] + b',"note":"\xd0\xe3 nh\xe2n"}',
        Reason.NOT_AN_OBJECT: lambda event: orjson.dumps([event["case_id"]]),
        Reason.TOO_DEEP: lambda event: b'{"a":' + b"[" * 60 + orjson.dumps(event) + b"]" * 60 + b"}",
        Reason.MISSING_FIELD: lambda event: orjson.dumps({k: v for k, v in event.items() if k != "event_id"}),
        Reason.MALFORMED_FIELD: lambda event: orjson.dumps(
            {
                **event,
                "occurred_at": event["occurred_at"][:19].replace("-", "").replace(":", "").replace("T", ""),
            }
        ),
        Reason.UNKNOWN_TYPE: _with(type="trinh_ky"),
        Reason.UNKNOWN_VALUE: lambda event: orjson.dumps(
            {**event, "type": "suspended", "reason": "cho_bo_sung"}
        ),
        Reason.UNKNOWN_VERSION: _with(schema_version=2),
        Reason.BAD_ID: _with(source=""),
        Reason.TIME_OUT_OF_RANGE: _with(occurred_at="1970-01-01T08:00:00+07:00"),
    }
)
"""Ways in which a good event becomes a message that cannot be read, by the reason it is refused for."""

_REASONS: Final = tuple(BREAKS)


def sent(rng: Random, story: Story, outage: Outage | None, unit: str) -> list[Message]:
    """The messages of a case, in no order.

    Args:
        rng: chance.
        story: the case.
        outage: whose line was down when.
        unit: where the case is held at first.
    """
    key = story.case_id.encode()
    cut_off = outage is not None and unit in outage.units
    messages = []
    for at, event in story.events:
        send_at = at + SECOND_US + int(rng.random() * 8 * SECOND_US)
        luck = rng.random()
        if luck > 0.94:
            send_at += _late(rng, luck)
            if luck > 0.97 and luck < 0.985:
                event["recorded_at"] = stamp(send_at)
        if cut_off and outage is not None and outage.since <= at < outage.until:
            send_at = max(send_at, outage.until + int(rng.random() * 20 * MINUTE_US))
        value = orjson.dumps(event)
        messages.append(Message(send_at, value, key))
        if luck < 0.012:
            messages.append(Message(send_at + int(rng.random() ** 4 * 2 * DAY_US) + SECOND_US, value, key))
        elif luck < 0.015:
            broken = BREAKS[_REASONS[rng.randrange(len(_REASONS))]](event)
            messages.append(Message(send_at - SECOND_US // 2, broken, key))
    return messages


def _late(rng: Random, luck: float) -> int:
    """How late a message is (µs): minutes, seldom hours, now and then days."""
    if luck < 0.985:
        return int((1 + 60 * rng.random() ** 2) * MINUTE_US)
    if luck < 0.997:
        return int((1 + 16 * rng.random()) * HOUR_US)
    return int((1 + 3 * rng.random()) * DAY_US)
