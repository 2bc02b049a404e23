"""Plain connections for hot writes: used again for as long as they are good."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from contracts.refusal import NotFound
from runtime import Database, Settings, connections

PID = "select pg_backend_pid()"


@pytest.fixture
async def single(at: Any) -> AsyncIterator[Database]:
    """A database whose requests share one connection."""
    database = Database(Settings(database_url=at.url, database_pool_size=1))
    yield database
    await database.close()


async def _pid(database: Database) -> int:
    async with database.at_once() as connection:
        return int(await connection.fetchval(PID))


async def _ended(at: Any, pid: int) -> None:
    async with at.connect() as outside:
        await outside.execute("select pg_terminate_backend($1, 5000)", pid)


async def test_a_connection_outlives_refusals_and_failed_statements(single: Database) -> None:
    pid = await _pid(single)
    with pytest.raises(NotFound):
        async with single.at_once():
            raise NotFound(what="book", id=1)
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with single.at_once() as connection:
            await connection.execute("select 1 / 0")
    assert await _pid(single) == pid


async def test_a_connection_whose_work_was_broken_off_is_not_used_again(single: Database) -> None:
    pid = await _pid(single)
    with pytest.raises(TimeoutError):
        async with single.at_once() as connection, asyncio.timeout(0.02):
            await connection.execute("select pg_sleep(5)")
    assert await _pid(single) != pid


async def test_a_connection_that_nobody_used_for_long_is_asked_before_it_is_trusted(
    single: Database, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = await _pid(single)
    monkeypatch.setattr(connections, "TRUSTED_SECONDS", -1)
    assert await _pid(single) == pid
    await _ended(at, pid)
    assert await _pid(single) != pid


async def test_a_connection_that_the_server_closed_is_replaced_unasked(single: Database, at: Any) -> None:
    pid = await _pid(single)
    await _ended(at, pid)
    assert await _pid(single) != pid


async def test_nobody_waits_for_a_connection_for_ever(
    single: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.02)
    async with single.at_once():
        with pytest.raises(TimeoutError):
            await _pid(single)
    await _pid(single)
