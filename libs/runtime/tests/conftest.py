"""The small service of `example/`, on a database of its own, asked over HTTP."""

import importlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

import testkit.databases
from contracts.roles import Role
from runtime import Issuer, Service, Settings, create_app, migrate
from runtime.logs import configure_logs

EXAMPLE = Path(__file__).parent / "example"
PERSON = "0199d1a2-0000-7000-8000-000000000001"

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def books() -> Any:
    """The module of the small service."""
    sys.path.insert(0, str(EXAMPLE))
    configure_logs("books", "INFO")
    return importlib.import_module("books.main")


@pytest.fixture
def slow(books: Any) -> Any:
    """The gate of the slow route, closed."""
    books.SLOW = books.Slow()
    return books.SLOW


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer.create(tmp_path_factory.mktemp("keys") / "issuer.json", Settings())


@pytest.fixture(scope="session")
def jwks(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the issuer's public keys."""
    path = tmp_path_factory.mktemp("jwks") / "jwks.json"
    path.write_text(issuer.jwks_json())
    return path


@pytest.fixture(scope="session")
def prepare(books: Any) -> Callable[[testkit.databases.Database], Awaitable[None]]:
    """Migrates and seeds the template of the small service's databases."""

    async def prepared(database: testkit.databases.Database) -> None:
        await migrate(books.service, Settings(database_url=database.url))

    return prepared


@pytest.fixture
async def at(database: Any, prepare: Any) -> testkit.databases.Database:
    """The small service's database for this test."""
    made: testkit.databases.Database = await database(prepare)
    return made


@pytest.fixture
def settings(at: testkit.databases.Database, jwks: Path) -> Settings:
    return Settings(database_url=at.url, jwks=str(jwks), database_pool_size=5)


@pytest.fixture
def token(issuer: Issuer) -> Callable[..., str]:
    """A token for a role, of one and the same person unless told otherwise."""

    def issued(role: Role = Role.operations, subject: str = PERSON) -> str:
        return issuer.issue(subject, role)

    return issued


@asynccontextmanager
async def asked(
    service: Service, settings: Settings, token: str | None, **options: Any
) -> AsyncIterator[AsyncClient]:
    """A client of an app that runs in this process."""
    app = create_app(service, settings, **options)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://books", headers=headers) as client,
    ):
        yield client


@pytest.fixture
def serving(books: Any, settings: Settings, token: Callable[..., str]) -> Ask:
    """`async with serving(...)`: a client of the small service with other settings or options."""

    def open_client(*, token_: str | None = None, settings_: Settings | None = None, **options: Any) -> Any:
        return asked(books.service, settings_ or settings, token_ or token(), **options)

    return open_client


@pytest.fixture
async def client(serving: Ask) -> AsyncIterator[AsyncClient]:
    """A client of the small service, as operations."""
    async with serving() as opened:
        yield opened
