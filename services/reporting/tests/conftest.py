"""A reporting database whose tables are projected from histories, without Kafka."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from messaging import Projector
from reporting.main import service
from reporting.settings import ReportingSettings
from reporting.worker import projector
from runtime import migrate
from testkit import Database


async def prepare(database: Database) -> None:
    await migrate(service, ReportingSettings(database_url=database.url))


@pytest.fixture
async def reporting(database: Callable[..., Awaitable[Database]]) -> Database:
    """A migrated reporting database."""
    return await database(prepare)


@pytest.fixture
async def projecting(reporting: Database) -> AsyncIterator[Projector]:
    """Its projector: `await project(projecting, history.events)`."""
    made = projector(ReportingSettings(database_url=reporting.url))
    yield made
    await made.close()


@pytest.fixture
async def looking(reporting: Database) -> AsyncIterator[asyncpg.Connection]:
    """A look at the tables from outside."""
    async with reporting.connect() as connection:
        await connection.execute("set search_path = projection, public")
        yield connection
