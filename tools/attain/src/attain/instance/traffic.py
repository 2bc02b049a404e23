"""What is under way between the services: facts not yet published, events not yet applied, roots that wait."""

import asyncio
from dataclasses import dataclass

import asyncpg

from attain.instance.ports import SERVICES
from attain.parts.postgres import Postgres
from messaging import backlog, consumer_schemas, lag, parked_roots

_DRIFTING = "select count(distinct root) from drift_root"


@dataclass(frozen=True, slots=True)
class GroupTraffic:
    """A consumer group on its topics: records not yet applied, roots parked, what is alarming."""

    group: str
    behind: int
    parked: int
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceTraffic:
    """A service: facts in its ledger that are not known to be on Kafka (None: it only listens), and its groups."""

    service: str
    unpublished: int | None
    groups: tuple[GroupTraffic, ...]
    drifting: int
    """Roots whose rows the continuous proof has found to differ from their events."""


async def traffic(postgres: Postgres) -> list[ServiceTraffic]:
    """All services of the instance. Raises `OSError` or `asyncpg.PostgresError` while the server is down."""
    return list(await asyncio.gather(*(_of_service(postgres, service) for service in SERVICES)))


async def _of_service(postgres: Postgres, service: str) -> ServiceTraffic:
    connection = await asyncpg.connect(postgres.url(f"attain_{service}", driver="postgresql"))
    try:
        groups: list[GroupTraffic] = []
        for schema in await consumer_schemas(connection):
            groups += await _of_books(connection, schema)
        says = await connection.fetchval("select to_regclass('messaging.relay_cursor') is not null")
        proves = await connection.fetchval("select to_regclass('public.drift_root') is not null")
        drifting = await connection.fetchval(_DRIFTING) if proves else 0
        return ServiceTraffic(service, await backlog(connection) if says else None, tuple(groups), drifting)
    finally:
        await connection.close()


async def _of_books(connection: asyncpg.Connection, schema: str) -> list[GroupTraffic]:
    topics = await lag(connection, schema=schema)
    parked = [root.consumer_group for root in await parked_roots(connection, schema=schema)]
    return [
        GroupTraffic(
            group=group,
            behind=sum(each.behind for each in topics if each.consumer_group == group),
            parked=parked.count(group),
            alarms=tuple(
                dict.fromkeys(
                    alarm for each in topics if each.consumer_group == group for alarm in each.alarms
                )
            ),
        )
        for group in sorted({*parked, *(each.consumer_group for each in topics)})
    ]
