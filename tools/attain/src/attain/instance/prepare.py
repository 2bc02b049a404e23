"""The job between the databases and the services: `python -m attain.instance.prepare`.

What `python -m <service> migrate` does for one service, for all of them in one process: importing a web
framework takes longer than the migrations.
"""

import asyncio
import gc
import os
from importlib import import_module

import asyncpg

from attain.instance.ports import SERVICES
from runtime import Service, migrate
from runtime.logs import configure_logs


async def prepare(server: str) -> None:
    """Create each service's database and bring it up to date. `server` is an address without a database."""
    await _create_databases(f"{server}/postgres")
    for name in SERVICES:
        service: Service = import_module(f"{name}.main").service
        await migrate(service, service.settings(database_url=f"{server}/attain_{name}"))


async def _create_databases(address: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        present = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        for name in sorted({f"attain_{service}" for service in SERVICES} - present):
            await connection.execute(f"create database {name}")
    finally:
        await connection.close()


if __name__ == "__main__":
    gc.disable()  # it would walk again and again over what is imported, and the job ends soon
    configure_logs("prepare", "INFO")
    asyncio.run(prepare(os.environ["ATTAIN_SERVER"]))
