"""A database with a directory in it, and a way to let it hear events."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import batched

import pytest

from contracts import Received
from directory import SCHEMA, TABLES, DirectoryProjection
from messaging import MessagingSettings, Projector
from testkit import Database
from testkit.projecting import project

type Hear = Callable[..., Awaitable[None]]


def _projector(database: Database) -> Projector:
    settings = MessagingSettings(kafka_bootstrap="unused")
    return Projector("test-directory", SCHEMA, TABLES, [DirectoryProjection()], database.url, settings)


async def _prepare(database: Database) -> None:
    await _projector(database).ensure()


@pytest.fixture
async def directory(database: Callable[..., Awaitable[Database]]) -> Database:
    """A database with the directory's tables, empty."""
    return await database(_prepare)


@pytest.fixture
async def hear(directory: Database) -> AsyncIterator[Hear]:
    """`await hear(events, batch=1000)` lets the directory hear events, in batches of a size."""
    projector = _projector(directory)

    async def listen(events: Sequence[Received], *, batch: int = 1000) -> None:
        for some in batched(events, batch):
            await project(projector, some)

    yield listen
    await projector.close()
