"""The time from the commit of a fact until the reports have it: through the ledger, the relay, Kafka, and reporting's
projector, which runs in a process of its own.

Facts of the made-up company are committed at a given rate, one transaction each, beside their relay, as a service's
process does it, without the HTTP before it. Of some of them a reader asks what a report that waits for a consistency
token asks, whether the projection has heard that number of that root; every `LOOKING` seconds for all of them by one
statement, because a wait of its own for each would load what it measures. From the answer to the commit until the first
answer that it is seen is what is measured. One clock serves both.

The state is analyzed before, as autovacuum has done with one that did not come within a minute.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from asyncpg import Connection

from attain.instance.probe import answers
from attain.processes.command import Command
from bench.company import Row as Told
from bench.ground import Bench
from bench.measures.projector import TOPIC, history
from bench.measures.relay import COLUMNS, ledger_of
from bench.rounds import percentile
from bench.serving import Access, on_fast_loop
from bench.table import Row, at_most
from contracts import registry
from messaging import Relay, applied
from messaging.ledger import announce
from messaging.publisher import Publisher
from messaging.publisher import Row as Outgoing
from messaging.topics import create_missing, partition_of
from reporting.main import service
from reporting.projector import SCHEMA
from reporting.settings import ReportingSettings
from runtime import migrate
from testkit import Database
from testkit.servers import free_port, open_folder, running

OPPORTUNITIES = 5_000
SECONDS = 30
BUSY, SLOW = 500, 5
"""Facts a second."""

WARMING = 1_000
"""Facts before the measured ones, which prepare statements and fill caches."""

SAMPLES_MOST = 25
"""Facts a second that a reader looks for."""

LOOKING = 0.002
"""Seconds between two looks."""

WRITERS = 4
"""Connections; the facts of a root go over one of them, in their order."""

P50, P99, SLOW_P99 = 20.0, 50.0, 150.0
"""Milliseconds."""

_PATIENCE = 60.0


async def measure(bench: Bench) -> list[Row]:
    """The rows of both rates."""
    state, measured = history(OPPORTUNITIES, WARMING + SECONDS * (BUSY + SLOW))
    ledger, reports = await _prepared(bench, state)
    async with _reporting(bench, reports):
        return await on_fast_loop(lambda: _measured(bench, ledger, reports, state, measured))


async def _prepared(bench: Bench, state: Sequence[Told]) -> tuple[Database, Database]:
    """The database of the ledger, which holds the state that is its own, and that of reporting. Facts of other owners
    lie on Kafka."""
    await create_missing(bench.kafka.bootstrap, {event.topic for event in registry().values()})
    ledger = await ledger_of(bench)
    async with Publisher(bench.settings) as publisher:
        others = sorted((row for row in state if row.topic != TOPIC), key=lambda row: row.topic)
        for topic, rows in groupby(others, key=lambda row: row.topic):
            await publisher.publish(topic, [Outgoing.of(row) for row in rows])
    async with ledger.connect() as connection:
        own = [tuple(getattr(row, column) for column in COLUMNS) for row in state if row.topic == TOPIC]
        await connection.copy_records_to_table(
            "ledger", schema_name="messaging", records=own, columns=COLUMNS
        )
    reports = await bench.database()
    await migrate(service, _settings(bench, reports))
    return ledger, reports


def _settings(bench: Bench, reports: Database) -> ReportingSettings:
    return ReportingSettings(database_url=reports.url, kafka_bootstrap=bench.kafka.bootstrap)


@asynccontextmanager
async def _reporting(bench: Bench, reports: Database) -> AsyncIterator[None]:
    """Reporting as it is delivered: API and workers in one process."""
    port = free_port()
    with Access.new() as access, open_folder() as folder:
        command = Command(
            name="reporting",
            argv=(sys.executable, "-P", "-m", "reporting", "serve", "--role", "all"),
            ready=lambda: answers(port, "/readyz"),
            environment={
                "ATTAIN_DATABASE_URL": reports.url,
                "ATTAIN_JWKS": str(access.jwks),
                "ATTAIN_KAFKA_BOOTSTRAP": bench.kafka.bootstrap,
                "ATTAIN_HTTP_PORT": str(port),
            },
        )
        block = running(command, folder)
        await asyncio.to_thread(block.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(block.__exit__, None, None, None)


async def _measured(
    bench: Bench,
    ledger: Database,
    reports: Database,
    state: Sequence[Told],
    measured: Sequence[Told],
) -> list[Row]:
    stop = asyncio.Event()
    relaying = asyncio.create_task(Relay(TOPIC.removeprefix("attain-"), ledger.url, bench.settings).run(stop))
    try:
        async with reports.connect() as reader:
            last = next(row for row in reversed(state) if row.topic == TOPIC)
            if not await applied(reader, f"{last.root}@{last.sequence}", _PATIENCE, schema=SCHEMA):
                raise RuntimeError(f"the state was not seen within {_PATIENCE:g} s")
            await reader.execute("vacuum analyze")
            warm, busy = measured[:WARMING], measured[WARMING : WARMING + SECONDS * BUSY]
            slow = measured[WARMING + SECONDS * BUSY :]
            await _Course(ledger, reader, BUSY).run(warm)
            fast = await _Course(ledger, reader, BUSY).run(busy)
            few = await _Course(ledger, reader, SLOW).run(slow)
    finally:
        stop.set()
        announce(TOPIC)
        await relaying
    return [
        at_most(f"freshness at {BUSY} facts/s, p50", fast.percentile(0.5), P50, "ms", fast.remark),
        at_most(f"freshness at {BUSY} facts/s, p99", fast.percentile(0.99), P99, "ms", fast.remark),
        at_most(f"freshness at {SLOW} facts/s, p99", few.percentile(0.99), SLOW_P99, "ms", few.remark),
    ]


@dataclass
class _Course:
    """Commits facts at a rate, and notes in seconds how long some of them take to be seen."""

    ledger: Database
    reader: Connection
    rate: int
    lags: list[float] = field(default_factory=list)
    looked_for: dict[tuple[str, int], float] = field(default_factory=dict)
    """By root and number, when they were committed."""

    took: float = 0.0

    def percentile(self, part: float) -> float:
        """In milliseconds."""
        return percentile(self.lags, part) * 1000

    @property
    def remark(self) -> str:
        shares = ", ".join(f"p{part:g} {self.percentile(part / 100):.1f}" for part in (50, 90, 99, 100))
        return f"{shares} ms of {len(self.lags)}, {self.took:.0f} s"

    async def run(self, facts: Sequence[Told]) -> "_Course":
        """Commits all of them, and waits until those that are looked at were seen."""
        lanes: list[list[tuple[float, Told]]] = [[] for _ in range(WRITERS)]
        for number, fact in enumerate(facts):
            lanes[partition_of(fact.root) % WRITERS].append((number / self.rate, fact))
        every = max(1, self.rate // SAMPLES_MOST)
        looked_at = {fact.event_id for fact in facts[::every]}
        began = time.perf_counter()
        over = asyncio.Event()
        looking = asyncio.create_task(self._look(over))
        async with asyncio.TaskGroup() as writing:
            for lane in lanes:
                writing.create_task(self._write(lane, began, looked_at))
        self.took = time.perf_counter() - began
        over.set()
        await asyncio.wait_for(looking, _PATIENCE)
        return self

    async def _write(
        self,
        lane: Sequence[tuple[float, Told]],
        began: float,
        looked_at: set[UUID],
    ) -> None:
        async with self.ledger.connect() as connection:
            insert = await connection.prepare(_INSERT)
            for due, fact in lane:
                await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
                await insert.fetch(*(getattr(fact, column) for column in COLUMNS))
                committed = time.perf_counter()
                announce(fact.topic)
                if fact.event_id in looked_at:
                    self.looked_for[fact.root, fact.sequence] = committed

    async def _look(self, over: asyncio.Event) -> None:
        """Until it is over and all were seen."""
        seen = await self.reader.prepare(_SEEN)
        while self.looked_for or not over.is_set():
            if self.looked_for:
                for root, sequence in await seen.fetch(*zip(*self.looked_for, strict=True)):
                    self.lags.append(time.perf_counter() - self.looked_for.pop((root, sequence)))
            await asyncio.sleep(LOOKING)


_SEEN = f"""
select wanted.root, sequence from unnest($1::text[], $2::bigint[]) wanted(root, sequence)
join {SCHEMA}.consumer_root heard on heard.root = wanted.root and heard.last_sequence >= sequence
"""

_INSERT = f"""
insert into messaging.ledger ({", ".join(COLUMNS)})
values ({", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))})
"""
