"""Each test has a database of its own, made from a template that is prepared once."""

from collections.abc import Awaitable, Callable

from testkit import Database

Clone = Callable[..., Awaitable[Database]]

prepared: list[str] = []


async def with_a_person(database: Database) -> None:
    prepared.append(database.name)
    async with database.connect() as connection:
        await connection.execute("create table person (name text); insert into person values ('王芳')")


async def test_a_template_is_prepared_once_and_its_clones_are_apart(database: Clone) -> None:
    first, second = await database(with_a_person), await database(with_a_person)
    async with first.connect() as connection:
        await connection.execute("insert into person values ('李雷')")
    async with second.connect() as connection:
        names = [row["name"] for row in await connection.fetch("select name from person")]
    assert names == ["王芳"]
    assert len(prepared) == 1


async def test_a_database_without_a_template_is_empty(database: Clone) -> None:
    async with (await database()).connect() as connection:
        assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0


async def test_the_server_brings_what_the_services_need(database: Clone) -> None:
    async with (await database()).connect() as connection:
        await connection.execute("create extension pg_trgm; create extension btree_gist")
        ordered = await connection.fetch(
            """select name from unnest(array['张', '李', '王']) as name order by name collate "zh-x-icu" """
        )
    assert [row["name"] for row in ordered] == ["李", "王", "张"]
