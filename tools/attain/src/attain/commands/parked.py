"""`attain parked list|show|retry|drop`: what a consumer could not apply."""

import asyncio
from collections.abc import AsyncIterator, Sequence
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
from messaging import (
    ParkedEvent,
    ParkedRoot,
    consumer_schemas,
    drop_parked,
    loss,
    parked_roots,
    retry_parked,
    show_parked,
)
from messaging.sifting import Reason
from messaging.tables import SCHEMA

app = typer.Typer(
    help="Look at what a consumer could not apply, try it again, or go on without it.", no_args_is_help=True
)

Root = Annotated[str, typer.Argument(help="The root that waits, as `attain parked list` shows it.")]
Service = Annotated[str | None, typer.Option(help="Only this service.")]


@app.command("list")
def list_(service: Service = None, home: Home = None) -> None:
    """What waits, in every service."""
    table = Table(
        *("service", "group", "root", "reason", "events", "tries", "asked", "since", "detail"),
        box=None,
        pad_edge=False,
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
                str(parked.asked),
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
    for service, _, parked, events in found:
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
    """Ask for another try. The running consumer makes it within a second; one that stands still goes on."""
    with plain_problems():
        count = asyncio.run(_retried(Instance.at(home), service, root))
    console.print(
        f"{count} roots will be tried again, or their owner asked for what is missing.", highlight=False
    )


@app.command()
def drop(
    root: Root,
    group: Annotated[str | None, typer.Option(help="Only this consumer group; all unless given.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None,
) -> None:
    """Go on without what holds a root up: says what that means for its figures, and asks first."""
    with plain_problems():
        instance = Instance.at(home)
        found = [
            each for each in asyncio.run(_shown(instance, root)) if group in (None, each[2].consumer_group)
        ]
        if not found:
            raise LocalProblem(f"{root} is not parked{f' in {group}' if group else ''}.")
        for service, schema, parked, events in found:
            console.print(meaning(service, schema, parked, events), markup=False, highlight=False)
        if not yes:
            typer.confirm("Go on without it?", abort=True)
        for service, schema, parked, _ in found:
            asyncio.run(_dropped(instance, service, schema, parked))
    console.print("The running consumers go on within a second.")


def meaning(service: str, schema: str, parked: ParkedRoot, events: Sequence[ParkedEvent]) -> str:
    """What it means to drop a root, in words for whoever answers for its figures."""
    lost, who = loss(parked, events), f"{service} / {parked.consumer_group}"
    if parked.reason == Reason.unreadable:
        return f"{who} forgets the record {parked.root}. It names no root: no figure is known to lack it."
    if lost.last < lost.first:
        return (
            f"{who} takes {parked.root} to be complete up to #{parked.last}. If the record was a fact, all lacks it "
            "until the next fact of the root shows the hole, which its owner is then asked to fill."
        )
    facts = f"#{lost.first}" if lost.first == lost.last else f"#{lost.first} to #{lost.last}"
    without = f"{who} goes on without {facts} {lost.type or '(never heard)'} of {parked.root}"
    behind = f"{lost.following} that wait behind are applied as if nothing were missing"
    if schema == SCHEMA:
        return f"{without}: what it would have done at that is never done; {behind}."
    return (
        f"{without}: no figure of {service} counts that, and each that depends on the root may be wrong; {behind}. "
        f"The owner's ledger keeps it: `attain rebuild {service}` hears it again."
    )


async def _dropped(instance: Instance, service: str, schema: str, parked: ParkedRoot) -> None:
    async with database(instance, service) as connection:
        await drop_parked(connection, parked.consumer_group, parked.root, schema=schema)


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


async def _shown(instance: Instance, root: str) -> list[tuple[str, str, ParkedRoot, list[ParkedEvent]]]:
    return [
        (name, schema, *shown)
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
