"""The tables that a rebuild replaced: kept for a day, so that somebody can look, and then dropped."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import structlog
from asyncpg import Connection

from messaging.faults import wait
from messaging.postgres import connect

log = structlog.get_logger("messaging")

REPLACED = "_old"
"""What the name of a projection's schema ends with once it is replaced."""

KEPT_FOR = timedelta(days=1)
_HOUR = 3600.0
_LOCK_WAIT = "200ms"
"""Readers queue behind whoever waits to drop what another one still reads."""


async def replaced_at(connection: Connection, schema: str) -> datetime | None:
    """Since when (UTC) the projection's former tables are kept; None where there are none."""
    if await connection.fetchval("select to_regclass($1) is null", f"{schema}{REPLACED}.consumer_position"):
        return None
    at: datetime = await connection.fetchval(
        f"select max(updated_at) from {schema}{REPLACED}.consumer_position"
    )
    return at


async def drop_replaced(
    connection: Connection, schema: str, *, kept_for: timedelta = timedelta(0), tries: int = 1
) -> bool:
    """Drops the former tables if they have been kept for so long, once a second for so many tries while somebody
    reads them. Whether there are none left that should go."""
    for number in range(tries):
        if number:
            await asyncio.sleep(1)
        try:
            async with connection.transaction():
                await connection.execute(f"set local lock_timeout = '{_LOCK_WAIT}'")
                if await replaced_at(connection, schema) is None:
                    return True
                # From here on nobody can put others in their place, so that it is these whose age we ask.
                await connection.execute(f"lock table {schema}{REPLACED}.consumer_position")
                at = await replaced_at(connection, schema)
                now = await connection.fetchval("select clock_timestamp()")
                if at is not None and now - at >= kept_for:
                    await connection.execute(f"drop schema {schema}{REPLACED} cascade")
                    log.info("former projection dropped", schema=schema)
            return True
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.UndefinedTableError):
            continue
    return False


async def keep_house(database_url: str, schema: str, stop: asyncio.Event) -> None:
    """Once an hour, until `stop`, drops former tables that are a day old."""
    while not stop.is_set():
        try:
            connection = await connect(database_url)
            try:
                await drop_replaced(connection, schema, kept_for=KEPT_FOR)
            finally:
                await connection.close()
        except Exception as error:  # whatever it is, the projector must go on, and an hour later we try again
            log.warning("former projection could not be looked after", schema=schema, error=str(error))
        await wait(stop, _HOUR)
