"""The pytest plugin: real servers for the session, a database for the test.

Every run imports this file, also one of rules that need nothing: what a fixture needs is imported in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testkit.skips import SkipGate, read_allowed

if TYPE_CHECKING:
    from attain.parts.kafka import Kafka
    from attain.parts.postgres import Postgres
    from runtime import Issuer, Service
    from testkit.databases import Database, Databases, Prepare
    from testkit.http import Api, Migrations


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the list of agreed skips lies, from the root of the project."""
    parser.addini(
        "allowed_skips", "file of the skips that a run may have", default="tests/allowed_skips.toml"
    )


def pytest_configure(config: pytest.Config) -> None:
    """The skip gate, and the marker that the catalogue of capabilities is made from."""
    config.addinivalue_line(
        "markers", "capability(*numbers): the test holds these capabilities of the catalogue"
    )
    allowed = read_allowed(config.rootpath / config.getini("allowed_skips"))
    config.pluginmanager.register(SkipGate(allowed), "skip-gate")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    from testkit.servers import running_postgres

    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """The session's Kafka node; it starts when the first test asks for it."""
    from testkit.servers import running_kafka

    with running_kafka() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    """Makes databases; tests rather use `database`, which also drops them."""
    from testkit.databases import Databases

    return Databases(postgres)


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Callable[..., Awaitable[Database]]]:
    """`await database(prepare)`: a database for this test alone, as `prepare` left its template.

    `prepare(database)` migrates and seeds; it runs once a session, so pass the same function each time.
    Without it the database is empty.
    """
    made: list[Database] = []

    async def clone(prepare: Prepare | None = None) -> Database:
        made.append(await databases.clone(prepare))
        return made[-1]

    yield clone
    for each in made:
        await databases.drop(each)


@pytest.fixture(scope="session")
def _issuer_and_jwks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Issuer, Path]:
    from testkit.http import new_issuer

    return new_issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def issuer(_issuer_and_jwks: tuple[Issuer, Path]) -> Issuer:
    """The session's issuer of tokens."""
    return _issuer_and_jwks[0]


@pytest.fixture(scope="session")
def jwks(_issuer_and_jwks: tuple[Issuer, Path]) -> Path:
    """The file of its public keys, for `Settings(jwks=…)`."""
    return _issuer_and_jwks[1]


@pytest.fixture(scope="session")
def migrations() -> Migrations:
    """`await database(migrations.of(service))`: a database migrated and seeded for a service."""
    from testkit.http import Migrations

    return Migrations()


@pytest.fixture
async def serve(
    database: Callable[..., Awaitable[Database]], migrations: Migrations, issuer: Issuer, jwks: Path
) -> AsyncIterator[Callable[..., Awaitable[Api]]]:
    """`api = await serve(service)`: the service's app on a database of this test; further arguments are settings."""
    from testkit.http import serving

    async with AsyncExitStack() as running:

        async def served(service: Service, **settings: object) -> Api:
            made = await database(migrations.of(service))
            return await running.enter_async_context(serving(service, made, issuer, jwks, **settings))

        yield served
