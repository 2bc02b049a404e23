"""The migrations bring about the tables that the rows describe."""

from reporting.rows import METADATA
from testkit import Database
from testkit.schemas import schema_differences


async def test_the_migrated_tables_are_those_of_the_rows(reporting: Database) -> None:
    assert await schema_differences(reporting, METADATA) == []
