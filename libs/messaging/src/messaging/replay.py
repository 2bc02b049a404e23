"""Publishes again what the ledger has: the way to heal a consumer's gap, or a topic that was lost."""

from datetime import datetime

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
) -> int:
    """Publishes a root's facts, or those recorded from `since` to before `until`, or all; returns how many.

    The same bytes go to the same partitions. It may run beside the relay at any time: whoever has an event
    passes over it, and whoever waits for one takes it.
    """
    await create_missing(settings.kafka_bootstrap, [topic_of(service)])
    topic, publisher = topic_of(service), Publisher(settings, f"{service}-replay")
    connection = await connect(database_url)
    count = after = 0
    try:
        while page := await connection.fetch(_PAGE, after, root, since, until, settings.relay_page):
            await publisher.publish(topic, page)
            count, after = count + len(page), page[-1]["id"]
    finally:
        await connection.close()
        await publisher.close()
    return count


_PAGE = f"""
select {COLUMNS} from {SCHEMA}.ledger
where id > $1
  and ($2::text is null or root = $2)
  and ($3::timestamptz is null or recorded_at >= $3) and ($4::timestamptz is null or recorded_at < $4)
order by id limit $5
"""
