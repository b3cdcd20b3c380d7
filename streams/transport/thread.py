"""The thread that talks to Kafka: Faust's, with what keeps a slow worker in its group and a stop in bounds."""

import asyncio

from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka
from faust.types import TP

from streams.transport.batch import batching_of

_STOP_SECONDS = 10.0


class ConsumerThread(aiokafka.AIOKafkaConsumerThread):
    """The thread behind `Consumer`; it has an event loop of its own, where aiokafka lives, heartbeats included."""

    def _create_worker_consumer(self, transport: aiokafka.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust asks for 1.5 s and has no setting for it
        consumer._fetch_max_wait_ms = int(batching_of(self.app).fetch_wait_seconds * 1000)
        return consumer

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Have the app take up its partitions, with heartbeats meanwhile.

        aiokafka begins them only afterwards: an app that loads its cases for longer than the session timeout
        was given up by the group, again and again (measured on Apache Kafka).
        """
        self._ensure_consumer()._coordinator._start_heartbeat_task()
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_thread_stop(self) -> None:
        """Leave the group and close the connections, within a deadline.

        While Kafka is away aiokafka's fetcher ends its own closing with a cancellation; let through, it would
        end the thread unseen, and Faust would wait a minute for it.
        """
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await super().on_thread_stop()
        except (asyncio.CancelledError, TimeoutError):
            self.log.warning("The group could not be left in order; it will notice by the session timeout")
            if self._consumer is not None:
                await self._consumer._client.close()

    async def stay_member(self) -> None:
        """Tell aiokafka that we are alive though we fetch nothing: it leaves the group otherwise."""
        await self.call_thread(self._touch)

    async def _touch(self) -> None:
        with self._ensure_consumer()._subscription.fetch_context():
            pass
