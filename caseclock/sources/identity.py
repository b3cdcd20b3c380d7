"""Ids for events of sources that have none, and references that do not show what they stand for.

Both are hashes (BLAKE2b), so the same row gives the same id today, next year and on another machine:
importing a file twice changes nothing, and two equal rows are the same event.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import orjson

IDENTIFYING: Final[dict[str, tuple[str, ...]]] = {
    "assigned": ("officer", "step"),
    "transferred": ("unit_id", "step"),
    "consulted": ("request_id",),
    "answered": ("request_id",),
    "suspended": ("reason",),
    "rescheduled": ("due_at",),
    "amended": ("procedure_code", "kind", "channel"),
    "rated": ("score", "aspect"),
    "voided": ("voids",),
}
"""Fields that tell two events of one type, case and moment apart where the mapping names none; other types:
no field.

Deliberately few: what an office corrects later (a department, an outcome) must not make a second event of the
first.
"""


def stable_id(
    source: str, case_id: str, kind: str, occurred_at: int | None, more: Iterable[object] = ()
) -> str:
    """The id of an event by what it is: 32 hex digits of BLAKE2b-128.

    Args:
        source: the mapping's `source`.
        case_id: the case.
        kind: the event's type.
        occurred_at: microseconds; None where the event is the only one of its type in the case.
        more: values that identify it further, None for an absent one.

    The hashed text is the JSON array of all these without spaces, so that anyone can compute the id again:

    >>> stable_id("desk", "H-1", "received", 1754030106539000)
    '62e5af13e71c6cc19b39b29f54bd6d34'
    """
    text = orjson.dumps([source, case_id, kind, occurred_at, *more])
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def opaque(source: str, text: str, key: bytes = b"") -> str:
    """A reference to a person or anything else that is not to be shown: 16 hex digits.

    Without a `key` whoever has the list of names can find out who is meant by hashing them all; with it
    nobody can who does not have the key. Sources that already write a pseudonym need none.
    """
    digest = hashlib.blake2b(orjson.dumps([source, text]), digest_size=8, key=key, person=b"caseclock")
    return digest.hexdigest()
