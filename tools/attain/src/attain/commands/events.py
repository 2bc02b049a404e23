"""`attain events`."""

import asyncio
from typing import Annotated

import typer

from attain.access import require_running, service_settings
from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from contracts import topic_of
from messaging import Arrival, read_topic


def events(
    service: Annotated[str, typer.Argument(help="The service that says them.")],
    root: Annotated[str | None, typer.Option(help="Only the events of this root.")] = None,
    type: Annotated[str | None, typer.Option(help="Only events whose type begins so.")] = None,
    home: Home = None,
) -> None:
    """Print a service's events as they lie on Kafka: place, time, and the envelope's bytes."""
    with plain_problems():
        asyncio.run(_print(Instance.at(home), service, root, type or ""))


async def _print(instance: Instance, service: str, root: str | None, type: str) -> None:
    await require_running(instance, service)
    bootstrap = service_settings(instance, service).kafka_bootstrap
    async for arrival in read_topic(bootstrap, topic_of(service), root=root):
        if arrival.received.type.startswith(type):
            console.print(line(arrival), markup=False, highlight=False, soft_wrap=True)


def line(arrival: Arrival) -> str:
    """An event on one line."""
    place = f"{arrival.topic}-{arrival.partition}@{arrival.offset}"
    return f"{place} {arrival.envelope.decode()}"
