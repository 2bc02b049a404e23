"""Puts ledger rows on Kafka: hand-filled record batches, all partitions at once, acknowledged by all replicas."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from asyncpg import Record

from contracts.envelope import CONTENT_TYPE
from messaging.closing import close
from messaging.settings import MessagingSettings
from messaging.topics import Place

_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())
_PLAIN = [_CONTENT_TYPE]

_APPENDS = 1_000
"""Rows between two turns of the event loop, so that acknowledgements and bells are heard meanwhile."""


class Row(NamedTuple):
    """What is published of a fact. `COLUMNS` selects it from the ledger."""

    id: int
    partition: int
    key: bytes
    timestamp: int
    """Milliseconds since 1970 UTC."""
    traceparent: bytes | None
    envelope: bytes

    @classmethod
    def of(cls, fact: Any) -> Self:
        """The row of a fact that is not read from a ledger, given by the ledger's column names."""
        trace = fact["traceparent"]
        return cls(
            0,
            fact["partition"],
            fact["root"].encode(),
            int(fact["recorded_at"].timestamp() * 1000),
            trace and trace.encode(),
            fact["envelope"],
        )


COLUMNS = """id, partition, convert_to(root, 'UTF8') as key,
    floor(date_part('epoch', recorded_at) * 1000)::bigint as timestamp,
    convert_to(traceparent, 'UTF8') as traceparent, envelope"""
"""PostgreSQL, which has a processor of its own, encodes what Python then only hands on."""


type Rows = Sequence[Row] | list[Record]


class ProducerGivenUp(Exception):
    """What was published before has failed: nothing may follow it through this publisher."""


class Publisher:
    """Owns one idempotent producer, for as long as all goes well.

    After a failure it publishes nothing more, for rows that follow would come before those that failed. Who
    goes on makes a new publisher and begins with what was not acknowledged.
    """

    def __init__(self, settings: MessagingSettings, client_id: str = "attain") -> None:
        """Kafka's logs name the producer by `client_id`."""
        self._deadline = settings.publish_deadline
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap,
            client_id=client_id,
            enable_idempotence=True,
            acks="all",
            max_batch_size=settings.relay_batch_bytes,
        )
        self._turn = asyncio.Lock()
        self._started = self._failed = False
        self._lanes: dict[Place, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def publish(self, topic: str, rows: Rows) -> None:
        """Returns when Kafka has all rows (`Row`, or records of `COLUMNS`), each partition's in the order given.

        Several calls may be under way: each partition gets their rows in the order of the calls. Raises
        TimeoutError at the deadline of the settings, KafkaError, or `ProducerGivenUp` after those, when Kafka may
        not have them all: publish the same rows again then, readers pass over what they have by the number.
        """
        try:
            async with asyncio.timeout(self._deadline):
                async with self._turn:
                    sending = await self._queue(topic, rows)
                await asyncio.gather(*sending)
        except BaseException:
            self._failed = True
            raise

    async def close(self) -> None:
        """Ends the producer, whether or not Kafka is there. Its own `stop` waits for the delivery of what is queued,
        which an idempotent producer never gives up; here nothing is queued that is not published again."""
        self._failed = True
        for lane in self._lanes.values():
            lane.cancel()
        self._producer._closed = True  # or it complains when it is collected
        await close(self._producer._sender.close, self._producer.client.close)

    async def _queue(self, topic: str, rows: Rows) -> list[asyncio.Task[None]]:
        """Fills the rows' batches, and lets each follow what was queued for its partition before."""
        if not self._started:
            await self._producer.start()
            self._started = True
        filled = await self._fill(rows)
        if self._failed:
            raise ProducerGivenUp
        queued = []
        for partition, batches in filled.items():
            place = Place(topic, partition)
            lane = asyncio.create_task(self._send(place, batches, self._lanes.get(place)))
            self._lanes[place] = lane
            queued.append(lane)
        return queued

    async def _fill(self, rows: Rows) -> dict[int, list[Any]]:
        filled: dict[int, list[Any]] = {}
        create = self._producer.create_batch
        for begin in range(0, len(rows), _APPENDS):
            for _, partition, key, timestamp, traceparent, envelope in rows[begin : begin + _APPENDS]:
                batches = filled.get(partition)
                if batches is None:
                    batches = filled[partition] = [create()]
                headers = _PLAIN if traceparent is None else [_CONTENT_TYPE, ("traceparent", traceparent)]
                if batches[-1].append(key=key, value=envelope, timestamp=timestamp, headers=headers) is None:
                    batches.append(create())  # whose first row fits, however large it is
                    batches[-1].append(key=key, value=envelope, timestamp=timestamp, headers=headers)
            await asyncio.sleep(0)
        return filled

    async def _send(self, place: Place, batches: Sequence[Any], before: asyncio.Task[None] | None) -> None:
        """One batch after the other is acknowledged, so that what follows one that fails stays here."""
        if before is not None:
            await asyncio.wait([before])
            if before.cancelled() or before.exception() is not None:
                raise ProducerGivenUp
        for batch in batches:
            if self._failed:
                raise ProducerGivenUp
            await (await self._producer.send_batch(batch, place.topic, partition=place.partition))
