"""What the proof of reporting's tables goes by: which rows are whose, and the events that are kept of each root."""

from collections.abc import Collection, Mapping

from asyncpg import Connection
from msgspec import Raw

from contracts import Event, Received
from contracts.declaration import topic_of
from contracts.reporting import ProofCheck
from contracts.targets import MetricDefined
from directory.projection import UNITS
from messaging import Arrival, Belongs, Difference, Projector, Prover
from reporting.proof.rules import Finding
from reporting.proof.sums import SUMS, differing_sums

ROWS: Mapping[str, Belongs] = {
    "event": Belongs("root", type="text"),
    "fact": Belongs("root", type="text"),
    "opportunity": Belongs("id"),
    "opportunity_past": Belongs("opportunity_id"),
    "stage_visit_past": Belongs("opportunity_id"),
    "lead": Belongs("id"),
    "customer": Belongs("id"),
    "target": Belongs("id"),
    "target_revision": Belongs("target_id"),
    "person": Belongs("id"),
    "membership_change": Belongs("person_id"),
    "membership": Belongs("person_id"),
    "unit": Belongs("id"),
    "parent_change": Belongs("unit_id"),
    "closure": Belongs("descendant_id"),
    "metric": Belongs("code", "metric:", "text"),
    "pipeline": Belongs("code", "pipeline:", "text"),
    "pipeline_stage": Belongs("pipeline", "pipeline:", "text"),
    "channel": Belongs("code", "channel:", "text"),
    "cost": Belongs("channel", "channel:", "text"),
    "period": Belongs("code", "period:", "text"),
    "working_time": Belongs("year", "year:", "integer"),
    "working_day": Belongs("extract(year from day)::integer", "year:", "integer"),
    "rate": Belongs("currency", "currency:", "text"),
    "reading_rule": Belongs("code", "rule:", "text"),
}
"""Of each table the root of a row; those of `SUMS` are of many roots."""

NEEDED: frozenset[type[Event]] = frozenset({MetricDefined}) | UNITS
"""A metric counts the facts of all roots, and what stands above a unit follows from all units."""


class KeptEvents:
    """The table `event`: what the rows of a root are told from."""

    table = "event"

    async def arrivals(self, connection: Connection, schema: str, roots: Collection[str]) -> list[Arrival]:
        """The events of roots as they were applied."""
        rows = await connection.fetch(_ARRIVALS.format(schema=schema), list(roots))
        return [
            Arrival(
                topic_of(row["type"].partition(".")[0]),
                row["partition"],
                0,
                b"",
                Received(
                    id=row["id"],
                    type=row["type"],
                    subject=row["root"],
                    root=row["root"],
                    number=str(row["sequence"]),
                    occurred_at=row["occurred_at"],
                    recorded_at=row["recorded_at"],
                    by=row["by"],
                    traceparent=None,
                    raw=Raw(row["data"].encode()),
                ),
            )
            for row in rows
        ]

    async def needed(self, connection: Connection, schema: str) -> list[str]:
        """The roots of metrics and units."""
        rows = await connection.fetch(_NEEDED.format(schema=schema), sorted(each.type for each in NEEDED))
        return [row["root"] for row in rows]

    async def further(self, connection: Connection, schema: str, roots: Collection[str]) -> list[Difference]:
        """The sums of the roots' facts."""
        return await differing_sums(connection, schema, roots)


def prover(projector: Projector) -> Prover:
    """What proves the tables of reporting's projector."""
    return Prover(projector, KeptEvents(), ROWS)


def findings(differences: Collection[Difference]) -> list[Finding]:
    """What a look at rows has found. The columns that differ are named, their values are not."""
    return [
        Finding(
            (ProofCheck.sums if each.table in SUMS else ProofCheck.rows, each.table),
            each.root,
            each.detail
            or ", ".join(each.columns)
            or f"{len(each.kept)} rows stand, {len(each.told)} are told",
        )
        for each in differences
    ]


_ARRIVALS = """
select root, sequence, id, type, partition, occurred_at, recorded_at, by, data::text as data
from {schema}.event where root = any($1::text[]) order by root, sequence
"""

_NEEDED = "select distinct root from {schema}.event where type = any($1::text[])"
