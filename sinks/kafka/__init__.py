"""Kafka as a place to write to and to ask about: topics, producers that confirm, offsets."""

from sinks.kafka.access import KafkaAccess, KafkaUnavailable
from sinks.kafka.bulk import BulkSender, NotConfirmed, Refused
from sinks.kafka.sender import Failed, Sender
from sinks.kafka.topics import KafkaTopics, TopicSpec

__all__ = [
    "BulkSender",
    "Failed",
    "KafkaAccess",
    "KafkaTopics",
    "KafkaUnavailable",
    "NotConfirmed",
    "Refused",
    "Sender",
    "TopicSpec",
]
