"""The projector: events/s of all of reporting's projections, beside `COPY` of the same events into one table without
an index, and beside a handler that is called for each event.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError

from attain.company.plan import make_company
from bench.company import Row as Told
from bench.company import Telling, frame, life
from bench.ground import Bench
from bench.measures.usual import handle_each
from bench.rounds import ROUNDS, in_turns
from bench.table import Row, at_least
from contracts import registry
from contracts.opportunities import OpportunityOpened
from messaging import MessagingSettings, Projector
from messaging.arrivals import Arrival, read
from messaging.publisher import Publisher
from messaging.publisher import Row as Outgoing
from messaging.topics import PARTITIONS, Place, create_missing, end_offsets, make_anew
from reporting.main import service
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import migrate
from testkit import Database

OPPORTUNITIES = 270_000
"""Of which some 200,000 are opened before the rounds."""

MEASURED = 100_000
"""Events of a round. One goes before those that count: PostgreSQL logs a page whole when it is first changed after a
checkpoint, which a round at any other time meets seldom."""

LAST_DAY = date(2026, 9, 30)
TOPIC = "attain-opportunities"
BATCHES = (2_000, 5_000, 20_000)
"""Sizes of which the limit takes its best."""

HANDLED = 1_000
"""Events of a round of the handler that is called for each."""

REACH, REACH_OF_USUAL = 0.45, 300.0

type Ends = dict[Place, int]


@dataclass(frozen=True, slots=True)
class Course:
    """What all runs read: where the rounds begin and end on Kafka. The state lies before the first."""

    bench: Bench
    bounds: Sequence[Ends]

    def of(self, number: int) -> tuple[Ends, Ends]:
        return self.bounds[number], self.bounds[number + 1]


async def measure(bench: Bench) -> list[Row]:
    """The rows of the projector."""
    # Nothing holds on to the history: Python would walk over its millions of objects in the middle of a round.
    opened, course = await _course(bench)
    product = await Product.prepare(course)
    await product.run(0)
    limits = {f"limit {size:,}": Limit(course, await bench.database(), size) for size in BATCHES}
    usual = await Usual.prepare(course)
    figures = await in_turns(
        {"product": product.run, "usual": usual.run, **{n: each.run for n, each in limits.items()}}, first=1
    )
    best = max((figures[name] for name in limits), key=lambda figure: figure.median)
    size = f"state of {opened:,} opportunities, {sum(course.bounds[1].values()):,} events"
    return [
        at_least("projector", figures["product"], best, REACH, "events/s", f"json; {size}"),
        at_least(
            "projector beside a handler per event",
            figures["product"],
            figures["usual"],
            REACH_OF_USUAL,
            "events/s",
        ),
    ]


async def _course(bench: Bench) -> tuple[int, Course]:
    """How many opportunities are opened before the rounds that count, and the course of all rounds."""
    state, measured = history(OPPORTUNITIES, (ROUNDS + 1) * MEASURED)
    before = [*state, *measured[:MEASURED]]
    opened = sum(row.type == OpportunityOpened.type for row in before)
    return opened, await lay_out(bench, state, measured, ROUNDS + 1)


def history(opportunities: int, measured: int) -> tuple[list[Told], list[Told]]:
    """The company's facts in the order of time: those before, and the last ones, which are measured."""
    company = make_company(opportunities=opportunities, seed=1, last_day=LAST_DAY, leads=0)
    telling = Telling()
    before = list(frame(company, telling))
    told = [row for deal in company.deals for row in life(deal, telling)]
    told.sort(key=lambda row: row.occurred_at)
    cut = max(0, len(told) - measured)
    return before + told[:cut], told[cut:]


async def lay_out(bench: Bench, state: Sequence[Told], measured: Sequence[Told], rounds: int) -> Course:
    """Puts everything on Kafka, in the place of what other measures left there, and notes where each round begins."""
    kafka = bench.kafka.bootstrap
    topics = {event.topic for event in registry().values()}
    await create_missing(kafka, topics)
    for topic in topics:
        await make_anew(kafka, topic)
    size = len(measured) // rounds
    async with Publisher(bench.settings) as publisher:
        await _publish(publisher, state)
        bounds = [await end_offsets(kafka, topics)]
        for number in range(rounds):
            await _publish(publisher, measured[number * size : (number + 1) * size])
            bounds.append(await end_offsets(kafka, topics))
    return Course(bench, bounds)


