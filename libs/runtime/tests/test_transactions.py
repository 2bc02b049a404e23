"""One transaction per request, committed before the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from runtime import Database, Settings
from runtime.transaction import keeping_plans, plan_anew


@asynccontextmanager
async def closing(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.close()


async def test_a_created_record_is_committed_before_the_answer(client: AsyncClient, at: Any) -> None:
    answer = await client.post("/v1/books", json={"code": "a", "title": "A tale"})
    assert answer.status_code == 201
    async with at.connect() as outside:
        assert await outside.fetchval("select title from book where code = 'a'") == "A tale"


async def test_a_commit_that_fails_answers_a_problem_and_stores_nothing(client: AsyncClient, at: Any) -> None:
    answer = await client.post(
        "/v1/books", json={"code": "b", "title": "By nobody", "author_id": str(uuid4())}
    )
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    async with at.connect() as outside:
        assert await outside.fetchval("select count(*) from book where code = 'b'") == 0


async def test_a_unique_rule_broken_at_the_commit_is_a_conflict_and_not_a_failure(
    client: AsyncClient,
) -> None:
    answer = await client.post("/v1/books", json={"code": "seed", "title": "The second first book"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "written_meanwhile"
    assert "book_code_key" in answer.json()["detail"]


async def test_a_lost_connection_at_the_commit_asks_for_a_repeat(
    client: AsyncClient, at: Any, slow: Any
) -> None:
    running = asyncio.create_task(client.post("/v1/books:slow", json={"code": "c", "title": "Cut"}))
    await slow.entered.wait()
    async with at.connect() as outside:
        await outside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()"
        )
    slow.leave.set()
    answer = await running
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert (await client.post("/v1/books", json={"code": "c", "title": "Again"})).status_code == 201


async def test_a_restart_of_the_database_between_requests_is_not_noticed(
    client: AsyncClient, at: Any
) -> None:
    assert (await client.post("/v1/books", json={"code": "d", "title": "Before"})).status_code == 201
    async with at.connect() as outside:
        await outside.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()"
        )
    assert (await client.post("/v1/books", json={"code": "e", "title": "After"})).status_code == 201


async def test_a_reading_session_cannot_write(at: Any) -> None:
    async with closing(Database(Settings(database_url=at.url, database_pool_size=1))) as database:
        async with database.reading() as session:
            with pytest.raises(DBAPIError, match="read-only transaction"):
                await session.execute(text("delete from book"))
        async with database.transaction() as session:  # the same connection writes again
            await session.execute(text("delete from book"))


async def test_a_read_that_takes_too_long_is_ended_and_a_write_has_a_time_of_its_own(at: Any) -> None:
    settings = Settings(
        database_url=at.url,
        database_pool_size=1,
        statement_timeout_seconds=0.05,
        write_timeout_seconds=0.5,
    )
    async with closing(Database(settings)) as database:
        async with database.reading() as session:
            with pytest.raises(DBAPIError, match="statement timeout"):
                await session.execute(text("select pg_sleep(5)"))
        async with database.connection() as connection:
            with pytest.raises(asyncpg.QueryCanceledError):
                await connection.execute("select pg_sleep(5)")
        async with database.transaction() as session:
            await session.execute(text("select pg_sleep(0.1)"))
            with pytest.raises(DBAPIError, match="statement timeout"):
                await session.execute(text("select pg_sleep(5)"))
    async with (
        closing(Database(settings, patient=True)) as migrating,
        migrating.transaction() as session,
    ):
        await session.execute(text("select pg_sleep(0.6)"))


async def test_a_plan_is_kept_where_a_transaction_says_so_and_made_anew_elsewhere(at: Any) -> None:
    asked = "select $1::int + 1"
    async with (
        closing(Database(Settings(database_url=at.url))) as database,
        database.connection() as connection,
    ):
        assert await connection.fetchval(asked, 1) == 2
        async with asynccontextmanager(keeping_plans)(connection):
            assert [await connection.fetchval(asked, number) for number in (2, 3)] == [3, 4]
            await plan_anew(connection)
            assert await connection.fetchval(asked, 4) == 5
            assert await connection.fetchval("show transaction_isolation") == "repeatable read"
        assert not connection.is_in_transaction()
        plans = "select custom_plans, generic_plans from pg_prepared_statements where statement = $1"
        assert [tuple(row) for row in await connection.fetch(plans, asked)] == [(2, 2)]


async def test_a_session_keeps_its_plans_for_whom_they_are_to_be_kept(at: Any) -> None:
    asked = "select $1::int + 2"
    async with closing(Database(Settings(database_url=at.url, database_pool_size=1))) as database:
        for keeping in (True, False, None, True, None):
            async with database.connection(keeping_plans=keeping) as connection:
                assert await connection.fetchval(asked, 1) == 3
        plans = "select custom_plans, generic_plans from pg_prepared_statements where statement = $1"
        async with database.connection() as connection:
            assert [tuple(row) for row in await connection.fetch(plans, asked)] == [(2, 3)]


async def test_an_asyncpg_read_decodes_json_and_cannot_write(at: Any) -> None:
    async with (
        closing(Database(Settings(database_url=at.url))) as database,
        database.connection() as connection,
    ):
        assert await connection.fetchval("""select '{"名": [1, null]}'::jsonb""") == {"名": [1, None]}
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("delete from book")
