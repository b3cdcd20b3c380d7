"""Which failures of ClickHouse pass by themselves: by a list of its codes, and by what the network says."""

from __future__ import annotations

import re
from typing import Final

RETRIABLE_CODES: Final = frozenset({3, 107, 159, 164, 202, 203, 209, 210, 241, 242, 252, 285, 319, 425, 999})
"""ClickHouse error codes after which the same statement may succeed (timeouts, memory, too many parts, ...)."""
RETRIABLE_HTTP: Final = frozenset({429, 502, 503, 504})
_CODE: Final = re.compile(r"(?:\bcode:?|error code) (\d+)", re.IGNORECASE)
_HTTP: Final = re.compile(r"(?:HTTP driver received HTTP status|response code|status) (\d{3})", re.IGNORECASE)
_NETWORK: Final = (
    "connection refused",
    "connection reset",
    "connection aborted",
    "remote end closed connection",
    "remotedisconnected",
    "max retries exceeded",
    "failed to establish a new connection",
    "newconnectionerror",
    "timed out",
    "broken pipe",
    "incompleteread",
    "connection broken",
    "name or service not known",
    "temporary failure in name resolution",
)


def one_line(error: BaseException) -> str:
    """The first line of what an error says, bounded, without a stack trace."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]


def is_retriable(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, ConnectionError | TimeoutError):
            return True
        text = str(chain)
        code = getattr(chain, "code", None)
        found = _CODE.search(text)
        number = code if isinstance(code, int) else int(found.group(1)) if found else None
        if number in RETRIABLE_CODES:
            return True
        http = _HTTP.search(text)
        if http and int(http.group(1)) in RETRIABLE_HTTP:
            return True
        if number is None and any(sign in text.lower() for sign in _NETWORK):
            return True
        chain = chain.__cause__ or chain.__context__
    return False
