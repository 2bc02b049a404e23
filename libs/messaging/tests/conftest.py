"""A shop of its own for each test."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from attain.parts.kafka import Kafka
from testkit import Database

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
