"""`POST /api/v1/events`: events over HTTP from offices without Kafka.

What is promised:
- A token belongs to one source; an event that names another source is refused (reason ``other_source``).
- The answer comes after Kafka has acknowledged. 200: all lines are taken. 207: the good ones are, the bad ones are
  named by number, reason and field. 422: none is. Good lines are taken although others are bad, for one bad line must
  not hold up an office; a bad one is for its sender to mend: it is named to him, counted, and no dead letter.
- 503: Kafka is away, and nothing is claimed, though a part may have arrived. Send all of it again: an ``event_id`` that
  is there already changes nothing (domain.md §2).
- What goes to Kafka is the event as it was understood: unknown fields and free text come to rest nowhere.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from aiohttp import web

from caseclock.bearer import Bearers
from caseclock.events_topic import EventsTopic
from caseclock.sources.lines import split_lines
from dashboards.board.web.metrics import BoardMetric, BoardMetrics
from dashboards.board.web.problems import Problem
from schemas.decode import MAX_LINE_BYTES, Unreadable, decode, encode
from schemas.stored import Unavailable

PATH: Final = "/api/v1/events"
OTHER_SOURCE: Final = "other_source"
MOST_NAMED: Final = 1_000
"""Refused lines that are named; all are counted."""
_ONE, _MANY = "application/json", "application/x-ndjson"
_AWAY_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 60.0
"""So long a body may take to come."""


@dataclass(slots=True)
class Judged:
    """The lines of a body: what is to be sent, and what is refused.

    Attributes:
        keys, values: of the records.
        lines: the first refused ones: line, reason, field.
        reasons: how many of each.
    """

    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, reason: str, name: str) -> None:
        """Note a line that is not taken; never its content."""
        self.reasons[reason] += 1
        if len(self.lines) < MOST_NAMED:
            self.lines.append({"line": line, "reason": reason, "field": name})

    def told(self) -> dict[str, Any]:
        """The answer."""
        return {"accepted": len(self.keys), "refused": self.reasons.total(), "lines": self.lines}

    @property
    def status(self) -> int:
        """200, 207 or 422."""
        if not self.reasons:
            return 200
        return 207 if self.keys else 422


def judge(body: bytes, source: str, now_us: int, *, one: bool = False) -> Judged:
    """Read every line of a body.

    Args:
        body: unpacked.
        source: whose events they must be.
        now_us: the wall clock.
        one: the whole body is a single event, over several lines if it likes.
    """
    judged = Judged()
    for number, raw in enumerate([body] if one else split_lines([body]), 1):
        if not raw or (raw.isspace() and len(raw) <= MAX_LINE_BYTES):
            continue
        try:
            event = decode(raw, now_us)
        except Unreadable as why:
            judged.refuse(number, why.reason.value, why.field)
            continue
        if event["source"] != source:
            judged.refuse(number, OTHER_SOURCE, "source")
            continue
        judged.keys.append(event["case_id"].encode())
        judged.values.append(encode(event))
    return judged


class Intake:
    """The handler.

    Args:
        bearers: the tokens of the sources.
        topic: where events go.
        most_bytes: of a body, packed and unpacked.
        clock: the wall clock, µs UTC.
        metrics: where it is counted.
    """

    def __init__(
        self,
        bearers: Bearers,
        topic: EventsTopic,
        most_bytes: int,
        clock: Callable[[], int],
        metrics: BoardMetrics,
    ) -> None:
        self._bearers, self._topic, self._most = bearers, topic, most_bytes
        self._clock, self._metrics = clock, metrics

    def routes(self) -> list[web.RouteDef]:
        """The address."""
        return [web.post(PATH, self._post)]

    async def _post(self, request: web.Request) -> web.StreamResponse:
        source = self._bearers.name_of(request)
        if source is None:
            detail = (
                "Show the token of your source: Authorization: Bearer …; the operator of this board gives it."
            )
            raise Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
        if request.content_type not in {_ONE, _MANY}:
            raise Problem(415, f"Send one event as {_ONE}, or one a line as {_MANY}.")
        body = await self._body(request)
        one = request.content_type == _ONE
        judged = await asyncio.to_thread(judge, body, source, self._clock(), one=one)
        if not judged.keys and not judged.reasons:
            raise Problem(400, "The body is empty: send at least one event.")
        await self._send(judged)
        self._metrics.add(BoardMetric.INTAKE_EVENTS, len(judged.keys), source=source)
        for reason, count in judged.reasons.items():
            self._metrics.add(BoardMetric.INTAKE_REFUSED, count, source=source, reason=reason)
        headers = {"Content-Type": _ONE, "Cache-Control": "no-store"}
        return web.Response(status=judged.status, body=orjson.dumps(judged.told()), headers=headers)

    async def _send(self, judged: Judged) -> None:
        if not judged.keys:
            return
        try:
            await self._topic.send(judged.keys, judged.values)
        except Unavailable:
            detail = (
                f"Kafka does not answer, and nothing is known to be taken. Send all of it again in {_AWAY_SECONDS} s; "
                "what arrived already changes nothing."
            )
            raise Problem(503, detail, headers={"Retry-After": str(_AWAY_SECONDS)}) from None

    async def _body(self, request: web.Request) -> bytes:
        """All of the body, unpacked; never more of it than is allowed."""
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip"}:
            raise Problem(415, "Send the body as it is, or with Content-Encoding: gzip.")
        if (request.content_length or 0) > self._most:
            raise self._too_large()
        body, unpack = bytearray(), _Unpacker() if encoding == "gzip" else None
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                async for piece in request.content.iter_any():
                    body += piece if unpack is None else unpack.next(piece, self._most + 1 - len(body))
                    if len(body) > self._most:
                        raise self._too_large()
        except TimeoutError:
            raise Problem(
                408, f"The body did not come within {_PATIENCE_SECONDS:g} s; send it again."
            ) from None
        if unpack is not None and not unpack.whole:
            raise Problem(400, "The gzip data of the body is broken or breaks off; send it again.")
        return bytes(body)

    def _too_large(self) -> Problem:
        detail = f"The body has more than {self._most} bytes, packed or unpacked; send it in several."
        return Problem(413, detail)


class _Unpacker:
    """Gzip, piece by piece, of one or several members; says whether it came to an end."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False

    @property
    def whole(self) -> bool:
        """Whether the last member has ended, its checksum right."""
        return self._begun and self._member.eof

    def next(self, piece: bytes, most: int) -> bytes:
        """What comes out of a piece, at most so many bytes: whoever is given that many gives up."""
        out = b""
        try:
            while piece and len(out) < most:
                if self._member.eof:
                    self._member = zlib.decompressobj(wbits=31)
                self._begun = True
                out += self._member.decompress(piece, most - len(out))
                piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        except zlib.error:
            raise Problem(400, "The body is no gzip data, or it is broken; send it again.") from None
        return out
