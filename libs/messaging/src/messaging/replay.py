"""Publishes again what the ledger has: the way to heal a consumer's gap, or a topic that was lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
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
            pages = _pages(connection, root, since, until, settings.relay_page)
            page = await anext(pages, None)
            while page is not None:
                publishing = asyncio.create_task(publisher.publish(topic, page))
                following = await anext(pages, None)
                await publishing
                count += len(page)
                told(count)
                page = following
    finally:
        await connection.close()
    return count


async def _pages(
    connection: Connection, root: str | None, since: datetime | None, until: datetime | None, size: int
) -> AsyncIterator[list[Record]]:
    """Of at most so many facts. It walks by ids, or by the numbers of a root, whatever the planner thinks."""
    of = () if root is None else (root,)
    last = await connection.fetchval(_LAST_OF_ROOT if of else _LAST, *of)
    for after in range(0, last or 0, size):
        if page := await connection.fetch(_OF_ROOT if of else _PAGE, after, after + size, since, until, *of):
            yield page


_LAST = f"select max(id) from {SCHEMA}.ledger"
_LAST_OF_ROOT = f"select max(sequence) from {SCHEMA}.ledger where root = $1"

_RECORDED = "($3::timestamptz is null or recorded_at >= $3) and ($4::timestamptz is null or recorded_at < $4)"

_PAGE = f"""
select {COLUMNS} from {SCHEMA}.ledger where id > $1 and id <= $2 and {_RECORDED} order by id
"""

_OF_ROOT = f"""
select {COLUMNS} from {SCHEMA}.ledger
where root = $5 and sequence > $1 and sequence <= $2 and {_RECORDED} order by sequence
"""
