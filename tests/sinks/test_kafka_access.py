"""What is said when Kafka is not there, and what is never said."""

import socket
import time
from pathlib import Path

import pytest

from caseclock.embedded.child import free_port
from schemas.stored import Unavailable
from sinks.kafka import BulkSender, Failed, KafkaAccess, KafkaTopics, KafkaUnavailable, Sender

NOBODY = KafkaAccess(bootstrap_servers=f"127.0.0.1:{free_port()}", connect_seconds=0.5)


def assert_told_in_one_line(error: BaseException, where: str) -> None:
    words = str(error)
    assert "\n" not in words
    assert words.startswith(f"Kafka at {where} does not answer")
    assert "start it" in words
    assert isinstance(error, Unavailable)


def test_a_question_to_a_kafka_that_is_away_is_answered_in_one_line() -> None:
    began = time.monotonic()

    with pytest.raises(KafkaUnavailable) as told:
        KafkaTopics(NOBODY)

    assert_told_in_one_line(told.value, NOBODY.bootstrap_servers)
    assert time.monotonic() - began < 5


def test_a_sender_to_a_kafka_that_is_away_says_so_in_one_line() -> None:
    named: list[Failed] = []

    with pytest.raises(KafkaUnavailable) as told:
        Sender(NOBODY, "events", named.append)

    assert_told_in_one_line(told.value, NOBODY.bootstrap_servers)


async def test_a_bulk_sender_to_a_kafka_that_is_away_says_so_in_one_line() -> None:
    with pytest.raises(KafkaUnavailable) as told:
        await BulkSender(NOBODY).start()

    assert_told_in_one_line(told.value, NOBODY.bootstrap_servers)


async def test_a_kafka_that_takes_connections_and_says_nothing_is_away_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        access = KafkaAccess(bootstrap_servers=f"127.0.0.1:{mute.getsockname()[1]}", connect_seconds=0.5)
        began = time.monotonic()
        with pytest.raises(KafkaUnavailable) as told:
            await BulkSender(access).start()

    assert_told_in_one_line(told.value, access.bootstrap_servers)
    assert time.monotonic() - began < 5


def test_the_password_is_in_the_options_and_not_in_the_words() -> None:
    access = KafkaAccess(
        bootstrap_servers="a:1, b:2,",
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="worker",
        sasl_password="hush",  # invented
    )

    options = access.client_options()

    assert options["bootstrap_servers"] == ["a:1", "b:2"]
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert options["sasl_plain_password"] == access.sasl_password
    assert options["ssl_context"] is not None
    assert "hush" not in repr(access)


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    access = KafkaAccess(
        bootstrap_servers="a:1", security_protocol="SSL", ca_file=str(tmp_path / "nothing.pem")
    )

    with pytest.raises(KafkaUnavailable, match=r"cannot be read .*nothing\.pem"):
        access.client_options()
