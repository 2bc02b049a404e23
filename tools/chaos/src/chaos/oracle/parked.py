"""Nothing waits for a person at the end."""

from collections.abc import AsyncIterator, Collection

from chaos.rig import Rig
from messaging import consumer_schemas, lag, parked_roots


async def check_parked(rig: Rig, poisoned: Collection[str]) -> AsyncIterator[str]:
    """Roots that wait, and partitions that stand still. Only a `poisoned` root may wait: it has no owner who could
    heal it, so a person drops it.
    """
    for service in rig.staff.services:
        async with rig.database(service) as connection:
            for schema in await consumer_schemas(connection):
                for root in await parked_roots(connection, schema=schema):
                    if root.root not in poisoned:
                        who = f"{service}.{schema}: {root.consumer_group}"
                        yield f"{who} waits with {root.root}: {root.reason}, {root.detail}"
                for group in await lag(connection, schema=schema):
                    for alarm in group.alarms:
                        yield f"{service}.{schema}: {group.consumer_group} stands still: {alarm}"
