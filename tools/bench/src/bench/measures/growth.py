"""Growth: what an event costs the projector in a large company beside a small one, and what an opportunity takes of the
disk in ledger, Kafka and projections.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from bench.company import Row as Told
from bench.ground import Bench
from bench.large import taken
from bench.measures.projector import TOPIC, history, lay_out
from bench.measures.relay import lay_down, ledger_of
from bench.rounds import ROUNDS, in_turns
from bench.table import Row
from contracts import open_envelope
from contracts.targets import MetricDefined
from messaging import Projector
from reporting.main import service
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import migrate
from testkit import Database
from testkit.projecting import project

MILLION = 1_000_000
SMALL = 100_000
YOUNG = 4_000
"""Opportunities whose events are told on: the youngest, in both companies the same."""

BATCH = 2_000
"""Events of a round, absorbed as one batch."""

REACH = 1.6

SIZED = 5_000
"""Opportunities of the company whose bytes are counted."""


async def measure(bench: Bench) -> list[Row]:
    """The rows of growth."""
    return [await _cost(bench), *await _sizes(bench)]


@dataclass(slots=True)
class Product:
    """Reporting's projector over a company of some size."""

    projecting: Projector
    measured: Sequence[Sequence[Told]]
    busy: list[float] = field(default_factory=list)

    @classmethod
    async def of(
        cls, bench: Bench, opportunities: int, state: Sequence[Told], measured: Sequence[Told]
    ) -> "Product":
        made = cls(projector(_settings(await taken(bench, opportunities))), list(batched(measured, BATCH)))
        await told(made.projecting, [row for row in state if row.type != MetricDefined.type])
        await made.run(0)
        return made

    async def run(self, number: int) -> float:
        """Microseconds of an event."""
        rows = self.measured[number + 1 if self.busy else 0]
        events = [open_envelope(row.envelope) for row in rows]
        began = time.perf_counter()
        await project(self.projecting, events)
        self.busy.append((time.perf_counter() - began) / len(rows) * 1_000_000)
        return self.busy[-1]


async def _cost(bench: Bench) -> Row:
    state, measured = history(YOUNG, (ROUNDS + 1) * BATCH)
    large = bench.scale * MILLION
    runs = {size: await Product.of(bench, size, state, measured) for size in (SMALL, large)}
    figures = await in_turns({str(size): each.run for size, each in runs.items()})
    for each in runs.values():
        await each.projecting.close()
    small, big = figures[str(SMALL)], figures[str(large)]
    ratio = big.median / small.median
    return Row(
        f"projector's cost of an event, {SMALL:,} to {large:,} opportunities",
        big.median,
        "µs",
        small.median,
        ratio,
        f"≤ {REACH:g} ×" + ("" if bench.scale >= 10 else " at 10 m"),
        ratio <= REACH,
        max(small.spread, big.spread),
        f"batches of {BATCH:,} events of the youngest opportunities",
    )


async def _sizes(bench: Bench) -> list[Row]:
    """Bytes of an opportunity with all of its facts, indexes included, in a company made by the generator."""
    facts, _ = history(SIZED, 0)
    database = await bench.database()
    await migrate(service, _settings(database))
    projecting = projector(_settings(database))
    await told(projecting, facts)
    await projecting.close()
    opportunities = [fact for fact in facts if fact.topic == TOPIC]
    ledger = await ledger_of(bench)
    async with ledger.connect() as connection:
        await lay_down(connection, opportunities)
        await connection.execute(
            "insert into messaging.ledger (topic, partition, root, sequence, event_id, type, subject, occurred_at, "
            "recorded_at, traceparent, envelope) select topic, partition, root, sequence, event_id, type, subject, "
            "occurred_at, recorded_at, traceparent, envelope from told order by place"
        )
        in_ledger = await connection.fetchval("select pg_total_relation_size('messaging.ledger')")
    async with database.connect() as connection:
        in_projections = await connection.fetchval(
            "select sum(pg_total_relation_size(oid)) from pg_class "
            "where relnamespace = 'projection'::regnamespace and relkind = 'r'"
        )
    await lay_out(bench, opportunities, [], 1)
    on_kafka = _bytes_on_kafka(bench.folder)
    each = len(opportunities) / SIZED
    return [
        Row(f"an opportunity in {name}", float(size) / SIZED, "bytes", None, None, "stated", True,
            remark=f"{each:.1f} facts each, of {SIZED:,} opportunities")
        for name, size in (("the ledger", in_ledger), ("Kafka", on_kafka), ("projections", in_projections))
    ]  # fmt: skip


def _bytes_on_kafka(folder: Path) -> int:
    """What the topic holds. Kafka keeps the folders of a topic that was deleted for a while, with a dot in the name."""
    logs = folder.glob(f"kafka/**/{TOPIC}-[0-9]*/*.log")
    return sum(log.stat().st_size for log in logs if "." not in log.parent.name)


async def told(projecting: Projector, rows: Sequence[Told]) -> None:
    """Projects what was told, in batches."""
    for page in batched(rows, 10_000):
        await project(projecting, [open_envelope(row.envelope) for row in page])


def _settings(database: Database) -> ReportingSettings:
    return ReportingSettings(database_url=database.url)
