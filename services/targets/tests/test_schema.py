"""The database: the migrations bring about what the code maps, and the directory's views tell what the events tell."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from contracts import open_envelope
from directory import TABLES, DirectoryProjection
from messaging import MessagingSettings, Projector
from targets.rows import metadata
from targets.settings import TargetsSettings
from targets.setup import setup
from testkit import Database
from testkit.http import Api
from testkit.projecting import project

from .company import Company, today, unit


async def test_the_migrations_bring_about_what_the_code_maps(api: Api) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        ours = set(metadata.tables)
        found: list[Any] = compare_metadata(context, metadata)
        return [each for each in found if not _foreign(each, ours)]

    engine = create_async_engine(api.database.url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_setting_up_again_makes_no_fact(api: Api) -> None:
    async with api.database.connect() as connection:
        before = await connection.fetchval("select count(*) from messaging.ledger")
        async with api.app.state.database.transaction() as session:
            await setup(session, TargetsSettings(database_url=api.database.url))
        assert await connection.fetchval("select count(*) from messaging.ledger") == before > 0


async def test_the_owners_directory_is_what_others_hear(
    company: Company, database: Callable[..., Awaitable[Database]]
) -> None:
    ids = company.ids
    await company.post(f"people/{ids['ann']}/move", {"unit_code": "west", "effective_on": "2025-05-05"})
    await company.post(f"people/{ids['ann']}/move", {"unit_id": None, "effective_on": "2025-08-01"})
    await company.post(f"people/{ids['bob']}/leave", {"left_on": "2025-09-01", "reason_code": "resigned"})
    await company.post("units:batch", {"items": [unit("e1", "west", kind="team", effective_on="2025-06-01")]})
    await company.post("units:batch", {"items": [unit("gone", "west")]})
    gone = (await company.operations.get("/v1/units?text=gone")).json()["items"][0]["id"]
    await company.post(f"units/{gone}/close", {"closed_on": str(today())})
    await company.post(f"people/{ids['wu']}/move", {"unit_code": "e1", "effective_on": "2025-10-01"})

    elsewhere = await database()
    projector = Projector(
        "test-directory", "directory", TABLES, [DirectoryProjection()], elsewhere.url, MessagingSettings()
    )
    async with company.api.database.connect() as owner, elsewhere.connect() as replica:
        facts = await owner.fetch("select envelope from messaging.ledger order by id")
        await projector.ensure()
        await project(projector, [open_envelope(fact["envelope"]) for fact in facts])
        await projector.close()
        for table in ("person", "unit", "membership", "closure"):
            assert await _rows(owner, table) == await _rows(replica, table), table


async def _rows(connection: asyncpg.Connection, table: str) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(f"select * from directory.{table}")
    return sorted((tuple(sorted(row.items())) for row in rows), key=str)


def _foreign(difference: Any, ours: set[str]) -> bool:
    """Whether a difference is about what Alembic keeps for itself."""
    return difference[0] == "remove_table" and difference[1].name not in ours
