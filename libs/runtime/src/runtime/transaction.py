"""What a route declares to reach the database: one transaction per request, committed before the answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from runtime.database import PLANS_ANEW, PLANS_KEPT, Database

SHARED_SESSION = "runtime.session"
"""Key in the ASGI scope of a session that somebody further out opened and will commit."""


async def current_database(request: Request) -> Database:
    """The database of the service."""
    database: Database = request.app.state.database
    return database


CurrentDatabase = Annotated[Database, Depends(current_database)]


async def transaction(request: Request, database: CurrentDatabase) -> AsyncIterator[AsyncSession]:
    """One session for the request. It commits when the route has returned, and only then is the answer sent."""
    shared: AsyncSession | None = request.scope.get(SHARED_SESSION)
    if shared is not None:
        yield shared
        return
    async with database.transaction() as session:
        yield session


async def reading(request: Request, database: CurrentDatabase) -> AsyncIterator[AsyncSession]:
    """A read-only session for the request."""
    shared: AsyncSession | None = request.scope.get(SHARED_SESSION)
    if shared is not None:  # a second connection beside the one held could starve the pool
        yield shared
        return
    async with database.reading() as session:
        yield session


async def reading_connection(database: CurrentDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A read-only asyncpg connection, each statement with its own view of the data."""
    async with database.connection(keeping_plans=None) as connection:
        yield connection


# With the default scope the exit of a dependency runs after the answer: a failed commit would still answer 200.
ReadingConnection = Annotated[asyncpg.Connection, Depends(reading_connection, scope="function")]


async def snapshot(connection: ReadingConnection) -> AsyncIterator[asyncpg.Connection]:
    """The request's asyncpg connection inside one snapshot, so that several queries add up.

    It opens when it is resolved: whatever waits for data to arrive must be declared before it.
    """
    async with _transaction(connection, PLANS_ANEW):
        yield connection


async def keeping_plans(connection: ReadingConnection) -> AsyncIterator[asyncpg.Connection]:
    """The same, where each statement is run by the plan that the session made of it once, whatever its values.

    For statements whose best plan is the same for all values, and whose planning takes as long as running them;
    `plan_anew` before any other.
    """
    async with _transaction(connection, PLANS_KEPT):
        yield connection


async def plan_anew(connection: asyncpg.Connection) -> None:
    """From here to the end of the transaction of `keeping_plans` each statement is planned for its values again."""
    await connection.execute(f"set local plan_cache_mode = {PLANS_ANEW}")


@asynccontextmanager
async def _transaction(connection: asyncpg.Connection, plans: str) -> AsyncIterator[None]:
    # asyncpg's own transaction would take a round trip more
    await connection.execute(
        f"begin isolation level repeatable read read only; set local plan_cache_mode = {plans}"
    )
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.execute("rollback")  # there is nothing to commit


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
Reading = Annotated[AsyncSession, Depends(reading, scope="function")]
Snapshot = Annotated[asyncpg.Connection, Depends(snapshot, scope="function")]
KeepingPlans = Annotated[asyncpg.Connection, Depends(keeping_plans, scope="function")]
