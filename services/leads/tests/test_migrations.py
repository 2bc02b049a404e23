"""The migrations bring about the tables that the rows describe."""

from collections.abc import Awaitable, Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from leads.main import service
from leads.rows import METADATA
from leads.settings import LeadsSettings
from runtime import migrate
from testkit import Database

from .bureau import prepare


async def test_the_migrated_tables_are_those_of_the_rows(
    database: Callable[..., Awaitable[Database]],
) -> None:
    made = await database(prepare)
    engine = create_async_engine(made.url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


async def test_migrating_again_changes_nothing(database: Callable[..., Awaitable[Database]]) -> None:
    made = await database(prepare)
    await migrate(service, LeadsSettings(database_url=made.url))
    async with made.connect() as connection:
        assert await connection.fetchval("select count(*) from messaging.ledger") == 2


def _differences(connection: Connection) -> list[object]:
    def own(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name != "alembic_version"

    options = {"compare_type": True, "include_name": own}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))
