"""The relay: facts/s of a backlog that is drained, beside the same bytes through aiokafka's batches alone, and beside
an outbox that is polled.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import asyncpg
from aiokafka import AIOKafkaProducer

from attain.company.plan import make_company
from bench.company import Row as Told
from bench.company import Telling, life
from bench.ground import Bench
from bench.measures.projector import LAST_DAY, TOPIC
from bench.rounds import in_turns, per_second
from bench.table import Row, at_least
from contracts.envelope import CONTENT_TYPE
from messaging import MessagingSettings, Relay
from messaging.bells import ring
from messaging.topics import PARTITIONS, create_missing, make_anew
from testkit import Database, eventually
from testkit.ledger import create_ledger

FACTS = 200_000
"""Facts of a round."""

OPPORTUNITIES = 40_000
BATCHES = (65_536, 262_144, 917_504)
"""Bytes of a record batch, of which the limit takes its best."""

POLLED = 2_000
"""Facts of a round of the polled outbox."""

REACH, REACH_OF_USUAL = 0.60, 80.0
SERVICE = "opportunities"
BESIDE = f"{TOPIC}-beside"
"""The topic of limit and outbox."""


async def measure(bench: Bench) -> list[Row]:
    """The rows of the relay."""
    facts = history(FACTS)
    await create_missing(bench.kafka.bootstrap, [BESIDE])
    limits = {f"limit {size:,}": Limit(bench, facts, size) for size in BATCHES}
    usual = await PolledOutbox.prepare(bench, facts[:POLLED])
    async with Product.running(bench, facts) as product:
        await product.run(0)  # Kafka compiles what it runs first, for seconds: on nobody's round
        figures = await in_turns(
            {"product": product.run, "usual": usual.run, **{n: each.run for n, each in limits.items()}}
        )
    best = max((figures[name] for name in limits), key=lambda figure: figure.median)
    size = f"{FACTS:,} facts of {sum(len(fact.envelope) for fact in facts) // len(facts)} bytes"
    return [
        at_least("relay", figures["product"], best, REACH, "facts/s", size),
        at_least(
            "relay beside a polled outbox", figures["product"], figures["usual"], REACH_OF_USUAL, "facts/s"
        ),
    ]


def history(facts: int) -> list[Told]:
    """Facts of the company's opportunities in the order of time."""
    company = make_company(opportunities=OPPORTUNITIES, seed=1, last_day=LAST_DAY, leads=0)
    telling = Telling()
    told = list(islice((row for deal in company.deals for row in life(deal, telling)), facts))
    return sorted(told, key=lambda row: row.occurred_at)


@dataclass(frozen=True, slots=True)
class Product:
    """A relay that waits, and then finds the facts of one commit in its ledger."""

    database: Database
    facts: Sequence[Told]

    @classmethod
    @asynccontextmanager
    async def running(cls, bench: Bench, facts: Sequence[Told]) -> AsyncIterator["Product"]:
        database = await ledger_of(bench)
        async with database.connect() as connection:
            await lay_down(connection, facts)
        stop = asyncio.Event()
        relay = Relay(SERVICE, database.url, bench.settings)
        relaying = asyncio.create_task(relay.run(stop))
        product = cls(database, facts)
        try:
            async with database.connect() as connection:
                await eventually(lambda: _is_active(connection))
            yield product
        finally:
            stop.set()
            await relaying

    async def run(self, number: int) -> float:
        """From the commit until the cursor has passed it."""
        async with self.database.connect() as connection:
            await connection.execute("truncate messaging.ledger")
            # What lies there from before is not written out in the round. One between the facts and their drain would
            # have PostgreSQL log each page whole, because the first reader of a row marks it as committed.
            await connection.execute("checkpoint")
            async with connection.transaction():
                await connection.execute(_FILL)
                xid = await connection.fetchval("select pg_current_xact_id()::text")
            ring(TOPIC)  # as the process of a service does that commits facts
            return await per_second(len(self.facts), lambda: _passed(connection, xid))


async def ledger_of(bench: Bench) -> Database:
    """A database with an empty ledger, and an empty topic: a relay that found facts there that are not in its ledger
    would refuse it."""
    await create_missing(bench.kafka.bootstrap, [TOPIC])
    await make_anew(bench.kafka.bootstrap, TOPIC)
    database = await bench.database()
    await create_ledger(database)
    return database


async def lay_down(connection: asyncpg.Connection, facts: Sequence[Told]) -> None:
    """Keeps facts in a table `told`, from which the ledger is filled at once: a loop that is busy with the filling
    would give PostgreSQL no sign of life of the relay."""
    await connection.execute(_TOLD)
    records = [tuple(getattr(fact, column) for column in COLUMNS) for fact in facts]
    await connection.copy_records_to_table("told", records=records, columns=COLUMNS)


