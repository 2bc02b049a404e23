"""The opportunities service in this process, with a small company in its directory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from opportunities.main import service
from runtime import Issuer
from testkit.databases import Databases
from testkit.http import serving

from .office import Office, prepare


@pytest.fixture(scope="module")
async def office(databases: Databases, issuer: Issuer, jwks: Path) -> AsyncIterator[Office]:
    """The service on a database of this module; each test asks about the records that it made itself."""
    database = await databases.clone(prepare)
    async with serving(service, database, issuer, jwks) as api:
        yield Office(api)
    await databases.drop(database)
