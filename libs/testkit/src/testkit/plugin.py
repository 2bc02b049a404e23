"""The pytest plugin: real servers for the session, a database for the test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from attain.parts.kafka import Kafka
from attain.parts.postgres import Postgres
from testkit.databases import Database, Databases, Prepare
from testkit.servers import running_kafka, running_postgres
from testkit.skips import SkipGate, read_allowed


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
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """The session's Kafka node; it starts when the first test asks for it."""
    with running_kafka() as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    """Makes databases; tests rather use `database`, which also drops them."""
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
