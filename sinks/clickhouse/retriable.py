"""Which failures of ClickHouse pass by themselves: by a list of its codes, and by what the network says."""

from __future__ import annotations

import re
from typing import Final

RETRIABLE_CODES: Final = frozenset({3, 107, 159, 164, 202, 203, 209, 210, 241, 242, 252, 285, 319, 425, 999})
"""ClickHouse error codes after which the same statement may succeed (timeouts, memory, too many parts, ...)."""
RETRIABLE_HTTP: Final = frozenset({429, 502, 503, 504})
_CODE: Final = re.compile(r"(?:\bcode:?|error code) (\d+)", re.IGNORECASE)
_HTTP: Final = re.compile(r"(?:HTTP driver received HTTP status|response code|status) (\d{3})", re.IGNORECASE)
_NETWORK: Final = {
    "connection refused": "connection refused",
    "connection reset": "connection reset",
    "connection aborted": "connection closed",
    "remote end closed connection": "connection closed",
    "remotedisconnected": "connection closed",
    "broken pipe": "connection closed",
    "incompleteread": "connection closed",
    "connection broken": "connection closed",
    "connection closed": "connection closed",
    "name or service not known": "no such host",
    "temporary failure in name resolution": "no such host just now",
    "timed out": "timed out",
    "failed to establish a new connection": "no connection",
    "newconnectionerror": "no connection",
    "max retries exceeded": "no connection",
}
"""What a network says of itself, and how we say it; the first one found counts."""
_TLS: Final = ("sslerror", "certificate", "[ssl")
"""A wrong certificate, or no TLS at all, stays wrong, although the driver calls it a failed connection."""
_AROUND: Final = (
    re.compile(r"^.*?DB::Exception: (?:Code: \d+\. DB::Exception: )?"),
    re.compile(r"(?: \(version \d| Stack trace:| \(for url | executing HTTP request attempt ).*$"),
    # where in the statement: it repeats the statement, with the values of its parameters put in
    re.compile(r"(?::? In scope |: [Ww]hile executing | \(line \d+, col \d+\)).*?(?= \([A-Z_]+\)$|$)"),
)
_QUOTED: Final = re.compile(r"""(?<!\w)(['"])((?:(?!\1)[^\\]|\\.)*)(?:\1|$)""")
_PARAMETER: Final = re.compile(r"\bValue .*? cannot be parsed")


def one_line(error: BaseException, statement: str = "") -> str:
    """What an error says, in one bounded line, without a value of a row or a parameter.

    Args:
        error: the driver's.
        statement: ours, in which no value stands; what it quotes or names may be told.
    """
    text = " ".join(str(error).split())
    for around in _AROUND:
        text = around.sub("", text, count=1)
    text = _PARAMETER.sub("Value … cannot be parsed", text)
    text = _QUOTED.sub(lambda m: m.group() if m.group(2) and m.group(2) in statement else "'…'", text)
    return text[:300] or type(error).__name__


def code_of(error: BaseException) -> int | None:
    """ClickHouse's code for an error, None where it gave none."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    found = _CODE.search(str(error))
    return int(found.group(1)) if found else None


def why_away(error: BaseException) -> str | None:
    """Why the same call may succeed later, in a few words; None when it will not."""
    chain: BaseException | None = error
    while chain is not None:
        text = str(chain)
        if any(sign in text.lower() for sign in _TLS):
            return None
        number = code_of(chain)
        if number in RETRIABLE_CODES:
            return one_line(chain)
        http = _HTTP.search(text)
        if http and int(http.group(1)) in RETRIABLE_HTTP:
            return f"HTTP status {http.group(1)}"
        if number is None:
            sign = next((sign for sign in _NETWORK if sign in text.lower()), None)
            if sign or isinstance(chain, ConnectionError | TimeoutError):
                return _NETWORK[sign] if sign else "no connection"
        chain = chain.__cause__ or chain.__context__
    return None
