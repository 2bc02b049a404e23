"""Makes a projection anew from the events, beside the live one, and swaps the two in one transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

import asyncpg
import structlog
from asyncpg import Connection

from messaging.postgres import connect
from messaging.projector import ProjectionOutdated, Projector
from messaging.topics import Place, create_missing, end_offsets

log = structlog.get_logger("messaging")

LOOK = 0.05
PATIENCE = 30.0
DROP_TRIES = 60


class RebuildFailed(Exception):
    """The new tables could not be filled; the live ones are as they were."""


async def ensure_current(projector: Projector) -> None:
    """Creates the projection's tables, or makes them anew where another version of the program made them.

    For a migration: processes of the old version read and project their tables until the swap.
    """
    try:
        await projector.ensure()
    except ProjectionOutdated:
        await rebuild(projector)


async def rebuild(projector: Projector) -> int:
    """Reads all events from offset 0 into new tables and puts them in place of the live ones.

    Reads never fail: they see the old tables until the swap and the new ones after it. Live projectors go on
    meanwhile; after the swap they find that their epochs are gone, and go on at the new positions. The owners
    of the events need not be up. Returns the number of records that the new tables are made of. Only one
    rebuild of a projection may run at a time; what an interrupted one has left is thrown away.
    """
    beside = projector.beside(f"{projector.schema}_next", stalled_after=PATIENCE)
    connection = await connect(projector.database_url)
    try:
        await _begin(connection, beside)
        await create_missing(projector.settings.kafka_bootstrap, projector.topics)
        ends = await end_offsets(projector.settings.kafka_bootstrap, projector.topics)
        async with _running(beside) as stop:
            await _reached(connection, beside, ends)
            async with connection.transaction():
                await _reached(connection, beside, await _held(connection, projector))
                await stop()
                await _swap(connection, projector, beside)
        log.info("projection rebuilt", schema=projector.schema)
        await _drop(connection, f"{projector.schema}_old")
        return sum((await _positions(connection, projector.schema, projector.group)).values())
    finally:
        await connection.close()


async def _begin(connection: Connection, beside: Projector) -> None:
    async with connection.transaction():
        await connection.execute(f"drop schema if exists {beside.schema} cascade")
        await beside.create(connection)


@contextlib.asynccontextmanager
async def _running(beside: Projector) -> AsyncIterator[Callable[[], asyncio.Future[None]]]:
    """The projector of the new tables at work; what it yields ends it, and the end of the block does too."""
    ended = asyncio.Event()
    running = asyncio.create_task(beside.run(ended))

    def stop() -> asyncio.Future[None]:
        ended.set()
        return asyncio.shield(running)

    try:
        yield stop
    finally:
        await stop()


async def _reached(connection: Connection, beside: Projector, ends: Mapping[Place, int]) -> None:
    """Waits until the new tables are as far as `ends`. Raises `RebuildFailed` on an alarm, or when an error
    does not go away."""
    while True:
        done = await _positions(connection, beside.schema, beside.group)
        if all(done.get(place, 0) >= end for place, end in ends.items() if place.topic in beside.topics):
            return
        if failure := beside.alarm or beside.stalled():
            raise RebuildFailed(failure)
        await asyncio.sleep(LOOK)


async def _positions(connection: Connection, schema: str, group: str, lock: str = "") -> dict[Place, int]:
    rows = await connection.fetch(
        f"select topic, partition, next_offset from {schema}.consumer_position"
        f" where consumer_group = $1 order by topic, partition {lock}",
        group,
    )
    return {Place(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def _held(connection: Connection, projector: Projector) -> dict[Place, int]:
    """Stops the live projectors where they are, for as long as the transaction lasts."""
    if not await _exists(connection, projector.schema):
        return {}
    return await _positions(connection, projector.schema, projector.group, "for update")


async def _swap(connection: Connection, projector: Projector, beside: Projector) -> None:
    """Renames the schemas. Both get new epochs: a live projector that waits for us, on the tables that it
    knows, must not go on with them; and none may take its old claim for one on the new tables."""
    live, new = projector.schema, beside.schema
    if await _exists(connection, live):
        await connection.execute(_NEW_EPOCHS.format(live=live, new=new), projector.group)
        await connection.execute(f"update {live}.consumer_position set epoch = epoch + 1")
        await connection.execute(f"alter schema {live} rename to {live}_old")
    await connection.execute(f"alter schema {new} rename to {live}")


async def _exists(connection: Connection, schema: str) -> bool:
    found: bool = await connection.fetchval(
        "select to_regclass($1) is not null", f"{schema}.consumer_position"
    )
    return found


async def _drop(connection: Connection, schema: str) -> None:
    """Drops the old tables as soon as nobody reads them, without making new readers queue behind us."""
    for _ in range(DROP_TRIES):
        with contextlib.suppress(asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            async with connection.transaction():
                await connection.execute("set local lock_timeout = '200ms'")
                await connection.execute(f"drop schema if exists {schema} cascade")
                return
        await asyncio.sleep(1)
    log.warning("old projection still in use; drop it later", schema=schema)


_NEW_EPOCHS = """
update {new}.consumer_position new set epoch = greatest(new.epoch, old.epoch) + 1
from {live}.consumer_position old
where new.consumer_group = $1
  and (old.consumer_group, old.topic, old.partition) = (new.consumer_group, new.topic, new.partition)
"""
