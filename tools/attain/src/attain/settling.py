"""Waiting until everything that was said has been heard, and what was said because of it too.

A service may answer what it hears with facts of its own: a converted lead becomes an opportunity, whose win the lead
learns. So it is not enough that every ledger was published and every topic read at some moment each: nothing may have
been said in between.
"""

import asyncio
import time

from attain.access import database, service_settings
from attain.instance.layout import Instance
from attain.instance.ports import SERVICES
from attain.problems import LocalProblem
from messaging import backlog, consumer_schemas, unread

PAUSE = 0.1


class NotSettled(LocalProblem):
    """Some facts have not been heard in time."""


async def settle(instance: Instance, patience: float = 120.0) -> None:
    """Waits until nothing is under way between the services. Raises `NotSettled` after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        before = await _said(instance)
        waiting = await _under_way(instance)
        if not waiting and await _said(instance) == before:
            return
        if time.monotonic() > deadline:
            said = ", ".join(f"{count} {what}" for what, count in waiting.items()) or "new facts all the time"
            raise NotSettled(f"After {patience:.0f} s there are still {said}; `attain status` shows where.")
        await asyncio.sleep(PAUSE)


async def _said(instance: Instance) -> dict[str, int]:
    """How many facts each service has said. Rows are counted: of the ids a later one may be committed first."""
    facts: dict[str, int] = {}
    for service in SERVICES:
        async with database(instance, service) as connection:
            facts[service] = await connection.fetchval("select count(*) from messaging.ledger")
    return facts


async def _under_way(instance: Instance) -> dict[str, int]:
    """What has not arrived yet. Ledgers first: what they publish afterwards is counted as unread."""
    waiting: dict[str, int] = {}
    for service in SERVICES:
        async with database(instance, service) as connection:
            waiting[f"facts of {service} to be published"] = await backlog(connection)
    for service in SERVICES:
        bootstrap = service_settings(instance, service).kafka_bootstrap
        async with database(instance, service) as connection:
            for schema in await consumer_schemas(connection):
                unheard = await unread(connection, bootstrap, schema=schema)
                waiting[f"events to be applied by {service}.{schema}"] = unheard
    return {what: count for what, count in waiting.items() if count}
