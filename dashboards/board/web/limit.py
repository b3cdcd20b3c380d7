"""How often one client may ask: a bucket of tokens for each address, in bounded memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_UNKNOWN: Final = "unknown"
_HOPS: Final = 20
"""Of a list of proxies so many are looked at."""


class Buckets:
    """A bucket for each address; each request takes a token, and tokens come back with time.

    Args:
        per_second: tokens that come back.
        burst: tokens that a full bucket holds.
        most: addresses remembered; the one not heard of for longest is forgotten, and begins with a full bucket.
        clock: seconds of any clock that only goes forward.
    """

    def __init__(
        self, per_second: float, burst: int, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._most, self._clock = per_second, float(burst), most, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_for(self, address: str) -> int:
        """Take a token: 0, or, where there is none, the seconds until there will be one."""
        now = self._clock()
        tokens, then = self._buckets.pop(address, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        enough = tokens >= 1
        self._buckets[address] = (tokens - 1 if enough else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0 if enough else max(1, math.ceil((1 - tokens) / self._rate))


def client_of(peer: str | None, forwarded: str | None, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """Whose request it is: the peer, or, where that is a proxy we trust, the last address before our proxies.

    Everything left of an address that we do not trust could have been made up by it. Of IPv6 the first 64 bits
    count: a household has that many addresses at will.

    Args:
        peer: who is at the other end of the connection.
        forwarded: the header ``X-Forwarded-For``, all of it.
        trusted: networks of our proxies; none: the header is not looked at.
    """
    address = _read(peer or "")
    hops = (forwarded or "").split(",")[-_HOPS:] if trusted else []
    while hops and address is not None and any(address in network for network in trusted):
        before = _read(hops.pop())
        if before is None:
            break
        address = before
    if address is None:
        return _UNKNOWN
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with a port, in brackets, IPv4 within IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
