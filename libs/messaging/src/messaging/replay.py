"""Publishes again what the ledger has: the way to heal a consumer's gap, or a topic that was lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from asyncpg import Connection, Record

from contracts import topic_of
from messaging.postgres import connect
from messaging.publisher import COLUMNS, Publisher
from messaging.settings import MessagingSettings
from messaging.tables import SCHEMA
from messaging.topics import create_missing


async def republish(
    service: str,
    database_url: str,
    settings: MessagingSettings,
    *,
    root: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> int:
    """Publishes a root's facts, or those recorded from `since` to before `until`, or all; returns how many.

    The same bytes go to the same partitions, and a root's facts in their order. It may run beside the relay at any
    time: whoever has an event passes over it, and whoever waits for one takes it. `told` hears how many are out.
    Raises KafkaError or TimeoutError: those that were told are on Kafka then.
    """
    topic, count = topic_of(service), 0
    await create_missing(settings.kafka_bootstrap, [topic])
    connection = await connect(database_url)
    try:
        async with Publisher(settings, f"{service}-replay") as publisher:
            page = await _page(connection, 0, root, since, until, settings.relay_page)
            while page:
                publishing = asyncio.create_task(publisher.publish(topic, page))
                following = await _page(connection, page[-1]["id"], root, since, until, settings.relay_page)
                await publishing
                count += len(page)
                told(count)
                page = following
    finally:
        await connection.close()
    return count


async def _page(
    connection: Connection,
    after: int,
    root: str | None,
    since: datetime | None,
    until: datetime | None,
    size: int,
) -> list[Record]:
    if root is None:
        return await connection.fetch(_PAGE, after, since, until, size)
    return await connection.fetch(_OF_ROOT, after, since, until, size, root)


_WITHIN = """
id > $1 and ($2::timestamptz is null or recorded_at >= $2) and ($3::timestamptz is null or recorded_at < $3)
"""

_PAGE = f"select {COLUMNS} from {SCHEMA}.ledger where {_WITHIN} order by id limit $4"

# By the numbers of the root, whose order is that of the ids: there is an index of the ones and not of the others.
_OF_ROOT = f"select {COLUMNS} from {SCHEMA}.ledger where root = $5 and {_WITHIN} order by sequence limit $4"
