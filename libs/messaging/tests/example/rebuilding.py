"""A rebuild in a process of its own, slow enough to be killed in the middle.

`python rebuilding.py SERVICE DATABASE_URL KAFKA` says "reading" once the first batch is committed.
"""

import asyncio
import sys

import structlog
from asyncpg import Connection
from shop import open_shop
from totals import Totals, projector

from messaging import Batch, Progress, rebuild
from testkit import Database


class Slow(Totals):
    """Takes its time for each batch."""

    async def apply(self, connection: Connection, batch: Batch) -> None:
        await super().apply(connection, batch)
        await connection.execute("select pg_sleep(0.05)")


def say(progress: Progress) -> None:
    if progress.done:
        sys.stdout.write("reading\n")
        sys.stdout.flush()


async def main(service: str, url: str, bootstrap: str) -> None:
    database = Database(url.rpartition("/")[2], url, url.replace("+asyncpg", ""))
    async with open_shop(database, bootstrap, service) as shop:
        await rebuild(projector(shop, Slow(shop), rebuild_batch=20), listener=say)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(*sys.argv[1:]))
