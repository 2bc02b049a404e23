"""Bringing a service's database to the current schema, and seeding it.

Alembic is imported where it is used: a process that serves, and is waited for, starts without it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.database import Database
from runtime.service import Service
from runtime.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 4_118_117_110
"""Number of the advisory lock that lets one migrator at a time work on a database."""
LOCK_TIMEOUT = "5s"
"""A statement that waits longer for a table gives up, or every request would queue behind it."""
PATIENCE = "5min"


async def migrate(service: Service, settings: Settings, revision: str = "head") -> None:
    """Upgrades the service's database and runs its `setup`. May run anywhere at any time: migrators take turns."""
    database = Database(settings, name=f"attain-{service.name}-migrate", patient=True)
    try:
        async with _alone(database.engine):
            if service.migrations is not None:
                await _upgrade(database.engine, alembic_config(service.migrations), revision)
            if service.setup is not None:
                async with database.transaction() as session:
                    await service.setup(session, settings)
    finally:
        await database.close()


def alembic_config(versions_package: str) -> "Config":
    """Alembic's configuration for the versions in a package. Raises `ModuleNotFoundError` for one that is not there."""
    found = find_spec(versions_package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{versions_package} is no package of migrations", name=versions_package)
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", next(iter(found.submodule_search_locations)))
    config.set_main_option("path_separator", "newline")
    return config


@asynccontextmanager
async def _alone(engine: AsyncEngine) -> AsyncIterator[None]:
    async with engine.connect() as connection:
        # A lock of the session, not of a transaction: a migration may commit in between (concurrent indexes).
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"set lock_timeout = '{PATIENCE}'"))
        await connection.execute(text(f"select pg_advisory_lock({LOCK})"))
        try:
            yield
        finally:
            await connection.execute(text(f"select pg_advisory_unlock({LOCK})"))


async def _upgrade(engine: AsyncEngine, config: "Config", revision: str) -> None:
    from alembic import command

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with engine.connect() as connection:
        await connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.commit()
        await connection.run_sync(upgrade)
        await connection.commit()
