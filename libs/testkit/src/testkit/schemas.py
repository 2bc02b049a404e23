"""Whether migrations bring about the tables that the rows describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from testkit.databases import Database


async def schema_differences(database: Database, described: MetaData) -> list[object]:
    """What a migrated database has otherwise than described, in the public schema."""

    def compare(connection: Connection) -> list[object]:
        def own(name: str | None, kind: str, _parents: object) -> bool:
            return kind != "table" or name != "alembic_version"

        options = {"compare_type": True, "include_name": own}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), described))

    engine = create_async_engine(database.url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()
