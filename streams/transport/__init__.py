"""A Faust transport that hands over record batches: URL scheme `caseclock://`.

Faust's aiokafka driver with one difference. Of the topics an app names as batch topics, the records of one
partition of one fetch come to the agent as one message, a `Batch`; all other topics (changelogs, the
leader's, replies, stock agents') pass unchanged. Two awaits, a lock and a queue for each record become two
awaits, a lock and a queue for each batch.

What a batch costs in trust: Faust's book of acknowledged offsets cannot follow batches, and it counts a
message as done when its agent fails. So batches have a book of their own (`streams.transport.book`), and
only what the agent itself calls durable (`app.consumer.mark_durable(batch.ticket)`) is ever committed.

Importing this module makes the scheme known to Faust also where the package is not installed, and with it
its entry point in the group `faust.transports`.
"""

from typing import ClassVar

from faust.transport.drivers import TRANSPORTS, aiokafka
from faust.types.transports import ConsumerT

from streams.transport.batch import Batch, Batching, ReleaseHook, Ticket
from streams.transport.book import BatchBook, SkippedBatch
from streams.transport.consumer import Consumer

__all__ = ["Batch", "BatchBook", "Batching", "Consumer", "ReleaseHook", "SkippedBatch", "Ticket", "Transport"]

SCHEME = "caseclock"


class Transport(aiokafka.Transport):
    """Faust's Kafka transport with the batching consumer; producers and everything else are Faust's."""

    Consumer: ClassVar[type[ConsumerT]] = Consumer
    driver_version = f"{SCHEME} over {aiokafka.Transport.driver_version}"


TRANSPORTS.aliases[SCHEME] = f"{__name__}:{Transport.__name__}"
