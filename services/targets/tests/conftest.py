"""The targets service in this process, on a database of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from contracts import Role
from runtime import Issuer, Settings, create_app, migrate
from targets.main import service
from testkit import Database

PROGRAM = "operations"

Client = Callable[..., Any]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer.create(tmp_path_factory.mktemp("keys") / "issuer.json", Settings())


@pytest.fixture(scope="session")
def jwks(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the issuer's public keys."""
    path = tmp_path_factory.mktemp("jwks") / "jwks.json"
    path.write_text(issuer.jwks_json())
    return path


async def prepared(database: Database) -> None:
    """Migrates and seeds the template of the databases."""
    await migrate(service, Settings(database_url=database.url))


@pytest.fixture
async def at(database: Any) -> Database:
    """The database of this test: migrated and seeded, without an organisation."""
    made: Database = await database(prepared)
    return made


@pytest.fixture
async def client_of(at: Database, issuer: Issuer, jwks: Path) -> AsyncIterator[Client]:
    """`client_of(Role.manager, person_id)`: a client of the service with that role and person."""
    app = create_app(service, Settings(database_url=at.url, jwks=str(jwks), database_pool_size=5))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = ASGITransport(app)

        def client(role: Role = Role.operations, subject: str = PROGRAM) -> AsyncClient:
            headers = {"Authorization": f"Bearer {issuer.issue(subject, role)}"}
            return AsyncClient(transport=transport, base_url="http://targets", headers=headers)

        yield client


@pytest.fixture
def operations(client_of: Client) -> AsyncClient:
    """A client of the service as sales operations."""
    opened: AsyncClient = client_of()
    return opened