async def _publish(publisher: Publisher, rows: Sequence[Told]) -> None:
    for begin in range(0, len(rows), PAGE):
        for topic, told in groupby(sorted(rows[begin : begin + PAGE], key=_topic), key=_topic):
            await publisher.publish(topic, [Outgoing.of(row) for row in told])


def _topic(row: Told) -> str:
    return row.topic


PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Product:
    """Reporting's projector with the settings of a live one, on all partitions by itself."""

    course: Course
    settings: ReportingSettings

    @classmethod
    async def prepare(cls, course: Course) -> "Product":
        database = await course.bench.database()
        settings = ReportingSettings(database_url=database.url, kafka_bootstrap=course.bench.kafka.bootstrap)
        await migrate(service, settings)
        made = cls(course, settings)
        await made.until(course.bounds[0], batch=settings.rebuild_batch)
        async with database.connect() as connection:
            await connection.execute("vacuum analyze")
            await connection.execute("checkpoint")  # what was prepared is not written out in the rounds
        return made

    async def run(self, number: int) -> float:
        begin, end = self.course.of(number)
        return count(begin, end) / await self.until(end)

    async def until(self, end: Ends, batch: int | None = None) -> float:
        """Projects up to `end`; the seconds from the claim of the partitions to the last commit."""
        timed = _Timed.of(self.settings, batch or self.settings.projection_batch)
        await timed.run(asyncio.Event(), until=end)
        return timed.commits[-1] - timed.commits[0]


class _Timed(Projector):
    """A projector that notes when it commits."""

    commits: list[float]

    @classmethod
    def of(cls, settings: ReportingSettings, batch: int) -> "_Timed":
        own = projector(settings)
        alone = settings.model_copy(update={"rebuild_batch": batch})
        made = cls(
            own.group, own.schema, own.tables, own.projections, settings.database_url, alone, alone=True
        )
        made.commits = []
        return made

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with super().transaction() as unit:
            yield unit
        self.commits.append(time.perf_counter())


@dataclass(frozen=True, slots=True)
class Limit:
    """Reads, decodes as the product does, and copies into one table without an index; the next batch is read and
    decoded while PostgreSQL takes the last one.
    """

    course: Course
    database: Database
    size: int

    async def run(self, number: int) -> float:
        begin, end = self.course.of(number)
        async with self.database.connect() as connection, reading(self.course, begin) as kafka:
            await connection.execute(f"set synchronous_commit = off; drop table if exists told; {_TOLD}")
            left, copying = count(begin, end), None
            began = time.perf_counter()
            while left > 0:
                records = await fetch(kafka, min(self.size, left))
                arrivals, _ = read(records)
                if copying is not None:
                    await copying
                copying = asyncio.create_task(_copy(connection, arrivals))
                left -= len(records)
            if copying is not None:
                await copying
            return count(begin, end) / (time.perf_counter() - began)


async def _copy(connection: asyncpg.Connection, arrivals: Sequence[Arrival]) -> None:
    rows = [
        (each.root, each.sequence, each.received.type, each.received.occurred_at, each.envelope)
        for each in arrivals
    ]
    await connection.copy_records_to_table("told", records=rows)


_TOLD = "create table told (root text, sequence bigint, type text, occurred_at timestamptz, envelope bytea)"


@dataclass(frozen=True, slots=True)
class Usual:
    """A handler that is called for each event: one transaction each, by SQLModel."""

    course: Course
    database: Database

    @classmethod
    async def prepare(cls, course: Course) -> "Usual":
        return cls(course, await course.bench.database())

    async def run(self, number: int) -> float:
        begin, _ = self.course.of(number)
        async with reading(self.course, begin) as kafka:
            records = await fetch(kafka, HANDLED)
        return await handle_each(self.database, records)


@asynccontextmanager
async def reading(course: Course, begin: Ends) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of the opportunities' topic that stands where a round begins."""
    settings: MessagingSettings = course.bench.settings
    kafka = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=settings.fetch_wait_ms,
    )
    places = [TopicPartition(TOPIC, partition) for partition in range(PARTITIONS)]
    await kafka.start()
    try:
        kafka.assign(places)
        for place in places:
            kafka.seek(place, begin[Place(*place)])
        yield kafka
    finally:
        await kafka.stop()


async def fetch(kafka: AIOKafkaConsumer, most: int) -> list[Any]:
    """Records, at most so many and at least one."""
    while True:
        with suppress(NoOffsetForPartitionError):
            if fetched := await kafka.getmany(timeout_ms=200, max_records=most):
                return [record for run in fetched.values() for record in run]


def count(begin: Ends, end: Ends) -> int:
    """The number of events between two places."""
    return sum(end.values()) - sum(begin.values())
