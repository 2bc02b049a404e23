"""The migrations bring about the tables that the rows describe."""

from collections.abc import Awaitable, Callable

from leads.main import service
from leads.rows import METADATA
from leads.settings import LeadsSettings
from runtime import migrate
from testkit import Database
from testkit.schemas import schema_differences

from .bureau import prepare


async def test_the_migrated_tables_are_those_of_the_rows(
    database: Callable[..., Awaitable[Database]],
) -> None:
    made = await database(prepare)
    assert await schema_differences(made, METADATA) == []


async def test_migrating_again_changes_nothing(database: Callable[..., Awaitable[Database]]) -> None:
    made = await database(prepare)
    await migrate(service, LeadsSettings(database_url=made.url))
    async with made.connect() as connection:
        assert await connection.fetchval("select count(*) from messaging.ledger") == 2
