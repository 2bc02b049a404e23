"""`attain rebuild`."""

import asyncio
from typing import Annotated

import typer

from attain.access import database, projectors
from attain.commands.options import Home
from attain.commands.terminal import console, errors, plain_problems
from attain.instance.layout import Instance
from attain.problems import LocalProblem
from messaging import RebuildFailed, rebuild


def rebuild_(
    service: Annotated[
        str, typer.Argument(help="The service whose read tables are made anew.")
    ] = "reporting",
    home: Home = None,
) -> None:
    """Make a service's read tables anew from Kafka's offset 0, beside the live ones, and swap them."""
    with plain_problems(RebuildFailed), errors.status(f"Rebuilding {service}"):
        asyncio.run(_rebuild(Instance.at(home), service))


async def _rebuild(instance: Instance, service: str) -> None:
    kept = projectors(instance, service)
    if not kept:
        raise LocalProblem(f"{service} keeps no projection.")
    async with database(instance, service):
        pass  # says in a sentence that nothing runs
    for projector in kept:
        events = await rebuild(projector)
        console.print(f"{service}: schema {projector.schema} rebuilt from {events} events.", highlight=False)
