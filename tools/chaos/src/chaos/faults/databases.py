"""Write transactions that are held open: they hold a snapshot's horizon, and nothing may wait for them."""

import asyncio
import time
from random import Random

import asyncpg

from chaos.faults.kind import NotRun, kind
from chaos.stage import Stage

_HELD = 30.0
_CONNECTED_WITHIN, _AGAIN = 20.0, 0.5


async def _connected(dsn: str) -> asyncpg.Connection:
    """A connection, once PostgreSQL takes one: its disk may be full, or it may just have been killed."""
    deadline = time.monotonic() + _CONNECTED_WITHIN
    while True:
        try:
            return await asyncpg.connect(dsn, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            if time.monotonic() > deadline:
                raise NotRun(f"PostgreSQL took no connection: {error!r}") from error
            await asyncio.sleep(_AGAIN)


async def _held(stage: Stage, database: str, seconds: float) -> None:
    connection = await _connected(stage.rig.dsn(database))
    try:
        try:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select pg_current_xact_id()")
            await stage.flows(time.time())
            await asyncio.sleep(seconds)
            await transaction.rollback()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return  # PostgreSQL was killed meanwhile, and the transaction with it
    finally:
        connection.terminate()


@kind("write transaction held open", lasts=30, brief=True)
async def here(stage: Stage, random: Random) -> None:
    """In the database of a ledger: facts that are committed meanwhile are published without waiting for it."""
    await _held(stage, f"attain_{random.choice(('opportunities', 'leads', 'reporting'))}", _HELD)


@kind("write transaction held open in another database", lasts=30)
async def elsewhere(stage: Stage, random: Random) -> None:
    """Of the same cluster, which nobody of ours uses."""
    await _held(stage, "postgres", _HELD)
