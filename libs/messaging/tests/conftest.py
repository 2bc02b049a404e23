"""A shop of its own for each test."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import settings

from attain.parts.kafka import Kafka
from testkit import Database, profiles  # noqa: F401  # registers them

sys.path.insert(0, str(Path(__file__).parent / "example"))

from shop import Shop, open_shop, prepare


@pytest.fixture
async def shop(database: Callable[..., Awaitable[Database]]) -> AsyncIterator[Shop]:
    """A shop without Kafka."""
    async with open_shop(await database(prepare), "127.0.0.1:1") as opened:
        yield opened


@pytest.fixture
async def shop_on_kafka(database: Callable[..., Awaitable[Database]], kafka: Kafka) -> AsyncIterator[Shop]:
    """A shop whose facts travel."""
    async with open_shop(await database(prepare), kafka.bootstrap) as opened:
        yield opened


@pytest.fixture
async def shop_database(database: Callable[..., Awaitable[Database]]) -> Database:
    """The database of a shop that a test opens by itself, on a loop of its own."""
    return await database(prepare)


@pytest.fixture
def histories(request: pytest.FixtureRequest) -> settings:
    """How many random histories are lived, and which: the same few in each run, unless a profile is named."""
    return settings.get_profile(request.config.getoption("--hypothesis-profile") or "steady")
