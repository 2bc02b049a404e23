"""`attain parked list|show|retry`: what a consumer could not apply."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer
from asyncpg import Connection
from rich.table import Table

from attain.access import database
from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from attain.instance.ports import SERVICES
from attain.problems import LocalProblem
from messaging import ParkedEvent, ParkedRoot, consumer_schemas, parked_roots, retry_parked, show_parked

app = typer.Typer(help="Look at what a consumer could not apply, and try it again.", no_args_is_help=True)

Root = Annotated[str, typer.Argument(help="The root that waits, as `attain parked list` shows it.")]
Service = Annotated[str | None, typer.Option(help="Only this service.")]


@app.command("list")
def list_(service: Service = None, home: Home = None) -> None:
    """What waits, in every service."""
    table = Table(
        "service", "group", "root", "reason", "events", "tries", "since", "detail", box=None, pad_edge=False
    )
    with plain_problems():
        for name, parked in asyncio.run(_parked(Instance.at(home), service)):
            since = parked.since.isoformat(timespec="seconds")
            row = (
                name,
                parked.consumer_group,
                parked.root,
                parked.reason,
                str(parked.events),
                str(parked.tries),
            )
            table.add_row(*row, since, parked.detail)
    console.print(table if table.row_count else "Nothing is parked.")


@app.command()
def show(root: Root, home: Home = None) -> None:
    """The events of a root that waits, with their bytes."""
    with plain_problems():
        found = asyncio.run(_shown(Instance.at(home), root))
        if not found:
            raise LocalProblem(f"{root} is not parked.")
    for service, parked, events in found:
        console.print(
            f"{service} / {parked.consumer_group}: {parked.reason}: {parked.detail}", highlight=False
        )
        for event in events:
            place = f"{event.topic}-{event.partition}@{event.offset}"
            console.print(f"#{event.sequence} {event.type} {place}", highlight=False)
            console.print(
                event.envelope.decode(errors="replace"), markup=False, highlight=False, soft_wrap=True
            )


@app.command()
def retry(
    root: Annotated[str | None, typer.Argument(help="One root; all unless given.")] = None,
    service: Service = None,
    home: Home = None,
) -> None:
    """Ask for another try. The running consumer makes it within a second."""
    with plain_problems():
        count = asyncio.run(_retried(Instance.at(home), service, root))
    console.print(
        f"{count} roots will be tried again, or their owner asked for what is missing.", highlight=False
    )


async def _books(
    instance: Instance, service: str | None = None
) -> AsyncIterator[tuple[str, Connection, str]]:
    """Every place where a consumer keeps its books: service, connection, schema."""
    for name in [service] if service else SERVICES:
        async with database(instance, name) as connection:
            for schema in await consumer_schemas(connection):
                yield name, connection, schema


async def _parked(instance: Instance, service: str | None) -> list[tuple[str, ParkedRoot]]:
    return [
        (name, each)
        async for name, connection, schema in _books(instance, service)
        for each in await parked_roots(connection, schema=schema)
    ]


async def _shown(instance: Instance, root: str) -> list[tuple[str, ParkedRoot, list[ParkedEvent]]]:
    return [
        (name, *shown)
        async for name, connection, schema in _books(instance)
        for each in await parked_roots(connection, schema=schema)
        if each.root == root
        and (shown := await show_parked(connection, each.consumer_group, root, schema=schema))
    ]


async def _retried(instance: Instance, service: str | None, root: str | None) -> int:
    return sum(
        [
            await retry_parked(connection, root=root, schema=schema)
            async for _, connection, schema in _books(instance, service)
        ]
    )
