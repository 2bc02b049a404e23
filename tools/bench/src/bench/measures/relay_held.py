"""The relay's lag, from the commit of a fact until Kafka hands it out, while a write transaction is held open: a reader
that waits for all that is open would stand still for as long.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.ground import Bench
from bench.measures.relay import SERVICE, Product
from bench.rounds import percentile
from bench.table import Row
from contracts import topic_of
from messaging.topics import PARTITIONS
from testkit import Database, eventually

HELD = 60.0
"""Seconds for which a transaction is held."""

RATE = 200
"""Facts a second, one transaction each."""

REACH = 1.2


async def measure(bench: Bench) -> list[Row]:
    """The rows of the lag: beside a transaction of the same database, and of another one of the cluster."""
    elsewhere = await bench.database()
    async with Product.running(bench, []) as product, Hearing.of(bench) as hearing:
        database = product.database
        without = await hearing.lags(database, HELD / 2)
        async with held(database):
            same = await hearing.lags(database, HELD)
        without += await hearing.lags(database, HELD / 2)
        async with held(elsewhere):
            other = await hearing.lags(database, HELD)
    return [
        _row("relay lag p99, transaction held in the same database", same, without),
        _row("relay lag p99, transaction held in another database", other, without),
    ]


def _row(measure: str, lags: list[float], without: list[float]) -> Row:
    product, limit = (percentile(each, 0.99) * 1000 for each in (lags, without))
    medians = "p50 {:.1f} ms, without {:.1f} ms".format(
        *(percentile(each, 0.5) * 1000 for each in (lags, without))
    )
    remark = f"{medians}; {RATE} facts/s for {HELD:g} s"
    ratio = product / limit
    return Row(measure, product, "ms", limit, ratio, f"≤ {REACH:g} ×", ratio <= REACH, remark=remark)


@contextlib.asynccontextmanager
async def held(database: Database) -> AsyncIterator[None]:
    """A transaction that has written, and is left open."""
    async with database.connect() as connection:
        await connection.execute("create table if not exists held (n int)")
        await connection.execute("begin; insert into held values (1)")
        yield
        await connection.execute("rollback")


class Hearing:
    """Notes when a fact comes out of Kafka. A fact's envelope is its number."""

    def __init__(self) -> None:
        self._committed: dict[int, float] = {}
        self._lags: list[float] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, bench: Bench) -> AsyncIterator["Hearing"]:
        """Hears what comes from now on."""
        kafka = AIOKafkaConsumer(bootstrap_servers=bench.kafka.bootstrap)
        await kafka.start()
        kafka.assign([TopicPartition(topic_of(SERVICE), partition) for partition in range(PARTITIONS)])
        await kafka.seek_to_end()
        hearing = cls()
        listening = asyncio.create_task(hearing._listen(kafka))
        try:
            yield hearing
        finally:
            listening.cancel()
            await kafka.stop()

    async def lags(self, database: Database, seconds: float) -> list[float]:
        """Commits facts at the rate for so many seconds; the lag of each, in seconds."""
        self._lags = []
        count = int(RATE * seconds)
        async with database.connect() as connection:
            first = await connection.fetchval("select coalesce(max(id), 0) + 1 from messaging.ledger")
            begun = time.perf_counter()
            for number in range(count):
                await asyncio.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
                await self._commit(connection, first + number)
        await eventually(lambda: len(self._lags) == count)
        return self._lags

    async def _commit(self, connection: asyncpg.Connection, number: int) -> None:
        self._committed[number] = time.perf_counter()  # it may be heard before the commit is answered
        await connection.execute(_FACT, number % PARTITIONS, str(number), str(number).encode())
        self._committed[number] = time.perf_counter()

    async def _listen(self, kafka: AIOKafkaConsumer) -> None:
        async for record in kafka:
            self._lags.append(max(0.0, time.perf_counter() - self._committed.pop(int(record.value))))


_FACT = """
insert into messaging.ledger
    (topic, partition, root, sequence, event_id, type, subject, occurred_at, recorded_at, envelope)
values ('t', $1, $2, 1, gen_random_uuid(), 't', $2, now(), now(), $3)
"""
