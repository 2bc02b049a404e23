"""Topics and partitions: one topic a service, twelve partitions, keyed by root, kept for ever; and one for repairs."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from contracts import topic_of
from messaging.closing import close

PARTITIONS = 12
_KNOWN_WITHIN = 30.0
_LOOK = 0.05
_NO_LEADER = -1


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Shape(NamedTuple):
    """What a topic is like: its number of partitions and its configuration."""

    partitions: int
    configuration: Mapping[str, str]


FACTS = Shape(PARTITIONS, {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"})


class PartitionCountDiffers(Exception):
    """A topic exists with another number of partitions, so its roots lie elsewhere than the ledger says."""


@lru_cache(maxsize=16_384)
def partition_of(root: str) -> int:
    """The partition of a root: the same as Kafka's default partitioner chooses for the key."""
    return (murmur2(root.encode()) & 0x7FFFFFFF) % PARTITIONS


def murmur2(key: bytes) -> int:
    """Kafka's hash of a key, 32 bits (MurmurHash2 with Kafka's seed): aiokafka's takes twice as long."""
    length = len(key)
    hashed = 0x9747B28C ^ length
    for (word,) in _WORDS.iter_unpack(key[: length & ~3]):
        word = word * _M & 0xFFFFFFFF
        hashed = hashed * _M & 0xFFFFFFFF ^ (word ^ word >> 24) * _M & 0xFFFFFFFF
    if rest := length & 3:
        hashed = (hashed ^ int.from_bytes(key[-rest:], "little")) * _M & 0xFFFFFFFF
    hashed = (hashed ^ hashed >> 13) * _M & 0xFFFFFFFF
    return hashed ^ hashed >> 15


_WORDS = Struct("<I")
_M = 0x5BD1E995


async def ensure_topics(bootstrap: str, services: Iterable[str]) -> None:
    """Creates `attain-<service>` for each service where it is missing. Raises `PartitionCountDiffers`."""
    await create_missing(bootstrap, {topic_of(service) for service in services})


async def create_missing(bootstrap: str, topics: Collection[str], shape: Shape = FACTS) -> None:
    """Creates the topics that are missing, and returns when the broker knows them. Raises
    `PartitionCountDiffers`, or TimeoutError where the broker does not learn of them.

    Producers and consumers call it before they start: a broker that creates topics by itself would give
    them its own number of partitions and forget events after a week.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        await _create(admin, sorted(set(topics) - set(await admin.list_topics())), shape)
        async with asyncio.timeout(_KNOWN_WITHIN):
            await _until_known(admin, topics, shape)
    finally:
        await close(admin.close)


async def make_anew(bootstrap: str, topic: str) -> None:
    """Deletes a topic with all that it holds, and creates it again. Raises TimeoutError where the broker keeps it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        await admin.delete_topics([topic])
        async with asyncio.timeout(_KNOWN_WITHIN):
            await _until_gone(admin, topic)
    finally:
        await close(admin.close)
    await create_missing(bootstrap, [topic])


async def end_offsets(bootstrap: str, topics: Collection[str]) -> dict[Place, int]:
    """Where each partition's log ends now: the offset of the next record."""
    places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
    kafka = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    try:
        await kafka.start()
        return {Place(*place): end for place, end in (await kafka.end_offsets(places)).items()}
    finally:
        await close(kafka.stop)


async def _until_gone(admin: AIOKafkaAdminClient, topic: str) -> None:
    while True:
        if topic not in await admin.list_topics():
            return
        await asyncio.sleep(_LOOK)


async def _until_known(admin: AIOKafkaAdminClient, topics: Collection[str], shape: Shape) -> None:
    while True:
        if await _are_known(admin, topics, shape):
            return
        await asyncio.sleep(_LOOK)


async def _are_known(admin: AIOKafkaAdminClient, topics: Collection[str], shape: Shape) -> bool:
    """Whether the broker that is asked knows all partitions of the topics, each with a leader."""
    described = await admin.describe_topics(sorted(topics))
    for each in described:
        if (count := len(each["partitions"])) not in (0, shape.partitions):
            raise PartitionCountDiffers(f"{each['topic']} has {count} partitions, not {shape.partitions}")
    leaders = [partition["leader"] for each in described for partition in each["partitions"]]
    return len(leaders) == shape.partitions * len(topics) and _NO_LEADER not in leaders


async def _create(admin: AIOKafkaAdminClient, missing: list[str], shape: Shape) -> None:
    if not missing:
        return
    # The empty assignment makes aiokafka accept that the broker shall choose the number of replicas (-1).
    new = [
        NewTopic(name, shape.partitions, -1, replica_assignments={}, topic_configs=dict(shape.configuration))
        for name in missing
    ]
    answer = await admin.create_topics(new)
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"topic {name} cannot be created")
