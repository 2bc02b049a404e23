"""A reporting database whose tables are projected from histories, without Kafka."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from messaging import Projector
from reporting.main import service
from reporting.worker import projector
from runtime import Settings, migrate
from testkit import Database


async def prepare(database: Database) -> None:
    await migrate(service, Settings(database_url=database.url))


@pytest.fixture
async def reporting(database: Callable[..., Awaitable[Database]]) -> Database:
    """A migrated reporting database."""
    return await database(prepare)


@pytest.fixture
async def projecting(reporting: Database) -> AsyncIterator[Projector]:
    """Its projector: `await project(projecting, history.events)`."""
    made = projector(Settings(database_url=reporting.url))
    yield made
    await made.close()
