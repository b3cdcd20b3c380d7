"""What a single setting may be. Each check says what to write instead, and never repeats the value."""

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator

from schemas.profile import PROFILES

_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{0,200}")
_GROUP: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
DEFAULT_DATABASE: Final = "caseclock"
_HTTP_PORTS: Final = {"http": 8123, "https": 8443}
_DATABASE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_LARGEST_PORT: Final = 65_535
_SHORTEST_TOKEN: Final = 16


def split_address(text: str) -> tuple[str, int]:
    """`host:port` (`[::1]:port` for IPv6) in its two parts; port 0 lets the system choose.

    Raises:
        ValueError: it is anything else.
    """
    host, colon, port = text.strip().rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
        raise ValueError("is no address; write host:port, like 127.0.0.1:8080")
    return host, int(port)


def _address(value: object) -> object:
    if isinstance(value, str):
        return split_address(value) if value.strip() else None
    return value


def _addresses(value: str) -> str:
    addresses = [each.strip() for each in value.split(",")]
    for each in addresses:
        split_address(each)
    return ",".join(addresses)


def _networks(value: str) -> str:
    """Addresses and networks as one text, each checked."""
    each = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return ",".join(str(ip_network(part)) for part in each)
    except ValueError:
        raise ValueError(
            "holds what is no address or network; write them like 10.0.0.7, 10.1.0.0/16"
        ) from None


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_tokens(tokens: Mapping[str, str]) -> None:
    """Tokens must be hard to guess and tell sources apart, and sources be what events can name.

    Raises:
        ValueError: they are not; names the source, never the token.
    """
    for source, token in tokens.items():
        if not _GROUP.fullmatch(source):
            raise ValueError("a source's name has 1 to 200 characters; correct it")
        if len(token) < _SHORTEST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token:
            raise ValueError(
                f"the token of {source} is too weak; write at least {_SHORTEST_TOKEN} letters, digits or signs"
            )
    if len(set(tokens.values())) < len(tokens):
        raise ValueError("two sources have the same token; give each its own")


def _topic_prefix(value: str) -> str:
    if not _TOPIC.fullmatch(value):
        raise ValueError(
            "has other characters than Kafka allows; use letters, digits, dot, dash and underscore"
        )
    return value


def _group(value: str) -> str:
    if not _GROUP.fullmatch(value):
        raise ValueError("is no name; write one of 1 to 200 characters")
    return value


def _profile(value: str) -> str:
    if value not in PROFILES:
        raise ValueError(f"is no profile; choose one of {', '.join(PROFILES)}")
    return value


def _clickhouse_url(value: str) -> str:
    """A server over HTTP, or the folder of the embedded engine."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL; write http://user@host:8123/database") from None
    if parts.query or parts.fragment:
        raise ValueError("has something after a ? or #; leave it out")
    if parts.scheme == "chdb":
        if parts.netloc or not parts.path.strip("/"):
            raise ValueError("names no folder; write chdb:///folder, with three slashes")
        return value
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            "is neither http(s)://user@host:8123/database nor chdb:///folder; write one of the two"
        )
    return _server_url(parts, port)


def _server_url(parts: SplitResult, port: int | None) -> str:
    """The address with all that was left to be understood: the port and the database's name."""
    if parts.password is not None:
        raise ValueError(
            "holds a password; put it into CASECLOCK_CLICKHOUSE__PASSWORD, or a file of …PASSWORD_FILE"
        )
    database = parts.path.strip("/") or DEFAULT_DATABASE
    if not _DATABASE.fullmatch(database):
        raise ValueError("names no database; write its name at the end, like http://127.0.0.1:8123/caseclock")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{host}:{port or _HTTP_PORTS[parts.scheme]}/{database}"


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


EmptyIsNone: Final = BeforeValidator(_empty_is_none)
"""An environment cannot say nothing but by an empty string."""
Address = Annotated[tuple[str, int] | None, BeforeValidator(_address)]
"""A host and a port to listen on; None (empty) = do not listen."""
Addresses = Annotated[str, AfterValidator(_addresses)]
"""One or several `host:port`, separated by commas."""
ClickHouseUrl = Annotated[str, AfterValidator(_clickhouse_url)]
OptionalClickHouseUrl = Annotated[
    str | None, EmptyIsNone, AfterValidator(lambda value: value and _clickhouse_url(value))
]
Networks = Annotated[str, AfterValidator(_networks)]
"""Addresses and networks, separated by commas; none when empty."""
TopicPrefix = Annotated[str, AfterValidator(_topic_prefix)]
KafkaName = Annotated[str, AfterValidator(_group)]
ProfileName = Annotated[str, AfterValidator(_profile)]
