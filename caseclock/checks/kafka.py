"""`caseclock check`: Kafka, its topics and how they are set, and how far the workers are."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from caseclock.checks.finding import Finding, note, ok, wrong
from caseclock.settings import Settings
from caseclock.worker import DEAD_LETTERS_KEPT_MS, topic_names
from schemas.decode import MAX_LINE_BYTES
from sinks.kafka import KafkaAccess, KafkaTopics
from streams.engine import Topics

_HOUR_MS: Final = 3600 * 1000
_ROOM: Final = 10_000
"""Bytes for key, headers and the batch around a record."""


def kafka(settings: Settings) -> Iterator[Finding]:
    """Everything about it that can be asked without changing anything."""
    access, topics = settings.kafka.access(), topic_names(settings.kafka.topic_prefix)
    names = (topics.events, topics.dead_letters, topics.unit_partials)
    with KafkaTopics(access) as admin:
        counts = admin.partitions(names)
        version, configs = _asked(access, [name for name in names if counts[name]])
        yield ok(f"Kafka{version} answers at {access.bootstrap_servers}")
        for name in names:
            yield from _topic(name, counts[name], configs.get(name, {}), alone=name != topics.events)
        yield from _largest(topics, configs)
        if counts[topics.events]:
            yield _lag(settings.kafka.group_id, admin.lag(settings.kafka.group_id, topics.events))


def _asked(access: KafkaAccess, names: list[str]) -> tuple[str, Mapping[str, Mapping[str, str]]]:
    """The broker's version, and the topics' settings, where it tells them."""
    with access.told_in_one_line():
        admin = KafkaAdminClient(
            bootstrap_timeout_ms=int(access.connect_seconds * 1000), **access.client_options()
        )
    try:
        version = _version(admin)
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        told = admin.describe_configs(asked, config_filter="all") if asked else {}
    except (KafkaError, ValueError):  # not allowed to, or a broker that knows no such question
        return "", {}
    finally:
        admin.close()
    return version, {
        name: {key: entry["value"] for key, entry in found.items()}
        for name, found in told.get("topic", {}).items()
    }


def _version(admin: Any) -> str:  # noqa: ANN401  # the library has no types
    brokers = admin.describe_cluster()["brokers"]
    found = admin.get_broker_version_data(brokers[0]["broker_id"])
    return " " + ".".join(map(str, found.broker_version))


def _topic(name: str, partitions: int, config: Mapping[str, str], *, alone: bool) -> Iterator[Finding]:
    if not partitions:
        yield note(f"topic {name} is not there yet; `caseclock run` makes it")
        return
    if alone and partitions > 1:
        yield wrong(
            f"topic {name} has {partitions} partitions and must have one; delete it, and `run` makes it"
        )
    words = f", records kept for {_span(int(kept))}" if (kept := config.get("retention.ms")) else ""
    yield ok(f"topic {name}: {partitions} partition{'s' if partitions > 1 else ''}{words}")
    if not alone and "compact" in config.get("cleanup.policy", ""):
        yield wrong(
            f"topic {name} is compacted: it loses events; set its cleanup.policy to delete with kafka-configs"
        )


def _largest(topics: Topics, configs: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Retention and sizes, where the broker tells them."""
    letters = configs.get(topics.dead_letters, {})
    kept = letters.get("retention.ms")
    if kept is not None and not 0 <= int(kept) <= DEAD_LETTERS_KEPT_MS:
        yield wrong(
            f"topic {topics.dead_letters} keeps what nobody could read, personal data perhaps, longer than 7 days; "
            f"set its retention.ms to {DEAD_LETTERS_KEPT_MS} with kafka-configs"
        )
    sizes = {
        name: int(each["max.message.bytes"]) for name, each in configs.items() if "max.message.bytes" in each
    }
    for name in (topics.events, topics.dead_letters):
        if sizes.get(name, MAX_LINE_BYTES + _ROOM) < MAX_LINE_BYTES + _ROOM:
            yield wrong(
                f"topic {name} refuses a line of a megabyte; set its max.message.bytes to "
                f"{MAX_LINE_BYTES + _ROOM} at least with kafka-configs"
            )
    least = sizes.get(topics.events, 0) + _ROOM
    if sizes.get(topics.dead_letters, least) < least:
        yield wrong(
            f"topic {topics.dead_letters} has no room for the largest record of {topics.events} and why it cannot be "
            f"read: such a one would stop every worker; set its max.message.bytes to {least} with kafka-configs"
        )


def _span(ms: int) -> str:
    if ms < 0:
        return "ever"
    hours = ms / _HOUR_MS
    return f"{hours / 24:.3g} days" if hours > 24 else f"{hours:.3g} hours"


def _lag(group: str, lag: Mapping[int, int]) -> Finding:
    behind = sum(lag.values())
    if not behind:
        return ok(f"group {group}: everything is read and durable")
    return note(f"group {group}: lag {behind}, records not durable yet; `caseclock run` reads them")
