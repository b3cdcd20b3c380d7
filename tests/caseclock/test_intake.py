"""The intake: who may send, what is taken, what is named, and what is promised when; over HTTP to a real broker."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from caseclock import events_topic as module
from caseclock.bearer import Bearers
from caseclock.clocks import WallClock
from caseclock.embedded.broker import embedded_broker
from caseclock.embedded.child import end
from caseclock.events_topic import EventsTopic
from caseclock.intake import MOST_NAMED, Intake, judge
from caseclock.listening import listening
from caseclock.worker import topic_names
from dashboards.board.web.app import make_app
from dashboards.board.web.metrics import BoardMetric, BoardMetrics
from dashboards.board.web.models import IntakeAnswer
from schemas.decode import decode
from sinks.kafka import KafkaAccess
from tests.caseclock.commands_kit import NOBODY, PARTITIONS, SECRET, event, records
from tests.conftest import Broker
from tests.dashboards.web_kit import PLAIN_PAGES, UNLIMITED, HandFeed, PlainRenderer

TOKENS = {"office": "a-token-of-the-office", "Sở Y tế": "another-token-of-one"}
MOST_BYTES = 100_000
NDJSON = "application/x-ndjson"


@dataclass
class Desk:
    """An intake that answers, and a client of it."""

    url: str
    session: ClientSession
    metrics: BoardMetrics

    async def send(
        self, body: bytes, media: str = NDJSON, token: str = TOKENS["office"], **headers: str
    ) -> tuple[int, Any]:
        named = {"Content-Type": media, "Authorization": f"Bearer {token}"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.url, data=body, headers=named) as answer:
            told = json.loads(await answer.read())
            if answer.status in {200, 207, 422}:
                IntakeAnswer.model_validate(told)
            else:
                assert answer.headers["Content-Type"] == "application/problem+json"
            assert SECRET not in json.dumps(told)
            self.headers = answer.headers
            return answer.status, told


@asynccontextmanager
async def opened(broker: Broker, prefix: str, tokens: dict[str, str] = TOKENS) -> AsyncIterator[Desk]:
    access = broker.access
    if broker is NOBODY:
        access = KafkaAccess(bootstrap_servers=access.bootstrap_servers, connect_seconds=1.0)
    topic = EventsTopic(access, prefix, PARTITIONS, embedded=broker.name == "tansu")
    metrics = BoardMetrics()
    intake = Intake(Bearers(tokens), topic, MOST_BYTES, WallClock().wall, metrics)
    app = make_app(
        HandFeed(None),
        PlainRenderer(),
        PLAIN_PAGES,
        limits=UNLIMITED,
        metrics=metrics,
        routes=intake.routes(),
    )
    async with listening(app, ("127.0.0.1", 0), "NOTHING") as where, ClientSession() as session:
        yield Desk(f"{where}/api/v1/events", session, metrics)
    await topic.close()


def lines(*events: bytes) -> bytes:
    return b"\n".join(events) + b"\n"


async def test_an_event_is_in_kafka_when_the_answer_comes(broker: Broker, prefix: str) -> None:
    async with opened(broker, prefix) as desk:
        many = [event(f"c{number % 5}", f"e{number}") for number in range(20)]

        one = await desk.send(
            json.dumps(json.loads(event("c1", "first")), indent=2).encode(), "application/json"
        )
        told = await desk.send(lines(*many))
        found = await asyncio.to_thread(records, broker, topic_names(prefix).events)

        assert one == (200, {"accepted": 1, "refused": 0, "lines": []})
        assert told == (200, {"accepted": 20, "refused": 0, "lines": []})
        now = WallClock().wall()
        sent = {(each.key.decode(), decode(each.value, now)["event_id"]) for each in found}
        assert sent == {("c1", "first"), *((f"c{number % 5}", f"e{number}") for number in range(20))}
        by_key = {each.key: each.partition for each in found}
        assert all(by_key[each.key] == each.partition for each in found)
        assert desk.metrics.value(BoardMetric.INTAKE_EVENTS) == 21


async def test_good_lines_are_taken_and_bad_ones_named_by_number_reason_and_field(
    tansu_broker: Broker, prefix: str
) -> None:
    body = lines(
        event("c1"),
        b"no json " + SECRET.encode(),
        b"",
        event("c2", source=SECRET),
        event("c3", kind=SECRET),
        event("c4", "e4"),
    )
    async with opened(tansu_broker, prefix) as desk:
        status, told = await desk.send(body)
        found = await asyncio.to_thread(records, tansu_broker, topic_names(prefix).events)

        assert status == 207
        assert told == {
            "accepted": 2,
            "refused": 3,
            "lines": [
                {"line": 2, "reason": "not_json", "field": ""},
                {"line": 4, "reason": "other_source", "field": "source"},
                {"line": 5, "reason": "unknown_value", "field": "kind"},
            ],
        }
        assert sorted(each.key for each in found) == [b"c1", b"c4"]
        assert 'refused_total{source="office",reason="other_source"} 1\n' in "".join(desk.metrics.lines())


async def test_of_a_body_without_a_good_line_nothing_is_taken(tansu_broker: Broker, prefix: str) -> None:
    async with opened(tansu_broker, prefix) as desk:
        status, told = await desk.send(b"[]", "application/json")

        assert (status, told["accepted"]) == (422, 0)
        assert told["lines"] == [{"line": 1, "reason": "not_an_object", "field": ""}]
        assert await asyncio.to_thread(records, tansu_broker, topic_names(prefix).events) == []


async def test_what_was_sent_by_mistake_does_not_get_as_far_as_kafka(
    tansu_broker: Broker, prefix: str
) -> None:
    personal = event("c1", applicant=SECRET, digitised=True, phone=SECRET)
    stopped = {"type": "stopped", "reason": SECRET}
    async with opened(tansu_broker, prefix) as desk:
        status, _ = await desk.send(lines(personal, event("c1", "e2", **stopped)))
        found = await asyncio.to_thread(records, tansu_broker, topic_names(prefix).events)

        assert (status, len(found)) == (200, 2)
        assert SECRET.encode() not in b"".join(each.value for each in found)
        assert b'"digitised":true' in b"".join(each.value for each in found)


@pytest.mark.parametrize("scheme", ["Bearer {}x", "Basic {}", "{}", "Bearer", "Bearer  "])
async def test_without_a_known_token_nothing_is_even_read(prefix: str, scheme: str) -> None:
    async with opened(NOBODY, prefix) as desk:
        status, told = await desk.send(event("c1"), Authorization=scheme.format(TOKENS["office"]))

        assert status == 401
        assert desk.headers["WWW-Authenticate"] == "Bearer"
        assert "Authorization: Bearer" in told["detail"]


async def test_the_token_decides_whose_events_they_are(tansu_broker: Broker, prefix: str) -> None:
    async with opened(tansu_broker, prefix) as desk:
        mine = await desk.send(event("c1", source="Sở Y tế"), token=TOKENS["Sở Y tế"])
        anothers = await desk.send(event("c1", source="Sở Y tế"))

        assert (mine[0], anothers[0]) == (200, 422)
        assert anothers[1]["lines"][0]["reason"] == "other_source"


async def test_a_body_may_be_packed_if_it_is_whole(tansu_broker: Broker, prefix: str) -> None:
    body = lines(*(event(f"c{number}") for number in range(50)))
    packed = gzip.compress(body[:3000]) + gzip.compress(body[3000:])
    async with opened(tansu_broker, prefix) as desk:
        whole = await desk.send(packed, Content_Encoding="gzip")
        broken = [
            await desk.send(each, Content_Encoding="gzip") for each in (packed[:-5], packed[:40], body, b"")
        ]

        assert whole == (200, {"accepted": 50, "refused": 0, "lines": []})
        assert [status for status, _ in broken] == [400] * 4
        assert len(await asyncio.to_thread(records, tansu_broker, topic_names(prefix).events)) == 50


async def test_a_body_is_bounded_packed_and_unpacked(prefix: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    async with opened(NOBODY, prefix) as desk:
        packed = await desk.send(bomb, Content_Encoding="gzip")
        plain = await desk.send(b" " * (MOST_BYTES + 1))

        assert len(bomb) < MOST_BYTES
        assert (packed[0], plain[0]) == (413, 413)
        assert str(MOST_BYTES) in plain[1]["detail"]


@pytest.mark.parametrize(
    ("body", "media", "encoding", "status"),
    [
        (b"x=1", "application/x-www-form-urlencoded", "identity", 415),
        (event("c1"), "text/plain", "identity", 415),
        (event("c1"), NDJSON, "br", 415),
        (b"", NDJSON, "identity", 400),
        (b"\n \n", NDJSON, "identity", 400),
    ],
)
async def test_other_bodies_are_refused(
    prefix: str, body: bytes, media: str, encoding: str, status: int
) -> None:
    async with opened(NOBODY, prefix) as desk:
        assert (await desk.send(body, media, Content_Encoding=encoding))[0] == status


async def test_while_kafka_is_away_nothing_is_claimed_and_it_is_said_when_to_come_again(prefix: str) -> None:
    async with opened(NOBODY, prefix) as desk:
        status, told = await desk.send(lines(event("c1"), b"bad"))
        again, _ = await desk.send(event("c1"))

        assert (status, again) == (503, 503)
        assert int(desk.headers["Retry-After"]) > 0
        assert "accepted" not in told
        assert desk.metrics.value(BoardMetric.INTAKE_EVENTS) == 0


async def test_kafka_that_dies_between_two_bodies_claims_only_the_first(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DELIVER_SECONDS", 1.5)
    with embedded_broker() as mortal:
        access = KafkaAccess(bootstrap_servers=mortal.bootstrap_servers, connect_seconds=1.0)
        async with opened(Broker("tansu", access, 2.0), prefix) as desk:
            before = await desk.send(event("c1"))
            end(mortal.process, patience=0)
            during = await desk.send(event("c2"))

            assert (before[0], during[0]) == (200, 503)


async def test_without_a_token_there_is_no_intake() -> None:
    app = make_app(HandFeed(None), PlainRenderer(), PLAIN_PAGES)
    async with (
        listening(app, ("127.0.0.1", 0), "NOTHING") as where,
        ClientSession() as session,
        session.post(f"{where}/api/v1/events", data=event("c1")) as answer,
    ):
        assert answer.status == 405


@given(st.lists(st.one_of(st.binary(max_size=40), st.integers(0, 9)), max_size=30))
def test_every_line_is_taken_or_named(given_lines: list[bytes | int]) -> None:
    body = [
        each.replace(b"\n", b"") if isinstance(each, bytes) else event(f"c{each}") for each in given_lines
    ]

    judged = judge(b"\n".join(body), "office", WallClock().wall())

    filled = [number for number, line in enumerate(body, 1) if line.removesuffix(b"\r").strip()]
    good = [number for number, line in enumerate(given_lines, 1) if isinstance(line, int)]
    assert len(judged.keys) == len(good)
    assert [each["line"] for each in judged.lines] == [number for number in filled if number not in good]


def test_of_many_bad_lines_the_first_are_named_and_all_are_counted() -> None:
    judged = judge(b"x\n" * (MOST_NAMED + 5), "office", WallClock().wall())

    assert (len(judged.lines), judged.told()["refused"]) == (MOST_NAMED, MOST_NAMED + 5)
