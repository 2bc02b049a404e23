"""Until when everything was heard: by what Kafka last said, not by the clock of somebody who cannot reach it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition
from asyncpg import Connection
from shop import Shop

from contracts import Event
from messaging import Batch, Projector, heard_until
from messaging.books import Books, Progress
from messaging.lanes import Lanes
from messaging.topics import PARTITIONS, Place

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Kafka:
    """What a consumer knows of Kafka: how far each log went, and when it said so."""

    end: int | None = None
    said_at: datetime | None = None

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Nothing is read here."""

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.end

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return int(self.said_at.timestamp() * 1000) if self.said_at else None


class Nothing:
    """Hears and keeps nothing."""

    def __init__(self, shop: Shop) -> None:
        self.hears: frozenset[type[Event]] = frozenset({shop.counted})

    async def apply(self, connection: Connection, batch: Batch) -> None:
        """Does nothing."""


async def _nothing() -> None:
    pass


@pytest.mark.capability("S121")
async def test_what_was_heard_stands_still_during_a_backlog_and_while_kafka_is_away(shop: Shop) -> None:
    keeper = Projector("hearing", "projection", "select 1", [Nothing(shop)], shop.database.url, shop.settings)
    await keeper.ensure()
    books, kafka = Books(keeper.group, "projection"), Kafka()
    lanes = Lanes(kafka, _nothing)
    [topic] = keeper.topics
    places = [Place(topic, each) for each in range(PARTITIONS)]
    await lanes.on_partitions_assigned([TopicPartition(*place) for place in places])

    async def look(connection: Connection, end: int | None, said_at: datetime | None) -> datetime | None:
        kafka.end, kafka.said_at = end, said_at
        await books.see_ends(connection, lanes.looks())
        return await heard_until(connection, "projection")

    async with shop.database.connect() as connection:
        await books.open(connection, [topic])
        lanes.begin(await books.claim(connection, places))
        assert await look(connection, None, None) is None
        assert await look(connection, 5, NOON) is None
        await books.move(connection, {place: Progress(5, 5) for place in places})
        assert await look(connection, 5, NOON) == NOON
        assert await look(connection, 5, NOON + MINUTE) == NOON + MINUTE
        assert await look(connection, 5, NOON + MINUTE) == NOON + MINUTE
        assert await look(connection, 6, NOON + 2 * MINUTE) == NOON + MINUTE
        await books.move(connection, {place: Progress(6, 6) for place in places[1:]})
        assert await look(connection, 6, NOON + 3 * MINUTE) == NOON + MINUTE
        await books.move(connection, {places[0]: Progress(6, 6)})
        assert await look(connection, 6, NOON + 3 * MINUTE) == NOON + 3 * MINUTE
