"""The targets service in this process, on a database of this test."""

from collections.abc import Awaitable, Callable

import pytest

from targets.main import service
from testkit.http import Api

from .company import Company, found_company


@pytest.fixture
async def api(serve: Callable[..., Awaitable[Api]]) -> Api:
    """The service, migrated and seeded, without an organisation."""
    return await serve(service)


@pytest.fixture
async def company(api: Api) -> Company:
    """The service with a small company in it."""
    return await found_company(api)
