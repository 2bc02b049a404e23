"""Reading a topic from its beginning to where it ends now, outside of any consumer group."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from messaging.arrivals import Arrival, read
from messaging.closing import close
from messaging.topics import PARTITIONS, Place, end_offsets, partition_of


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group, for what lies on Kafka already.

    aiokafka begins to fetch at the end before it is told where to read: Kafka shall not hold that fetch until something
    comes.
    """
    kafka = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, fetch_max_wait_ms=_HELD_MS
    )
    try:
        await kafka.start()
        yield kafka
    finally:
        await close(kafka.stop)


async def read_topic(bootstrap: str, topic: str, *, root: str | None = None) -> AsyncIterator[Arrival]:
    """The events of a topic, or of one root, partition by partition; records that are no events are left out."""
    wanted = {partition_of(root)} if root else set(range(PARTITIONS))
    ends = {p.partition: end for p, end in (await end_offsets(bootstrap, [topic])).items() if end}
    async with reader(bootstrap) as kafka:
        for partition in sorted(wanted & ends.keys()):
            place = TopicPartition(topic, partition)
            kafka.assign([place])
            await kafka.seek_to_beginning(place)
            while await kafka.position(place) < ends[partition]:
                records = (await kafka.getmany(place, timeout_ms=FETCH_MS)).get(place, [])
                for arrival in read(records)[0]:
                    if root is None or arrival.root == root:
                        yield arrival


async def read_stretches(
    bootstrap: str, starts: Sequence[tuple[Place, int]], most: int
) -> list[tuple[list[Arrival], int]]:
    """From each of some offsets on the events of at most so many records, and the offset after the last record that
    was read; from the first record that Kafka still has where the log was cut. Raises `KafkaError`, TimeoutError."""
    async with asyncio.timeout(_STRETCHES_WITHIN), reader(bootstrap) as kafka:
        return [await _stretch(kafka, TopicPartition(*place), start, most) for place, start in starts]


async def _stretch(
    kafka: AIOKafkaConsumer, place: TopicPartition, start: int, most: int
) -> tuple[list[Arrival], int]:
    kafka.assign([place])
    offset = max(start, (await kafka.beginning_offsets([place]))[place])
    end = min((await kafka.end_offsets([place]))[place], offset + most)
    kafka.seek(place, offset)
    arrivals: list[Arrival] = []
    while offset < end:
        records = await kafka.getmany(place, timeout_ms=FETCH_MS, max_records=end - offset)
        arrivals += read(records.get(place, []))[0]
        offset = await kafka.position(place)
    return arrivals, offset


_STRETCHES_WITHIN = 30.0
FETCH_MS = 1_000
"""For how long records are waited for at a time."""
_HELD_MS = 10
