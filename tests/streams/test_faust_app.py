"""A Faust app inside another program: settings, start, stop, and failures that nobody can overlook."""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiokafka.errors
import faust
import pytest
from faust.transport.drivers import TRANSPORTS
from faust.types import StreamT

from caseclock.embedded.broker import embedded_broker
from caseclock.embedded.child import free_port
from sinks.kafka import KafkaAccess
from streams.faust_app import AgentEnded, AppSettings, StartTimeout, credentials, make_app, running
from streams.transport import Batch, Transport
from tests.conftest import Broker
from tests.streams.transport_kit import Seen, fill, make_topic, settings, until


def written(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def idle(stream: StreamT[Any]) -> None:
    async for _ in stream:
        pass


def test_brokers_are_named_as_kafka_names_them() -> None:
    app = make_app(KafkaAccess(bootstrap_servers="a:1, [::1]:2"), AppSettings(group_id="g"))

    assert isinstance(app.transport, Transport)
    assert [(url.scheme, url.host, url.port) for url in app.conf.broker] == [
        ("caseclock", "a", 1),
        ("caseclock", "::1", 2),
    ]
    assert app.conf.id == "g"


def test_the_scheme_is_known_to_any_faust_app() -> None:
    app = faust.App("stock", broker="caseclock://a:1;caseclock://b:2")

    assert TRANSPORTS.by_url("caseclock://a:1") is Transport
    assert isinstance(app.transport, Transport)
    assert [url.host for url in app.transport.url] == ["a", "b"]


def test_credentials_reach_the_client_in_fausts_words() -> None:
    plain = KafkaAccess(bootstrap_servers="a:1")
    tls = KafkaAccess(bootstrap_servers="a:1", security_protocol="SSL")
    sasl = KafkaAccess(
        bootstrap_servers="a:1",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_username="worker",
        sasl_password="hush",  # invented
    )

    assert credentials(plain) is None
    assert isinstance(credentials(tls), faust.SSLCredentials)
    told = make_app(sasl, AppSettings(group_id="g")).conf.broker_credentials
    assert isinstance(told, faust.SASLCredentials)
    assert (told.mechanism.value, told.username, told.password) == ("SCRAM-SHA-256", "worker", "hush")
    assert told.protocol.value == "SASL_PLAINTEXT"


async def test_it_leaves_signals_output_and_the_folder_alone(
    tansu_broker: Broker, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await make_topic(tansu_broker, f"{prefix}events")
    app = make_app(tansu_broker.access, settings(tansu_broker, f"{prefix}group"))
    app.agent(app.batch_topic(f"{prefix}events"), name="idle")(idle)
    before = (sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))

    async with running(app):
        assert (
            sys.stdout,
            sys.stderr,
            signal.getsignal(signal.SIGINT),
            signal.getsignal(signal.SIGTERM),
        ) == before

    assert written(tmp_path) == []


async def test_an_agent_that_comes_to_its_end_is_told(tansu_broker: Broker, prefix: str) -> None:
    await make_topic(tansu_broker, f"{prefix}events")
    app = make_app(tansu_broker.access, settings(tansu_broker, f"{prefix}group"))

    async def tired(_stream: StreamT[Batch]) -> None:
        await asyncio.sleep(2.5)

    app.agent(app.batch_topic(f"{prefix}events"), name="tired")(tired)

    async def work() -> None:
        async with running(app):
            await asyncio.sleep(30)

    with pytest.raises(AgentEnded, match="tired"):
        await work()


async def test_a_timer_that_raises_ends_the_block_with_its_exception(
    tansu_broker: Broker, prefix: str
) -> None:
    await make_topic(tansu_broker, f"{prefix}events")
    app = make_app(tansu_broker.access, settings(tansu_broker, f"{prefix}group"))
    app.agent(app.batch_topic(f"{prefix}events"), name="idle")(idle)

    @app.timer(0.2)  # type: ignore[untyped-decorator]  # Faust's own is
    async def broken() -> None:
        raise LookupError("a defect in a timer")

    async def work() -> None:
        async with running(app):
            await asyncio.sleep(30)

    with pytest.raises(LookupError, match="a defect in a timer"):
        await work()


async def test_the_blocks_own_failure_and_its_cancellation_pass_through(
    tansu_broker: Broker, prefix: str
) -> None:
    await make_topic(tansu_broker, f"{prefix}events")

    async def work(name: str, failure: Exception | None) -> None:
        app = make_app(tansu_broker.access, settings(tansu_broker, f"{prefix}{name}"))
        app.agent(app.batch_topic(f"{prefix}events"), name="idle")(idle)
        async with running(app):
            if failure is not None:
                raise failure
            await asyncio.sleep(30)

    cancelled = asyncio.create_task(work("a", None))
    with pytest.raises(ZeroDivisionError):
        await work("b", ZeroDivisionError())
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_a_kafka_that_is_not_there_is_an_exception_and_not_a_hang() -> None:
    app = make_app(KafkaAccess(bootstrap_servers=f"127.0.0.1:{free_port()}"), AppSettings(group_id="g"))
    app.agent(app.batch_topic("events"), name="idle")(idle)

    with pytest.raises(aiokafka.errors.KafkaConnectionError):
        async with running(app):
            pass


async def test_not_being_ready_in_time_is_an_exception(tansu_broker: Broker, prefix: str) -> None:
    await make_topic(tansu_broker, f"{prefix}events")
    app = make_app(tansu_broker.access, settings(tansu_broker, f"{prefix}group"))
    app.agent(app.batch_topic(f"{prefix}events"), name="idle")(idle)

    with pytest.raises(StartTimeout, match=r"not ready after 0\.5 s"):
        async with running(app, ready_within=0.5):
            pass


async def test_it_stops_though_kafka_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.transport.consumer._COMMIT_SECONDS", 0.5)
    with embedded_broker() as process:
        broker = Broker("tansu", KafkaAccess(bootstrap_servers=process.bootstrap_servers), 2.0)
        await make_topic(broker, "events")
        app = make_app(broker.access, settings(broker, "group", release_seconds=1.0))
        seen = Seen()

        async def cases(batches: StreamT[Batch]) -> None:
            async for batch in batches:
                seen.batches.append(batch)

        app.agent(app.batch_topic("events"), name="cases")(cases)
        async with running(app):
            await fill(broker, "events", [b"x"])
            await until(lambda: seen.records == 1)
            process.process.kill()
            process.process.wait()
            app.mark_durable(seen.batches[0].ticket)
            began = time.monotonic()

    assert time.monotonic() - began < 8
