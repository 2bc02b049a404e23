"""The leads service in this process, with a small company in its directory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leads.main import service
from runtime import Issuer
from testkit.databases import Databases
from testkit.http import serving

from .bureau import Bureau, prepare


@pytest.fixture(scope="module")
async def bureau(databases: Databases, issuer: Issuer, jwks: Path) -> AsyncIterator[Bureau]:
    """The service on a database of this module; each test asks about the records that it made itself."""
    database = await databases.clone(prepare)
    async with serving(service, database, issuer, jwks) as api:
        yield Bureau(api)
    await databases.drop(database)
