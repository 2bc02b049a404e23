"""A projector in a process of its own, which may be stopped in the middle and wake up when others have gone on.

`python projecting.py SERVICE DATABASE_URL KAFKA` says "applied" for each batch.
"""

import asyncio
import sys

import structlog
from asyncpg import Connection
from shop import open_shop
from totals import Totals, projector

from messaging import Batch, postgres
from testkit import Database


class Slow(Totals):
    """Takes its time for each batch, so that it is most probably stopped in a transaction."""

    async def apply(self, connection: Connection, batch: Batch) -> None:
        await super().apply(connection, batch)
        await connection.execute("select pg_sleep(0.2)")
        sys.stdout.write("applied\n")
        sys.stdout.flush()


async def main(service: str, url: str, bootstrap: str) -> None:
    postgres.ABANDONED_MS = "2000"
    database = Database(url.rpartition("/")[2], url, url.replace("+asyncpg", ""))
    async with open_shop(database, bootstrap, service) as shop:
        await projector(shop, Slow(shop), projection_batch=2).run(asyncio.Event())


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(*sys.argv[1:]))
