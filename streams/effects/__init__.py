"""What each type of event does to a case, a handler per type, grouped by what they are about.

A handler never throws a case away: what does not fit is applied in the most sensible way and named among the
case's anomalies (domain §3).
"""

from __future__ import annotations

from typing import Final

from schemas.events import EVENT_TYPES
from streams.effects import beside, ends, holding, pauses, reception
from streams.effects.common import Fields, Handler

__all__ = ["HANDLERS", "Fields"]

_BY_TYPE: Final[dict[str, Handler]] = {
    "registered": reception.registered,
    "received": reception.received,
    "declined": reception.refusal("declined"),
    "assigned": holding.assigned,
    "transferred": holding.transferred,
    "consulted": beside.consulted,
    "answered": beside.answered,
    "suspended": pauses.suspended,
    "resumed": pauses.resumed,
    "rescheduled": pauses.rescheduled,
    "completed": ends.completed,
    "withdrawn": reception.refusal("withdrawn"),
    "stopped": ends.stopped,
    "delivered": ends.delivered,
    "reopened": ends.reopened,
    "amended": beside.amended,
    "rated": beside.rated,
}

HANDLERS: Final = tuple(_BY_TYPE.get(name, beside.amended) for name in EVENT_TYPES)
"""By rank. ``voided`` has none of its own: what was voided is taken out before anything is applied."""
