"""The alerts service in this process, with a small company in its directory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from alerts.main import service
from alerts.timers.projector import watch_projector
from runtime import Issuer
from testkit import Database
from testkit.databases import Databases
from testkit.http import serving

from .post import Post, prepare


@pytest.fixture
async def post(
    database: Callable[..., Awaitable[Database]], issuer: Issuer, jwks: Path
) -> AsyncIterator[Post]:
    """The service on a database of this test: what one test lets happen must not fire in another."""
    made = await database(prepare)
    async with serving(service, made, issuer, jwks) as api:
        projector = watch_projector(api.app.state.settings)
        yield Post(api, projector)
        await projector.close()


@pytest.fixture(scope="module")
async def shared(databases: Databases, issuer: Issuer, jwks: Path) -> AsyncIterator[Post]:
    """The service on a database of this module; each test asks about what it let happen itself."""
    made = await databases.clone(prepare)
    async with serving(service, made, issuer, jwks) as api:
        projector = watch_projector(api.app.state.settings)
        yield Post(api, projector)
        await projector.close()
    await databases.drop(made)
