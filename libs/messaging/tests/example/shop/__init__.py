"""A shop that counts things: the smallest service with a ledger, for the tests of the event path."""

import asyncio
import contextlib
import itertools
import secrets
import string
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import MetaData, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import Field, col

from contracts import REGISTRY, Event, event, open_envelope, seal
from messaging import Fact, MessagingSettings, Root, record, uuid7
from messaging.publisher import Publisher, Row
from messaging.topics import create_missing, end_offsets, partition_of
from testkit import Database
from testkit.ledger import create_ledger


class Thing(Root, table=True):
    """What is counted: the root."""

    metadata = MetaData()
    id: UUID = Field(primary_key=True)
    number: int = 0


class Counted(Event):
    """The thing was counted. Each test's shop declares it under a service of its own."""

    thing_id: UUID
    number: int


@dataclass
class Shop:
    """The shop of one test: its own service and topic, on its own database."""

    service: str
    database: Database
    settings: MessagingSettings
    counted: type[Counted]
    sessions: async_sessionmaker[AsyncSession]

    @property
    def topic(self) -> str:
        return self.counted.topic

    async def count(self, thing: UUID, number: int, *, hold: Callable[[], Any] | None = None) -> Fact:
        """The action: lock or open the root, change it, record the fact. `hold` delays the commit."""
        async with self.sessions() as session, session.begin():
            row = await session.scalar(select(Thing).where(col(Thing.id) == thing).with_for_update())
            if row is None:
                row = Thing(id=thing)
                session.add(row)
            row.number = number
            fact = record(session, row, self.counted(thing_id=thing, number=number), by="clerk")
            if hold is not None:
                await hold()
        return fact

    def envelope(self, thing: UUID, sequence: int, number: int | None = None, **told: Any) -> dict[str, Any]:
        """A ledger row as the publisher takes it, with any number: also the wrong ones."""
        now = datetime.now(UTC)
        fact = self.counted(thing_id=thing, number=sequence if number is None else number)
        given = {"occurred_at": now, "recorded_at": now, "by": "clerk", "event_id": uuid7(), **told}
        return {
            "topic": self.topic,
            "partition": partition_of(str(thing)),
            "root": str(thing),
            "recorded_at": now,
            "traceparent": given.get("traceparent"),
            "envelope": seal(fact, sequence=sequence, **given),
        }

    async def send(self, *rows: dict[str, Any]) -> None:
        """Puts rows on Kafka past ledger and relay, each by itself so that their order is the one given."""
        await create_missing(self.settings.kafka_bootstrap, [self.topic])
        async with Publisher(self.settings) as publisher:
            for row in rows:
                await publisher.publish(self.topic, [Row.of(row)])

    async def send_all(self, rows: Iterable[dict[str, Any]]) -> None:
        """Puts many rows on Kafka at once; each root's in the order given."""
        await create_missing(self.settings.kafka_bootstrap, [self.topic])
        async with Publisher(self.settings) as publisher:
            await publisher.publish(self.topic, [Row.of(row) for row in rows])

    def with_settings(self, **changed: Any) -> MessagingSettings:
        return self.settings.model_copy(update=changed)


@contextlib.asynccontextmanager
async def open_shop(database: Database, bootstrap: str, service: str | None = None) -> AsyncIterator[Shop]:
    """Declares the shop's events for as long as the test lasts. `service` names a shop that another process opened."""
    service = service or "shop" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
    type_ = f"{service}.thing.counted.v1"
    declare = event(type_, root="thing_id", en="The thing was counted.", zh="物品已清点。")
    counted: type[Counted] = declare(type("CountedHere", (Counted,), {"__module__": __name__}))
    engine = create_async_engine(database.url, pool_size=40)
    settings = MessagingSettings(kafka_bootstrap=bootstrap, heartbeat=0.2, backoff_most=0.5)
    try:
        yield Shop(service, database, settings, counted, async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()
        REGISTRY.pop(type_)


async def prepare(database: Database) -> None:
    """The shop's database: its rows, its ledger, and what its reactions write."""
    await create_ledger(database)
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        await connection.run_sync(Thing.metadata.create_all)
        await connection.execute(text(TALLY))
    await engine.dispose()


TALLY = "create table tally (at bigserial, thing uuid, number int, unique (thing, number))"


class Worker(Protocol):
    async def run(self, stop: asyncio.Event) -> None: ...


@contextlib.asynccontextmanager
async def running(*workers: Worker) -> AsyncIterator[None]:
    """Runs workers as a service's process does, and ends them in good order."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def in_order(numbers: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The sequences of each root as they came."""
    by_root: dict[str, list[int]] = {}
    for root, sequence in numbers:
        by_root.setdefault(root, []).append(sequence)
    return by_root


def without_repeats(sequences: list[int]) -> list[int]:
    """What a reader is left with that passes over numbers that are not higher than all before."""
    highest = itertools.accumulate(sequences, max, initial=0)
    return [sequence for sequence, before in zip(sequences, highest, strict=False) if sequence > before]


async def on_topic(shop: Shop) -> list[tuple[int, str, int, dict[str, bytes]]]:
    """All that lies on the shop's topic: partition, root, sequence, headers."""
    ends = await end_offsets(shop.settings.kafka_bootstrap, [shop.topic])
    kafka = AIOKafkaConsumer(bootstrap_servers=shop.settings.kafka_bootstrap, auto_offset_reset="earliest")
    await kafka.start()
    try:
        kafka.assign([TopicPartition(*place) for place in ends])
        found: list[tuple[int, str, int, dict[str, bytes]]] = []
        while len(found) < sum(ends.values()):
            for run in (await kafka.getmany(timeout_ms=100)).values():
                for each in run:
                    told = open_envelope(each.value)
                    found.append((each.partition, told.root, told.sequence, dict(each.headers)))
        return found
    finally:
        await kafka.stop()
