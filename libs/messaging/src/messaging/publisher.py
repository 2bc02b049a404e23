"""Puts ledger rows on Kafka: hand-filled record batches, all partitions at once, acknowledged by all replicas."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer

from contracts.envelope import CONTENT_TYPE
from messaging.closing import close
from messaging.settings import MessagingSettings

_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())


class Row(Protocol):
    """A row of the ledger, by column name."""

    def __getitem__(self, column: str, /) -> Any: ...


class Publisher:
    """Owns one idempotent producer, and replaces it when it does not deliver in time."""

    def __init__(self, settings: MessagingSettings, client_id: str = "attain") -> None:
        """Kafka's logs name the producer by `client_id`."""
        self._settings, self._client_id = settings, client_id
        self._producer: AIOKafkaProducer | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def publish(self, rows: Iterable[Row]) -> None:
        """Returns when Kafka has all rows, each partition's in the order given.

        Raises TimeoutError or KafkaError when it may not have them all: publish the same rows again then,
        readers pass over what they have by the root's number.
        """
        try:
            async with asyncio.timeout(self._settings.publish_deadline):
                await self._publish(await self._started(), rows)
        except BaseException:
            self._discard()
            raise

    async def close(self) -> None:
        """Ends the producer, and waits for those that were thrown away."""
        self._discard()
        await asyncio.gather(*self._closing)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._settings.kafka_bootstrap,
                client_id=self._client_id,
                enable_idempotence=True,
                acks="all",
                max_batch_size=self._settings.relay_batch_bytes,
            )
            await self._producer.start()
        return self._producer

    async def _publish(self, producer: AIOKafkaProducer, rows: Iterable[Row]) -> None:
        sending = [
            asyncio.create_task(self._send(producer, topic, partition, list(run)))
            for (topic, partition), run in groupby(sorted(rows, key=_place), key=_place)
        ]
        try:
            await asyncio.gather(*sending)
        finally:
            for each in sending:
                each.cancel()  # the others, where one has failed

    async def _send(
        self, producer: AIOKafkaProducer, topic: str, partition: int, rows: Sequence[Row]
    ) -> None:
        sent = []
        batch = producer.create_batch()
        for row in rows:
            if not _append(batch, row):
                sent.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                _append(batch, row)
        sent.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*sent)

    def _discard(self) -> None:
        if self._producer is not None:
            closing = asyncio.create_task(_close(self._producer))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            self._producer = None


def _place(row: Row) -> tuple[str, int]:
    return row["topic"], row["partition"]


def _append(batch: object, row: Row) -> bool:
    """Whether the row went into the batch; the first row always does, however large it is."""
    trace = row["traceparent"]
    return (
        batch.append(  # type: ignore[attr-defined]  # a library without types
            key=row["root"].encode(),
            value=row["envelope"],
            timestamp=int(row["recorded_at"].timestamp() * 1000),
            headers=[_CONTENT_TYPE, ("traceparent", trace.encode())] if trace else [_CONTENT_TYPE],
        )
        is not None
    )


async def _close(producer: AIOKafkaProducer) -> None:
    """Ends a producer whether or not Kafka is there. Its own `stop` waits for the delivery of what is queued,
    which an idempotent producer never gives up; here nothing is queued that is not published again."""
    producer._closed = True  # or it complains when it is collected
    await close(producer._sender.close, producer.client.close)
