"""Walks over everything that is kept, a piece at a time: over the roots, and over the log of each partition.

A walk's row is locked while a piece is looked at, so that of several processes each takes another piece. What is known
to drift is looked at again each time, so that the end of a drift is seen without waiting for a lap.
"""

from collections.abc import Collection
from datetime import datetime

from asyncpg import Connection
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.reporting import ProofCheck
from messaging import Place, Projector, Prover, read_stretches
from reporting.proof import actions
from reporting.proof.evidence import findings
from reporting.proof.log import differing_events
from reporting.proof.rules import OF_ROWS
from reporting.proof.tables import DriftedRoot, Walk

ROOTS = "roots"
KNOWN = 200
KNOWN_ON_KAFKA = 20
"""Roots that are known to drift and looked at again with each piece; each of the second costs a fetch."""


async def walk_roots(
    session: AsyncSession, connection: Connection, prover: Prover, now: datetime, most: int
) -> int | None:
    """Proves the rows of the next roots; how many. None: another process is at it.

    `connection` reads the live tables. Raises `ProjectionSwapped` and `ProjectionOutdated`.
    """
    walk = await _take(session, [ROOTS])
    if walk is None:
        return None
    following = await connection.fetch(_NEXT.format(schema=prover.schema), walk.position, most)
    roots = [row["root"] for row in following]
    known = {each.root for each in await actions.known_roots(session, OF_ROWS, KNOWN)}
    looked_at = known.union(roots)
    found = await prover.prove(looked_at)
    await actions.note(session, OF_ROWS, looked_at, findings(found), now)
    _move(walk, roots[-1] if len(roots) == most else "", now)
    return len(roots)


async def walk_log(
    session: AsyncSession, connection: Connection, projector: Projector, now: datetime, most: int
) -> int | None:
    """Holds the next records of the partition that was not looked at for longest against the kept events; how many.
    None: other processes are at all of them. Raises what `read_stretches` raises."""
    rows = await connection.fetch(_PLACES.format(schema=projector.schema), projector.group)
    places = {f"{topic}/{partition}": Place(topic, partition) for topic, partition in rows}
    walk = await _take(session, places)
    if walk is None:
        return None
    known = await actions.known_roots(session, [ProofCheck.log], KNOWN_ON_KAFKA)
    bootstrap, start = projector.settings.kafka_bootstrap, int(walk.position or 0)
    [(arrivals, end)] = await read_stretches(bootstrap, [(places[walk.walk], start)], most)
    again = await read_stretches(bootstrap, [_lies(each) for each in known], 1) if known else []
    told = [*arrivals, *(arrival for stretch, _ in again for arrival in stretch)]
    found = await differing_events(connection, projector.schema, projector.group, told)
    await actions.note(session, [ProofCheck.log], {each.root for each in known}, found, now)
    _move(walk, str(end) if end - start >= most else "", now)
    return len(arrivals)


async def _take(session: AsyncSession, walks: Collection[str]) -> Walk | None:
    """Locks the walk, of several the one that was not taken for longest; None where others are at all of them."""
    if not walks:
        return None
    begun = [{"walk": walk, "position": "", "laps": 0} for walk in sorted(walks)]
    await session.execute(insert(Walk).on_conflict_do_nothing(), begun)
    taken: Walk | None = await session.scalar(
        select(Walk)
        .where(col(Walk.walk).in_(walks))
        .order_by(col(Walk.walked_at).nulls_first(), col(Walk.walk))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return taken


def _move(walk: Walk, position: str, now: datetime) -> None:
    """An empty position begins the next lap."""
    walk.lap_began_at = walk.lap_began_at or now
    if not position:
        walk.laps, walk.lap_began_at = walk.laps + 1, None
    walk.position, walk.walked_at = position, now


def _lies(known: DriftedRoot) -> tuple[Place, int]:
    topic, partition, offset = (known.place or "").split("/")
    return Place(topic, int(partition)), int(offset)


_NEXT = "select root from {schema}.consumer_root where root > $1 order by root limit $2"

_PLACES = (
    "select topic, partition from {schema}.consumer_position where consumer_group = $1 and next_offset > 0"
)
