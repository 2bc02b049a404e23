"""The targets service in this process, on a database of this test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from runtime import Issuer
from targets.main import service
from testkit import Database
from testkit.http import Api, Migrations, serving

from .company import Company, found_company


@pytest.fixture
async def api(serve: Callable[..., Awaitable[Api]]) -> Api:
    """The service, migrated and seeded, without an organisation."""
    return await serve(service)


class Founding:
    """Founds the company in a template once, so that each test has it for the price of a copy."""

    def __init__(self, migrations: Migrations, issuer: Issuer, jwks: Path) -> None:
        self._migrate, self._issuer, self._jwks = migrations.of(service), issuer, jwks
        self.ids: dict[str, str] = {}

    async def found(self, database: Database) -> None:
        """Migrates, seeds and founds."""
        await self._migrate(database)
        async with serving(service, database, self._issuer, self._jwks) as api:
            self.ids = await found_company(api)


@pytest.fixture(scope="session")
def founding(migrations: Migrations, issuer: Issuer, jwks: Path) -> tuple[Founding, Callable[..., object]]:
    """The founding, and its bound method as one object that stays the same."""
    founding = Founding(migrations, issuer, jwks)
    return founding, founding.found


@pytest.fixture
async def company(
    database: Callable[..., Awaitable[Database]],
    founding: tuple[Founding, Callable[..., object]],
    issuer: Issuer,
    jwks: Path,
) -> AsyncIterator[Company]:
    """The service with a small company in it."""
    founded, prepare = founding
    async with serving(service, await database(prepare), issuer, jwks) as api:
        yield Company(api, founded.ids)
