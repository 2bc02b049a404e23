"""`attain ledger lost|adopt`: what to do when a service's database was restored and its relay refuses."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer

from attain.access import database, service_settings
from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from attain.instance.ports import SERVICES
from attain.problems import LocalProblem
from contracts import topic_of
from messaging import consumer_schemas, make_anew, reread, source

app = typer.Typer(
    help="Decide about a ledger that was restored: its relay refuses to publish it until then.",
    no_args_is_help=True,
)

Service = Annotated[str, typer.Argument(help="The service whose database was restored.")]


class FactsWouldBeLost(LocalProblem):
    """Kafka holds facts that the ledger does not, and nobody has said that they may go."""


@app.command()
def lost(service: Service, home: Home = None) -> None:
    """Print the facts that lie on Kafka and not in the ledger, a JSON line each: keep them before they go."""
    with plain_problems():
        asyncio.run(_print_lost(Instance.at(home), service))


@app.command()
def adopt(
    service: Service,
    discard: Annotated[
        bool, typer.Option("--discard", help="Go on without the facts that only Kafka holds.")
    ] = False,
    home: Home = None,
) -> None:
    """Take the ledger for the true one, on the cluster where it is now; its relay publishes all of it again.

    Whoever has heard a fact passes over it. With `--discard` the topic is made anew, and all consumers read it again.
    """
    with plain_problems():
        discarded, epoch = asyncio.run(_adopted(Instance.at(home), service, discard))
    console.print(
        f"The ledger of {service} has epoch {epoch} and is published again.", highlight=False, soft_wrap=True
    )
    if discarded:
        console.print(
            f"{discarded} roots have lost facts. Once nothing is unpublished (`attain status`), make the tables anew "
            "that have counted them: `attain rebuild reporting`, `attain rebuild alerts`. What these roots state until "
            "then may wait there, parked.",
            highlight=False,
            soft_wrap=True,
        )


async def _print_lost(instance: Instance, service: str) -> None:
    async with database(instance, service) as connection:
        bootstrap = service_settings(instance, service).kafka_bootstrap
        async for arrival in source.lost(connection, service, bootstrap):
            envelope = arrival.envelope.decode(errors="replace")
            console.print(envelope, markup=False, highlight=False, soft_wrap=True)


async def _adopted(instance: Instance, service: str, discard: bool) -> tuple[int, int]:
    """How many roots have lost facts, and the ledger's new epoch."""
    bootstrap = service_settings(instance, service).kafka_bootstrap
    async with database(instance, service) as connection:
        roots = {arrival.root async for arrival in source.lost(connection, service, bootstrap)}
        if roots and not discard:
            raise FactsWouldBeLost(
                f"Kafka holds facts of {len(roots)} roots that the ledger of {service} does not. `attain ledger lost "
                f"{service}` prints them; `--discard` goes on without them."
            )
        kept = await source.kept(connection, roots)
        epoch = await source.adopt(connection, service)
    if roots:
        await _forget(instance, kept)
        await make_anew(bootstrap, topic_of(service))
        await _forget(instance, kept, topic_of(service))
    return len(roots), epoch


async def _forget(instance: Instance, kept: Mapping[str, int], topic: str | None = None) -> None:
    """Sets the books of all services back to what is kept, and has them read the topic again.

    The books come first and again after the topic: a consumer that lagged may have read the old one meanwhile.
    """
    for name in SERVICES:
        async with database(instance, name) as connection:
            for schema in await consumer_schemas(connection):
                async with connection.transaction():
                    await source.forget(connection, kept, schema=schema)
                    if topic:
                        await reread(connection, topic, schema=schema)
