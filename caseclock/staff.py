"""`GET /staff/cases/{case_id}/explain`: the clock of one case, for staff, on an address of its own.

Never part of the board's application: there is no way to it from the public listener. Without a token it answers
only requests that name the address it listens on, so that no page in a browser on this machine can read it under a
name of its own (DNS rebinding).
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date, tzinfo
from typing import Any, Final

import orjson
from aiohttp import web

from caseclock.bearer import Bearers
from caseclock.explained import NoSuchCase, as_text, explained
from caseclock.listening import listening
from caseclock.settings import StaffSettings
from dashboards.board.web.defects import tell_defect
from dashboards.board.web.headers import hide_version, secure
from dashboards.board.web.problems import Problem
from schemas.moment import EPOCH_DAY, format_time
from schemas.stored import Unavailable
from sinks.clickhouse.client import ClickHouse
from streams.explain import Explanation
from streams.explain_facts import Fact
from streams.explain_words import Teller
from streams.rules import Rules

_PRIVATE: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def as_data(case_id: str, told: Explanation) -> dict[str, Any]:
    """An explanation as JSON: moments in the case's zone, durations in µs of working time, and the words beside it."""
    zone = told.calendar.zone
    return {
        "case_id": case_id,
        "as_of": format_time(told.now, zone),
        "time_zone": str(zone),
        "steps": [
            {
                "at": format_time(step.at, zone),
                "type": step.type,
                "event_id": step.event_id,
                "fate": step.fate,
                "facts": _facts(step.facts, zone),
            }
            for step in told.steps
        ],
        "ledger": [
            {
                "kind": span.kind,
                "began": format_time(span.began, zone),
                "until": format_time(span.until, zone),
                "working_us": span.working_us,
            }
            for span in told.spans
        ],
        "result": _facts(told.result, zone),
        "text": {language: list(Teller(told, language).lines(case_id)) for language in ("vi", "en")},
    }


def _facts(facts: Iterable[Fact], zone: tzinfo) -> list[dict[str, Any]]:
    return [
        {"code": fact.code, **{name: _param(name, value, zone) for name, value in fact.params.items()}}
        for fact in facts
    ]


def _param(name: str, value: int | str, zone: tzinfo) -> int | str:
    """What a parameter is shows in its name (streams/explain_facts.py)."""
    if isinstance(value, int) and (name == "at" or name.endswith("_at")):
        return format_time(value, zone)
    if isinstance(value, int) and name == "day":
        return date.fromordinal(value + EPOCH_DAY).isoformat()
    return value


class Staff:
    """The handler.

    Args:
        connect: opens a connection for reading; not before somebody asks.
        rules: by which they are judged.
        now: the moment the numbers stand for, µs UTC.
        token: what a request must show; None: nothing, but it must come for our own address.
        host: the address we listen on.
    """

    def __init__(
        self,
        connect: Callable[[], ClickHouse],
        rules: Rules,
        now: Callable[[], int],
        token: str | None,
        host: str,
    ) -> None:
        self._connect, self._rules, self._now = connect, rules, now
        self._store: ClickHouse | None = None
        self._opening = threading.Lock()
        self._bearers = Bearers({"staff": token}) if token else None
        self._hosts = _HERE | {host}

    def app(self) -> web.Application:
        """The application, with this one address."""
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(secure)
        app.add_routes([web.get("/staff/cases/{case_id}/explain", self._explain)])
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  # aiohttp's
        try:
            self._admit(request)
            answer: web.StreamResponse = await handler(request)
        except Problem as problem:
            return problem.response()
        except web.HTTPException as error:
            return Problem(error.status, "There is only GET /staff/cases/{case_id}/explain here.").response()
        except Exception as error:  # noqa: BLE001  # the last place that can still answer
            tell_defect(error)
            return Problem(500, "This is a defect of the program. Please report it.").response()
        return answer

    def _admit(self, request: web.Request) -> None:
        if self._bearers is not None:
            if self._bearers.name_of(request) is None:
                detail = "Show the token of the setting staff.token: Authorization: Bearer …"
                raise Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
        elif _host_of(request.headers) not in self._hosts:
            raise Problem(
                403, "Ask for the address that the setting staff.listen names, under no other name."
            )

    async def _explain(self, request: web.Request) -> web.StreamResponse:
        case_id = request.match_info["case_id"]
        try:
            told = await asyncio.to_thread(self._explained, case_id)
        except NoSuchCase:
            raise Problem(404, "There is no such case; is its id right?") from None
        except Unavailable:
            detail = "The database does not answer. Ask again in a few seconds."
            raise Problem(503, detail, headers={"Retry-After": "5"}) from None
        if _wants_text(request):
            return web.Response(text=as_text(case_id, told), content_type="text/plain", headers=_PRIVATE)
        body = orjson.dumps(as_data(case_id, told))
        return web.Response(body=body, headers={"Content-Type": "application/json", **_PRIVATE})

    def _explained(self, case_id: str) -> Explanation:
        with self._opening:
            if self._store is None:
                self._store = self._connect()
        return explained(self._store, self._rules, case_id, self._now())

    def close(self) -> None:
        """Close the connection, if there is one."""
        with self._opening:
            if self._store is not None:
                self._store.close()


def _host_of(headers: Mapping[str, str]) -> str:
    host = headers.get("Host", "")
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _wants_text(request: web.Request) -> bool:
    """Text where it is asked for by `?format=text`, or by Accept before JSON."""
    accept = request.headers.get("Accept", "")
    asked = request.query.get("format")
    return asked == "text" or (asked is None and "text/plain" in accept and "json" not in accept)


@asynccontextmanager
async def staff_server(
    settings: StaffSettings, connect: Callable[[], ClickHouse], rules: Rules, now: Callable[[], int]
) -> AsyncIterator[str | None]:
    """Answer for as long as the block lasts; without an address there is no server. Yields where.

    Raises:
        CaseclockError: nothing can listen there.
    """
    if settings.listen is None:
        yield None
        return
    hide_version()
    token = settings.token.get_secret_value() if settings.token else None
    staff = Staff(connect, rules, now, token, settings.listen[0])
    try:
        async with listening(staff.app(), settings.listen, "CASECLOCK_STAFF__LISTEN") as where:
            yield where
    finally:
        await asyncio.to_thread(staff.close)
