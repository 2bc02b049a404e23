"""Connections to PostgreSQL that bypass SQLAlchemy: for the relay, the projector and looking around."""

import asyncpg
from asyncpg import Connection, Record

ABANDONED_MS = "30000"
"""A process that was stopped in the middle of a transaction gives its locks back after this long."""

_HANGS_AFTER = 300.0
"""Seconds after which a statement counts as lost, as when the server's machine is gone without a word."""


async def connect(
    database_url: str, *, hangs_after: float | None = _HANGS_AFTER, **server_settings: str
) -> Connection:
    """A connection in UTC. `database_url` may name SQLAlchemy's driver (`postgresql+asyncpg://…`). A statement that
    takes `hangs_after` seconds is given up; None where long ones are to be expected."""
    return await asyncpg.connect(
        dsn(database_url),
        command_timeout=hangs_after,
        server_settings={
            "application_name": "messaging",
            "timezone": "UTC",
            "idle_in_transaction_session_timeout": ABANDONED_MS,
            **server_settings,
        },
    )


def dsn(database_url: str) -> str:
    """The address as asyncpg understands it."""
    return database_url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def one(connection: Connection, statement: str, *values: object) -> Record:
    """The row of a statement that always has one."""
    row = await connection.fetchrow(statement, *values)
    if row is None:
        raise LookupError(f"no row from: {statement}")
    return row
