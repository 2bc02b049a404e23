"""The alerts service, which has heard of a company."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.main import service
from alerts.reactions import directory_projector
from alerts.settings import AlertsSettings
from alerts.timers.projector import watch_projector
from runtime import Issuer
from testkit.databases import Databases
from testkit.http import Migrations, serving
from testkit.projecting import project

from .company import Judging, told


@pytest.fixture(scope="module")
async def judging(
    databases: Databases, migrations: Migrations, issuer: Issuer, jwks: Path
) -> AsyncIterator[Judging]:
    """The service on a database of this module."""
    database = await databases.clone(migrations.of(service))
    async with serving(service, database, issuer, jwks) as api:
        settings = AlertsSettings(database_url=database.url)
        for projector in (directory_projector(settings), watch_projector(settings)):
            await project(projector, [each for each in told.events if _hears(projector.hears, each.type)])
            await projector.close()
        yield Judging(api)
    await databases.drop(database)


def _hears(hears: frozenset[type], type_: str) -> bool:
    return type_ in {event.type for event in hears}  # type: ignore[attr-defined]
