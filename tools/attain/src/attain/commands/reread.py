"""`attain reread`."""

import asyncio
from typing import Annotated

import typer

from attain.access import database, require_known
from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from attain.instance.ports import SERVICES
from contracts import topic_of
from messaging import consumer_schemas, reread


def reread_(
    service: Annotated[str, typer.Argument(help="The service whose topic is read again.")],
    home: Home = None,
) -> None:
    """Have everybody read a service's topic again from its beginning, after its log was cut or made anew.

    Publish the ledger first (`attain replay`). What was applied is passed over by the roots' numbers.
    """
    with plain_problems():
        require_known(service)
        groups = asyncio.run(_reread(Instance.at(home), topic_of(service)))
    for group in groups:
        console.print(f"{group} reads {topic_of(service)} again.", highlight=False)


async def _reread(instance: Instance, topic: str) -> list[str]:
    groups: list[str] = []
    for name in SERVICES:
        async with database(instance, name) as connection:
            for schema in await consumer_schemas(connection):
                groups += await reread(connection, topic, schema=schema)
    return groups
