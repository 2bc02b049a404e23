"""The tables of the event path in a database, for tests that need a ledger and no service."""

from types import SimpleNamespace

from sqlalchemy.ext.asyncio import create_async_engine

from messaging import create_tables
from testkit.databases import Database


async def create_ledger(database: Database) -> None:
    """What a service's first migration makes for its facts: `await database(create_ledger)` has that alone."""
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: create_tables(SimpleNamespace(get_bind=lambda: sync)))
    await engine.dispose()
