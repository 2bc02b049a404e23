"""Reading a topic from its beginning to where it ends now, outside of any consumer group."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from messaging.arrivals import Arrival, read
from messaging.topics import PARTITIONS, end_offsets, partition_of


async def read_topic(bootstrap: str, topic: str, *, root: str | None = None) -> AsyncIterator[Arrival]:
    """The events of a topic, or of one root, partition by partition; records that are no events are left out."""
    wanted = {partition_of(root)} if root else set(range(PARTITIONS))
    ends = {p.partition: end for p, end in (await end_offsets(bootstrap, [topic])).items() if end}
    kafka = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await kafka.start()
    try:
        for partition in sorted(wanted & ends.keys()):
            place = TopicPartition(topic, partition)
            kafka.assign([place])
            await kafka.seek_to_beginning(place)
            while await kafka.position(place) < ends[partition]:
                records = (await kafka.getmany(place, timeout_ms=1000)).get(place, [])
                for arrival in read(records)[0]:
                    if root is None or arrival.root == root:
                        yield arrival
    finally:
        await kafka.stop()