COLUMNS = (
    "topic", "partition", "root", "sequence", "event_id", "type", "subject", "occurred_at", "recorded_at",
    "traceparent", "envelope",
)  # fmt: skip
_TOLD = f"""
create table told as select {", ".join(COLUMNS)} from messaging.ledger with no data;
alter table told add place bigint generated always as identity;
"""
_FILL = f"""
insert into messaging.ledger ({", ".join(COLUMNS)}) select {", ".join(COLUMNS)} from told order by place
"""


async def _is_active(connection: asyncpg.Connection) -> None:
    assert await connection.fetchval("select exists (select from messaging.relay_cursor)")


async def _passed(connection: asyncpg.Connection, xid: str) -> None:
    await eventually(lambda: _has_passed(connection, xid), timeout=_MOST, every=_LOOK)


async def _has_passed(connection: asyncpg.Connection, xid: str) -> None:
    assert await connection.fetchval(_PASSED, xid)


_LOOK, _MOST = 0.02, 120.0
_PASSED = "select pg_visible_in_snapshot(($1::text)::xid8, prev) from messaging.relay_cursor"


@dataclass(frozen=True, slots=True)
class Limit:
    """The same bytes, which lie in memory, through aiokafka alone: all partitions at once, a batch filled while the
    last one travels."""

    bench: Bench
    facts: Sequence[Told]
    size: int

    async def run(self, number: int) -> float:
        by_partition: list[list[tuple[bytes, int, bytes]]] = [[] for _ in range(PARTITIONS)]
        for fact in self.facts:
            timestamp = int(fact.recorded_at.timestamp() * 1000)
            by_partition[fact.partition].append((fact.root.encode(), timestamp, fact.envelope))
        async with _producer(self.bench.settings, self.size) as producer:
            return await per_second(
                len(self.facts),
                lambda: asyncio.gather(
                    *(_send(producer, partition, rows) for partition, rows in enumerate(by_partition))
                ),
            )


_HEADERS = [("content-type", CONTENT_TYPE.encode())]


async def _send(producer: AIOKafkaProducer, partition: int, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    sent = []
    batch = producer.create_batch()
    for key, timestamp, value in rows:
        if batch.append(key=key, value=value, timestamp=timestamp, headers=_HEADERS) is None:
            sent.append(await producer.send_batch(batch, BESIDE, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=timestamp, headers=_HEADERS)
    sent.append(await producer.send_batch(batch, BESIDE, partition=partition))
    await asyncio.gather(*sent)


@asynccontextmanager
async def _producer(settings: MessagingSettings, size: int) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        enable_idempotence=True,
        acks="all",
        max_batch_size=size,
        max_request_size=PARTITIONS * size,
    )
    await producer.start()
    try:
        await producer.send_and_wait(BESIDE, b"warm", partition=0)
        yield producer
    finally:
        await producer.stop()


@dataclass(frozen=True, slots=True)
class PolledOutbox:
    """What one would write otherwise: rows taken with `skip locked`, sent and marked one by one."""

    bench: Bench
    database: Database
    facts: Sequence[Told]

    @classmethod
    async def prepare(cls, bench: Bench, facts: Sequence[Told]) -> "PolledOutbox":
        made = cls(bench, await bench.database(), facts)
        async with made.database.connect() as connection:
            await connection.execute(_OUTBOX)
        return made

    async def run(self, number: int) -> float:
        async with (
            self.database.connect() as connection,
            _producer(self.bench.settings, BATCHES[0]) as producer,
        ):
            rows = [(fact.root, fact.envelope) for fact in self.facts]
            await connection.copy_records_to_table("outbox", records=rows, columns=["key", "payload"])
            return await per_second(len(rows), lambda: _drain(connection, producer))


async def _drain(connection: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
    while True:
        async with connection.transaction():
            rows = await connection.fetch(_TAKE)
            for row in rows:
                await producer.send_and_wait(BESIDE, row["payload"], key=row["key"].encode())
                await connection.execute("update outbox set published_at = now() where id = $1", row["id"])
        if not rows:
            return


_OUTBOX = """
create table outbox (
    id bigint generated always as identity primary key,
    key text not null,
    payload bytea not null,
    published_at timestamptz
);
create index on outbox (id) where published_at is null;
"""

_TAKE = """
select id, key, payload from outbox where published_at is null order by id limit 100 for update skip locked
"""
