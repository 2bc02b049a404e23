"""The alerts service in this process, and somebody's web server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.main import service
from runtime import Issuer
from testkit.databases import Databases
from testkit.http import Migrations, serving
from testkit.receiving import Receiver, receiving

from .house import House


@pytest.fixture(scope="module")
async def house(
    databases: Databases, migrations: Migrations, issuer: Issuer, jwks: Path
) -> AsyncIterator[House]:
    """The service on a database of this module; each test asks about the webhooks that it made itself."""
    database = await databases.clone(migrations.of(service))
    async with serving(service, database, issuer, jwks, webhook_allow_loopback=True) as api:
        yield House(api)
    await databases.drop(database)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server that takes everything unless told otherwise."""
    async with receiving() as made:
        yield made


@pytest.fixture(autouse=True)
async def _nothing_left(request: pytest.FixtureRequest) -> None:
    """Each test begins without webhooks of others: their deliveries would be sent by it."""
    if "house" in request.fixturenames:
        found = request.getfixturevalue("house")
        async with found.api.database.connect() as connection:
            await connection.execute("update webhook set active = false")
