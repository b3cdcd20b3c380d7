"""Small native records for tests: one complete example per type, and the bytes of a changed one."""

import json
from typing import Any, Final

from schemas.contracts import example_of
from schemas.decode import parse_time

NOW: Final = parse_time("2026-11-24T00:00:00Z")


def raw(event_type: str = "received", /, **changes: Any) -> bytes:
    """The example of a type with some fields changed; a field changed to `...` is left out."""
    content = example_of(event_type) | changes
    return json.dumps({name: value for name, value in content.items() if value is not ...}).encode()


def nested(depth: int) -> bytes:
    """A readable event whose unknown field makes the record `depth` levels deep."""
    inside = b"[" * (depth - 1) + b"]" * (depth - 1)
    return raw("delivered")[:-1] + b', "extra": ' + inside + b"}"
