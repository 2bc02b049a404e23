"""Reading what one has just written: wait for a projection, and know how fresh it is."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Connection

from messaging.postgres import one
from messaging.tokens import named

POLL = 0.005
POLL_MOST = 0.05


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a projection is: the latest fact that it has applied was recorded at `applied_to` (None
    before the first); `behind_events` are on Kafka and not applied, `parked_roots` wait for a person or a gap."""

    applied_to: datetime | None
    behind_events: int
    parked_roots: int


async def applied(connection: Connection, token: str, timeout: float = 2.0, *, schema: str) -> bool:  # noqa: ASYNC109
    """Waits up to `timeout` seconds until the projection has applied the facts that a consistency token names.

    Whether it has. Outside of a repeatable-read transaction, which would not see it come. Raises `NotAToken`.
    """
    roots, numbers = zip(*named(token), strict=True)
    deadline, pause = time.monotonic() + timeout, POLL
    while not await connection.fetchval(_APPLIED.format(schema=schema), roots, numbers):
        if time.monotonic() + pause > deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, POLL_MOST)
    return True


async def freshness(connection: Connection, schema: str) -> Freshness:
    """How fresh the projection of the schema is."""
    return Freshness(*await one(connection, freshness_query(schema)))


def freshness_query(schema: str) -> str:
    """The same as SQL, one row with the columns of `Freshness`, for whoever asks for more in the same statement."""
    return _FRESHNESS.format(schema=schema)


async def heard_until(connection: Connection, schema: str) -> datetime | None:
    """Until when everything that lay on Kafka has been heard, in all partitions; None while one was never read to its
    end. It moves on also while nothing is said, every few seconds; during a backlog it stands still.
    """
    found: datetime | None = await connection.fetchval(_HEARD_UNTIL.format(schema=schema))
    return found


_HEARD_UNTIL = """
select case when bool_and(heard_at is not null) then min(heard_at) end from {schema}.consumer_position
"""

_APPLIED = """
select not exists (
    select from unnest($1::text[], $2::bigint[]) wanted(root, sequence)
    where not exists (
        select from {schema}.consumer_root heard
        where heard.root = wanted.root and heard.last_sequence >= wanted.sequence
    )
)
"""

_FRESHNESS = """
select max(last_recorded_at) as applied_to,
       coalesce(sum(end_offset - next_offset), 0)::bigint as behind_events,
       (select count(*) from {schema}.parked_root) as parked_roots
from {schema}.consumer_position
"""
