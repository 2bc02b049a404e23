"""The migrations bring about the tables that the rows describe."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from contracts.companies import company_key
from opportunities.main import service
from opportunities.rows import METADATA
from opportunities.settings import OpportunitiesSettings
from runtime import migrate
from testkit import Database
from testkit.schemas import schema_differences

from .office import prepare


async def test_the_migrated_tables_are_those_of_the_rows(
    database: Callable[..., Awaitable[Database]],
) -> None:
    made = await database(prepare)
    assert await schema_differences(made, METADATA) == []


async def test_migrating_again_changes_nothing(database: Callable[..., Awaitable[Database]]) -> None:
    made = await database(prepare)
    await migrate(service, OpportunitiesSettings(database_url=made.url))
    async with made.connect() as connection:
        assert await connection.fetchval("select count(*) from messaging.ledger") == 1


async def test_customers_of_before_are_keyed_by_their_companies(
    database: Callable[..., Awaitable[Database]],
) -> None:
    made = await database()
    settings = OpportunitiesSettings(database_url=made.url)
    await migrate(replace(service, setup=None), settings, "0002")
    names = ["长江精密制造有限公司", "ACME Co., Ltd.", "长江精密制造", "——", "Acme"]
    async with made.connect() as connection:  # more than the migration takes at a time
        await connection.execute(
            "insert into customer (id, name, opened_at, sequence, version) "
            "select gen_random_uuid(), name, now(), 1, 1 from unnest($1::text[]) as name, generate_series(1, 1001)",
            names,
        )
    await migrate(service, settings)
    async with made.connect() as connection:
        keyed = await connection.fetch("select distinct name, name_key from customer")
    assert sorted(map(tuple, keyed)) == sorted((name, company_key(name)) for name in names)
