"""The migrations bring about the tables that the rows describe."""

from collections.abc import Awaitable, Callable

from alerts.main import service
from alerts.rows import METADATA
from testkit import Database
from testkit.http import Migrations
from testkit.schemas import schema_differences


async def test_the_migrated_tables_are_those_of_the_rows(
    database: Callable[..., Awaitable[Database]], migrations: Migrations
) -> None:
    made = await database(migrations.of(service))
    assert await schema_differences(made, METADATA) == []
