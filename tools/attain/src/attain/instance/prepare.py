"""Jobs between the servers and the services: `python -m attain.instance.prepare databases|topics`."""

import asyncio
import os
import sys

import asyncpg

from attain.instance.ports import SERVICES


async def databases() -> None:
    """Create each service's database, unless it is there."""
    connection = await asyncpg.connect(os.environ["ATTAIN_DATABASE_URL"].replace("+asyncpg", ""))
    try:
        present = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        for name in sorted({f"attain_{service}" for service in SERVICES} - present):
            await connection.execute(f"create database {name}")
    finally:
        await connection.close()


async def topics() -> None:
    """Create each service's topic, unless it is there."""
    from messaging import ensure_topics

    await ensure_topics(os.environ["ATTAIN_KAFKA_BOOTSTRAP"], SERVICES)


if __name__ == "__main__":
    asyncio.run({"databases": databases, "topics": topics}[sys.argv[1]]())
