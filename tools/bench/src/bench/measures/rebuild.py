"""The rebuild: events/s of a whole rebuild beside the live projector over the same events, and for how long the swap
holds the live projector and whoever reads, while facts come in.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import batched

from aiokafka import AIOKafkaProducer

from bench.company import Row as Told
from bench.ground import Bench
from bench.measures.projector import Course, Product, history, lay_out
from bench.rounds import in_turns
from bench.table import Row, at_least, at_most
from messaging import Progress, Rebuilt, rebuild
from messaging.rebuild import Step, Versions
from reporting.main import service
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import migrate
from testkit import Database

OPPORTUNITIES = 40_000
COMING = 60_000
"""Events kept back; tables are rebuilt again and again while they come in."""

REACH, REACH_OF_SWAP = 1.2, 50.0

RUNS = 3
"""Rounds, each of which reads everything."""

PACE, BEAT = 500, 0.05
"""Events that come in a second meanwhile, and seconds between two handfuls of them."""


async def measure(bench: Bench) -> list[Row]:
    """The rows of the rebuild."""
    state, coming = history(OPPORTUNITIES, COMING)
    course = await lay_out(bench, state, [], 1)
    del state  # or Python would walk over its objects in every round
    live, again = await Live.prepare(course), await Again.prepare(course)
    figures = await in_turns({"rebuild": again.run, "live": live.run}, RUNS)
    swaps, read = await again.swap(coming)
    return [
        at_least(
            "rebuild",
            figures["rebuild"],
            figures["live"],
            REACH,
            "events/s",
            f"{sum(course.bounds[0].values()):,} records from offset 0; {again.shares()}",
        ),
        at_most(
            "swap lock",
            max(each.held for each in swaps) * 1000,
            REACH_OF_SWAP,
            "ms",
            f"most of {len(swaps)}, {PACE} events/s coming in; {read}",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Live:
    """The live projector with its settings, from empty tables to the end of the log."""

    product: Product
    database: Database

    @classmethod
    async def prepare(cls, course: Course) -> "Live":
        database = await course.bench.database()
        return cls(Product(course, await _settings(course, database)), database)

    async def run(self, _: int) -> float:
        settings, end = self.product.settings, self.product.course.bounds[0]
        keeper = projector(settings)
        async with self.database.connect() as connection:
            await connection.execute(f"drop schema {keeper.schema} cascade")
        await keeper.ensure()
        seconds = await self.product.until(end)
        await _vacuum(self.database)
        return sum(end.values()) / seconds


@dataclass(frozen=True, slots=True)
class Again:
    """A rebuild of tables that are as they should be, with everything that belongs to it."""

    settings: ReportingSettings
    database: Database
    seconds: dict[Step, float] = field(default_factory=lambda: defaultdict(float))

    @classmethod
    async def prepare(cls, course: Course) -> "Again":
        database = await course.bench.database()
        settings = await _settings(course, database)
        await Product(course, settings).until(course.bounds[0], batch=settings.rebuild_batch)
        await _vacuum(database)
        return cls(settings, database)

    async def run(self, _: int) -> float:
        began = time.perf_counter()
        rebuilt = await self._rebuild()
        seconds = time.perf_counter() - began
        await _vacuum(self.database)
        return rebuilt.records / seconds

    async def _rebuild(self) -> Rebuilt:
        looks = [(Step.reading, time.perf_counter())]

        def look(progress: Progress) -> None:
            looks.append((progress.step, time.perf_counter()))

        rebuilt = await rebuild(projector(self.settings), listener=look)
        for (step, since), (_, until) in zip(looks, [*looks[1:], (None, time.perf_counter())], strict=True):
            self.seconds[step] += until - since
        assert rebuilt.versions is Versions.same, rebuilt.versions
        assert not rebuilt.drifted, rebuilt.drifted
        return rebuilt

    def shares(self) -> str:
        """What part of the time each step took."""
        whole = sum(self.seconds.values())
        return ", ".join(f"{step.value} {seconds / whole:.0%}" for step, seconds in self.seconds.items())

    async def swap(self, coming: Sequence[Told]) -> tuple[list[Rebuilt], str]:
        """Rebuilds beside a live projector, with facts coming in and somebody reading; and how the reads went."""
        keeper, stop = projector(self.settings), asyncio.Event()
        reads, swaps = list[float](), list[Rebuilt]()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keeper.run(stop))
            tasks.create_task(_read(self.database, reads, stop))
            telling = tasks.create_task(_tell(self.settings.kafka_bootstrap, coming))
            try:
                while not telling.done():
                    rebuilt = await self._rebuild()
                    swaps += [] if telling.done() else [rebuilt]
            finally:
                stop.set()
        return swaps, f"{len(reads):,} reads, none failed, the longest {max(reads) * 1000:.0f} ms"


async def _vacuum(database: Database) -> None:
    """What a round has made is vacuumed before the next one, and not in it."""
    async with database.connect() as connection:
        await connection.execute("vacuum analyze")


async def _settings(course: Course, database: Database) -> ReportingSettings:
    settings = ReportingSettings(database_url=database.url, kafka_bootstrap=course.bench.kafka.bootstrap)
    await migrate(service, settings)
    return settings


async def _tell(bootstrap: str, coming: Sequence[Told]) -> None:
    """Puts facts on Kafka at an even pace."""
    async with _producer(bootstrap) as kafka:
        begun = time.perf_counter()
        for number, handful in enumerate(batched(coming, round(PACE * BEAT))):
            for row in handful:
                await kafka.send(row.topic, row.envelope, row.root.encode(), row.partition)
            await asyncio.sleep(max(0.0, begun + (number + 1) * BEAT - time.perf_counter()))


@asynccontextmanager
async def _producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    kafka = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    await kafka.start()
    try:
        yield kafka
    finally:
        await kafka.stop()


async def _read(database: Database, seconds: list[float], stop: asyncio.Event) -> None:
    """Reads without a pause; a read that fails ends the measure."""
    async with database.connect() as connection:
        await connection.execute("set search_path = projection, public")
        while not stop.is_set():
            began = time.perf_counter()
            await connection.fetch("select metric, sum(sum) from rollup group by metric")
            seconds.append(time.perf_counter() - began)
            await asyncio.sleep(BEAT / 10)
